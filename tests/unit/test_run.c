/* test_run.c - the sums of a run. */
#include "tests/unit/check.h"

#include "gc/run/run.h"
#include "metadata/base/own.h"

#include <string.h>

static void problems_are_what_is_left_undone(void **state)
{
	struct run_step steps[STEP_STATE_COUNT + 1];
	struct run run = { .steps = steps, .step_count = STEP_STATE_COUNT + 1 };

	(void)state;
	(void)memset(steps, 0, sizeof(steps));
	for (int i = 0; i <= STEP_STATE_COUNT; i++) {
		steps[i].freed = (struct usage){ 1, 10, 100 };
		steps[i].state = (enum step_state)(i % STEP_STATE_COUNT);
	}
	steps[STEP_STATE_COUNT].state = STEP_DETACHED;
	run_step_set(&steps[STEP_STATE_COUNT], STEP_DETACHED, "busy");
	run_count(&run);
	assert_int_equal(run.problem_count, 3); /* failed, held, not erased */
	assert_int_equal(run.freed.apparent_bytes, STEP_STATE_COUNT + 1);
	assert_int_equal(run.freed.inodes, 100 * (STEP_STATE_COUNT + 1));
	assert_int_equal(run_count_state(&run, STEP_DETACHED), 2);
	run_step_set(&steps[STEP_STATE_COUNT], STEP_ERASED, NULL);
	run_count(&run);
	assert_int_equal(run.problem_count, 2);
}

static void only_a_run_that_was_cut_off_is_unfinished(void **state)
{
	(void)state;
	for (int i = 0; i < RUN_STATE_COUNT; i++) {
		const struct run run = { .state = (enum run_state)i };

		assert_int_equal(run_is_unfinished(&run),
		                 i == RUN_PLANNED || i == RUN_DETACHED || i == RUN_RETURNING);
		assert_true(strlen(run_state_name(run.state)) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(problems_are_what_is_left_undone),
		cmocka_unit_test(only_a_run_that_was_cut_off_is_unfinished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
