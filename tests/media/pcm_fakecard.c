/*
 * pcm_fakecard.c - an ALSA plugin that behaves as a sound card does, for tests: its own clock, its own lumps, and a plug
 * that can be pulled.
 *
 *	pcm.!default { type fakecard folder "/tmp/x" ppm 300 lump 480 rate 48000 channels 2 tone 613 echo 30 burst 0 }
 *
 * The microphone hears a tone (0: none), with burst only in the first so many milliseconds of each second of
 * CLOCK_MONOTONIC, and echo per cent of what the speaker plays, 20 ms later and once more after 30 ms.  What the speaker
 * plays is appended to FOLDER/speaker as S16; a line of FOLDER/when for each start says which frame was played when:
 * "FRAME NANOSECONDS".  The card is there while FOLDER/present exists, and stands still while FOLDER/stuck does.
 */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct card {
	snd_pcm_ioplug_t io;
	char *folder;
	long ppm, lump, rate, channels, tone, echo, burst;
	int speaker, when;          /* the files */
	long played;                /* frames in the file */
	int64_t started_ns;
	snd_pcm_uframes_t base;     /* frames that had been moved when it was started */
	snd_pcm_uframes_t moved;    /* frames that the application has moved */
	double phase;
};

/* What was played last by any card of this process, for its microphone to hear: by the card's own count of frames. */
enum { AIR = 1 << 17 };
static int16_t air[AIR];

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static bool has(const struct card *c, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", c->folder, name);
	return access(path, F_OK) == 0;
}

static int on_start(snd_pcm_ioplug_t *io)
{
	struct card *c = io->private_data;

	c->started_ns = now_ns();
	c->base = io->stream == SND_PCM_STREAM_PLAYBACK ? 0 : c->moved;
	if (io->stream == SND_PCM_STREAM_PLAYBACK)
		dprintf(c->when, "%ld %lld\n", c->played - (long)c->moved, (long long)c->started_ns);
	return has(c, "present") ? 0 : -ENODEV;
}

static int on_stop(snd_pcm_ioplug_t *io)
{
	(void)io;
	return 0;
}

static int on_prepare(snd_pcm_ioplug_t *io)
{
	struct card *c = io->private_data;

	c->started_ns = 0;
	c->moved = 0;
	return has(c, "present") ? 0 : -ENODEV;
}

/* Which frame since the machine's start the card moves next. */
static int64_t frame_at(const struct card *c)
{
	const double s = (double)(c->started_ns ? c->started_ns : now_ns()) / 1e9;

	return (int64_t)(s * (double)c->rate * (1 + (double)c->ppm / 1e6)) + (int64_t)(c->moved - c->base);
}

/* The card's clock: how far it has come, in whole lumps. */
static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io)
{
	struct card *c = io->private_data;
	const double s = c->started_ns ? (double)(now_ns() - c->started_ns) / 1e9 : 0;
	const snd_pcm_uframes_t frames = (snd_pcm_uframes_t)(s * (double)c->rate * (1 + (double)c->ppm / 1e6));
	const snd_pcm_uframes_t at = c->base + frames / (snd_pcm_uframes_t)c->lump * (snd_pcm_uframes_t)c->lump;

	if (!has(c, "present"))
		return -ENODEV;
	if (has(c, "stuck"))
		return 0;
	if (io->stream == SND_PCM_STREAM_PLAYBACK ? at > c->moved : at > c->moved + io->buffer_size)
		return -EPIPE;
	return (snd_pcm_sframes_t)(at % io->buffer_size);
}

static void play(struct card *c, const int16_t *samples, snd_pcm_uframes_t frames)
{
	const int64_t first = frame_at(c);

	for (snd_pcm_uframes_t i = 0; i < frames; i++)
		air[(first + (int64_t)i) % AIR] = samples[i * (snd_pcm_uframes_t)c->channels];
	c->played += (long)frames;
}

static int16_t hear(struct card *c, int64_t frame)
{
	const double ms = (double)frame * 1000 / ((double)c->rate * (1 + (double)c->ppm / 1e6));
	const bool on = !c->burst || fmod(ms, 1000) < (double)c->burst;
	const double echo = air[(frame - c->rate * 20 / 1000) % AIR] + 0.5 * air[(frame - c->rate * 30 / 1000) % AIR];

	c->phase = fmod(c->phase + 2 * M_PI * (double)c->tone / (double)c->rate, 2 * M_PI);
	return (int16_t)((on ? 8192 * sin(c->phase) : 0) + echo * (double)c->echo / 100);
}

