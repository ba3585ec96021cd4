/* test_pool.c - threads that share a growing stack of tasks. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define TASK_COUNT 20000u

/* Tasks are the numbers from 1 on; every one adds its two children in a binary tree. */
struct run {
	uintptr_t next; /* tops still to be given */
	uintptr_t last;
	uintptr_t limit; /* of the numbers */
	bool is_offering;
	unsigned seen[TASK_COUNT + 1];
	unsigned workers[POOL_JOBS_MAX];
	unsigned ticks;
	bool is_taken;
	pthread_t caller;
	bool is_elsewhere; /* tick() was called by another thread */
};

static void *next_top(void *context)
{
	struct run *run = context;

	return run->next <= run->last ? (void *)run->next++ : NULL;
}

static void do_task(struct pool_worker *worker, void *context, void *task)
{
	struct run *run = context;
	uintptr_t number = (uintptr_t)task;

	(void)__atomic_add_fetch(&run->seen[number], 1, __ATOMIC_RELAXED);
	(void)__atomic_add_fetch(&run->workers[pool_worker_number(worker)], 1, __ATOMIC_RELAXED);
	for (uintptr_t child = 2 * number; child <= 2 * number + 1; child++) {
		if (child > run->limit)
			continue;
		if (run->is_offering)
			pool_offer(worker, (void *)child);
		else
			pool_push(worker, (void *)child);
	}
}

static void do_tick(void *context)
{
	struct run *run = context;

	run->ticks++;
	run->is_elsewhere |= !pthread_equal(run->caller, pthread_self());
}

static struct run *run_tasks(uintptr_t limit, unsigned jobs, bool is_offering)
{
	struct run *run = mem_zalloc(1, sizeof(*run));
	struct pool_plan plan = {
		.jobs = jobs, .run = do_task, .next = next_top, .tick = do_tick, .context = run
	};

	run->next = 1;
	run->last = limit > 0 ? 1 : 0;
	run->limit = limit;
	run->is_offering = is_offering;
	run->caller = pthread_self();
	pool_run(&plan);
	return run;
}

static void assert_all_once(const struct run *run)
{
	for (uintptr_t i = 1; i <= run->limit; i++)
		assert_int_equal(run->seen[i], 1);
}

static void every_task_is_done_once(void **state)
{
	static const unsigned jobs[] = { 1, 2, 3, 8, POOL_JOBS_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		for (int offering = 0; offering < 2; offering++) {
			struct run *run = run_tasks(TASK_COUNT, jobs[i], offering != 0);

			assert_all_once(run);
			free(run);
		}
	}
}

static void no_task_is_no_work(void **state)
{
	struct run *run = run_tasks(0, 4, false);

	(void)state;
	for (size_t i = 0; i < POOL_JOBS_MAX; i++)
		assert_int_equal(run->workers[i], 0);
	free(run);
}

static void one_job_is_the_calling_thread(void **state)
{
	struct run *run = run_tasks(1000, 1, false);

	(void)state;
	assert_int_equal(run->workers[0], 1000);
	free(run);
}

static void zero_jobs_are_one_per_processor(void **state)
{
	(void)state;
	assert_true(pool_jobs(0) >= 1);
	assert_true(pool_jobs(0) <= POOL_JOBS_MAX);
	assert_int_equal(pool_jobs(3), 3);
	assert_int_equal(pool_jobs(100000), POOL_JOBS_MAX);
}

/* Two tasks that each wait for the other to have begun. */
struct meeting {
	uintptr_t next;
	pthread_barrier_t barrier;
	bool is_offered; /* the second comes from the first */
	bool has_met;
	bool is_late; /* the first task ended before the second began */
};

static void *next_guest(void *context)
{
	struct meeting *meeting = context;

	return meeting->next <= (meeting->is_offered ? 1 : 2) ? (void *)meeting->next++ : NULL;
}

