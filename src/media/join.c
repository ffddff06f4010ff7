/* join.c - several files of one recording become one. */
#include <sndfile.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/str.h"
#include "join.h"
#include "record.h"

enum { CHANNELS = 2, BLOCK = 4096, LONGEST_MS = 7 * 24 * 3600 * 1000 };

static int refuse(struct err *err, SNDFILE *file, const char *path)
{
	return err_set(err, ERR_FAILED, "%s: %s", path, sf_strerror(file));
}

/* Silence up to that frame. */
static bool pad(SNDFILE *out, sf_count_t *at, sf_count_t until)
{
	static const short silence[BLOCK * CHANNELS];

	while (*at < until) {
		const sf_count_t n = until - *at < BLOCK ? until - *at : BLOCK;

		if (sf_writef_short(out, silence, n) != n)
			return false;
		*at += n;
	}
	return true;
}

/* A disk that was full when a file was begun has left nothing in it: no sound, and no head of FLAC. */
static bool is_empty(const char *path)
{
	struct stat about;

	return !stat(path, &about) && S_ISREG(about.st_mode) && !about.st_size;
}

static int add_file(SNDFILE *out, const char *out_path, sf_count_t *at, const char *path, struct err *err)
{
	SF_INFO info = {0};
	SNDFILE *in = is_empty(path) ? NULL : sf_open(path, SFM_READ, &info);
	short frames[BLOCK * CHANNELS];
	sf_count_t n;
	int status = 0;

	if (!in)
		return is_empty(path) ? 0 : refuse(err, NULL, path);
	if (info.samplerate != RECORD_RATE || info.channels != CHANNELS)
		status = err_set(err, ERR_INVALID, "%s is no recording: it has %d Hz and %d channels", path,
			info.samplerate, info.channels);
	while (!status && (n = sf_readf_short(in, frames, BLOCK)) > 0) {
		if (sf_writef_short(out, frames, n) != n)
			status = refuse(err, out, out_path);
		*at += n;
	}
	sf_close(in);
	return status;
}

int join_files(const char *out_path, char *const *pairs, int count, struct err *err)
{
	SF_INFO info = {.samplerate = RECORD_RATE, .channels = CHANNELS, .format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16};
	SNDFILE *out = sf_open(out_path, SFM_WRITE, &info);
	sf_count_t at = 0;
	int status = out ? 0 : refuse(err, NULL, out_path);

	for (int i = 0; i + 1 < count && !status; i += 2) {
		long long ms;

		if (!str_int(pairs[i + 1], 0, LONGEST_MS, &ms))
			status = err_set(err, ERR_USAGE, "%s is not a number of milliseconds", pairs[i + 1]);
		else if (!pad(out, &at, ms * RECORD_RATE / 1000))
			status = refuse(err, out, out_path);
		else
			status = add_file(out, out_path, &at, pairs[i], err);
	}
	if (out && sf_close(out) && !status)
		status = err_set(err, ERR_FAILED, "%s cannot be closed", out_path);
	return status;
}
