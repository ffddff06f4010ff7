/*
 * resample.h - from one rate to another, through speexdsp.
 */
#pragma once
#include <stddef.h>

struct resampler;

/* NULL when both rates are the same: resample() then copies. */
struct resampler *resampler_open(int from, int to);
/* As resampler_open(), but never NULL, and its ratio can be bent. */
struct resampler *resampler_open_bent(int from, int to);
/* The input counts as that much faster than its nominal rate: positive makes less output of the same input. */
void resampler_bend(struct resampler *, double ppm);
void resampler_close(struct resampler *);

/* Takes all of in, writes what comes of it to out, which has room for it (RESAMPLE_ROOM); returns how many samples. */
size_t resample(struct resampler *, const float *in, size_t n, float *out, size_t room);
/* Samples that n samples may become. */
#define RESAMPLE_ROOM(n, from, to) ((size_t)((n) * (size_t)(to) / (size_t)(from) + (n) / 100 + 16))
