/* pool.c - threads that work off a stack of tasks, each of which may add more. */
#include "metadata/base/pool.h"

#include "metadata/base/mem.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POOL_TICK_NS 100000000L
/* How many tasks go from one thread to the others at once: one lock for many. */
#define POOL_SHARE_MAX ((size_t)64)

struct pool_stack {
	void **tasks;
	size_t count;
	size_t capacity;
};

struct pool {
	const struct pool_plan *plan;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct pool_stack shared; /* under lock */
	unsigned worker_count;    /* under lock: threads that run */
	unsigned idle_count;      /* under lock: those of them that wait */
	bool is_drained;          /* under lock: next() has returned NULL */
	bool is_over;             /* under lock */
	unsigned hungry_count;    /* atomic: waiting threads for which `shared` has no task */
};

struct pool_worker {
	struct pool *pool;
	unsigned number;
	struct pool_stack own; /* this thread only */
	pthread_t thread;
	struct timespec ticked;
};

unsigned pool_jobs(unsigned jobs)
{
	cpu_set_t set;

	if (jobs == 0 && sched_getaffinity(0, sizeof(set), &set) == 0)
		jobs = (unsigned)CPU_COUNT(&set);
	if (jobs == 0)
		jobs = 1;
	return jobs < POOL_JOBS_MAX ? jobs : POOL_JOBS_MAX;
}

unsigned pool_worker_number(const struct pool_worker *worker)
{
	return worker->number;
}

static void stack_push(struct pool_stack *stack, void *task)
{
	stack->tasks =
	    mem_grow(stack->tasks, stack->count, &stack->capacity, sizeof(*stack->tasks));
	stack->tasks[stack->count++] = task;
}

static void *stack_pop(struct pool_stack *stack)
{
	return stack->count > 0 ? stack->tasks[--stack->count] : NULL;
}

/* Moves the COUNT oldest tasks of FROM on top of TO. */
static void stack_move(struct pool_stack *to, struct pool_stack *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		stack_push(to, from->tasks[i]);
	from->count -= count;
	(void)memmove(from->tasks, from->tasks + count, from->count * sizeof(*from->tasks));
}

/* Says how many threads wait for more than there is. Under lock. */
static void pool_count_hungry(struct pool *pool)
{
	unsigned hungry = pool->idle_count > pool->shared.count
	                      ? pool->idle_count - (unsigned)pool->shared.count
	                      : 0;

	__atomic_store_n(&pool->hungry_count, hungry, __ATOMIC_RELAXED);
}

/* Gives away the oldest half of the worker's tasks, but at least LEAST of them. */
static void pool_share(struct pool_worker *worker, size_t least)
{
	struct pool *pool = worker->pool;
	size_t count = worker->own.count / 2;

	if (count > POOL_SHARE_MAX)
		count = POOL_SHARE_MAX;
	if (count < least)
		count = least;
	(void)pthread_mutex_lock(&pool->lock);
	if (pool->idle_count > pool->shared.count) {
		stack_move(&pool->shared, &worker->own, count);
		pool_count_hungry(pool);
		(void)(count > 1 ? pthread_cond_broadcast(&pool->wake)
		                 : pthread_cond_signal(&pool->wake));
	}
	(void)pthread_mutex_unlock(&pool->lock);
}

static bool pool_is_hungry(const struct pool *pool)
{
	return __atomic_load_n(&pool->hungry_count, __ATOMIC_RELAXED) > 0;
}

void pool_push(struct pool_worker *worker, void *task)
{
	stack_push(&worker->own, task);
	if (pool_is_hungry(worker->pool) && worker->own.count > 1)
		pool_share(worker, 1);
}

void pool_offer(struct pool_worker *worker, void *task)
{
	stack_push(&worker->own, task);
	if (pool_is_hungry(worker->pool))
		pool_share(worker, 1);
}

static void timespec_add_tick(struct timespec *time)
{
	time->tv_nsec += POOL_TICK_NS;
	if (time->tv_nsec >= 1000000000L) {
		time->tv_nsec -= 1000000000L;
		time->tv_sec++;
	}
}

static bool timespec_is_past(const struct timespec *now, const struct timespec *then)
{
	return now->tv_sec > then->tv_sec ||
	       (now->tv_sec == then->tv_sec && now->tv_nsec >= then->tv_nsec);
}

