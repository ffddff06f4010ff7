/* The queue between threads, resampling, files that are played, recordings. */
#include "../lib/unit.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../src/base/utf8.h"
#include "../../src/media/fifo.h"
#include "../../src/media/mix.h"
#include "../../src/media/play.h"
#include "../../src/media/record.h"
#include "../../src/media/resample.h"
#include "../../src/media/sample.h"
#include "../lib/folder.h"

static char folder[32];
static int wake_fd;

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* Waits until something was told. */
static void wait_word(void)
{
	struct pollfd p = {.fd = wake_fd, .events = POLLIN};
	eventfd_t count;

	assert_int_equal(poll(&p, 1, 10000), 1);
	eventfd_read(wake_fd, &count);
}

static void sine(float *x, size_t n, double hz, double rate)
{
	for (size_t i = 0; i < n; i++)
		x[i] = 0.5f * (float)sin(2 * M_PI * hz * (double)i / rate);
}

/* Level of a tone in a stretch, 1 for a full-scale sine. */
static double level_at(const float *x, size_t n, double hz, double rate)
{
	double re = 0, im = 0;

	for (size_t i = 0; i < n; i++) {
		re += x[i] * cos(2 * M_PI * hz * (double)i / rate);
		im += x[i] * sin(2 * M_PI * hz * (double)i / rate);
	}
	return 2 * sqrt(re * re + im * im) / (double)n;
}

/* ---- the queue ---------------------------------------------------------------------------------------------------- */

static void test_fifo(void **state)
{
	struct fifo f;
	char out[16] = "";

	(void)state;
	fifo_init(&f, 8);
	assert_int_equal(fifo_take(&f, out, 4), 0);
	assert_true(fifo_put(&f, "abcde", 5));
	assert_false(fifo_put(&f, "wxyz", 4));
	assert_int_equal(fifo_fill(&f), 5);
	assert_int_equal(fifo_take(&f, out, 3), 3);
	assert_memory_equal(out, "abc", 3);
	assert_true(fifo_put(&f, "fghijk", 6));     /* round the end */
	assert_false(fifo_put(&f, "l", 1));
	assert_int_equal(fifo_take(&f, NULL, 1), 1);
	assert_int_equal(fifo_take(&f, out, 16), 7);
	assert_memory_equal(out, "efghijk", 7);
	assert_int_equal(fifo_fill(&f), 0);
	fifo_free(&f);
}

enum { NUMBERS = 200000 };

static void *put_numbers(void *arg)
{
	for (uint32_t n = 0; n < NUMBERS; )
		if (fifo_put(arg, &n, sizeof(n)))
			n++;
	return NULL;
}

static void test_fifo_threads(void **state)
{
	struct fifo f;
	pthread_t writer;
	uint32_t got[64], next = 0;

	(void)state;
	fifo_init(&f, 1000);        /* no multiple of what is put */
	assert_int_equal(pthread_create(&writer, NULL, put_numbers, &f), 0);
	while (next < NUMBERS) {
		const size_t n = fifo_take(&f, got, sizeof(got)) / sizeof(*got);

		for (size_t i = 0; i < n; i++)
			assert_int_equal(got[i], next++);
	}
	pthread_join(writer, NULL);
	fifo_free(&f);
}

/* ---- rates -------------------------------------------------------------------------------------------------------- */

static void test_resample(void **state)
{
	static const int rates[] = {8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000};

	(void)state;
	for (size_t k = 0; k < sizeof(rates) / sizeof(*rates); k++) {
		const int rate = rates[k];
		struct resampler *up = resampler_open(rate, MIX_RATE), *down = resampler_open(MIX_RATE, rate);
		const size_t step = (size_t)rate / 50, room = RESAMPLE_ROOM(step, rate, MIX_RATE);
		float *in = calloc(step * 50, sizeof(float)), *mid = calloc(MIX_RATE * 2, sizeof(float)), *out = calloc(step * 60, sizeof(float));
		size_t n = 0, m;

		sine(in, step * 50, 1000, rate);
		for (size_t i = 0; i < 50; i++) {
			assert_true(n + room <= MIX_RATE * 2);
			n += resample(up, in + i * step, step, mid + n, room);
		}
		UNIT_CASE(n <= step * 50 * MIX_RATE / (size_t)rate + 1 && n + 50 > step * 50 * MIX_RATE / (size_t)rate, "%d Hz: %zu samples of a second", rate, n);
		UNIT_CASE(fabs(level_at(mid + 4800, 38400, 1000, MIX_RATE) - 0.5) < 0.01, "%d Hz up: level", rate);
		m = resample(down, mid, n, out, step * 60);
		UNIT_CASE(m <= step * 50 + 2 && m + 50 > step * 50, "%d Hz: %zu samples back", rate, m);
		UNIT_CASE(fabs(level_at(out + step * 5, step * 40, 1000, rate) - 0.5) < 0.01, "%d Hz down: level", rate);
		sine(mid, MIX_RATE, rate * 0.42, MIX_RATE);     /* 3360 Hz for 8000 */
		m = resample(down, mid, MIX_RATE, out, step * 60);
		UNIT_CASE(fabs(level_at(out + step * 5, step * 40, rate * 0.42, rate) - 0.5) < 0.06, "%d Hz: upper edge", rate);
		free(out);
		free(mid);
		free(in);
		resampler_close(down);
		resampler_close(up);
	}
}