static void meet(struct pool_worker *worker, void *context, void *task)
{
	struct meeting *meeting = context;

	if (meeting->is_offered && task == (void *)1) {
		/* the other thread may not be waiting yet */
		for (uintptr_t i = 0; i < 1000000; i++) {
			if (__atomic_load_n(&meeting->has_met, __ATOMIC_RELAXED))
				return;
			pool_offer(worker, (void *)(i + 3));
			(void)sched_yield();
		}
		__atomic_store_n(&meeting->is_late, true, __ATOMIC_RELAXED);
		return;
	}
	if (meeting->is_offered) {
		__atomic_store_n(&meeting->has_met, true, __ATOMIC_RELAXED);
		return;
	}
	(void)pthread_barrier_wait(&meeting->barrier);
	__atomic_store_n(&meeting->has_met, true, __ATOMIC_RELAXED);
}

static void two_jobs_work_at_the_same_time(void **state)
{
	struct meeting meeting = { .next = 1 };
	struct pool_plan plan = { .jobs = 2, .run = meet, .next = next_guest, .context = &meeting };

	(void)state;
	(void)pthread_barrier_init(&meeting.barrier, NULL, 2);
	pool_run(&plan);
	(void)pthread_barrier_destroy(&meeting.barrier);
	assert_true(meeting.has_met);
}

static void an_offered_task_goes_to_who_waits(void **state)
{
	struct meeting meeting = { .next = 1, .is_offered = true };
	struct pool_plan plan = { .jobs = 2, .run = meet, .next = next_guest, .context = &meeting };

	(void)state;
	pool_run(&plan);
	assert_true(meeting.has_met);
	assert_false(meeting.is_late);
}

/* There is something to do until a tick comes. */
static void *next_until_tick(void *context)
{
	const struct run *run = context;

	return run->ticks == 0 ? (void *)1 : NULL;
}

static void do_nothing(struct pool_worker *worker, void *context, void *task)
{
	(void)worker;
	(void)context;
	(void)task;
}

static void the_calling_thread_ticks(void **state)
{
	struct run *run = mem_zalloc(1, sizeof(*run));
	struct pool_plan plan = { .jobs = 1,
		                  .run = do_nothing,
		                  .next = next_until_tick,
		                  .tick = do_tick,
		                  .context = run };

	(void)state;
	run->caller = pthread_self();
	pool_run(&plan);
	assert_int_equal(run->ticks, 1);
	assert_false(run->is_elsewhere);
	free(run);
}

/* The calling thread offers tasks until the other has one, which lasts until there was a tick. */
static void do_until_tick(struct pool_worker *worker, void *context, void *task)
{
	struct run *run = context;

	if (pool_worker_number(worker) > 0) {
		__atomic_store_n(&run->is_taken, true, __ATOMIC_RELAXED);
		while (__atomic_load_n(&run->ticks, __ATOMIC_RELAXED) == 0)
			(void)sched_yield();
	} else if (task == (void *)1) {
		while (!__atomic_load_n(&run->is_taken, __ATOMIC_RELAXED)) {
			pool_offer(worker, (void *)2);
			(void)sched_yield();
		}
	}
}

static void do_shared_tick(void *context)
{
	struct run *run = context;

	(void)__atomic_add_fetch(&run->ticks, 1, __ATOMIC_RELAXED);
	run->is_elsewhere |= !pthread_equal(run->caller, pthread_self());
}

static void the_calling_thread_ticks_while_it_waits(void **state)
{
	struct run *run = mem_zalloc(1, sizeof(*run));
	struct pool_plan plan = { .jobs = 2,
		                  .run = do_until_tick,
		                  .next = next_top,
		                  .tick = do_shared_tick,
		                  .context = run };

	(void)state;
	run->next = 1;
	run->last = 1;
	run->caller = pthread_self();
	pool_run(&plan);
	assert_true(run->ticks > 0);
	assert_false(run->is_elsewhere);
	free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_task_is_done_once),
		cmocka_unit_test(no_task_is_no_work),
		cmocka_unit_test(one_job_is_the_calling_thread),
		cmocka_unit_test(zero_jobs_are_one_per_processor),
		cmocka_unit_test(two_jobs_work_at_the_same_time),
		cmocka_unit_test(an_offered_task_goes_to_who_waits),
		cmocka_unit_test(the_calling_thread_ticks),
		cmocka_unit_test(the_calling_thread_ticks_while_it_waits),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
