/* test_resume.c - what may have changed before an interrupted run is resumed. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "tests/unit/drill.h"
#include "tests/unit/tree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Cuts a prune of three volumes off when one of them is away. */
static void cut_off_between_volumes(struct drill *drill)
{
	static const char *const files[] = { "volumes/a/_data/x", "volumes/b/_data/x",
		                             "volumes/c/_data/x" };

	drill_again(drill);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		tree_print(drill->yard->dir, files[i], "old\n");
	drill->is_stop = true;
	drill->cut_line = mem_text("rename volumes/a");
	assert_int_equal(drill_start(drill, "V"), 0);
	free(TAKE(drill->cut_line, NULL));
	drill->is_stop = drill->stop = false;
	assert_false(yard_has(drill->yard, "volumes/a"));
	assert_true(yard_has(drill->yard, "volumes/b/_data/x"));
}

static void a_volume_that_has_changed_since_stays(void **state)
{
	struct drill *drill = *state;

	cut_off_between_volumes(drill);
	tree_print(drill->yard->dir, "volumes/b/_data/y", "new\n");
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_true(yard_has(drill->yard, "volumes/b/_data/x"));
	assert_true(yard_has(drill->yard, "volumes/b/_data/y"));
	assert_false(yard_has(drill->yard, "volumes/c"));
	assert_int_equal(drill->run->steps[1].state, STEP_DROPPED);
	assert_string_equal(drill->run->steps[1].error, "has changed since it was planned");
}

static void volumes_as_they_were_go(void **state)
{
	struct drill *drill = *state;

	cut_off_between_volumes(drill);
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_false(yard_has(drill->yard, "volumes/b"));
	assert_false(yard_has(drill->yard, "volumes/c"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drill_setup, drill_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_volume_that_has_changed_since_stays),
		TEST(volumes_as_they_were_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
