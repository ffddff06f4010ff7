/*
 * pcm_spctl.c - the ALSA plugin inside baresip: a call's sound goes to and comes from spctl-media (proto/audio.h).
 *
 * The "device" always says that a period can be moved, and waits in the transfer itself, in baresip's own sound
 * threads: for spctl-media's word while it is there, on the monotonic clock while it is not.  So RTP goes on at the
 * right pace, as silence, when spctl-media has died or hangs, and nothing ever waits in baresip's main thread:
 * connecting does not block, and a refusal is noticed by the next transfer.
 */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include "../proto/audio.h"

enum {
	RETRY_US = 200000,          /* between attempts to connect */
	BEHIND_US = 1000000,        /* a schedule so far back is begun anew: the call was held, the machine slept */
	QUEUE_MAX = 10,             /* blocks of spctl-media's that may wait; of more, the last QUEUE_KEEP are sent */
	QUEUE_KEEP = 2,
};

struct plugin {
	snd_pcm_ioplug_t io;
	int fd;                     /* to spctl-media, or -1 */
	int ready_fd;               /* always readable and writable: what poll() on this device sees */
	int slot;
	int64_t next;               /* us: when the next block is due; 0: not begun */
	int64_t retry;              /* us: not before */
	bool fresh;                 /* capture: connected, and nothing was read yet */
	char block[AUDIO_BLOCK_MAX];/* capture: what came and was not read yet: bytes from..end */
	size_t from, end;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void sleep_until(int64_t us)
{
	const struct timespec t = {us / 1000000, us % 1000000 * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void disconnect(struct plugin *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->retry = now_us() + RETRY_US;
}

static void try_connect(struct plugin *p)
{
	const char *path = getenv("SPCTL_AUDIO");
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const struct audio_hello hello = {
		AUDIO_MAGIC, p->io.stream == SND_PCM_STREAM_CAPTURE ? AUDIO_CAPTURE : AUDIO_PLAYBACK,
		p->slot, (int32_t)p->io.rate, (int32_t)p->io.channels, (int32_t)p->io.period_size,
	};

	p->from = p->end = 0;
	p->fresh = true;
	if (!path || strlen(path) >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, strlen(path));
	p->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    send(p->fd, &hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello))
		disconnect(p);
}

/* Waits for spctl-media's word, AUDIO_PATIENCE_MS past the schedule at most; without spctl-media, until the block is
 * due.  True: there is something to read.  False: do without this time. */
static bool wait_word(struct plugin *p, int64_t block_us)
{
	const int64_t now = now_us();

	if (!p->next || now - p->next > BEHIND_US)
		p->next = now;
	if (p->fd < 0 && now >= p->retry)
		try_connect(p);
	if (p->fd >= 0) {
		struct pollfd pf = {.fd = p->fd, .events = POLLIN};
		const int64_t patience = p->next + AUDIO_PATIENCE_MS * 1000 - now;
		int n;

		do
			n = poll(&pf, 1, patience > 0 ? (int)(patience / 1000) + 1 : 0);
		while (n < 0 && errno == EINTR);
		if (n == 1) {
			p->next = now_us();
			return true;
		}
		p->next += block_us;
		return false;
	}
	p->next += block_us;
	sleep_until(p->next);
	return false;
}

/* spctl-media asks for a block: this one.  Nobody asks: it is played to nowhere. */
static void play(struct plugin *p, const char *bytes, size_t len, int64_t block_us)
{
	char word;

	if (!wait_word(p, block_us))
		return;
	if (recv(p->fd, &word, 1, 0) <= 0 || send(p->fd, bytes, len, MSG_NOSIGNAL) < 0)
		disconnect(p);
}

/* After baresip itself stood still, or before it began to read, old blocks wait in the socket.  They would leave as one
 * burst of RTP, and the far side's buffer would keep that delay for the rest of the call. */
static void drop_old(struct plugin *p, size_t block_bytes)
{
	const size_t most = p->fresh ? 1 : QUEUE_MAX, keep = p->fresh ? 1 : QUEUE_KEEP;
	int waiting = 0;

	p->fresh = false;
	if (ioctl(p->fd, SIOCINQ, &waiting) || waiting <= (int)(most * block_bytes))
		return;
	while (waiting > (int)(keep * block_bytes)) {
		const ssize_t n = recv(p->fd, p->block, sizeof(p->block), 0);

		if (n <= 0)
			return;
		waiting -= (int)n;
	}
}

static void capture(struct plugin *p, char *bytes, size_t len, int64_t block_us, size_t block_bytes)
{
	size_t n;

	if (p->from == p->end && wait_word(p, block_us)) {
		drop_old(p, block_bytes);
		const ssize_t got = recv(p->fd, p->block, sizeof(p->block), 0);

		p->from = 0;
		p->end = got > 0 ? (size_t)got : 0;
		if (got == 0 || (got < 0 && errno != EAGAIN))
			disconnect(p);
	}
	n = p->end - p->from < len ? p->end - p->from : len;
	memcpy(bytes, p->block + p->from, n);
	memset(bytes + n, 0, len - n);
	p->from += n;
}

static snd_pcm_sframes_t on_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
				     snd_pcm_uframes_t offset, snd_pcm_uframes_t frames)
{
	struct plugin *p = io->private_data;
	const size_t frame = io->channels * sizeof(int16_t);
	char *bytes = (char *)areas->addr + (areas->first + areas->step * offset) / 8;
	int64_t us;

	if (frames > io->period_size)
		frames = io->period_size;
	us = (int64_t)frames * 1000000 / io->rate;
	if (io->stream == SND_PCM_STREAM_PLAYBACK)
		play(p, bytes, frames * frame, us);
	else
		capture(p, bytes, frames * frame, us, io->period_size * frame);
	return (snd_pcm_sframes_t)frames;
}

/* All of the buffer is free to play, one period is there to read. */
static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io)
{
	const snd_pcm_uframes_t ahead = io->stream == SND_PCM_STREAM_PLAYBACK ? 0 : io->period_size;

	return (snd_pcm_sframes_t)((io->appl_ptr + ahead) % io->buffer_size);
}

