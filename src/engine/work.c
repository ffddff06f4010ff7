/* work.c - jobs beside the loop: one thread a lane, made when it is first needed. */
#include "work.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include "../base/log.h"
#include "../base/mem.h"

enum { NICE = 10 };                 /* of a thread that calls are not to feel */

struct job {
	struct job *next;
	work_run_h *run;
	work_done_h *done;
	void *arg;
};

struct queue { struct job *first, **end; };

/* The next turn of what goes in slices. */
struct slice {
	struct slice *next;
	struct work *work;
	event_callback_fn run;
	void *arg;
};

struct lane {
	struct work *work;
	pthread_t thread;
	bool started;
	pthread_cond_t more;
	struct queue waiting;       /* under the lock */
};

struct work {
	struct engine *engine;
	pthread_mutex_t lock;
	struct lane lanes[WORK_LANES];
	struct queue ready;         /* under the lock: their second halves are due */
	bool ending;                /* changed under the lock: a thread without a job ends */
	atomic_bool hurry;
	int wake;                   /* eventfd: there is something in ready */
	struct event *on_wake, *limit;
	size_t jobs;                /* that are not done */
	struct slice *slices;       /* to come */
	void (*finished)(struct engine *);
};

/* ---- queues ----------------------------------------------------------------------------------------------------- */

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->end = &queue->first;
}

static void queue_add(struct queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->end = job;
	queue->end = &job->next;
}

static struct job *queue_take(struct queue *queue)
{
	struct job *job = queue->first;

	if (job && !(queue->first = job->next))
		queue->end = &queue->first;
	return job;
}

/* ---- in the thread ---------------------------------------------------------------------------------------------- */

/* The next job; NULL: the thread is to end. */
static struct job *next_job(struct lane *lane)
{
	struct work *work = lane->work;
	struct job *job;

	pthread_mutex_lock(&work->lock);
	while (!(job = queue_take(&lane->waiting)) && !work->ending)
		pthread_cond_wait(&lane->more, &work->lock);
	pthread_mutex_unlock(&work->lock);
	return job;
}

static void job_ready(struct work *work, struct job *job)
{
	pthread_mutex_lock(&work->lock);
	queue_add(&work->ready, job);
	pthread_mutex_unlock(&work->lock);
	eventfd_write(work->wake, 1);
}

static void *lane_run(void *arg)
{
	struct lane *lane = arg;
	struct job *job;

	if (lane != &lane->work->lanes[WORK_PASSWORDS] && lane != &lane->work->lanes[WORK_ACCOUNTS])
		setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while ((job = next_job(lane))) {
		job->run(job->arg, &lane->work->hurry);
		job_ready(lane->work, job);
	}
	return NULL;
}

/* Signals are the loop's. */
static int lane_start(struct lane *lane)
{
	sigset_t all, before;
	int why;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	why = pthread_create(&lane->thread, NULL, lane_run, lane);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	lane->started = !why;
	return why;
}

/* ---- in the loop ------------------------------------------------------------------------------------------------ */

/* Those that are ready now: whatever follows from them waits for the next turn, so that clients have theirs. */
static void finish_ready(struct work *work)
{
	struct job *job, *next;

	pthread_mutex_lock(&work->lock);
	next = work->ready.first;
	queue_init(&work->ready);
	pthread_mutex_unlock(&work->lock);
	while ((job = next)) {
		next = job->next;
		work->jobs--;
		job->done(job->arg);
		free(job);
	}
}

/* Once hurried, slices are cut off where they are. */
static void tell_finished(struct work *work)
{
	void (*finished)(struct engine *) = work->finished;

	if (!finished || work->jobs || (work->slices && !atomic_load(&work->hurry)))
		return;
	work->finished = NULL;
	finished(work->engine);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct work *work = arg;
	eventfd_t count;
	(void)what;

	eventfd_read(fd, &count);
	finish_ready(work);
	tell_finished(work);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct work *work = arg;
	(void)fd;
	(void)what;

	atomic_store(&work->hurry, true);
	tell_finished(work);
}

