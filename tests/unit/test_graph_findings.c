/* test_graph_findings.c - what the graph's builder tells about records that do not fit together. */
#include "metadata/base/mem.h"
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include <stdlib.h>

static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL);
	world_image(world, "app", "base", NULL);
	world_image(world, "empty", NULL, NULL);
	world_ref(world, "app:1", "app");
	world_ref(world, "empty:1", "empty");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static void mount_without_parent_is_torn_when_the_image_has_layers(void **state)
{
	world_container(*state, "box", "app", NULL);
	world_seal(*state);
	assert_true(world_has_finding(*state, FINDING_MOUNT_TORN));
}

static void mount_with_a_parent_is_not_torn(void **state)
{
	world_container(*state, "box", "app", "base");
	world_seal(*state);
	assert_false(world_has_finding(*state, FINDING_MOUNT_TORN));
}

static void mount_without_parent_is_whole_when_the_image_has_no_layers(void **state)
{
	world_container(*state, "box", "empty", NULL);
	world_seal(*state);
	assert_false(world_has_finding(*state, FINDING_MOUNT_TORN));
}

static void snapshot_with_a_record_is_no_finding(void **state)
{
	world_cache(*state, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	world_seal(*state);
	assert_false(world_has_finding(*state, FINDING_CACHE_LOST));
}

/* Takes the record away and leaves lease and snapshot. */
static void lose_record(struct cache *cache)
{
	cache_record_done(&cache->records[0]);
	cache->record_count = 0;
}

static void lease_and_snapshot_without_a_record_are_garbage(void **state)
{
	struct world *world = *state;

	world_cache(world, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	lose_record(&world->state.cache);
	world_seal(world);
	world_plan(world, "l");
	assert_true(world_has_finding(world, FINDING_CACHE_LOST));
	assert_true(world_goes(world, ACTION_DIR, "abcdefghijklmnopqrstuvwxy"));
	assert_true(world_goes(world, ACTION_CACHE_LEASE, "0123456789abcdefghijklmno"));
	assert_true(world_goes(world, ACTION_CACHE_SNAPSHOT, "0123456789abcdefghijklmno"));
}

static void only_a_search_for_garbage_takes_them(void **state)
{
	struct world *world = *state;

	world_cache(world, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	lose_record(&world->state.cache);
	world_seal(world);
	world_plan(world, "B");
	assert_int_equal(world->plan->count, 0);
}

/* As the plan of "l" has nothing of the one snapshot, and there is a finding of CODE. */
static void expect_kept(struct world *world, enum finding_code code)
{
	world_seal(world);
	world_plan(world, "l");
	assert_true(world_has_finding(world, code));
	assert_int_equal(world->plan->count, 0);
}

static void without_any_list_of_records_nothing_is_garbage(void **state)
{
	struct world *world = *state;

	world_cache(world, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	world->state.cache.leases[0].is_temporary = true; /* which holds nothing back */
	lose_record(&world->state.cache);
	world->state.cache.has_record_list = false;
	free(TAKE(world->state.cache.leases[0].snapshot_ids[0], NULL));
	world->state.cache.leases[0].snapshot_count = 0;
	expect_kept(world, FINDING_CACHE_NO_RECORD);
}

static void what_a_damaged_record_may_mean_is_kept(void **state)
{
	struct world *world = *state;
	struct cache *cache = &world->state.cache;

	world_cache(world, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	cache->records[0].id[3] = 'x';
	cache->records[0].snapshot_id[3] = 'x';
	expect_kept(world, FINDING_ID_DAMAGED);
}

static void lease_of_another_form_is_kept(void **state)
{
	struct world *world = *state;

	world_cache(world, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	lose_record(&world->state.cache);
	world->state.cache.leases[0].is_plain = false;
	world_seal(world);
	world_plan(world, "l");
	assert_int_equal(world->plan->count, 0);
}

static void trace_of_a_snapshot_without_a_directory_stays(void **state)
{
	struct world *world = *state;

	world_cache(world, "0123456789abcdefghijklmno", NULL, NULL);
	lose_record(&world->state.cache);
	world_seal(world);
	world_plan(world, "l");
	assert_int_equal(world_count(world, ACTION_CACHE_LEASE), 1);
	assert_int_equal(world_count(world, ACTION_CACHE_SNAPSHOT), 0);
}

static void snapshot_below_a_recorded_one_is_no_finding(void **state)
{
	struct world *world = *state;
	struct cache *cache = &world->state.cache;

	world_cache(world, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	lose_record(cache);
	world_cache(world, "1123456789abcdefghijklmno", "bbcdefghijklmnopqrstuvwxy", NULL);
	free(cache->snapshots[1].committed); /* it is mutable: only such have a parent */
	cache->snapshots[1].committed = NULL;
	cache->snapshots[1].parent = mem_text("0123456789abcdefghijklmno");
	world_seal(world);
	assert_false(world_has_finding(world, FINDING_CACHE_LOST));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mount_without_parent_is_torn_when_the_image_has_layers),
		TEST(mount_with_a_parent_is_not_torn),
		TEST(mount_without_parent_is_whole_when_the_image_has_no_layers),
		TEST(snapshot_with_a_record_is_no_finding),
		TEST(lease_and_snapshot_without_a_record_are_garbage),
		TEST(only_a_search_for_garbage_takes_them),
		TEST(without_any_list_of_records_nothing_is_garbage),
		TEST(what_a_damaged_record_may_mean_is_kept),
		TEST(lease_of_another_form_is_kept),
		TEST(trace_of_a_snapshot_without_a_directory_stays),
		TEST(snapshot_below_a_recorded_one_is_no_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