static void test_bend(void **state)
{
	struct resampler *r = resampler_open_bent(48000, 48000);
	float in[MIX_TICK], out[RESAMPLE_ROOM(MIX_TICK, 48000, 48000)];
	float before = 0, last = 0;
	size_t n = 0;
	double phase = 0;

	(void)state;
	for (int tick = 0; tick < 2000; tick++) {
		if (tick == 1000)
			resampler_bend(r, 1000);
		if (tick % 100 == 50)
			resampler_bend(r, tick < 1000 ? 15 * (tick % 7) : 1000 + 15 * (tick % 7));
		for (int i = 0; i < MIX_TICK; i++, phase += 2 * M_PI * 500 / 48000)
			in[i] = 0.5f * (float)sin(phase);
		const size_t got = resample(r, in, MIX_TICK, out, sizeof(out) / sizeof(*out));

		for (size_t i = 0; i < got && tick > 1; i++) {   /* a change of ratio makes no click: a sine's second difference is small */
			assert_true(fabsf(out[i] - 2 * last + before) < 0.5 * 0.0045);
			before = last;
			last = out[i];
		}
		if (tick >= 1000)
			n += got;
		if (tick == 1) {
			before = out[got - 2];
			last = out[got - 1];
		}
	}
	assert_in_range(n, 480000 - 540, 480000 - 460);         /* 1000 ppm and a little of 10 s */
	resampler_close(r);
}

static void test_sample(void **state)
{
	(void)state;
	assert_int_equal(sample_s16(1.5f), 32767);
	assert_int_equal(sample_s16(-1.5f), -32768);
	assert_int_equal(sample_s16(1e30f), 32767);
	for (int s = -32768; s < 32768; s++)
		assert_int_equal(sample_s16(sample_float((int16_t)s)), s);
}

/* ---- playing ------------------------------------------------------------------------------------------------------ */

static void write_tone(const char *path, int rate, int channels, double seconds, double hz)
{
	SF_INFO info = {.samplerate = rate, .channels = channels, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
	SNDFILE *file = sf_open(path, SFM_WRITE, &info);
	const size_t n = (size_t)(seconds * rate);
	float *one = calloc(n, sizeof(float)), *all = calloc(n * (size_t)channels, sizeof(float));

	assert_non_null(file);
	sine(one, n, hz, rate);
	for (size_t i = 0; i < n * (size_t)channels; i++)
		all[i] = one[i / (size_t)channels];
	assert_int_equal(sf_writef_float(file, all, (sf_count_t)n), n);
	sf_close(file);
	free(all);
	free(one);
}

/* Takes what the reader has ready of the next step, to where there are zeros; how much that was. */
static size_t take(struct play *p, float *out)
{
	size_t n = MIX_TICK;

	play_add(p, out, MIX_TICK);
	while (n && out[n - 1] == 0)
		n--;
	return n;
}

/* Plays all of a file, as fast as its reader is, and returns how many samples were not silence. */
static size_t play_all(struct play *p, float *out, size_t room)
{
	size_t n = 0, sounding = 0;

	while (play_state(p) == PLAY_OPENING)
		wait_word();
	while (play_state(p) == PLAY_RUNNING) {
		assert_true(n + MIX_TICK <= room);
		const size_t got = take(p, out + n);

		n += got;
		if (got < MIX_TICK)
			usleep(500);
	}
	for (size_t i = 0; i < n; i++)
		sounding += out[i] != 0;
	return sounding;
}

static void test_play(void **state)
{
	static const struct { int rate, channels; } files[] = {{8000, 1}, {44100, 2}, {48000, 1}, {96000, 6}, {11025, 1}, {2000, 1}};
	const size_t room = MIX_RATE * 6;
	float *out = calloc(room, sizeof(*out));

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		write_tone(in_folder("play.wav"), files[i].rate, files[i].channels, 3, 700);
		struct play *p = play_open(in_folder("play.wav"), false, wake_fd);

		memset(out, 0, room * sizeof(*out));
		const size_t n = play_all(p, out, room);

		UNIT_CASE(n > 2.9 * MIX_RATE && n < 3.05 * MIX_RATE, "%d Hz: %zu samples sound", files[i].rate, n);
		UNIT_CASE(fabs(level_at(out + 9600, 96000, 700, MIX_RATE) - 0.5) < 0.02, "%d Hz, %d channels: level", files[i].rate, files[i].channels);
		assert_int_equal(play_state(p), PLAY_ENDED);
		play_close(p);
	}
	free(out);
}

