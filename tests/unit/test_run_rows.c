/* test_run_rows.c - runs and their steps in rows. */
#include "tests/unit/check.h"

#include "gc/show/run_rows.h"

#include <string.h>

#define T(text) ((char[]){ text }) /* may be written to, as the fields want it */

static void run_is_a_row(void **state)
{
	struct run run = { .id = 7,
		           .state = RUN_DONE,
		           .command = T("system prune"),
		           .root_path = T("/x"),
		           .started = 100,
		           .finished = 200,
		           .step_count = 3,
		           .problem_count = 1,
		           .freed = { 10, 4096, 2 } };
	AUTO(row_list) struct row_list list = run_rows_make(&run, 1);

	(void)state;
	assert_int_equal(row_count(&list), 1);
	assert_int_equal(list.values[0].number, 7);
	assert_string_equal(list.values[1].text, "done");
	assert_int_equal(list.values[5].number, 1);
	assert_int_equal(list.values[6].number, 4096);
	assert_string_equal(list.values[7].text, "system prune");
}

static void unfinished_run_has_no_end(void **state)
{
	struct run run = { .id = 8,
		           .state = RUN_DETACHED,
		           .command = T("layer prune"),
		           .root_path = T("/x"),
		           .started = 100 };
	AUTO(row_list) struct row_list list = run_rows_make(&run, 1);

	(void)state;
	assert_string_equal(list.values[1].text, "detached");
	assert_true(list.values[3].is_null);
}

static void steps_are_numbered_from_one(void **state)
{
	struct run_step steps[] = {
		{ .kind = ACTION_IMAGE,
		  .object = T("sha256:aa"),
		  .path = T("p"),
		  .detail = T(""),
		  .state = STEP_ERASED,
		  .freed = { 1, 4096, 1 } },
		{ .kind = ACTION_DIR,
		  .reason = REASON_ORPHAN,
		  .object = T("bb"),
		  .path = T("q"),
		  .detail = T(""),
		  .state = STEP_FAILED,
		  .error = T("busy") },
	};
	struct run run = { .id = 7, .steps = steps, .step_count = 2 };
	AUTO(row_list) struct row_list list = run_rows_steps(&run);

	(void)state;
	assert_int_equal(row_count(&list), 2);
	assert_int_equal(list.values[0].number, 1);
	assert_string_equal(list.values[1].text, "image");
	assert_string_equal(list.values[4].text, "erased");
	assert_true(list.values[6].is_null);
	assert_int_equal(list.values[list.column_count].number, 2);
	assert_string_equal(list.values[list.column_count + 6].text, "busy");
	assert_string_equal(list.values[list.column_count + 7].text, "orphan");
}

static void what_has_an_id_is_named_too(void **state)
{
	struct run_step steps[] = {
		{ .kind = ACTION_NETWORK,
		  .object = T("aa"),
		  .path = T("network/files/local-kv.db"),
		  .detail = T("backend") },
		{ .kind = ACTION_VOLUME, .object = T("data"), .path = T("q"), .detail = T("") },
		{ .kind = ACTION_STRAY, .object = T("r"), .path = T("r"), .detail = T("a link") },
	};
	struct run run = { .id = 7, .steps = steps, .step_count = 3 };
	AUTO(row_list) struct row_list list = run_rows_steps(&run);

	(void)state;
	assert_string_equal(list.values[2].text, "aa");
	assert_string_equal(list.values[3].text, "backend");
	assert_true(list.values[list.column_count + 3].is_null);
	assert_true(list.values[2 * list.column_count + 3].is_null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_is_a_row),
		cmocka_unit_test(unfinished_run_has_no_end),
		cmocka_unit_test(steps_are_numbered_from_one),
		cmocka_unit_test(what_has_an_id_is_named_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
