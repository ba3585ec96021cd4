/* test_cache_records.c - metadata_v2.db: what a record says, and when it cannot be understood. */
#include "tests/unit/cache_world.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define FILE_NAME "buildkit/metadata_v2.db"

static void record_without_keys_has_the_defaults(void **state)
{
	struct cache_world world;
	const struct cache_record *record;

	(void)state;
	cache_world_init(&world);
	(void)bolt_maker_bucket(world.records, bolt_maker_bucket(world.records, NULL, "_main"),
	                        ID_A);
	cache_world_snapshot(&world, ID_A, NULL, NULL);
	cache_world_load(&world);
	record = cache_world_find_record(&world, ID_A);
	assert_string_equal(record->snapshot_id, ID_A);
	assert_null(record->equal_mutable);
	assert_int_equal(record->parent_count, 0);
	assert_string_equal(record->type, "regular");
	assert_string_equal(record->description, "");
	assert_null(record->chain_id);
	assert_int_equal(record->size_bytes, -1);
	assert_int_equal(record->last_used_ns, 0);
	assert_false(record->is_committed);
	assert_false(record->is_deleted);
	assert_int_equal(world.findings.count, 0);
	assert_false(world.cache.is_unreadable);
	cache_world_done(&world);
}

static void every_key_of_a_record_is_read(void **state)
{
	static const char *const keys[][2] = {
		{ "cache.snapshot", "{\"value\":\"sha256:" HEX_1 "\"}" },
		{ "cache.equalMutable", "{\"value\":\"" ID_B "\"}" },
		{ "cache.recordType", "{\"value\":\"exec.cachemount\"}" },
		{ "cache.description", "{\"value\":\"RUN \\u003e x\"}" },
		{ "cache.chainID", "{\"value\":\"sha256:" HEX_1 "\",\"index\":\"chainid:x\"}" },
		{ "cache.diffID", "{\"value\":\"sha256:" HEX_2 "\"}" },
		{ "snapshot.size", "{\"value\":512004}" },
		{ "cache.createdAt", "{\"value\":1795502440460367503}" },
		{ "cache.lastUsedAt", "{\"value\":1795502440460367504}" },
		{ "cache.usageCount", "{\"value\":3}" },
		{ "cache.cachePolicy", "{\"value\":1}" },
		{ "snapshot.committed", "{\"value\":true}" },
		{ "cache.blobonly", "{\"value\":true}" },
		{ "cache.deleted", "{\"value\":true}" },
	};
	struct cache_world world;
	const struct cache_record *record;

	(void)state;
	cache_world_init(&world);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cache_world_record(&world, ID_A, keys[i][0], keys[i][1]);
	cache_world_snapshot(&world, ID_A, NULL, NULL);
	cache_world_load(&world);
	assert_int_equal(world.findings.count, 0);
	record = cache_world_find_record(&world, ID_A);
	assert_string_equal(record->snapshot_id, "sha256:" HEX_1);
	assert_string_equal(record->equal_mutable, ID_B);
	assert_string_equal(record->type, "exec.cachemount");
	assert_string_equal(record->description, "RUN > x");
	assert_string_equal(record->chain_id, HEX_1);
	assert_string_equal(record->diff_id, HEX_2);
	assert_int_equal(record->size_bytes, 512004);
	assert_true(record->created_ns == 1795502440460367503);
	assert_true(record->last_used_ns == 1795502440460367504);
	assert_int_equal(record->usage_count, 3);
	assert_true(record->is_retained);
	assert_true(record->is_committed);
	assert_true(record->is_blob_only);
	assert_true(record->is_deleted);
	cache_world_done(&world);
}

static void parents_of_every_kind_are_parents(void **state)
{
	struct cache_world world;
	const struct cache_record *record;

	(void)state;
	cache_world_init(&world);
	cache_world_record(&world, ID_A, "cache.lowerDiffParent", "{\"value\":\"" ID_B "\"}");
	cache_world_record(&world, ID_A, "cache.mergeParents",
	                   "{\"value\":[\"" ID_C "\",\"" ID_D "\"]}");
	cache_world_record(&world, ID_A, "cache.parent", "{\"value\":\"parent1\"}");
	cache_world_record(&world, ID_A, "cache.upperDiffParent", "{\"value\":\"upper\"}");
	cache_world_snapshot(&world, ID_A, NULL, NULL);
	cache_world_load(&world);
	record = cache_world_find_record(&world, ID_A);
	assert_int_equal(record->parent_count, 5);
	assert_string_equal(record->parents[0], ID_B);
	assert_string_equal(record->parents[1], ID_C);
	assert_string_equal(record->parents[2], ID_D);
	assert_string_equal(record->parents[3], "parent1");
	assert_string_equal(record->parents[4], "upper");
	assert_false(world.cache.is_unreadable);
	cache_world_done(&world);
}