static int on_nothing(snd_pcm_ioplug_t *io)
{
	(void)io;
	return 0;
}

/* The period is known from here on: connect before the first block, so that spctl-media knows the call early. */
static int on_prepare(snd_pcm_ioplug_t *io)
{
	struct plugin *p = io->private_data;

	p->next = 0;
	if (p->fd < 0 && now_us() >= p->retry)
		try_connect(p);
	return 0;
}

static void plugin_free(struct plugin *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->ready_fd >= 0)
		close(p->ready_fd);
	free(p);
}

static int on_close(snd_pcm_ioplug_t *io)
{
	plugin_free(io->private_data);
	return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
	.start = on_nothing, .stop = on_nothing, .drain = on_nothing,
	.prepare = on_prepare, .pointer = on_pointer, .transfer = on_transfer, .close = on_close,
};

/* The number behind "slot" in the device's configuration, or -1. */
static int slot_of(snd_config_t *conf)
{
	snd_config_iterator_t i, next;
	const char *id, *text;
	long slot = -1;
	char *end;

	snd_config_for_each(i, next, conf) {
		snd_config_t *n = snd_config_iterator_entry(i);

		if (snd_config_get_id(n, &id) < 0 || strcmp(id, "slot"))
			continue;
		if (snd_config_get_integer(n, &slot) == 0)
			break;
		if (snd_config_get_string(n, &text) == 0) {
			slot = strtol(text, &end, 10);
			if (!*text || *end)
				slot = -1;
		}
	}
	return slot >= 0 && slot < AUDIO_SLOTS ? (int)slot : -1;
}

static void limit(snd_pcm_ioplug_t *io)
{
	static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED}, format[] = {SND_PCM_FORMAT_S16};

	snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);
	snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
	snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 2);
	snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, AUDIO_RATE_MIN, AUDIO_RATE_MAX);
	snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 80, AUDIO_BLOCK_MAX);
	snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 320, 4 * AUDIO_BLOCK_MAX);
	snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 8);
}

/* alsa-lib finds these two by name. */
#pragma GCC visibility push(default)
SND_PCM_PLUGIN_DEFINE_FUNC(spctl);

SND_PCM_PLUGIN_DEFINE_FUNC(spctl)
{
	const int slot = slot_of(conf);
	struct plugin *p;
	int err;

	(void)root;
	if (slot < 0)
		return -EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->fd = -1;
	p->slot = slot;
	p->ready_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	p->io.version = SND_PCM_IOPLUG_VERSION;
	p->io.name = "spctl";
	p->io.callback = &callbacks;
	p->io.private_data = p;
	p->io.poll_fd = p->ready_fd;
	p->io.poll_events = stream == SND_PCM_STREAM_PLAYBACK ? POLLOUT : POLLIN;
	err = p->ready_fd < 0 ? -errno : snd_pcm_ioplug_create(&p->io, name, stream, mode);
	if (err < 0) {
		plugin_free(p);
		return err;
	}
	limit(&p->io);
	*pcmp = p->io.pcm;
	return 0;
}

SND_PCM_PLUGIN_SYMBOL(spctl);
#pragma GCC visibility pop
