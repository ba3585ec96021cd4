/* pool.h - threads that work off a stack of tasks, each of which may add more. */
#ifndef METADATA_BASE_POOL_H
#define METADATA_BASE_POOL_H

#include <stdbool.h>

struct pool_worker; /* one thread of a run */

/* What a run does. The functions are called with CONTEXT. */
struct pool_plan {
	unsigned jobs; /* threads, as pool_jobs() has them */

	/* Does a task; any thread. */
	void (*run)(struct pool_worker *worker, void *context, void *task);

	/* Gives the next task when every thread's stack is empty, NULL when there is none any
	 * more. Called by one thread at a time, and never again after NULL. */
	void *(*next)(void *context);

	/* Called by the thread that called pool_run(), between tasks and every 0.1 s while it
	 * waits. May be NULL. */
	void (*tick)(void *context);

	void *context;
};

/* The number of threads that JOBS means: 0 is one per processor that this process may use; at
 * most POOL_JOBS_MAX. */
unsigned pool_jobs(unsigned jobs);

#define POOL_JOBS_MAX 64

/*
 * Works until there is no task left and returns then. The calling thread is one of the workers;
 * when the system refuses more threads, those that there are do it all. Tasks that one thread
 * adds are taken last in, first out; other threads take the oldest ones.
 */
void pool_run(const struct pool_plan *plan);

/* Adds a task, from within run(). Another thread gets it only if this one has others. */
void pool_push(struct pool_worker *worker, void *task);

/* The same, but a thread that has nothing to do gets it at once: this one will be long. */
void pool_offer(struct pool_worker *worker, void *task);

/* 0 for the calling thread, up to jobs - 1: for buffers that each thread has of its own. */
unsigned pool_worker_number(const struct pool_worker *worker);

#endif
