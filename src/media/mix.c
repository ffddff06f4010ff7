/* mix.c - who hears whom, and a limiter for sums. */
#include <math.h>
#include <string.h>
#include "mix.h"

static void add(float *to, const float *from)
{
	for (size_t i = 0; i < MIX_TICK; i++)
		to[i] += from[i];
}

static bool in_bridge(const struct mix *m, int slot)
{
	return slot >= 0 && (m->bridge >> slot & 1);
}

/* Others of the bridge hear it, and it hears them. */
static bool bridged(const struct mix *m, int slot)
{
	return in_bridge(m, slot) && !m->held[slot] && !m->apart[slot];
}

bool mix_joined(const struct mix *m, int slot)
{
	return !m->held[slot] && (slot == m->focus || (bridged(m, slot) && in_bridge(m, m->focus)));
}

void mix_ours(const struct mix *m, int slot, float out[MIX_TICK])
{
	memcpy(out, m->own[slot], MIX_TICK * sizeof(*out));
	if (mix_joined(m, slot) && !m->mic_off[slot])
		add(out, m->mic);
}

static void add_others(const struct mix *m, int slot, float out[MIX_TICK])
{
	if (!bridged(m, slot))
		return;
	for (int other = 0; other < AUDIO_SLOTS; other++)
		if (other != slot && bridged(m, other))
			add(out, m->far[other]);
}

void mix_to_far(const struct mix *m, int slot, float out[MIX_TICK])
{
	mix_ours(m, slot, out);
	add_others(m, slot, out);
}

void mix_theirs(const struct mix *m, int slot, float out[MIX_TICK])
{
	memcpy(out, m->far[slot], MIX_TICK * sizeof(*out));
	add_others(m, slot, out);
}

void mix_to_card(const struct mix *m, float out[MIX_TICK])
{
	memset(out, 0, MIX_TICK * sizeof(*out));
	for (int slot = 0; slot < AUDIO_SLOTS; slot++)
		if (mix_joined(m, slot))
			add(out, m->far[slot]);
}

void limiter_run(struct limiter *l, float *x, size_t n)
{
	const float release = 1.0f / (0.03f * MIX_RATE);    /* to 96 % in 0.1 s */

	for (size_t i = 0; i < n; i++) {
		const float level = fabsf(x[i]);

		if (level * l->gain > LIMITER_CEILING)
			l->gain = LIMITER_CEILING / level;
		x[i] *= l->gain;
		l->gain += (1.0f - l->gain) * release;
		if (l->gain > 0.9999f)
			l->gain = 1.0f;
	}
}