/* Calls tick() if this is the thread for it and it is time. */
static void pool_tick(struct pool_worker *worker)
{
	const struct pool_plan *plan = worker->pool->plan;
	struct timespec now;

	if (worker->number != 0 || !plan->tick)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (!timespec_is_past(&now, &worker->ticked))
		return;
	plan->tick(plan->context);
	worker->ticked = now;
	timespec_add_tick(&worker->ticked);
}

/* Waits for a task or the end; the first thread only until its next tick. Under lock. */
static void pool_wait(struct pool_worker *worker)
{
	struct pool *pool = worker->pool;

	pool->idle_count++;
	pool_count_hungry(pool);
	if (worker->number == 0 && pool->plan->tick) {
		(void)pthread_cond_timedwait(&pool->wake, &pool->lock, &worker->ticked);
		(void)pthread_mutex_unlock(&pool->lock);
		pool_tick(worker);
		(void)pthread_mutex_lock(&pool->lock);
	} else {
		(void)pthread_cond_wait(&pool->wake, &pool->lock);
	}
	pool->idle_count--;
	pool_count_hungry(pool);
}

/* A task that others gave or that is new. Under lock; NULL if there is none now. */
static void *pool_fetch(struct pool *pool)
{
	void *task = stack_pop(&pool->shared);

	if (!task && !pool->is_drained) {
		task = pool->plan->next(pool->plan->context);
		pool->is_drained = !task;
	}
	pool_count_hungry(pool);
	return task;
}

/* The worker's next task, NULL at the end. */
static void *pool_take(struct pool_worker *worker)
{
	struct pool *pool = worker->pool;
	void *task = stack_pop(&worker->own);

	if (task)
		return task;
	(void)pthread_mutex_lock(&pool->lock);
	for (;;) {
		task = pool_fetch(pool);
		if (task || pool->is_over)
			break;
		if (pool->idle_count + 1 == pool->worker_count) { /* nobody could add any */
			pool->is_over = true;
			(void)pthread_cond_broadcast(&pool->wake);
			break;
		}
		pool_wait(worker);
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return task;
}

static void *pool_work(void *argument)
{
	struct pool_worker *worker = argument;
	const struct pool_plan *plan = worker->pool->plan;
	void *task;

	for (;;) {
		task = pool_take(worker);
		if (!task)
			break;
		plan->run(worker, plan->context, task);
		pool_tick(worker);
	}
	free(worker->own.tasks);
	return NULL;
}

static void pool_init(struct pool *pool, const struct pool_plan *plan)
{
	pthread_condattr_t attributes;

	*pool = (struct pool){ .plan = plan, .worker_count = 1 };
	(void)pthread_mutex_init(&pool->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&pool->wake, &attributes);
	(void)pthread_condattr_destroy(&attributes);
}

static void pool_done(struct pool *pool)
{
	free(pool->shared.tasks);
	(void)pthread_cond_destroy(&pool->wake);
	(void)pthread_mutex_destroy(&pool->lock);
}

/* Starts thread number AT; signals stay with the thread that called pool_run(). */
static bool pool_start(struct pool *pool, struct pool_worker *workers, unsigned at)
{
	struct pool_worker *worker = &workers[at];
	sigset_t all;
	sigset_t before;
	bool is_started;

	*worker = (struct pool_worker){ .pool = pool, .number = at };
	(void)pthread_mutex_lock(&pool->lock);
	pool->worker_count++;
	(void)pthread_mutex_unlock(&pool->lock);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	is_started = pthread_create(&worker->thread, NULL, pool_work, worker) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (is_started)
		return true;
	(void)pthread_mutex_lock(&pool->lock);
	pool->worker_count--;
	(void)pthread_mutex_unlock(&pool->lock);
	return false;
}

void pool_run(const struct pool_plan *plan)
{
	struct pool_worker workers[POOL_JOBS_MAX];
	unsigned jobs = pool_jobs(plan->jobs);
	unsigned started = 1;
	struct pool pool;

	pool_init(&pool, plan);
	workers[0] = (struct pool_worker){ .pool = &pool };
	(void)clock_gettime(CLOCK_MONOTONIC, &workers[0].ticked);
	timespec_add_tick(&workers[0].ticked);
	while (started < jobs && pool_start(&pool, workers, started))
		started++;
	(void)pool_work(&workers[0]);
	for (unsigned i = 1; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
	pool_done(&pool);
}
