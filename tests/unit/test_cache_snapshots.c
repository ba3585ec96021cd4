/* test_cache_snapshots.c - snapshots.db: what a snapshot says, and when it cannot be understood. */
#include "tests/unit/cache_world.h"
#include "tests/unit/check.h"

#include <string.h>

#define FILE_NAME "buildkit/snapshots.db"

static void every_key_of_a_snapshot_is_read(void **state)
{
	struct cache_world world;
	const struct cache_snapshot *snapshot;

	(void)state;
	cache_world_init(&world);
	cache_world_snapshot(&world, ID_A, "chainid", "sha256:" HEX_1);
	cache_world_snapshot(&world, ID_A, "committed", ID_B);
	cache_world_snapshot(&world, ID_A, "parent", "sha256:" HEX_2);
	cache_world_snapshot(&world, ID_A, "size", "512004");
	cache_world_snapshot(&world, ID_B, "iscommitted", "");
	cache_world_snapshot(&world, ID_B, "parent", "");
	cache_world_load(&world);
	assert_int_equal(world.findings.count, 0);
	snapshot = cache_world_find_snapshot(&world, ID_A);
	assert_string_equal(snapshot->chain_id, HEX_1);
	assert_string_equal(snapshot->committed, ID_B);
	assert_string_equal(snapshot->parent, "sha256:" HEX_2);
	assert_int_equal(snapshot->size_bytes, 512004);
	assert_false(snapshot->is_committed_elsewhere);
	snapshot = cache_world_find_snapshot(&world, ID_B);
	assert_true(snapshot->is_committed_elsewhere);
	assert_null(snapshot->parent);
	assert_null(snapshot->committed);
	assert_null(snapshot->chain_id);
	assert_int_equal(snapshot->size_bytes, -1);
	cache_world_done(&world);
}

static void bucket_without_keys_and_unknown_keys_are_right(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_snapshot(&world, "sha256:" HEX_1, NULL, NULL);
	cache_world_snapshot(&world, ID_A, "new", "x");
	cache_world_load(&world);
	assert_int_equal(world.cache.snapshot_count, 2);
	assert_string_equal(world.cache.snapshots[0].id, ID_A);
	assert_string_equal(world.cache.snapshots[1].id, "sha256:" HEX_1);
	assert_int_equal(world.findings.count, 0);
	assert_false(world.cache.is_unreadable);
	cache_world_done(&world);
}

static void size_that_is_no_number_is_unknown(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_snapshot(&world, ID_A, "size", "12x");
	cache_world_load(&world);
	assert_int_equal(cache_world_find_snapshot(&world, ID_A)->size_bytes, -1);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

static void value_that_decides_and_is_no_id_is_unreadable(void **state)
{
	static const struct {
		const char *key, *value, *detail;
	} bad[] = {
		{ "parent", "a/b", "bucket " ID_A ": key parent: is not a snapshot ID" },
		{ "parent", "a b", "bucket " ID_A ": key parent: is not a snapshot ID" },
		{ "committed", "../x",
		  "bucket " ID_A ": key committed: is not the name of a layer directory" },
		{ "committed", "short",
		  "bucket " ID_A ": key committed: is not the name of a layer directory" },
		{ "chainid", "md5:1", "bucket " ID_A ": key chainid: is not a digest" },
		{ "chainid", HEX_1, "bucket " ID_A ": key chainid: is not a digest" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cache_world world;

		cache_world_init(&world);
		cache_world_snapshot(&world, ID_A, bad[i].key, bad[i].value);
		cache_world_snapshot(&world, ID_B, "parent", ID_C);
		cache_world_load(&world);
		cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, FILE_NAME,
		                           bad[i].detail);
		assert_true(world.cache.is_unreadable);
		assert_string_equal(cache_world_find_snapshot(&world, ID_B)->parent, ID_C);
		cache_world_done(&world);
	}
}

static void value_where_a_snapshot_should_be_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(world.snapshots->root, ID_A, "x");
	cache_world_load(&world);
	cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, FILE_NAME,
	                           "root bucket: key \"" ID_A
	                           "\": a value where a bucket should be");
	cache_world_done(&world);
}

static void bucket_where_a_value_should_be_is_unreadable(void **state)
{
	struct cache_world world;
	struct maker_bucket *bucket;

	(void)state;
	cache_world_init(&world);
	bucket = bolt_maker_bucket(world.snapshots, NULL, ID_A);
	(void)bolt_maker_bucket(world.snapshots, bucket, "committed");
	cache_world_load(&world);
	cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, FILE_NAME,
	                           "bucket " ID_A ": key committed: is not a value");
	cache_world_done(&world);
}

static void snapshot_with_data_and_a_name_of_no_directory_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_snapshot(&world, "odd", "parent", ID_A);
	cache_world_load(&world);
	cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, FILE_NAME,
	                           "bucket odd: is no name of a layer directory");
	cache_world_done(&world);
}

static void findings_are_cut_off_but_counted(void **state)
{
	struct cache_world world;
	char id[] = "a-/b";

	(void)state;
	cache_world_init(&world);
	for (int i = 0; i < 50; i++) {
		id[1] = (char)('0' + i);
		cache_world_snapshot(&world, id, "parent", "");
	}
	cache_world_load(&world);
	assert_int_equal(world.findings.count, 21);
	assert_string_equal(world.findings.items[20].detail, "30 more like these");
	cache_world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_a_snapshot_is_read),
		cmocka_unit_test(bucket_without_keys_and_unknown_keys_are_right),
		cmocka_unit_test(size_that_is_no_number_is_unknown),
		cmocka_unit_test(value_that_decides_and_is_no_id_is_unreadable),
		cmocka_unit_test(value_where_a_snapshot_should_be_is_unreadable),
		cmocka_unit_test(bucket_where_a_value_should_be_is_unreadable),
		cmocka_unit_test(snapshot_with_data_and_a_name_of_no_directory_is_unreadable),
		cmocka_unit_test(findings_are_cut_off_but_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
