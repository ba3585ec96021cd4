/* test_exit_status.c - exit statuses are bits, one for each kind of failure. */
#include "tests/unit/check.h"

#include "gc/exit_status.h"

static int status_of(enum err_kind kind)
{
	struct err err = ERR_INIT;

	if (kind != ERR_NONE)
		(void)err_set(&err, kind, "x");
	return exit_status_of_err(&err);
}

static void each_kind_of_error_has_its_status(void **state)
{
	(void)state;
	assert_int_equal(status_of(ERR_NONE), 0);
	assert_int_equal(status_of(ERR_CORRUPT), 4);
	assert_int_equal(status_of(ERR_SYSTEM), 8);
	assert_int_equal(status_of(ERR_ROOT), 8);
	assert_int_equal(status_of(ERR_STATE), 8);
	assert_int_equal(status_of(ERR_USAGE), 16);
	assert_int_equal(status_of(ERR_BUSY), 64);
}

static void statuses_add_up_without_overlap(void **state)
{
	static const int bits[] = { EXIT_STATUS_REPAIRED,    EXIT_STATUS_LEFT,
		                    EXIT_STATUS_FAILED,      EXIT_STATUS_USAGE,
		                    EXIT_STATUS_INTERRUPTED, EXIT_STATUS_BUSY };
	int sum = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		assert_int_equal(sum & bits[i], 0);
		sum |= bits[i];
	}
	assert_true(sum < 126); /* what shells use for themselves begins there */
}

static void blocking_finding_is_a_problem_left(void **state)
{
	struct finding_list findings = FINDING_LIST_INIT;

	(void)state;
	finding_add(&findings, FINDING_REFS_UNREADABLE, "repositories.json", "byte 0");
	assert_int_equal(exit_status_of_findings(&findings), 4);
	finding_list_done(&findings);
}

static void damage_and_notes_are_no_failure(void **state)
{
	struct finding_list findings = FINDING_LIST_INIT;

	(void)state;
	finding_add(&findings, FINDING_LAYER_DIR_GONE, "x", "y");
	finding_add(&findings, FINDING_OTHER_DRIVER, "aufs", "z");
	finding_add(&findings, FINDING_REF_STALE, "a:1", "z");
	assert_int_equal(exit_status_of_findings(&findings), 0);
	finding_list_done(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_error_has_its_status),
		cmocka_unit_test(statuses_add_up_without_overlap),
		cmocka_unit_test(blocking_finding_is_a_problem_left),
		cmocka_unit_test(damage_and_notes_are_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