static void test_play_fails(void **state)
{
	const char *none = "/nonexistent/x.wav", *device = "/dev/zero";
	char junk[128], pipe_path[128], long_path[2000];
	const char *const paths[] = {none, device, junk, pipe_path, folder, long_path};
	int fd;

	(void)state;
	snprintf(junk, sizeof(junk), "%s/junk.wav", folder);
	snprintf(pipe_path, sizeof(pipe_path), "%s/pipe.wav", folder);
	snprintf(long_path, sizeof(long_path), "/xy");
	while (strlen(long_path) < sizeof(long_path) - 3)
		strncat(long_path, "\xc3\xbc", 3);      /* a cut sentence is still UTF-8 */
	fd = open(junk, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "RIFF\377\377\377\377WAVEfmt ", 16), 16);
	close(fd);
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct play *p = play_open(paths[i], false, wake_fd);

		while (play_state(p) == PLAY_OPENING)
			wait_word();
		const char *error = play_error(p);

		UNIT_CASE(play_state(p) == PLAY_FAILED && strstr(error, strlen(paths[i]) > 200 ? "file /xy" : paths[i]) &&
			utf8_valid(error, strlen(error)), "%.100s: %.100s", paths[i], error);
		play_close(p);
	}
}

static void test_play_let_go(void **state)
{
	(void)state;
	write_tone(in_folder("long.wav"), 48000, 2, 20, 500);
	for (int i = 0; i < 50; i++) {
		struct play *p = play_open(in_folder("long.wav"), false, wake_fd);

		if (i % 2)
			wait_word();
		play_close(p);
	}
}

/* ---- recording ---------------------------------------------------------------------------------------------------- */

static void add_tones(struct record *r, double seconds)
{
	float agent[MIX_TICK], far[MIX_TICK];

	for (int tick = 0; tick < (int)(seconds * 100); tick++) {
		for (int i = 0; i < MIX_TICK; i++) {
			const double t = (double)(tick * MIX_TICK + i) / MIX_RATE;

			agent[i] = 0.5f * (float)sin(2 * M_PI * 500 * t);
			far[i] = 0.25f * (float)sin(2 * M_PI * 900 * t);
		}
		assert_true(record_add(r, agent, far, MIX_TICK));
	}
}

static enum record_state settled(struct record *r)
{
	while (record_state(r) < RECORD_DONE)
		wait_word();
	return record_state(r);
}

static void check_tones(const char *path, double seconds)
{
	SF_INFO info = {0};
	SNDFILE *file = sf_open(path, SFM_READ, &info);
	const size_t n = (size_t)(seconds * RECORD_RATE);
	float *frames = calloc(n * 2 + 2, sizeof(float)), *left = calloc(n, sizeof(float)), *right = calloc(n, sizeof(float));

	assert_non_null(file);
	assert_int_equal(info.samplerate, RECORD_RATE);
	assert_int_equal(info.channels, 2);
	assert_int_equal(sf_readf_float(file, frames, (sf_count_t)n + 1), n);
	sf_close(file);
	for (size_t i = 0; i < n; i++) {
		left[i] = frames[2 * i];
		right[i] = frames[2 * i + 1];
	}
	assert_true(fabs(level_at(left + 1600, n - 3200, 500, RECORD_RATE) - 0.5) < 0.01);
	assert_true(level_at(left + 1600, n - 3200, 900, RECORD_RATE) < 0.001);
	assert_true(fabs(level_at(right + 1600, n - 3200, 900, RECORD_RATE) - 0.25) < 0.005);
	assert_true(level_at(right + 1600, n - 3200, 500, RECORD_RATE) < 0.001);
	free(right);
	free(left);
	free(frames);
}

