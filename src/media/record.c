/* record.c - one recording. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/err.h"
#include "../base/mem.h"
#include "fifo.h"
#include "mix.h"
#include "record.h"
#include "resample.h"
#include "sample.h"

enum {
	CHANNELS = 2,
	FRAME = CHANNELS * sizeof(int16_t),
	QUEUE = 8 * RECORD_RATE * FRAME,    /* bytes: 8 s */
	WRITE = RECORD_RATE / 5,            /* frames between wakings of the writer: 0.2 s */
	STEP = RECORD_RATE / 100,           /* of 10 ms */
};

struct record {
	char *path;
	int wake_fd;
	struct resampler *agent, *far;
	size_t unannounced;         /* frames added since the writer was last woken */
	struct fifo frames;         /* int16 pairs at RECORD_RATE */
	sem_t work;
	_Atomic size_t hole;        /* frames that found no room; until they are written as silence none is queued, so
				     * that their place is known */
	_Atomic int state;          /* enum record_state */
	_Atomic bool stopping;
	_Atomic bool unwanted;
	_Atomic int64_t written;
	_Atomic int owners;         /* the caller and the thread: the last one frees */
	struct err err;             /* written before the state becomes RECORD_FAILED */
};

static void release(struct record *r)
{
	if (atomic_fetch_sub(&r->owners, 1) > 1)
		return;
	fifo_free(&r->frames);
	resampler_close(r->agent);
	resampler_close(r->far);
	sem_destroy(&r->work);
	free(r->path);
	free(r);
}

static void change(struct record *r, enum record_state state)
{
	atomic_store(&r->state, state);
	if (!atomic_load(&r->unwanted))
		eventfd_write(r->wake_fd, 1);
}

static int format_of(const char *path)
{
	const size_t len = strlen(path);

	return (len > 4 && !strcmp(path + len - 4, ".wav") ? SF_FORMAT_WAV : SF_FORMAT_FLAC) | SF_FORMAT_PCM_16;
}

