/* device.c - the agent's sound card. */
#include <alsa/asoundlib.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "device.h"
#include "drift.h"
#include "fifo.h"
#include "first.h"
#include "resample.h"
#include "sample.h"

enum {
	STEP_MS = 5,                /* how often the thread looks at an open card */
	RETRY_MS = 2000,            /* between looks for a card that is not there */
	BUSY_MS = 100,              /* so long a card that is in use may still be with whoever had it before us */
	LINGER_MS = 3000,           /* the card is held for so long after it was wanted last */
	STALL_MS = 2000,            /* a card that moves no sound for so long is opened anew */
	PERIOD_US = 5000, BUFFER_US = 200000,
	QUEUE = MIX_RATE / 2 * sizeof(float),       /* bytes of either queue: 0.5 s */
	SPARE_MAX = 6 * MIX_TICK,   /* what may be added to a queue's target, a step each time that it ran dry */
	SURPLUS = MIX_RATE / 10,    /* samples above that which are thrown away instead of drained slowly: 0.1 s */
	CHUNK = 1024,               /* frames moved at once */
	CHANNELS_MAX = 2,
	RATE_MIN = 8000, RATE_MAX = 96000,
};

/* One direction of the card. */
struct half {
	snd_pcm_t *pcm;             /* NULL: closed */
	snd_pcm_stream_t dir;
	unsigned rate, channels;
	snd_pcm_uframes_t period, buffer;
	struct resampler *resampler;
	struct drift drift;
	size_t spare;               /* playback: samples at 48 kHz above the usual target, since this machine is slow */
	int64_t moved_ms;           /* when it last moved sound */
	unsigned starts;            /* how often it began anew */
};

struct device {
	char *name;
	int wake_fd;
	pthread_mutex_t lock;       /* of what follows down to news; held for a few instructions only */
	pthread_cond_t changed;     /* wanted or let_go did */
	bool wanted;
	bool let_go;                /* by its owner: the thread frees it */
	struct dsp_settings dsp_wanted;
	bool dsp_changed;
	bool news;
	struct device_news state;

	struct fifo mic, speaker;   /* float at 48 kHz, between the thread and the mixer */
	_Atomic size_t mic_start;   /* samples that must wait before the microphone is let through, without mic_spare */
	_Atomic size_t mic_spare;   /* samples above the usual target; the mixer adds to it when the queue was dry */
	bool mic_flows;             /* the mixer's: false until mic_start is reached */

	struct half capture, playback;      /* the thread's */
	struct dsp_settings dsp_set;        /* the thread's, as all of dsp */
	struct dsp *dsp;                    /* NULL: nothing is done to the microphone */
	unsigned dsp_aligned;               /* to which starts of both halves */
	int64_t wanted_ms;          /* the thread's: when it was last wanted */
};

/* ---- the card, in its thread ------------------------------------------------------------------------------------ */

static void half_close(struct half *h)
{
	if (h->pcm)
		snd_pcm_close(h->pcm);
	resampler_close(h->resampler);
	h->pcm = NULL;
	h->resampler = NULL;
}

/* Any rate and channel count that the card has and we can take; alsa-lib's "plug" devices, as "default", have all. */
static int set_hardware(struct half *h)
{
	snd_pcm_hw_params_t *hw;
	unsigned period_us = PERIOD_US, buffer_us = BUFFER_US;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	h->rate = MIX_RATE;
	h->channels = 1;
	if ((err = snd_pcm_hw_params_any(h->pcm, hw)) < 0 ||
	    (err = snd_pcm_hw_params_set_access(h->pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED)) < 0 ||
	    (err = snd_pcm_hw_params_set_format(h->pcm, hw, SND_PCM_FORMAT_S16)) < 0 ||
	    (err = snd_pcm_hw_params_set_channels_near(h->pcm, hw, &h->channels)) < 0 ||
	    (err = snd_pcm_hw_params_set_rate_near(h->pcm, hw, &h->rate, NULL)) < 0 ||
	    (err = snd_pcm_hw_params_set_period_time_near(h->pcm, hw, &period_us, NULL)) < 0 ||
	    (err = snd_pcm_hw_params_set_buffer_time_near(h->pcm, hw, &buffer_us, NULL)) < 0 ||
	    (err = snd_pcm_hw_params(h->pcm, hw)) < 0 ||
	    (err = snd_pcm_hw_params_get_period_size(hw, &h->period, NULL)) < 0 ||
	    (err = snd_pcm_hw_params_get_buffer_size(hw, &h->buffer)) < 0)
		return err;
	return h->channels <= CHANNELS_MAX && h->rate >= RATE_MIN && h->rate <= RATE_MAX ? 0 : -EINVAL;
}

