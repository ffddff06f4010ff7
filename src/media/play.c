/* play.c - a sound file as a source. */
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
#include "play.h"
#include "resample.h"

enum {
	AHEAD = MIX_RATE * sizeof(float),   /* bytes that are read ahead: 1 s */
	CHUNK = 512,                        /* frames read at once */
	CHANNELS_MAX = 16,
	RATE_MIN = 2000, RATE_MAX = 192000,
};

/* The reader, which waits for room, is woken when the queue becomes half empty: what it holds must then find room. */
_Static_assert(RESAMPLE_ROOM(CHUNK, RATE_MIN, MIX_RATE) * sizeof(float) <= AHEAD / 2, "half the queue has room");

struct play {
	char *path;
	bool loop;
	int wake_fd;
	struct fifo samples;        /* float, 48 kHz, mono */
	sem_t room;                 /* posted when half of the queue is empty, and at the end */
	_Atomic int state;          /* enum play_state */
	_Atomic bool unwanted;
	_Atomic int owners;         /* the caller and the thread: the last one frees */
	struct err err;             /* written before the state becomes PLAY_FAILED */
};

static void release(struct play *p)
{
	if (atomic_fetch_sub(&p->owners, 1) > 1)
		return;
	fifo_free(&p->samples);
	sem_destroy(&p->room);
	free(p->path);
	free(p);
}

static void change(struct play *p, enum play_state state)
{
	atomic_store(&p->state, state);
	if (!atomic_load(&p->unwanted))
		eventfd_write(p->wake_fd, 1);
}

/* Regular files only: a pipe or a device would be read for ever. */
static SNDFILE *open_file(struct play *p, SF_INFO *info)
{
	const int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	SNDFILE *file;

	if (fd < 0) {
		err_set(&p->err, ERR_FAILED, "The sound file %s cannot be opened: %s", p->path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		err_set(&p->err, ERR_FAILED, "The sound file %s is not a regular file", p->path);
		close(fd);
		return NULL;
	}
	file = sf_open_fd(fd, SFM_READ, info, 1);
	if (!file) {
		err_set(&p->err, ERR_FAILED, "The sound file %s cannot be read: %s", p->path, sf_strerror(NULL));
		return NULL;
	}
	if (info->channels > CHANNELS_MAX || info->samplerate < RATE_MIN || info->samplerate > RATE_MAX) {
		err_set(&p->err, ERR_FAILED,
			"The sound file %s has %d channels at %d Hz, where 1 to %d at %d to %d would do", p->path,
			info->channels, info->samplerate, CHANNELS_MAX, RATE_MIN, RATE_MAX);
		sf_close(file);
		return NULL;
	}
	return file;
}

static void mono(const float *frames, size_t n, int channels, float *out)
{
	for (size_t i = 0; i < n; i++) {
		float sum = 0;

		for (int c = 0; c < channels; c++)
			sum += frames[i * (size_t)channels + (size_t)c];
		out[i] = sum / (float)channels;
	}
}

/* Frames read; 0 at the end, or where a file that is to begin anew has nothing (any more). */
static sf_count_t read_some(const struct play *p, SNDFILE *file, float *frames)
{
	const sf_count_t n = sf_readf_float(file, frames, CHUNK);

	return n > 0 || !p->loop || sf_seek(file, 0, SEEK_SET) < 0 ? n : sf_readf_float(file, frames, CHUNK);
}

static void read_all(struct play *p, SNDFILE *file, const SF_INFO *info)
{
	const size_t room = RESAMPLE_ROOM(CHUNK, info->samplerate, MIX_RATE);
	struct resampler *r = resampler_open(info->samplerate, MIX_RATE);
	float *frames = xcalloc((size_t)CHUNK * (size_t)info->channels, sizeof(*frames));
	float *in = xcalloc(CHUNK, sizeof(*in)), *out = xcalloc(room, sizeof(*out));
	sf_count_t n;

	while (!atomic_load(&p->unwanted) && (n = read_some(p, file, frames)) > 0) {
		mono(frames, (size_t)n, info->channels, in);
		const size_t got = resample(r, in, (size_t)n, out, room);

		while (!fifo_put(&p->samples, out, got * sizeof(*out)) && !atomic_load(&p->unwanted))
			while (sem_wait(&p->room) && errno == EINTR)
				;
	}
	free(out);
	free(in);
	free(frames);
	resampler_close(r);
}

static void *reader(void *arg)
{
	struct play *p = arg;
	SF_INFO info = {0};
	SNDFILE *file = open_file(p, &info);

	change(p, file ? PLAY_RUNNING : PLAY_FAILED);
	if (file) {
		read_all(p, file, &info);
		sf_close(file);
		change(p, PLAY_ENDED);
	}
	release(p);
	return NULL;
}

struct play *play_open(const char *path, bool loop, int wake_fd)
{
	struct play *p = xcalloc(1, sizeof(*p));
	pthread_t thread;
	int err;

	p->path = xstrdup(path);
	p->loop = loop;
	p->wake_fd = wake_fd;
	fifo_init(&p->samples, AHEAD);
	sem_init(&p->room, 0, 0);
	atomic_init(&p->owners, 2);
	err = pthread_create(&thread, NULL, reader, p);
	if (!err) {
		pthread_detach(thread);
		return p;
	}
	atomic_store(&p->owners, 1);
	err_set(&p->err, ERR_FAILED, "The sound file %s cannot be read: %s", path, strerror(err));
	change(p, PLAY_FAILED);
	return p;
}

enum play_state play_state(const struct play *p)
{
	const enum play_state state = (enum play_state)atomic_load(&p->state);

	return state == PLAY_ENDED && fifo_fill(&p->samples) ? PLAY_RUNNING : state;
}

const char *play_path(const struct play *p)
{
	return p->path;
}

const char *play_error(const struct play *p)
{
	return p->err.text;
}

void play_add(struct play *p, float *out, size_t n)
{
	float chunk[MIX_TICK];
	const size_t before = fifo_fill(&p->samples);

	while (n) {
		const size_t want = n < MIX_TICK ? n : MIX_TICK;
		const size_t got = fifo_take(&p->samples, chunk, want * sizeof(*chunk)) / sizeof(*chunk);

		for (size_t i = 0; i < got; i++)
			*out++ += chunk[i];
		n -= got;
		if (got < want)
			break;
	}
	if (before >= AHEAD / 2 && fifo_fill(&p->samples) < AHEAD / 2)
		sem_post(&p->room);
}

void play_close(struct play *p)
{
	if (!p)
		return;
	atomic_store(&p->unwanted, true);
	sem_post(&p->room);
	release(p);
}