static void test_record(void **state)
{
	static const char *const names[] = {"r.flac", "r.wav"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct record *r = record_open(in_folder(names[i]), wake_fd);
		struct stat st;

		add_tones(r, 4);
		record_stop(r);
		assert_int_equal(settled(r), RECORD_DONE);
		assert_int_equal(record_frames(r), 4 * RECORD_RATE);
		record_close(r);
		assert_int_equal(stat(in_folder(names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		check_tones(in_folder(names[i]), 4);
	}
}

static void test_record_new_only(void **state)
{
	struct record *r;

	(void)state;
	assert_int_equal(symlink("elsewhere.flac", in_folder("link.flac")), 0);
	close(open(in_folder("there.flac"), O_WRONLY | O_CREAT, 0600));
	static const char *const names[] = {"there.flac", "link.flac", "no/such.flac"};

	for (size_t i = 0; i < 3; i++) {
		r = record_open(in_folder(names[i]), wake_fd);
		assert_int_equal(settled(r), RECORD_FAILED);
		assert_non_null(strstr(record_error(r), names[i]));
		record_close(r);
	}
	assert_int_equal(access(in_folder("elsewhere.flac"), F_OK), -1);
}

/* A full disk, as a limit on the file's size: the state tells, and adding more does no harm. */
static void test_record_full(void **state)
{
	struct rlimit before, small;
	struct record *r;

	(void)state;
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){20000, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = record_open(in_folder("full.flac"), wake_fd);
	while (record_state(r) == RECORD_OPENING)
		wait_word();
	for (int i = 0; i < 100 && record_state(r) == RECORD_RUNNING; i++) {
		float noise[MIX_TICK];

		for (int k = 0; k < MIX_TICK; k++)
			noise[k] = (float)rand() / (float)RAND_MAX - 0.5f;
		for (int k = 0; k < 10; k++)
			record_add(r, noise, noise, MIX_TICK);
		usleep(1000);
	}
	assert_int_equal(settled(r), RECORD_FAILED);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_non_null(strstr(record_error(r), "File too large"));
	record_add(r, NULL, NULL, MIX_TICK);
	record_close(r);
}

/* Stands before libsndfile's: while disk_stands, nothing can be written. */
static atomic_bool disk_stands;

sf_count_t sf_writef_short(SNDFILE *file, const short *frames, sf_count_t n)
{
	static sf_count_t (*real)(SNDFILE *, const short *, sf_count_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "sf_writef_short");
	while (atomic_load(&disk_stands))
		usleep(1000);
	return real(file, frames, n);
}

/* The disk stands still for longer than the queue lasts: said once, and a hole of silence of the right length. */
static void test_record_hole(void **state)
{
	const int steps = 1500;     /* 15 s at once; the queue holds 8 */
	struct record *r;
	int told = 0;

	(void)state;
	atomic_store(&disk_stands, true);
	r = record_open(in_folder("hole.flac"), wake_fd);
	for (int i = 0; i < steps; i++)
		told += !record_add(r, NULL, NULL, MIX_TICK);
	assert_int_equal(told, 1);
	atomic_store(&disk_stands, false);
	while (record_frames(r) < steps * (MIX_TICK / 3))
		usleep(1000);
	for (int i = 0; i < 100; i++)
		assert_true(record_add(r, NULL, NULL, MIX_TICK));
	record_skip(r, 3000);       /* more than the queue holds */
	record_stop(r);
	assert_int_equal(settled(r), RECORD_DONE);
	assert_int_equal(record_frames(r), (steps + 100 + 3000) * (MIX_TICK / 3));
	record_close(r);
}

/* Killed in the middle: all but the last second can be read. */
static void test_record_killed(void **state)
{
	pid_t child;
	int status;

	(void)state;
	child = fork();
	if (!child) {
		struct record *r = record_open(in_folder("killed.flac"), wake_fd);

		add_tones(r, 6);
		while (record_frames(r) < (6 * 5 - 1) * RECORD_RATE / 5)        /* the writer has been woken for that much */
			usleep(1000);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	SF_INFO info = {0};
	SNDFILE *file = sf_open(in_folder("killed.flac"), SFM_READ, &info);
	static float frames[7 * RECORD_RATE * 2];
	sf_count_t n;

	assert_non_null(file);
	n = sf_readf_float(file, frames, 7 * RECORD_RATE);
	sf_close(file);
	UNIT_CASE(n >= 5 * RECORD_RATE, "%lld frames of %d are readable", (long long)n, 6 * RECORD_RATE);
}

static int setup(void **state)
{
	(void)state;
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return wake_fd < 0 || !folder_new(folder);
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fifo), cmocka_unit_test(test_fifo_threads), cmocka_unit_test(test_resample), cmocka_unit_test(test_bend),
		cmocka_unit_test(test_sample), cmocka_unit_test(test_play), cmocka_unit_test(test_play_fails), cmocka_unit_test(test_play_let_go),
		cmocka_unit_test(test_record), cmocka_unit_test(test_record_new_only), cmocka_unit_test(test_record_full),
		cmocka_unit_test(test_record_hole), cmocka_unit_test(test_record_killed),
	};

	return UNIT_RUN_FIXTURE(tests, setup, teardown);
}
