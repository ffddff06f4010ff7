/* sample.h - 16-bit samples and floats: 1.0 is full scale, what lies beyond is clipped. */
#pragma once
#include <math.h>
#include <stdint.h>

static inline float sample_float(int16_t s)
{
	return (float)s / 32768.0f;
}

static inline int16_t sample_s16(float f)
{
	const float s = f * 32768.0f;

	return s >= 32767.0f ? 32767 : s <= -32768.0f ? -32768 : (int16_t)lrintf(s);
}
