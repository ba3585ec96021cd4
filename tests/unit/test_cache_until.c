/* test_cache_until.c - which build cache records a moment takes. */
#include "tests/unit/check.h"
#include "tests/unit/scope.h"
#include "tests/unit/world.h"

#include "metadata/base/mem.h"

#define PARENT "aaaaaaaaaaaaaaaaaaaaaaaaa"
#define CHILD "bbbbbbbbbbbbbbbbbbbbbbbbb"
#define OLD 1000
#define UNTIL 2000

struct cache_until {
	struct world *world;
	struct rules rules;
	struct selection *selection;
};

/* Two old records, one the parent of the other, and "until" at UNTIL seconds. */
static int setup(void **state)
{
	struct cache_until *test = mem_zalloc(1, sizeof(*test));
	struct cache *cache;

	test->world = world_new();
	cache = &test->world->state.cache;
	world_cache(test->world, PARENT, "p", NULL);
	world_cache(test->world, CHILD, "c", NULL);
	cache->records[1].parents = mem_zalloc(1, sizeof(char *));
	cache->records[1].parents[0] = mem_text(PARENT);
	cache->records[1].parent_count = 1;
	for (size_t i = 0; i < 2; i++)
		cache->records[i].last_used_ns = OLD * INT64_C(1000000000);
	filter_set_add(&test->rules.filters, "until", "x");
	test->rules.filters.has_until = true;
	test->rules.filters.is_until_past = true;
	test->rules.filters.until = (struct timestamp){ UNTIL, 0 };
	*state = test;
	return 0;
}

static int teardown(void **state)
{
	struct cache_until *test = *state;

	selection_free(test->selection);
	world_free(test->world);
	rules_done(&test->rules);
	free(test);
	return 0;
}

/* What goes: "p", "c", "pc" or "". */
static const char *what_goes(struct cache_until *test, const char *letters)
{
	static const char *const words[] = { "", "p", "c", "pc" };
	struct selection_scope scope = scope_ruled(letters, &test->rules);

	world_seal(test->world);
	test->selection = selection_make(&test->world->state, &scope);
	return words[test->selection->drop_record[0] + 2 * test->selection->drop_record[1]];
}

static void old_records_go_with_their_old_parents(void **state)
{
	assert_string_equal(what_goes(*state, "b"), "pc");
}

static void record_used_since_keeps_its_parent(void **state)
{
	struct cache_until *test = *state;

	test->world->state.cache.records[1].last_used_ns = (UNTIL + 1) * INT64_C(1000000000);
	assert_string_equal(what_goes(test, "B"), "");
}

/* Seen with 28.5: seed 1 of the oracle. */
static void since_2021_a_prune_is_a_use_of_the_parents_of_what_goes(void **state)
{
	struct cache_until *test = *state;

	test->world->state.cache.has_history = true;
	assert_string_equal(what_goes(test, "b"), "c");
}

static void such_a_use_is_before_a_moment_that_is_still_to_come(void **state)
{
	struct cache_until *test = *state;

	test->world->state.cache.has_history = true;
	test->rules.filters.is_until_past = false;
	assert_string_equal(what_goes(test, "B"), "pc");
}

static void without_a_moment_parents_go_with_their_children(void **state)
{
	struct cache_until *test = *state;

	test->world->state.cache.has_history = true;
	test->rules.filters.has_until = false;
	assert_string_equal(what_goes(test, "b"), "pc");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(old_records_go_with_their_old_parents),
		TEST(record_used_since_keeps_its_parent),
		TEST(since_2021_a_prune_is_a_use_of_the_parents_of_what_goes),
		TEST(such_a_use_is_before_a_moment_that_is_still_to_come),
		TEST(without_a_moment_parents_go_with_their_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
