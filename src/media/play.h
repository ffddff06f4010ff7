/*
 * play.h - a sound file as a source: read, mixed down to mono and brought to 48 kHz by a thread of its own, so that a
 * slow disk is heard as silence in this source and nowhere else.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct play;

enum play_state { PLAY_OPENING, PLAY_RUNNING, PLAY_ENDED, PLAY_FAILED };

/* Begins to open the file; loop: after its end it begins anew.  The eventfd wake_fd is raised whenever the state
 * changes. */
struct play *play_open(const char *path, bool loop, int wake_fd);
/* PLAY_ENDED: the last sample has been taken. */
enum play_state play_state(const struct play *);
const char *play_path(const struct play *);
const char *play_error(const struct play *);        /* a sentence once it is PLAY_FAILED */
/* Adds the next n samples to out; what is not there (yet, or any more) adds nothing. */
void play_add(struct play *, float *out, size_t n);
/* Lets it go; the thread ends by itself. */
void play_close(struct play *);