static int set_software(struct half *h)
{
	snd_pcm_sw_params_t *sw;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	if ((err = snd_pcm_sw_params_current(h->pcm, sw)) < 0 ||
	    (err = snd_pcm_sw_params_set_start_threshold(h->pcm, sw, 1)) < 0 ||
	    (err = snd_pcm_sw_params(h->pcm, sw)) < 0)
		return err;
	return 0;
}

/* Card frames that should wait to be played: at the least, and when all is well. */
static snd_pcm_uframes_t least_waiting(const struct half *h)
{
	return h->period + (DRIFT_MARGIN + h->spare) * h->rate / MIX_RATE;
}

static snd_pcm_uframes_t cushion(const struct half *h)
{
	return least_waiting(h) + MIX_TICK * h->rate / MIX_RATE;
}

/* From prepared to running: capture simply starts, playback begins with a cushion of silence. */
static int half_start(struct half *h)
{
	static const int16_t silence[CHUNK * CHANNELS_MAX];
	snd_pcm_uframes_t left = cushion(h);
	int err = snd_pcm_prepare(h->pcm);

	h->starts++;
	if (err < 0)
		return err;
	if (h->dir == SND_PCM_STREAM_CAPTURE)
		return snd_pcm_start(h->pcm);
	while (left > 0) {
		const snd_pcm_sframes_t n = snd_pcm_writei(h->pcm, silence, left < CHUNK ? left : CHUNK);

		if (n == -EAGAIN || n == 0)
			break;
		if (n < 0)
			return (int)n;
		left -= (snd_pcm_uframes_t)n;
	}
	return 0;
}

static int half_open(struct half *h, const char *name, snd_pcm_stream_t dir)
{
	int err;

	*h = (struct half){.dir = dir, .moved_ms = clock_mono_ms()};
	err = snd_pcm_open(&h->pcm, name, dir, SND_PCM_NONBLOCK);
	if (err < 0) {
		h->pcm = NULL;
		return err;
	}
	if ((err = set_hardware(h)) < 0 || (err = set_software(h)) < 0 || (err = half_start(h)) < 0) {
		half_close(h);
		return err;
	}
	h->resampler = dir == SND_PCM_STREAM_CAPTURE ? resampler_open_bent((int)h->rate, MIX_RATE)
						     : resampler_open_bent(MIX_RATE, (int)h->rate);
	return 0;
}

/* 0: the card goes on after an over- or underrun, or a suspend.  Negative: it is gone. */
static int half_recover(struct half *h, int err)
{
	if (err == -EAGAIN || err == -EINTR)
		return 0;
	if (err != -EPIPE && err != -ESTRPIPE)
		return err;
	if (h->spare < SPARE_MAX)
		h->spare += MIX_TICK;
	return half_start(h);
}

/* Of what was given to the card, or what it heard: what is still on its way.  left: in its buffer, where it cannot
 * tell. */
static long on_its_way(const struct half *h, snd_pcm_sframes_t left)
{
	snd_pcm_sframes_t delay;

	return snd_pcm_delay(h->pcm, &delay) || delay < left || delay > left + h->rate ? left : delay;
}

/* What the microphone hears of the speaker comes at a fixed time after it was played, until one of them begins anew. */
static void align(struct device *d, snd_pcm_sframes_t not_read)
{
	const struct half *p = &d->playback;
	const unsigned starts = d->capture.starts + p->starts;
	const snd_pcm_sframes_t room = p->pcm ? snd_pcm_avail(p->pcm) : -ENODEV;

	if (!d->dsp || d->dsp_aligned == starts || room < 0 || p->rate != d->capture.rate)
		return;
	dsp_align(d->dsp, on_its_way(p, (snd_pcm_sframes_t)p->buffer - room), on_its_way(&d->capture, not_read),
		  (long)p->period);
	d->dsp_aligned = starts;
}

/* Frames of the card as mono samples. */
static void mono(const struct half *h, const int16_t *frames, size_t n, float *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = h->channels == 1 ? sample_float(frames[i])
					  : (sample_float(frames[2 * i]) + sample_float(frames[2 * i + 1])) / 2;
}

