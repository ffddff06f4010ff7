/*
 * media.h - spctl-media's one context, and what its files do with it.
 *
 *   main.c      starts, waits for what happens, keeps the clock
 *   control.c   the engine's lines in, answers and events out      order.c  reads a command      command.c  does it
 *   tick.c      one step of 10 ms: takes from every call, mixes, gives to every call, records
 *   slot.c      one call: its two streams, its state      slot_files.c  what is played to it, its recording
 *   stream.c    one direction of a call's sound (the plugin's connection)   resample.c, fifo.c
 *   mix.c       who hears whom      meter.c  how loud      ring.c  tones      play.c, record.c  files, in threads
 *   card.c      what the agent alone hears: previews, tests of his card (card_test.c); which card it is
 *   device.c    the sound card, in a thread      drift.c  its clock against ours      devices.c  which there are
 *   dsp.c       noise, gain and echo of the microphone      first.c  before other processes
 */
#pragma once
#include <jansson.h>
#include "../base/str.h"
#include "../proto/frame.h"
#include "card_test.h"
#include "device.h"
#include "dsp.h"
#include "meter.h"
#include "mix.h"
#include "order.h"
#include "play.h"
#include "record.h"
#include "ring.h"
#include "stream.h"

enum { HELLOS = 2 * AUDIO_SLOTS };

/* A command whose answer waits for a file: its id, or NOBODY. */
enum { NOBODY = -1 };

struct slot {
	struct stream from_far, to_far;
	struct play *mic;           /* the file that is being played as its microphone */
	bool mic_file;              /* a file stands for the card's microphone, also after its end */
	json_int_t mic_waits;       /* the command that started it */
	struct play *announce;      /* until its end the call is not mixed to the others of its bridge */
	json_int_t announce_waits;
	struct play *music;         /* while it is held; NULL: silence */
	struct record *record;
	json_int_t record_waits;
	bool muted, held;
	bool unheard;               /* held, and its phone sends nothing to it */
	bool paused;                /* nothing is written */
	struct limiter to_far_limit, left_limit, right_limit;
	struct meter sent, heard;
};

/* A recording that is being closed. */
struct ending {
	struct ending *next;
	struct record *record;
	int slot;
	json_int_t waits;           /* the command that ended it */
};

struct media {
	/* main.c */
	int control_fd, listen_fd, timer_fd, wake_fd, signal_fd;
	int hello_fd[HELLOS];       /* connected, but have not said hello; -1: free */
	unsigned next_hello;
	bool leaving;               /* the engine is gone or said quit */
	json_int_t quit_waits;
	bool ticking;               /* the clock runs: there is something to do */
	int due;                    /* steps that the clock has asked for and that were not taken */
	unsigned late, skipped;     /* steps that came late; steps that were given up after a long standstill */

	/* control.c */
	struct frame in;
	struct str out;

	/* the calls */
	struct slot slots[AUDIO_SLOTS];
	struct ending *endings;
	struct mix mix;             /* bridge and focus, and each step's sound */
	bool levels;                /* the engine wants to know how loud the calls are */
	unsigned steps;             /* taken, for what is not done in every one */
	struct ring ring;
	struct play *preview;
	json_int_t preview_waits;
	struct card_test test;
	struct limiter card;
	char device_name[DEVICE_NAME_SIZE]; /* of ALSA, or "none" */
	struct device *device;      /* NULL: none is wanted */
	struct dsp_settings dsp;    /* what is done to the microphone, whichever card it is */
};

/* tick.c */
bool media_active(const struct media *);        /* somebody needs the clock */
bool media_ready(struct media *);               /* every call has sent its part of a step, or is not waited for */
void media_ask(struct media *);                 /* asks every call for what the steps due and the one after will need */
void media_tick(struct media *);
void media_skip(struct media *, unsigned steps);/* a standstill: silence in the recordings, nothing else */

/* slot.c */
void slot_init(struct slot *);
/* A connection of the plugin's has said what it is; takes over fd.  A call whose sound begins gets the focus when no
 * other call with sound has it. */
void slot_stream(struct media *, int fd, const struct audio_hello *);
void slot_stream_end(struct media *, int slot, struct stream *);
void slot_focus_if_free(struct media *, int slot);      /* unless a call that has sound has it */
/* unheard: the far side hears nothing of us meanwhile.  music: a file, or NULL for silence. */
void slot_hold(struct media *, int slot, bool on, bool unheard, const char *music);
void slot_reset(struct media *, int slot);      /* the call's files and states go; its recording has been stopped */

/* slot_files.c; waits: the command to be answered when the file is open, or NOBODY */
void slot_play(struct media *, int slot, const char *path, json_int_t waits);
void slot_play_end(struct media *, struct slot *);
void slot_announce(struct media *, int slot, const char *path, json_int_t waits);
void slot_announce_again(struct media *, struct slot *);  /* from its beginning, if there is one */
void slot_announce_end(struct media *, int slot);       /* tells it, if there is one */
void slot_record(struct media *, int slot, const char *path, const char *announce, json_int_t waits);
void slot_record_stop(struct media *, int slot, json_int_t waits);        /* answers when the file is closed */
/* ended: nothing more is written; else the recording goes on, or another one has begun. */
void slot_record_error(struct media *, int slot, const char *sentence, bool ended);
void slots_look(struct media *);                /* what the files' threads have to say */

/* card.c */
/* "auto", "none" or an ALSA device; at once, calls or not. */
void card_use(struct media *, const char *name);
void card_look(struct media *);                 /* tells how the card is, when that has changed */
void preview_start(struct media *, const char *path, json_int_t waits);
void preview_stop(struct media *);
void preview_look(struct media *);
/* Its end is told.  Fails while a call has sound, and when there is no card. */
int card_try(struct media *, const char *kind, struct err *);
void card_try_step(struct media *, float out[MIX_TICK]);

/* control.c */
void control_read(struct media *);
void control_flush(struct media *);
void control_event(struct media *, const char *event, json_t *fields);    /* takes over fields (NULL: none) */
void control_answer(struct media *, json_int_t id, json_t *fields);       /* takes over fields; NOBODY: says nothing */
void control_refuse(struct media *, json_int_t id, const char *sentence);

/* command.c: what a command answers by; else it is refused with the sentence. */
enum { COMMAND_DONE = 0, COMMAND_LATER = 1 };
int command_run(struct media *, const struct order *, json_t *answer, struct err *);
