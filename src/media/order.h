/*
 * order.h - reads the engine's commands, a JSON line each (src/media/README.md).  Pure: text in, a checked order or a
 * sentence out.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "../base/err.h"

enum order_kind {
	ORDER_CALL_START, ORDER_CALL_STOP, ORDER_RECORD_START, ORDER_RECORD_STOP, ORDER_PAUSE, ORDER_PLAY,
	ORDER_ANNOUNCE, ORDER_MUTE, ORDER_HOLD, ORDER_FOCUS, ORDER_BRIDGE, ORDER_RING, ORDER_PREVIEW,
	ORDER_PREVIEW_STOP, ORDER_LEVELS, ORDER_STATS, ORDER_DEVICE, ORDER_DEVICE_TEST, ORDER_DSP, ORDER_QUIT,
	ORDER_KINDS,
};

/* What was not given is 0; texts belong to the message. */
struct order {
	enum order_kind kind;
	json_int_t id;              /* -1: it could not be read, and nobody can be answered */
	int slot;
	unsigned slots;             /* a bit each */
	bool on, unheard, noise, gain, echo;
	const char *path, *play, *record, *announce, *music;        /* files: absolute */
	const char *name;           /* of a sound device */
	const char *what;           /* the parameter "kind" */
	json_t *message;
};

/* 0, or negative with a sentence; order_clear() either way. */
int order_read(const char *line, size_t len, struct order *, struct err *);
void order_clear(struct order *);