int work_open(struct engine *engine, struct err *err)
{
	struct work *work = xcalloc(1, sizeof(*work));

	engine->work = work;
	work->engine = engine;
	pthread_mutex_init(&work->lock, NULL);
	queue_init(&work->ready);
	for (int i = 0; i < WORK_LANES; i++) {
		work->lanes[i].work = work;
		pthread_cond_init(&work->lanes[i].more, NULL);
		queue_init(&work->lanes[i].waiting);
	}
	atomic_init(&work->hurry, false);
	work->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	work->on_wake = event_new(engine->loop, work->wake, EV_READ | EV_PERSIST, on_wake, work);
	work->limit = evtimer_new(engine->loop, on_limit, work);
	if (work->wake >= 0 && work->on_wake && work->limit && !event_add(work->on_wake, NULL))
		return 0;
	return err_set(err, ERR_FAILED, "work beside the loop cannot be waited for: %s", strerror(errno));
}

void work_do(struct engine *engine, enum work_lane number, work_run_h *run, work_done_h *done, void *arg)
{
	struct work *work = engine->work;
	struct lane *lane = &work->lanes[number];
	struct job *job = xcalloc(1, sizeof(*job));
	int why = lane->started || work->ending ? 0 : lane_start(lane);

	*job = (struct job){.run = run, .done = done, .arg = arg};
	work->jobs++;
	if (why)
		log_warn("engine", "no thread can be made (%s): the loop does its work", strerror(why));
	if (why || work->ending) {
		run(arg, &work->hurry);
		job_ready(work, job);
		return;
	}
	pthread_mutex_lock(&work->lock);
	queue_add(&lane->waiting, job);
	pthread_cond_signal(&lane->more);
	pthread_mutex_unlock(&work->lock);
}

static void on_slice(evutil_socket_t fd, short what, void *arg)
{
	struct slice *slice = arg, **at = &slice->work->slices;
	struct work *work = slice->work;

	while (*at != slice)
		at = &(*at)->next;
	*at = slice->next;
	slice->run(fd, what, slice->arg);
	free(slice);
	tell_finished(work);
}

int work_slice(struct engine *engine, event_callback_fn run, void *arg)
{
	static const struct timeval soon = {.tv_usec = 1};
	struct slice *slice = xcalloc(1, sizeof(*slice));

	*slice = (struct slice){.next = engine->work->slices, .work = engine->work, .run = run, .arg = arg};
	if (event_base_once(engine->loop, -1, EV_TIMEOUT, on_slice, slice, &soon) < 0) {
		free(slice);
		return -1;
	}
	engine->work->slices = slice;
	return 0;
}

void work_finish(struct engine *engine, int seconds, void (*finished)(struct engine *))
{
	const struct timeval limit = {.tv_sec = seconds};
	struct work *work = engine->work;

	if (!work || (!work->jobs && !work->slices)) {
		finished(engine);
		return;
	}
	work->finished = finished;
	evtimer_add(work->limit, &limit);
}

void work_free(struct engine *engine)
{
	struct work *work = engine->work;
	struct slice *slice;

	if (!work)
		return;
	atomic_store(&work->hurry, true);
	pthread_mutex_lock(&work->lock);
	work->ending = true;
	for (int i = 0; i < WORK_LANES; i++)
		pthread_cond_signal(&work->lanes[i].more);
	pthread_mutex_unlock(&work->lock);
	for (int i = 0; i < WORK_LANES; i++)
		if (work->lanes[i].started)
			pthread_join(work->lanes[i].thread, NULL);
	while (work->jobs)
		finish_ready(work);
	while ((slice = work->slices)) {
		work->slices = slice->next;
		free(slice);
	}
	if (work->on_wake)
		event_free(work->on_wake);
	if (work->limit)
		event_free(work->limit);
	if (work->wake >= 0)
		close(work->wake);
	for (int i = 0; i < WORK_LANES; i++)
		pthread_cond_destroy(&work->lanes[i].more);
	pthread_mutex_destroy(&work->lock);
	free(work);
	engine->work = NULL;
}