/* Moves what the microphone has into the queue. */
static int step_capture(struct device *d)
{
	struct half *h = &d->capture;
	int16_t frames[CHUNK * CHANNELS_MAX];
	float in[CHUNK], clean[CHUNK + DSP_STEP_MAX], out[RESAMPLE_ROOM(CHUNK + DSP_STEP_MAX, RATE_MIN, MIX_RATE)];
	const size_t waiting = fifo_fill(&d->mic) / sizeof(*out), wanted = DRIFT_MARGIN + atomic_load(&d->mic_spare);
	snd_pcm_sframes_t n, left = snd_pcm_avail(h->pcm);

	if (left < 0)
		return half_recover(h, (int)left);
	if (drift_note(&h->drift, 1000 / STEP_MS, (double)waiting, (double)wanted))
		resampler_bend(h->resampler, h->drift.ppm);
	align(d, left);
	for (; left > 0; left -= n) {
		n = snd_pcm_readi(h->pcm, frames, left < CHUNK ? (snd_pcm_uframes_t)left : CHUNK);
		if (n <= 0)
			return half_recover(h, (int)n);
		mono(h, frames, (size_t)n, in);
		const size_t kept = dsp_heard(d->dsp, in, (size_t)n, clean);
		const size_t got = resample(h->resampler, clean, kept, out, sizeof(out) / sizeof(*out));

		fifo_put(&d->mic, out, got * sizeof(*out));
		h->moved_ms = clock_mono_ms();
	}
	return 0;
}

/* Moves what the mixer made to the card. */
static int step_playback(struct device *d)
{
	struct half *h = &d->playback;
	float in[CHUNK / 2], out[RESAMPLE_ROOM(CHUNK / 2, MIX_RATE, RATE_MAX)];
	int16_t frames[sizeof(out) / sizeof(*out) * CHANNELS_MAX];
	const snd_pcm_sframes_t room = snd_pcm_avail(h->pcm);
	snd_pcm_sframes_t waiting;
	size_t n;

	if (room < 0)
		return half_recover(h, (int)room);
	waiting = (snd_pcm_sframes_t)h->buffer - room;
	/* more in the card than there should be: take more of the mixer's samples for each of the card's */
	if (drift_note(&h->drift, 1000 / STEP_MS, (double)waiting * MIX_RATE / h->rate,
		       (double)least_waiting(h) * MIX_RATE / h->rate))
		resampler_bend(h->resampler, h->drift.ppm);
	if (!fifo_fill(&d->speaker))
		h->moved_ms = clock_mono_ms();      /* nothing to move is not standing still */
	while ((n = fifo_take(&d->speaker, in, sizeof(in)) / sizeof(*in)) > 0) {
		const size_t got = resample(h->resampler, in, n, out, sizeof(out) / sizeof(*out));
		snd_pcm_sframes_t done;

		if (waiting > (snd_pcm_sframes_t)(cushion(h) + h->rate * (uint64_t)SURPLUS / MIX_RATE))
			continue;
		for (size_t i = 0; i < got; i++)
			for (unsigned c = 0; c < h->channels; c++)
				frames[i * h->channels + c] = sample_s16(out[i]);
		done = snd_pcm_writei(h->pcm, frames, got);
		if (done < 0)
			return half_recover(h, (int)done);
		dsp_played(d->dsp, out, (size_t)done);
		waiting += done;
		h->moved_ms = clock_mono_ms();
	}
	return 0;
}

/* ---- the thread ------------------------------------------------------------------------------------------------- */

