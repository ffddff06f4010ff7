/*
 * record.h - one recording: FLAC (or WAV, where the name ends so), 16 kHz, stereo: left what the far side heard of
 * us, right what came from it.
 *
 * A thread of its own writes it: a disk that stands still for some seconds costs nothing, for longer a hole of
 * silence in the recording, never the call's sound.  The file is new (O_EXCL) and 0600.  A FLAC file is readable up
 * to its last half second after a SIGKILL.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record;

enum record_state { RECORD_OPENING, RECORD_RUNNING, RECORD_DONE, RECORD_FAILED };
enum { RECORD_RATE = 16000 };

/* Begins to make the file; sound may be added at once.  The eventfd wake_fd is raised whenever the state changes. */
struct record *record_open(const char *path, int wake_fd);
enum record_state record_state(const struct record *);
const char *record_error(const struct record *);    /* a sentence once it is RECORD_FAILED */
int64_t record_frames(const struct record *);       /* written so far, at RECORD_RATE */
/* Adds n samples of 48 kHz, MIX_TICK at most, to both sides; NULL is silence.  False when a hole begins here: the disk
 * did not keep up for longer than the queue lasts. */
bool record_add(struct record *, const float *agent, const float *far, size_t n);
/* Adds steps of 10 ms of silence, thousands at once. */
void record_skip(struct record *, unsigned steps);
/* Asks for the end: what was added is written, then the state becomes RECORD_DONE (or RECORD_FAILED). */
void record_stop(struct record *);
/* Lets it go.  A recording that was not stopped is stopped. */
void record_close(struct record *);
