/* test_needs.c - what comes back waits for what it needs. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "tests/unit/drill_rollback.h"
#include "tests/unit/tree.h"

#include <stdio.h>
#include <string.h>

static void expect_waits(struct drill *drill, enum action_kind kind, const char *word,
                         const char *words)
{
	const struct run_step *step = drill_expect_step(drill, kind, word, STEP_DETACHED);

	if (!step->error || !strstr(step->error, words))
		fail_msg("%s %s: %s", action_kind_name(kind), word, step->error);
}

static void move(const struct yard *yard, const char *from, const char *to)
{
	AUTO(str) char *old = mem_print("%s/%s", yard->dir, from);
	AUTO(str) char *new = mem_print("%s/%s", yard->dir, to);

	assert_int_equal(rename(old, new), 0);
}

/* Nothing is in the way any more: all of it goes back. */
static void expect_end(struct drill *drill)
{
	drill_must_rollback(drill);
	assert_int_equal(drill->run->state, RUN_RETURNED);
	drill_expect_all_restored(drill);
	drill_expect_startable(drill);
}

static void a_layer_waits_for_the_one_below(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *below = yard_path(drill->yard, ACTION_LAYER, "base");

	drill_quarantine(drill, DRILL_SCOPE);
	move(drill->yard, below, "aside");
	drill_must_rollback(drill);
	assert_int_equal(drill->run->state, RUN_QUARANTINED);
	expect_waits(drill, ACTION_LAYER, "old", "which is not there");
	expect_waits(drill, ACTION_LAYER, "app", "which is not there");
	expect_waits(drill, ACTION_IMAGE, "app", "which is not there");
	(void)drill_expect_step(drill, ACTION_DIR, "old", STEP_RESTORED);
	move(drill->yard, "aside", below);
	expect_end(drill);
}

/* Takes back a run while something else is where the link of the layer WORD was; returns that path,
 * the caller frees. */
static char *rollback_beside_link(struct drill *drill, const char *word)
{
	char *link = yard_path(drill->yard, ACTION_LINK, word);

	drill_quarantine(drill, DRILL_SCOPE);
	tree_print(drill->yard->dir, link, "something else");
	drill_must_rollback(drill);
	return link;
}

static void a_layer_waits_for_its_link(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *link = rollback_beside_link(drill, "old");

	expect_waits(drill, ACTION_LINK, "old", "exists already");
	expect_waits(drill, ACTION_LAYER, "old", "needs link");
	expect_waits(drill, ACTION_IMAGE, "old", "needs layer");
	(void)drill_expect_step(drill, ACTION_DIR, "old", STEP_RESTORED);
	drill_expect_layer(drill, "app", true);
	move(drill->yard, link, "aside");
	expect_end(drill);
}

static void a_container_waits_for_its_mount(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *link = rollback_beside_link(drill, "app");

	expect_waits(drill, ACTION_LAYER, "app", "needs link");
	expect_waits(drill, ACTION_MOUNT, "job", "needs layer");
	expect_waits(drill, ACTION_CONTAINER, "job", "needs mount");
	move(drill->yard, link, "aside");
	expect_end(drill);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, drill_setup, drill_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_layer_waits_for_the_one_below),
		TEST(a_layer_waits_for_its_link),
		TEST(a_container_waits_for_its_mount),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
