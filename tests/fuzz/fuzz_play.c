/* A sound file with anything in it, as one that is played to a call: read to its end, or for some seconds of sound. */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../src/base/utf8.h"
#include "../../src/media/mix.h"
#include "../../src/media/play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 500 };

/* Until it has something to say. */
static void wait_word(int wake_fd)
{
	struct pollfd p = {.fd = wake_fd, .events = POLLIN};
	eventfd_t count;
	int n;

	do
		n = poll(&p, 1, 5000);
	while (n < 0);                  /* by the fuzzer's own alarm */
	if (!n)
		abort();
	eventfd_read(wake_fd, &count);
}

static void hear(struct play *p)
{
	float out[MIX_TICK] = {0};

	for (int i = 0; i < STEPS_MAX && play_state(p) == PLAY_RUNNING; i++)
		play_add(p, out, MIX_TICK);
}

static unsigned threads(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) ? 0 : (unsigned)st.st_nlink;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned before = threads();
	static int wake_fd = -1;
	const int fd = memfd_create("sound", MFD_CLOEXEC);
	char path[64];
	struct play *p;

	if (wake_fd < 0)
		wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0 || wake_fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	p = play_open(path, size && data[size - 1] & 1, wake_fd);
	while (play_state(p) == PLAY_OPENING)
		wait_word(wake_fd);
	if (play_state(p) == PLAY_FAILED) {
		const char *error = play_error(p);

		if (!*error || !utf8_valid(error, strlen(error)))
			abort();
	}
	hear(p);
	play_close(p);
	for (int i = 0; i < 50000 && threads() > before; i++)
		usleep(100);            /* the reader closes its file: what it still holds is no leak */
	close(fd);
	return 0;
}
