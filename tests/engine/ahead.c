/* ahead.c - a clock for tests, preloaded: it goes before the real one by as many seconds as a file says
 * (SPCTL_TEST_AHEAD), which a test may raise at any time.  Whoever sleeps must be woken to notice. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int64_t seconds_ahead(void)
{
	static const volatile int64_t *seconds;

	if (!seconds) {
		const char *path = getenv("SPCTL_TEST_AHEAD");
		const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*seconds), PROT_READ, MAP_SHARED, fd, 0);

		if (map == MAP_FAILED)
			abort();
		close(fd);
		seconds = map;
	}
	return *seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int status;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	status = real(clock, now);
	if (!status && (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE))
		now->tv_sec += seconds_ahead();
	return status;
}
