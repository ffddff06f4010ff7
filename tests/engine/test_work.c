/* Jobs beside the loop: their order, their halves, and how they are hurried. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>
#include "nouns_fixture.h"

struct all;

struct one { struct all *all; int number; bool ran, done, hurried; };

struct all {
	pthread_t loop;
	atomic_int runs;
	int order[8], done;
	sem_t go;
	struct one ones[8];
	struct engine *finished;
};

static struct all *all_make(void)
{
	struct all *all = xcalloc(1, sizeof(*all));

	all->loop = pthread_self();
	sem_init(&all->go, 0, 0);
	for (int i = 0; i < 8; i++)
		all->ones[i] = (struct one){.all = all, .number = i};
	return all;
}

static void all_free(struct all *all)
{
	sem_destroy(&all->go);
	free(all);
}

static void run(void *arg, const atomic_bool *hurry)
{
	struct one *one = arg;

	one->ran = !pthread_equal(pthread_self(), one->all->loop);
	one->hurried = atomic_load(hurry);
	one->all->order[atomic_fetch_add(&one->all->runs, 1)] = one->number;
}

static void run_and_let_go(void *arg, const atomic_bool *hurry)
{
	run(arg, hurry);
	sem_post(&((struct one *)arg)->all->go);
}

static void run_when_let_go(void *arg, const atomic_bool *hurry)
{
	sem_wait(&((struct one *)arg)->all->go);
	run(arg, hurry);
}

static void run_until_hurried(void *arg, const atomic_bool *hurry)
{
	while (!atomic_load(hurry))
		usleep(1000);
	run(arg, hurry);
}

static void done(void *arg)
{
	struct one *one = arg;

	assert_true(pthread_equal(pthread_self(), one->all->loop));
	assert_false(one->done);
	one->done = true;
	one->all->done++;
}

static void turn_until(struct fixture *f, const int *figure, int wanted)
{
	while (*figure < wanted)
		assert_int_equal(event_base_loop(f->engine.loop, EVLOOP_ONCE), 0);
}

static void in_order(void **state)
{
	struct fixture *f = *state;
	struct all *all = all_make();

	for (int i = 0; i < 8; i++)
		work_do(&f->engine, WORK_FILES, run, done, &all->ones[i]);
	assert_int_equal(all->done, 0);
	turn_until(f, &all->done, 8);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(all->order[i], i);
		assert_true(all->ones[i].ran && !all->ones[i].hurried);
	}
	all_free(all);
}

/* One that takes long in its lane holds up none of another's. */
static void lanes(void **state)
{
	struct fixture *f = *state;
	struct all *all = all_make();

	work_do(&f->engine, WORK_FILES, run_when_let_go, done, &all->ones[0]);
	work_do(&f->engine, WORK_DATABASE, run, done, &all->ones[1]);
	turn_until(f, &all->done, 1);
	assert_true(all->ones[1].done);
	work_do(&f->engine, WORK_PASSWORDS, run_and_let_go, done, &all->ones[2]);
	turn_until(f, &all->done, 3);
	all_free(all);
}

static struct all *waits;

static void on_finished(struct engine *engine)
{
	waits->finished = engine;
}

static void finishing(void **state)
{
	struct fixture *f = *state;
	struct all *all = waits = all_make();

	work_finish(&f->engine, 60, on_finished);
	assert_ptr_equal(all->finished, &f->engine);        /* there was nothing to wait for */
	all->finished = NULL;
	work_do(&f->engine, WORK_FILES, run_until_hurried, done, &all->ones[0]);
	work_do(&f->engine, WORK_FILES, run, done, &all->ones[1]);
	work_finish(&f->engine, 0, on_finished);
	assert_null(all->finished);
	turn_until(f, &all->done, 2);
	assert_true(all->ones[0].hurried && all->ones[1].hurried);
	while (!all->finished)
		assert_int_equal(event_base_loop(f->engine.loop, EVLOOP_ONCE), 0);
	all_free(all);
}

/* No second half is left out when the engine ends without having waited. */
static void freed(void **state)
{
	struct fixture *f = *state;
	struct all *all = all_make();

	work_do(&f->engine, WORK_FILES, run_until_hurried, done, &all->ones[0]);
	work_do(&f->engine, WORK_FILES, run, done, &all->ones[1]);
	work_do(&f->engine, WORK_PASSWORDS, run, done, &all->ones[2]);
	work_free(&f->engine);
	assert_int_equal(all->done, 3);
	all_free(all);
}

struct slices { struct engine *engine; int count, when_asked; };

static void on_slice(evutil_socket_t fd, short what, void *arg)
{
	struct slices *s = arg;
	(void)fd;
	(void)what;

	if (++s->count < 100)
		assert_int_equal(work_slice(s->engine, on_slice, s), 0);
}

static void on_asked(evutil_socket_t fd, short what, void *arg)
{
	struct slices *s = arg;
	(void)fd;
	(void)what;

	s->when_asked = s->count;
}

/* Between two slices, who asks has an answer. */
static void slices(void **state)
{
	struct fixture *f = *state;
	struct slices s = {.engine = &f->engine, .when_asked = -1};
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	struct event *asked = event_new(f->engine.loop, ends[0], EV_READ, on_asked, &s);
	event_add(asked, NULL);
	assert_int_equal(work_slice(&f->engine, on_slice, &s), 0);
	turn_until(f, &s.count, 1);
	assert_int_equal(write(ends[1], "?", 1), 1);
	turn_until(f, &s.count, 100);
	UNIT_CASE(s.when_asked > 0 && s.when_asked < 10, "answered after %d slices", s.when_asked);
	event_free(asked);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(lanes, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(finishing, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(freed, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(slices, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