static void tell(struct device *d, enum device_state state, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void tell(struct device *d, enum device_state state, const char *fmt, ...)
{
	va_list ap;

	pthread_mutex_lock(&d->lock);
	if (d->state.state != state) {
		d->state.state = state;
		va_start(ap, fmt);
		vsnprintf(d->state.text, sizeof(d->state.text), fmt, ap);
		va_end(ap);
		d->news = true;
		eventfd_write(d->wake_fd, 1);
	}
	pthread_mutex_unlock(&d->lock);
}

static void close_card(struct device *d)
{
	half_close(&d->capture);
	half_close(&d->playback);
}

static bool is_open(const struct device *d)
{
	return d->capture.pcm || d->playback.pcm;
}

static void sleep_until(int64_t mono_ms)
{
	const struct timespec t = {mono_ms / 1000, mono_ms % 1000 * 1000000};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* One direction alone is better than none: a machine without a microphone can still be listened to. */
static void open_card(struct device *d)
{
	const bool had = d->state.state == DEVICE_OK || d->state.state == DEVICE_LOST;
	int no_speaker = half_open(&d->playback, d->name, SND_PCM_STREAM_PLAYBACK);
	int no_mic = half_open(&d->capture, d->name, SND_PCM_STREAM_CAPTURE);

	if (no_speaker == -EBUSY || no_mic == -EBUSY) {
		sleep_until(clock_mono_ms() + BUSY_MS);
		if (no_speaker)
			no_speaker = half_open(&d->playback, d->name, SND_PCM_STREAM_PLAYBACK);
		if (no_mic)
			no_mic = half_open(&d->capture, d->name, SND_PCM_STREAM_CAPTURE);
	}
	if (no_speaker && no_mic)
		tell(d, had ? DEVICE_LOST : DEVICE_NONE, "The sound card \"%s\" cannot be opened: %s", d->name,
		     snd_strerror(no_speaker));
	else if (no_speaker)
		tell(d, DEVICE_OK, "The sound card \"%s\" plays nothing: %s", d->name, snd_strerror(no_speaker));
	else if (no_mic)
		tell(d, DEVICE_OK, "The sound card \"%s\" has no microphone: %s", d->name, snd_strerror(no_mic));
	else
		tell(d, DEVICE_OK, "The sound card \"%s\" works", d->name);
	atomic_store(&d->mic_spare, 0);
	if (d->capture.pcm)
		atomic_store(&d->mic_start, DRIFT_MARGIN + d->capture.period * MIX_RATE / d->capture.rate);
	fifo_take(&d->speaker, NULL, QUEUE);
}

/* Takes over what is wanted of the microphone; it begins anew with each opening of the card. */
static void set_dsp(struct device *d, bool anew)
{
	pthread_mutex_lock(&d->lock);
	anew |= d->dsp_changed;
	d->dsp_changed = false;
	d->dsp_set = d->dsp_wanted;
	pthread_mutex_unlock(&d->lock);
	if (!anew)
		return;
	dsp_close(d->dsp);
	d->dsp = d->capture.pcm ? dsp_open((int)d->capture.rate, &d->dsp_set) : NULL;
	d->dsp_aligned = 0;
}

/* A card that moved nothing for a while is as good as unplugged; it is then opened anew. */
static int stalled(const struct half *h, int64_t now_ms)
{
	return h->pcm && now_ms - h->moved_ms > STALL_MS ? -ETIMEDOUT : 0;
}

/* The process or the machine stood still for so long: that the card moved nothing meanwhile is not its fault. */
static void forgive(struct half *h, int64_t stood_ms, int64_t now_ms)
{
	if (stood_ms > 0)
		h->moved_ms = h->moved_ms + stood_ms < now_ms ? h->moved_ms + stood_ms : now_ms;
}

/* now_ms: when this turn began, for what stands still in its midst is seen in the next one. */
static void step(struct device *d, int64_t now_ms)
{
	int err;

	set_dsp(d, false);
	err = d->capture.pcm ? step_capture(d) : 0;
	if (!err && d->playback.pcm)
		err = step_playback(d);
	if (!err)
		err = stalled(&d->capture, now_ms);
	if (!err)
		err = stalled(&d->playback, now_ms);
	if (!err)
		return;
	close_card(d);
	tell(d, DEVICE_LOST, "The sound card \"%s\" is gone: %s", d->name, snd_strerror(err));
}

/* What its owner wants of it; wait: until that is more than nothing. */
static bool is_wanted(struct device *d, bool wait, bool *let_go)
{
	bool wanted;

	pthread_mutex_lock(&d->lock);
	while (wait && !d->wanted && !d->let_go)
		pthread_cond_wait(&d->changed, &d->lock);
	wanted = d->wanted;
	*let_go = d->let_go;
	pthread_mutex_unlock(&d->lock);
	return wanted;
}

static void device_free(struct device *d)
{
	dsp_close(d->dsp);
	fifo_free(&d->mic);
	fifo_free(&d->speaker);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->changed);
	free(d->name);
	free(d);
}

/* The card is open, but nobody needs it just now: its clock is not looked at, and it is given back after a while. */
static void idle(struct device *d, int64_t now_ms)
{
	d->capture.moved_ms = d->playback.moved_ms = now_ms;
	fifo_take(&d->speaker, NULL, QUEUE);
	if (now_ms - d->wanted_ms > LINGER_MS)
		close_card(d);
}

static void *card_thread(void *arg)
{
	struct device *d = arg;
	int64_t next_ms = clock_mono_ms(), now_ms = next_ms;
	bool let_go = false;

	go_first();
	open_card(d);               /* to say at once whether there is one */
	set_dsp(d, true);
	d->wanted_ms = next_ms - LINGER_MS;
	while (!let_go) {
		const bool closed_well = !is_open(d) && d->state.state == DEVICE_OK;
		const int64_t last_ms = now_ms;

		if (!closed_well)
			sleep_until(next_ms += is_open(d) ? STEP_MS : RETRY_MS);
		const bool wanted = is_wanted(d, closed_well, &let_go);

		now_ms = clock_mono_ms();
		forgive(&d->capture, now_ms - last_ms - STEP_MS, now_ms);
		forgive(&d->playback, now_ms - last_ms - STEP_MS, now_ms);
		if (next_ms < now_ms - STEP_MS)
			next_ms = now_ms;
		if (wanted)
			d->wanted_ms = now_ms;
		if (let_go)
			close_card(d);
		else if (!is_open(d)) {
			open_card(d);
			set_dsp(d, true);
		}
		else if (wanted)
			step(d, now_ms);
		else
			idle(d, now_ms);
	}
	device_free(d);
	return NULL;
}

/* ---- the mixer's side ------------------------------------------------------------------------------------------- */

static void no_noise(const char *file, int line, const char *function, int err, const char *fmt, ...)
{
	(void)file; (void)line; (void)function; (void)err; (void)fmt;
}

void device_quiet(void)
{
	snd_lib_error_set_handler(no_noise);
}

struct device *device_open(const char *name, int wake_fd)
{
	struct device *d = xcalloc(1, sizeof(*d));
	pthread_t thread;

	device_quiet();
	d->name = xstrdup(name);
	d->wake_fd = wake_fd;
	fifo_init(&d->mic, QUEUE);
	fifo_init(&d->speaker, QUEUE);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->changed, NULL);
	if (pthread_create(&thread, NULL, card_thread, d)) {
		device_free(d);
		return NULL;
	}
	pthread_detach(thread);
	return d;
}