static snd_pcm_sframes_t on_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset,
				     snd_pcm_uframes_t frames)
{
	struct card *c = io->private_data;
	int16_t *samples = (int16_t *)((char *)areas->addr + (areas->first + areas->step * offset) / 8);

	if (io->stream == SND_PCM_STREAM_PLAYBACK) {
		play(c, samples, frames);
		c->moved += frames;
		return write(c->speaker, samples, frames * io->channels * sizeof(*samples)) < 0 ? -EIO : (snd_pcm_sframes_t)frames;
	}
	for (snd_pcm_uframes_t i = 0; i < frames; i++, c->moved++) {
		const int16_t sample = hear(c, frame_at(c));

		for (unsigned k = 0; k < io->channels; k++)
			samples[i * io->channels + k] = sample;
	}
	return (snd_pcm_sframes_t)frames;
}

/* Who waits for the card is woken every some milliseconds. */
static int on_poll(snd_pcm_ioplug_t *io, struct pollfd *fd, unsigned count, unsigned short *revents)
{
	uint64_t ticks;

	*revents = 0;
	if (count && (fd->revents & POLLIN) && read(fd->fd, &ticks, sizeof(ticks)) > 0)
		*revents = io->stream == SND_PCM_STREAM_PLAYBACK ? POLLOUT : POLLIN;
	return 0;
}

static int on_close(snd_pcm_ioplug_t *io)
{
	struct card *c = io->private_data;

	if (c->speaker >= 0)
		close(c->speaker);
	if (c->when >= 0)
		close(c->when);
	close(io->poll_fd);
	free(c->folder);
	free(c);
	return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
	.start = on_start, .stop = on_stop, .prepare = on_prepare, .pointer = on_pointer, .transfer = on_transfer, .close = on_close,
	.poll_revents = on_poll,
};

static void read_settings(struct card *c, snd_config_t *conf)
{
	const struct { const char *name; long *value; } numbers[] = {
		{"ppm", &c->ppm}, {"lump", &c->lump}, {"rate", &c->rate}, {"channels", &c->channels}, {"tone", &c->tone}, {"echo", &c->echo},
		{"burst", &c->burst},
	};
	snd_config_iterator_t i, next;
	const char *id, *text;

	snd_config_for_each(i, next, conf) {
		snd_config_t *n = snd_config_iterator_entry(i);

		if (snd_config_get_id(n, &id) < 0)
			continue;
		if (!strcmp(id, "folder") && snd_config_get_string(n, &text) == 0)
			c->folder = strdup(text);
		for (size_t k = 0; k < sizeof(numbers) / sizeof(*numbers); k++)
			if (!strcmp(id, numbers[k].name))
				snd_config_get_integer(n, numbers[k].value);
	}
}

static void limit(struct card *c)
{
	static const unsigned access_kinds[] = {SND_PCM_ACCESS_MMAP_INTERLEAVED, SND_PCM_ACCESS_RW_INTERLEAVED}, format[] = {SND_PCM_FORMAT_S16};
	const unsigned rate = (unsigned)c->rate, channels = (unsigned)c->channels, frame = channels * 2;

	snd_pcm_ioplug_set_param_list(&c->io, SND_PCM_IOPLUG_HW_ACCESS, 2, access_kinds);
	snd_pcm_ioplug_set_param_list(&c->io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
	snd_pcm_ioplug_set_param_minmax(&c->io, SND_PCM_IOPLUG_HW_CHANNELS, channels, channels);
	snd_pcm_ioplug_set_param_minmax(&c->io, SND_PCM_IOPLUG_HW_RATE, rate, rate);
	snd_pcm_ioplug_set_param_minmax(&c->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, (unsigned)c->lump * frame, (unsigned)c->lump * frame);
	snd_pcm_ioplug_set_param_minmax(&c->io, SND_PCM_IOPLUG_HW_PERIODS, 2, 32);
}

SND_PCM_PLUGIN_DEFINE_FUNC(fakecard)
{
	static const struct itimerspec often = {{0, 3000000}, {0, 3000000}};
	struct card *c = calloc(1, sizeof(*c));
	char path[256];
	int err;

	(void)root;
	*c = (struct card){.lump = 480, .rate = 48000, .channels = 2, .tone = 613, .speaker = -1, .when = -1};
	read_settings(c, conf);
	if (stream == SND_PCM_STREAM_PLAYBACK) {
		snprintf(path, sizeof(path), "%s/speaker", c->folder);
		c->speaker = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		c->played = lseek(c->speaker, 0, SEEK_END) / (c->channels * 2);
		snprintf(path, sizeof(path), "%s/when", c->folder);
		c->when = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	}
	c->io.version = SND_PCM_IOPLUG_VERSION;
	c->io.name = "fakecard";
	c->io.callback = &callbacks;
	c->io.private_data = c;
	c->io.poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	c->io.poll_events = POLLIN;
	timerfd_settime(c->io.poll_fd, 0, &often, NULL);
	err = has(c, "present") ? snd_pcm_ioplug_create(&c->io, name, stream, mode) : -ENODEV;
	if (err < 0) {
		on_close(&c->io);
		return err;
	}
	limit(c);
	*pcmp = c->io.pcm;
	return 0;
}

SND_PCM_PLUGIN_SYMBOL(fakecard);