/* Asserts that KEY with VALUE says nothing: no finding, none of what it could say. */
static void expect_none(const char *key, const char *value)
{
	struct cache_world world;
	const struct cache_record *record;

	cache_world_init(&world);
	cache_world_record(&world, ID_A, key, value);
	cache_world_snapshot(&world, ID_A, NULL, NULL);
	cache_world_load(&world);
	record = cache_world_find_record(&world, ID_A);
	assert_int_equal(world.findings.count, 0);
	assert_false(world.cache.is_unreadable);
	assert_null(record->equal_mutable);
	assert_int_equal(record->parent_count, 0);
	assert_string_equal(record->snapshot_id, ID_A);
	assert_false(record->is_committed);
	assert_int_equal(record->size_bytes, -1);
	assert_null(record->chain_id);
	assert_string_equal(record->type, "regular");
	cache_world_done(&world);
}

static void cleared_key_is_none(void **state)
{
	(void)state;
	expect_none("cache.equalMutable", "");
	expect_none("cache.equalMutable", "{\"value\":\"\"}");
	expect_none("cache.equalMutable", "{\"value\":null}");
	expect_none("cache.mergeParents", "{\"value\":null}");
	expect_none("cache.mergeParents", "{\"value\":[]}");
	expect_none("cache.snapshot", "");
	expect_none("snapshot.committed", "{\"value\":false}");
	expect_none("cache.description", "");
}

static void key_that_only_tells_may_have_any_type(void **state)
{
	(void)state;
	expect_none("snapshot.size", "{\"value\":\"1\"}");
	expect_none("cache.recordType", "{\"value\":1}");
	expect_none("cache.chainID", "{\"value\":\"md5:1\"}");
	expect_none("cache.usageCount", "{}");
	expect_none("some.new.key", "{\"value\":{\"a\":[1]},\"index\":\"x\"}");
}

static void key_that_decides_and_has_another_type_is_unreadable(void **state)
{
	static const char *const bad[][2] = {
		{ "cache.parent", "{\"value\":1}" },
		{ "cache.parent", "{\"value\":[\"" ID_B "\"]}" },
		{ "cache.mergeParents", "{\"value\":\"" ID_B "\"}" },
		{ "cache.mergeParents", "{\"value\":[\"" ID_B "\",2]}" },
		{ "cache.lowerDiffParent", "{\"value\":true}" },
		{ "cache.upperDiffParent", "{\"value\":{}}" },
		{ "cache.equalMutable", "{\"value\":0}" },
		{ "cache.snapshot", "{\"value\":[]}" },
		{ "cache.snapshot", "{\"value\":\"../x\"}" },
		{ "cache.snapshot", "{\"value\":\"a/b\"}" },
		{ "cache.snapshot", "{\"value\":\"..\"}" },
		{ "cache.snapshot", "{\"value\":\"a b\"}" },
		{ "cache.parent", "{\"value\":\"a\xffz\"}" },
		{ "snapshot.committed", "{\"value\":1}" },
		{ "snapshot.committed", "{\"value\":\"true\"}" },
		{ "cache.blobonly", "{\"value\":0}" },
		{ "cache.deleted", "{\"value\":\"\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cache_world world;
		char detail[256];

		cache_world_init(&world);
		cache_world_record(&world, ID_A, bad[i][0], bad[i][1]);
		cache_world_record(&world, ID_B, "cache.parent", "{\"value\":\"" ID_C "\"}");
		cache_world_snapshot(&world, ID_A, NULL, NULL);
		cache_world_load(&world);
		(void)snprintf(detail, sizeof(detail),
		               "bucket _main/" ID_A
		               ": key %s: its \"value\" has the wrong type or is no ID",
		               bad[i][0]);
		cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, FILE_NAME, detail);
		assert_true(world.cache.is_unreadable);
		assert_int_equal(world.cache.record_count, 2);
		assert_int_equal(cache_world_find_record(&world, ID_B)->parent_count, 1);
		cache_world_done(&world);
	}
}

static void value_of_an_id_that_could_be_cut_or_merged_is_unreadable(void **state)
{
	static const char *const bad[] = {
		"{\"value\":\"a\\u0000b\"}",
		"{\"value\":\"a\",\"value\":\"b\"}",
		"{\"value\":\"a\",\"VALUE\":\"b\"}",
		"{\"index\":\"x\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cache_world world;

		cache_world_init(&world);
		cache_world_record(&world, ID_A, "cache.parent", bad[i]);
		cache_world_snapshot(&world, ID_A, NULL, NULL);
		cache_world_load(&world);
		cache_world_expect_finding(
		    &world, FINDING_CACHE_UNREADABLE, FILE_NAME,
		    "bucket _main/" ID_A ": key cache.parent: its \"value\" cannot be understood");
		cache_world_done(&world);
	}
}