void device_close(struct device *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->let_go = true;
	d->wanted = false;
	pthread_cond_signal(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

void device_dsp(struct device *d, const struct dsp_settings *want)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->dsp_wanted = *want;
	d->dsp_changed = true;
	pthread_mutex_unlock(&d->lock);
}

void device_want(struct device *d, bool wanted)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	if (d->wanted != wanted)
		pthread_cond_signal(&d->changed);
	d->wanted = wanted;
	pthread_mutex_unlock(&d->lock);
}

bool device_news(struct device *d, struct device_news *news)
{
	bool any = false;

	if (!d)
		return false;
	pthread_mutex_lock(&d->lock);
	any = d->news;
	d->news = false;
	*news = d->state;
	pthread_mutex_unlock(&d->lock);
	return any;
}

struct device_news device_state(struct device *d)
{
	struct device_news now = {DEVICE_NONE, "No sound card is used"};

	if (!d)
		return now;
	pthread_mutex_lock(&d->lock);
	now = d->state;
	pthread_mutex_unlock(&d->lock);
	return now;
}

void device_mic(struct device *d, float out[MIX_TICK])
{
	const size_t spare = d ? atomic_load(&d->mic_spare) : 0;
	const size_t start = d ? atomic_load(&d->mic_start) + spare : 0;
	const size_t fill = d ? fifo_fill(&d->mic) / sizeof(*out) : 0;

	memset(out, 0, MIX_TICK * sizeof(*out));
	if (!d)
		return;
	if (fill < (d->mic_flows ? MIX_TICK : start)) {
		if (d->mic_flows && spare < SPARE_MAX)
			atomic_store(&d->mic_spare, spare + MIX_TICK);
		d->mic_flows = false;
		return;
	}
	d->mic_flows = true;
	if (fill > start + SURPLUS)
		fifo_take(&d->mic, NULL, (fill - start) * sizeof(*out));
	fifo_take(&d->mic, out, MIX_TICK * sizeof(*out));
}

void device_speaker(struct device *d, const float in[MIX_TICK])
{
	if (d)
		fifo_put(&d->speaker, in, MIX_TICK * sizeof(*in));
}
