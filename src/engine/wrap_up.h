/* wrap_up.h - after-call work: which calls of an agent owe a disposition. */
#pragma once
#include "engine.h"

/* The oldest call that owes one. */
struct wrap_up {
	int64_t call_id;
	char number[64];
	int64_t started_ms, allowance;      /* UTC; seconds */
};

/* How many calls owe one, with the oldest in *wrap_up (where there is any); or a negative error. */
int64_t wrap_up_load(struct engine *, int64_t user_id, struct wrap_up *, struct err *);