static void value_that_is_no_json_is_unreadable_whatever_the_key(void **state)
{
	static const char *const bad[] = { "x", "{\"value\":1", "{\"value\":1}x", "[1]", "null" };
	static const char *const keys[] = { "cache.parent", "cache.description", "new.key" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cache_world world;

		cache_world_init(&world);
		cache_world_record(&world, ID_A, keys[i % 3], bad[i]);
		cache_world_snapshot(&world, ID_A, NULL, NULL);
		cache_world_load(&world);
		assert_int_equal(world.findings.count, 1);
		assert_int_equal(world.findings.items[0].code, FINDING_CACHE_UNREADABLE);
		assert_non_null(strstr(world.findings.items[0].detail, keys[i % 3]));
		assert_non_null(strstr(world.findings.items[0].detail, "line 1, column"));
		assert_true(world.cache.is_unreadable);
		cache_world_done(&world);
	}
}

static void value_where_a_record_should_be_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(bolt_maker_bucket(world.records, NULL, "_main"), ID_A, "{}");
	cache_world_load(&world);
	cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, FILE_NAME,
	                           "bucket _main: key \"" ID_A
	                           "\": a value where a bucket should be");
	assert_true(world.cache.is_unreadable);
	cache_world_done(&world);
}

static void bucket_where_a_value_should_be_is_unreadable(void **state)
{
	struct cache_world world;
	struct maker_bucket *main;

	(void)state;
	cache_world_init(&world);
	main = bolt_maker_bucket(world.records, NULL, "_main");
	(void)bolt_maker_bucket(world.records, bolt_maker_bucket(world.records, main, ID_A),
	                        "cache.parent");
	cache_world_snapshot(&world, ID_A, NULL, NULL);
	cache_world_load(&world);
	cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, FILE_NAME,
	                           "bucket _main/" ID_A
	                           ": key cache.parent: a bucket where a value should be");
	cache_world_done(&world);
}

static void main_bucket_that_is_a_value_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(world.records->root, "_main", "x");
	cache_world_load(&world);
	assert_true(world.cache.is_unreadable);
	assert_int_equal(world.findings.count, 1);
	cache_world_done(&world);
}

static void id_that_is_no_name_is_unreadable(void **state)
{
	static const char *const ids[] = { "..", "a/b", "a\nb", "a\xc3\xa9" };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct cache_world world;

		cache_world_init(&world);
		cache_world_record(&world, ids[i], "cache.parent", "{\"value\":\"\"}");
		cache_world_load(&world);
		assert_int_equal(world.findings.count, 1);
		assert_non_null(strstr(world.findings.items[0].detail, "is no ID"));
		assert_null(strchr(world.findings.items[0].detail, '\n'));
		assert_true(world.cache.is_unreadable);
		assert_int_equal(world.cache.record_count, 0);
		cache_world_done(&world);
	}
}

static void records_are_sorted_and_other_buckets_ignored(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_record(&world, ID_C, "cache.parent", "");
	cache_world_record(&world, ID_A, "cache.parent", "");
	cache_world_record(&world, ID_B, "cache.parent", "");
	bolt_maker_put(bolt_maker_bucket(world.records, NULL, "_index"), "x::" ID_D, "");
	(void)bolt_maker_bucket(world.records, bolt_maker_bucket(world.records, NULL, "_external"),
	                        ID_D);
	cache_world_snapshot(&world, ID_A, NULL, NULL);
	cache_world_load(&world);
	assert_int_equal(world.cache.record_count, 3);
	assert_string_equal(world.cache.records[0].id, ID_A);
	assert_string_equal(world.cache.records[1].id, ID_B);
	assert_string_equal(world.cache.records[2].id, ID_C);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_without_keys_has_the_defaults),
		cmocka_unit_test(every_key_of_a_record_is_read),
		cmocka_unit_test(parents_of_every_kind_are_parents),
		cmocka_unit_test(cleared_key_is_none),
		cmocka_unit_test(key_that_only_tells_may_have_any_type),
		cmocka_unit_test(key_that_decides_and_has_another_type_is_unreadable),
		cmocka_unit_test(value_of_an_id_that_could_be_cut_or_merged_is_unreadable),
		cmocka_unit_test(value_that_is_no_json_is_unreadable_whatever_the_key),
		cmocka_unit_test(value_where_a_record_should_be_is_unreadable),
		cmocka_unit_test(bucket_where_a_value_should_be_is_unreadable),
		cmocka_unit_test(main_bucket_that_is_a_value_is_unreadable),
		cmocka_unit_test(id_that_is_no_name_is_unreadable),
		cmocka_unit_test(records_are_sorted_and_other_buckets_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
