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
	assert_false(world_has_finding(*state, FINDING_CACHE_NO_RECORD));
}

/* Takes the record away and leaves lease and snapshot. */
static void lose_record(struct cache *cache)
{
	cache_record_done(&cache->records[0]);
	cache->record_count = 0;
}

static void snapshot_without_a_record_is_told(void **state)
{
	struct world *world = *state;

	world_cache(world, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	lose_record(&world->state.cache);
	world_seal(world);
	assert_true(world_has_finding(world, FINDING_CACHE_NO_RECORD));
}

static void directory_of_a_snapshot_without_a_record_is_kept(void **state)
{
	struct world *world = *state;

	world_cache(world, "0123456789abcdefghijklmno", "abcdefghijklmnopqrstuvwxy", NULL);
	lose_record(&world->state.cache);
	world_seal(world);
	world_plan(world, "cil");
	assert_int_equal(world_count(world, ACTION_DIR), 0);
}

static void trace_of_a_snapshot_without_a_directory_is_no_finding(void **state)
{
	struct world *world = *state;

	world_cache(world, "0123456789abcdefghijklmno", NULL, NULL);
	lose_record(&world->state.cache);
	world_seal(world);
	assert_false(world_has_finding(world, FINDING_CACHE_NO_RECORD));
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
	assert_false(world_has_finding(world, FINDING_CACHE_NO_RECORD));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mount_without_parent_is_torn_when_the_image_has_layers),
		TEST(mount_with_a_parent_is_not_torn),
		TEST(mount_without_parent_is_whole_when_the_image_has_no_layers),
		TEST(snapshot_with_a_record_is_no_finding),
		TEST(snapshot_without_a_record_is_told),
		TEST(directory_of_a_snapshot_without_a_record_is_kept),
		TEST(trace_of_a_snapshot_without_a_directory_is_no_finding),
		TEST(snapshot_below_a_recorded_one_is_no_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