/* *fd stays ours: it is synchronised after libsndfile has written its last. */
static SNDFILE *make_file(struct record *r, int *fd)
{
	SF_INFO info = {.samplerate = RECORD_RATE, .channels = CHANNELS, .format = format_of(r->path)};
	SNDFILE *file;

	*fd = open(r->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0) {
		err_set(&r->err, ERR_FAILED, "The recording %s cannot be made: %s", r->path, strerror(errno));
		return NULL;
	}
	file = sf_open_fd(*fd, SFM_WRITE, &info, 0);
	if (!file) {
		err_set(&r->err, ERR_FAILED, "The recording %s cannot be made: %s", r->path, sf_strerror(NULL));
		unlink(r->path);
		close(*fd);
		return NULL;
	}
	sf_command(file, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
	return file;
}

static bool write_frames(struct record *r, SNDFILE *file, const int16_t *frames, size_t n)
{
	const sf_count_t done = sf_writef_short(file, frames, (sf_count_t)n);

	atomic_fetch_add(&r->written, done > 0 ? done : 0);
	if (done == (sf_count_t)n)
		return true;
	err_set(&r->err, ERR_FAILED, "The recording %s cannot be written on: %s", r->path,
		errno ? strerror(errno) : sf_strerror(file));
	return false;
}

/* What is written to a file without a name is lost. */
static bool has_name(struct record *r, int fd)
{
	struct stat named, ours;

	if (!fstat(fd, &ours) && !stat(r->path, &named) && named.st_ino == ours.st_ino && named.st_dev == ours.st_dev)
		return true;
	err_set(&r->err, ERR_FAILED, "The recording %s was taken away while it was written", r->path);
	return false;
}

/* Writes what waits.  A hole follows what was queued before it, so it is filled when the queue is empty. */
static bool write_waiting(struct record *r, SNDFILE *file)
{
	static const int16_t silence[WRITE * CHANNELS];
	int16_t frames[WRITE * CHANNELS];

	for (;;) {
		const size_t n = fifo_take(&r->frames, frames, sizeof(frames)) / FRAME;
		size_t hole;

		errno = 0;
		if (n) {
			if (!write_frames(r, file, frames, n))
				return false;
			continue;
		}
		hole = atomic_load(&r->hole);
		if (!hole)
			return true;
		if (!write_frames(r, file, silence, hole < WRITE ? hole : WRITE))
			return false;
		atomic_fetch_sub(&r->hole, hole < WRITE ? hole : WRITE);
	}
}

static void *writer(void *arg)
{
	struct record *r = arg;
	int fd;
	SNDFILE *file = make_file(r, &fd);
	bool ok = file;

	if (ok)
		change(r, RECORD_RUNNING);
	while (ok) {
		const bool last = atomic_load(&r->stopping);

		ok = write_waiting(r, file) && has_name(r, fd);
		if (last || !ok)
			break;
		while (sem_wait(&r->work) && errno == EINTR)
			;
	}
	if (file) {
		sf_close(file);
		if (fsync(fd) && ok) {
			err_set(&r->err, ERR_FAILED, "The recording %s cannot be brought to disk: %s", r->path,
				strerror(errno));
			ok = false;
		}
		close(fd);
	}
	change(r, ok ? RECORD_DONE : RECORD_FAILED);
	release(r);
	return NULL;
}

struct record *record_open(const char *path, int wake_fd)
{
	struct record *r = xcalloc(1, sizeof(*r));
	pthread_t thread;
	int err;

	r->path = xstrdup(path);
	r->wake_fd = wake_fd;
	r->agent = resampler_open(MIX_RATE, RECORD_RATE);
	r->far = resampler_open(MIX_RATE, RECORD_RATE);
	fifo_init(&r->frames, QUEUE);
	sem_init(&r->work, 0, 0);
	atomic_init(&r->owners, 2);
	err = pthread_create(&thread, NULL, writer, r);
	if (!err) {
		pthread_detach(thread);
		return r;
	}
	atomic_store(&r->owners, 1);
	err_set(&r->err, ERR_FAILED, "The recording %s cannot be made: %s", path, strerror(err));
	change(r, RECORD_FAILED);
	return r;
}

enum record_state record_state(const struct record *r)
{
	return (enum record_state)atomic_load(&r->state);
}

const char *record_error(const struct record *r)
{
	return r->err.text;
}

int64_t record_frames(const struct record *r)
{
	return atomic_load(&r->written);
}

/* n frames into the queue; as record_add(). */
static bool put(struct record *r, const int16_t *frames, size_t n)
{
	const size_t hole = atomic_load(&r->hole);

	r->unannounced += n;
	if (r->unannounced >= WRITE) {
		r->unannounced = 0;
		sem_post(&r->work);
	}
	if (!hole && fifo_put(&r->frames, frames, n * FRAME))
		return true;
	atomic_fetch_add(&r->hole, n);
	return hole > 0;
}

bool record_add(struct record *r, const float *agent, const float *far, size_t n)
{
	static const float silence[MIX_TICK];
	float left[MIX_TICK], right[MIX_TICK];
	int16_t frames[MIX_TICK * CHANNELS];
	size_t made;

	made = resample(r->agent, agent ? agent : silence, n, left, MIX_TICK);
	resample(r->far, far ? far : silence, n, right, MIX_TICK);
	for (size_t i = 0; i < made; i++) {
		frames[2 * i] = sample_s16(left[i]);
		frames[2 * i + 1] = sample_s16(right[i]);
	}
	return put(r, frames, made);
}

void record_skip(struct record *r, unsigned steps)
{
	static const int16_t silence[STEP * CHANNELS];

	while (steps--)
		put(r, silence, STEP);
}

void record_stop(struct record *r)
{
	atomic_store(&r->stopping, true);
	sem_post(&r->work);
}

void record_close(struct record *r)
{
	if (!r)
		return;
	record_stop(r);
	atomic_store(&r->unwanted, true);
	release(r);
}
