/* test_cache_load.c - buildkit/: databases that are gone, old, or broken. */
#include "metadata/base/mem.h"
#include "tests/unit/cache_world.h"
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void root_without_buildkit_has_no_cache(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_drop(&world.records);
	cache_world_drop(&world.leases);
	cache_world_drop(&world.snapshots);
	cache_world_load(&world);
	assert_false(world.cache.exists);
	assert_false(world.cache.is_unreadable);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

static void folder_without_databases_has_no_cache(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_drop(&world.records);
	cache_world_drop(&world.leases);
	cache_world_drop(&world.snapshots);
	tree_mkdir(world.dir, "buildkit/executor");
	cache_world_load(&world);
	assert_false(world.cache.exists);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

static void empty_databases_are_a_cache_with_nothing_wrong(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_load(&world);
	assert_true(world.cache.exists);
	assert_false(world.cache.is_unreadable);
	assert_false(world.cache.is_old_format);
	assert_false(world.cache.is_snapshots_gone);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

static void databases_without_bytes_are_empty(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_drop(&world.records);
	cache_world_drop(&world.leases);
	cache_world_drop(&world.snapshots);
	tree_write(world.dir, "buildkit/metadata_v2.db", "", 0);
	tree_write(world.dir, "buildkit/containerdmeta.db", "", 0);
	tree_write(world.dir, "buildkit/snapshots.db", "", 0);
	cache_world_load(&world);
	assert_true(world.cache.exists);
	assert_false(world.cache.is_unreadable);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

static void old_database_alone_is_the_old_format(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_drop(&world.records);
	cache_world_drop(&world.leases);
	cache_world_snapshot(&world, ID_A, "parent", "");
	tree_write(world.dir, "buildkit/metadata.db", "x", 1);
	cache_world_load(&world);
	assert_true(world.cache.is_old_format);
	assert_false(world.cache.is_unreadable);
	cache_world_expect_finding(&world, FINDING_CACHE_OLD_FORMAT, "buildkit/metadata.db",
	                           "there is no metadata_v2.db");
	assert_int_equal(world.cache.snapshot_count, 1);
	cache_world_done(&world);
}

static void old_database_beside_the_new_is_nothing(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	tree_write(world.dir, "buildkit/metadata.db", "x", 1);
	cache_world_load(&world);
	assert_false(world.cache.is_old_format);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

/* Asserts that the snapshots are missed, and that nothing else is said. */
static void expect_snapshots_gone(struct cache_world *world, const char *detail)
{
	cache_world_load(world);
	assert_true(world->cache.is_snapshots_gone);
	assert_false(world->cache.is_unreadable);
	cache_world_expect_finding(world, FINDING_CACHE_DB_GONE, "buildkit/snapshots.db", detail);
	cache_world_done(world);
}

static void records_without_snapshots_db_miss_it(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_record(&world, ID_A, "cache.parent", "");
	cache_world_drop(&world.snapshots);
	expect_snapshots_gone(&world, "it has no snapshot, but there are 1 records and 0 leases "
	                              "of snapshots");
}

static void deleted_records_do_not_miss_their_snapshots(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_record(&world, ID_A, "cache.deleted", "{\"value\":true}");
	cache_world_load(&world);
	assert_int_equal(world.cache.record_count, 1);
	assert_false(world.cache.is_snapshots_gone);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

static void leases_with_an_empty_snapshots_db_miss_it(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_lease(&world, ID_A, ID_A);
	cache_world_lease(&world, ID_B, "sha256:" HEX_1);
	expect_snapshots_gone(&world, "it has no snapshot, but there are 0 records and 2 leases "
	                              "of snapshots");
}

static void leases_without_snapshots_do_not_miss_them(void **state)
{
	struct cache_world world;
	struct maker_bucket *v1;
	struct maker_bucket *buildkit;

	(void)state;
	cache_world_init(&world);
	v1 = bolt_maker_bucket(world.leases, NULL, "v1");
	buildkit = bolt_maker_bucket(world.leases, v1, "buildkit");
	(void)bolt_maker_bucket(world.leases, bolt_maker_bucket(world.leases, buildkit, "leases"),
	                        ID_A "-variants");
	cache_world_load(&world);
	assert_int_equal(world.cache.lease_count, 1);
	assert_false(world.cache.is_snapshots_gone);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

static void broken_database_is_named_and_the_others_are_read(void **state)
{
	static const char *const names[] = { "metadata_v2.db", "containerdmeta.db",
		                             "snapshots.db" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct cache_world world;
		AUTO(str) char *path = mem_print("buildkit/%s", names[i]);

		cache_world_init(&world);
		cache_world_record(&world, ID_A, "cache.parent", "");
		cache_world_lease(&world, ID_A, ID_A);
		cache_world_snapshot(&world, ID_A, "parent", "");
		cache_world_drop(i == 0   ? &world.records
		                 : i == 1 ? &world.leases
		                          : &world.snapshots);
		tree_write(world.dir, path, "garbage", 7);
		cache_world_load(&world);
		cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, path,
		                           "no meta page: the first lies behind the end of the "
		                           "file, no second one is found");
		assert_true(world.cache.is_unreadable);
		assert_true(world.cache.exists);
		assert_false(world.cache.is_snapshots_gone);
		assert_int_equal(world.cache.record_count, i != 0);
		assert_int_equal(world.cache.lease_count, i != 1);
		assert_int_equal(world.cache.snapshot_count, i != 2);
		cache_world_done(&world);
	}
}

static void buildkit_that_is_no_directory_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_drop(&world.records);
	cache_world_drop(&world.leases);
	cache_world_drop(&world.snapshots);
	tree_mkdir(world.dir, "elsewhere");
	tree_link(world.dir, "buildkit", "elsewhere");
	cache_world_load(&world);
	cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, "buildkit", "is no directory");
	assert_true(world.cache.is_unreadable);
	assert_true(world.cache.exists);
	cache_world_done(&world);
}

static void database_that_is_a_link_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_save(TAKE(world.records, NULL), world.dir, "elsewhere.db");
	tree_link(world.dir, "buildkit/metadata_v2.db", "../elsewhere.db");
	cache_world_load(&world);
	cache_world_expect_finding(&world, FINDING_CACHE_UNREADABLE, "buildkit/metadata_v2.db",
	                           "is a symbolic link");
	assert_true(world.cache.is_unreadable);
	cache_world_done(&world);
}

static void reading_changes_no_byte_and_no_atime(void **state)
{
	struct cache_world world;
	const struct timespec long_ago[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	AUTO(str) char *path = NULL;
	struct stat st;

	(void)state;
	cache_world_init(&world);
	bolt_maker_save(TAKE(world.records, NULL), world.dir, "buildkit/metadata_v2.db");
	path = mem_print("%s/buildkit/metadata_v2.db", world.dir);
	assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
	cache_world_load(&world);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_atim.tv_sec, 1000);
	assert_int_equal(st.st_mtim.tv_sec, 1000);
	cache_world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_without_buildkit_has_no_cache),
		cmocka_unit_test(folder_without_databases_has_no_cache),
		cmocka_unit_test(empty_databases_are_a_cache_with_nothing_wrong),
		cmocka_unit_test(databases_without_bytes_are_empty),
		cmocka_unit_test(old_database_alone_is_the_old_format),
		cmocka_unit_test(old_database_beside_the_new_is_nothing),
		cmocka_unit_test(records_without_snapshots_db_miss_it),
		cmocka_unit_test(deleted_records_do_not_miss_their_snapshots),
		cmocka_unit_test(leases_with_an_empty_snapshots_db_miss_it),
		cmocka_unit_test(leases_without_snapshots_do_not_miss_them),
		cmocka_unit_test(broken_database_is_named_and_the_others_are_read),
		cmocka_unit_test(buildkit_that_is_no_directory_is_unreadable),
		cmocka_unit_test(database_that_is_a_link_is_unreadable),
		cmocka_unit_test(reading_changes_no_byte_and_no_atime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
