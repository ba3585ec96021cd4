/* test_cache_leases.c - containerdmeta.db: which leases there are, and what they hold. */
#include "tests/unit/cache_world.h"
#include "tests/unit/check.h"

#include <string.h>

#define FILE_NAME "buildkit/containerdmeta.db"

/* The bucket of a path that ends with NULL. */
static struct maker_bucket *bucket_at(struct cache_world *world, const char *const *path)
{
	struct maker_bucket *bucket = NULL;

	for (; *path; path++)
		bucket = bolt_maker_bucket(world->leases, bucket, *path);
	return bucket;
}

#define BUCKET(world, ...) bucket_at(world, (const char *const[]){ __VA_ARGS__, NULL })

static void lease_holds_snapshots_and_layers(void **state)
{
	struct cache_world world;
	const struct cache_lease *lease;

	(void)state;
	cache_world_init(&world);
	cache_world_lease(&world, ID_A, ID_B);
	cache_world_lease(&world, ID_A, "sha256:" HEX_1);
	cache_world_snapshot(&world, ID_B, NULL, NULL);
	cache_world_load(&world);
	lease = cache_world_find_lease(&world, ID_A);
	assert_int_equal(lease->snapshot_count, 2);
	assert_string_equal(lease->snapshot_ids[0], ID_B);
	assert_string_equal(lease->snapshot_ids[1], "sha256:" HEX_1);
	assert_false(lease->is_temporary);
	assert_int_equal(world.findings.count, 0);
	cache_world_done(&world);
}

static void lease_with_the_label_is_temporary(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1", "buildkit", "leases", ID_A, "labels"),
	               "buildkit/lease.temporary", "x");
	bolt_maker_put(BUCKET(&world, "v1", "buildkit", "leases", ID_B, "labels"),
	               "containerd.io/gc.flat", "x");
	cache_world_load(&world);
	assert_true(cache_world_find_lease(&world, ID_A)->is_temporary);
	assert_false(cache_world_find_lease(&world, ID_B)->is_temporary);
	cache_world_done(&world);
}

static void lease_of_any_snapshotter_in_any_namespace_counts(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1", "moby", "leases", ID_A, "snapshots", "overlayfs"), ID_C,
	               "");
	cache_world_snapshot(&world, ID_C, NULL, NULL);
	cache_world_load(&world);
	assert_string_equal(cache_world_find_lease(&world, ID_A)->snapshot_ids[0], ID_C);
	cache_world_done(&world);
}

static void lease_of_another_namespace_without_snapshots_is_left_out(void **state)
{
	static const char variants[] = ID_A "-variants";
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1", "buildkit_history", "leases", "ref_x", "content"),
	               "sha256:" HEX_1, "");
	bolt_maker_put(BUCKET(&world, "v1", "buildkit", "leases", variants, "content"),
	               "sha256:" HEX_1, "");
	cache_world_load(&world);
	assert_int_equal(world.cache.lease_count, 1);
	assert_string_equal(world.cache.leases[0].id, variants);
	assert_int_equal(world.cache.leases[0].snapshot_count, 0);
	cache_world_done(&world);
}

static void lease_of_two_namespaces_is_one_that_holds_all(void **state)
{
	struct cache_world world;
	const struct cache_lease *lease;

	(void)state;
	cache_world_init(&world);
	cache_world_lease(&world, ID_A, ID_B);
	bolt_maker_put(BUCKET(&world, "v1", "buildkit", "leases", ID_A, "labels"),
	               "buildkit/lease.temporary", "x");
	bolt_maker_put(BUCKET(&world, "v1", "other", "leases", ID_A, "snapshots", "default"), ID_C,
	               "");
	cache_world_snapshot(&world, ID_B, NULL, NULL);
	cache_world_load(&world);
	assert_int_equal(world.cache.lease_count, 1);
	lease = cache_world_find_lease(&world, ID_A);
	assert_int_equal(lease->snapshot_count, 2);
	assert_string_equal(lease->snapshot_ids[0], ID_B);
	assert_string_equal(lease->snapshot_ids[1], ID_C);
	assert_false(lease->is_temporary);
	cache_world_done(&world);
}

static void leases_are_sorted_over_namespaces(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_lease(&world, ID_D, ID_D);
	cache_world_lease(&world, ID_B, ID_D);
	bolt_maker_put(BUCKET(&world, "v1", "x", "leases", ID_A, "snapshots", "s"), ID_C, "");
	bolt_maker_put(BUCKET(&world, "v1", "x", "leases", ID_C, "snapshots", "s"), ID_C, "");
	cache_world_snapshot(&world, ID_B, NULL, NULL);
	cache_world_load(&world);
	assert_int_equal(world.cache.lease_count, 4);
	assert_ptr_equal(cache_world_find_lease(&world, ID_A), &world.cache.leases[0]);
	assert_ptr_equal(cache_world_find_lease(&world, ID_B), &world.cache.leases[1]);
	assert_ptr_equal(cache_world_find_lease(&world, ID_C), &world.cache.leases[2]);
	assert_ptr_equal(cache_world_find_lease(&world, ID_D), &world.cache.leases[3]);
	cache_world_done(&world);
}

static void plain_keys_beside_the_namespaces_are_right(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1"), "version", "\6");
	(void)BUCKET(&world, "v1", "buildkit", "content");
	cache_world_load(&world);
	assert_int_equal(world.findings.count, 0);
	assert_false(world.cache.is_unreadable);
	assert_int_equal(world.cache.lease_count, 0);
	cache_world_done(&world);
}

/* Loads WORLD and asserts that the leases are unreadable for the reason DETAIL. */
static void expect_unreadable(struct cache_world *world, const char *detail)
{
	cache_world_load(world);
	cache_world_expect_finding(world, FINDING_CACHE_UNREADABLE, FILE_NAME, detail);
	assert_true(world->cache.is_unreadable);
	cache_world_done(world);
}

static void unknown_version_of_the_schema_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	(void)BUCKET(&world, "v2", "buildkit");
	expect_unreadable(&world, "bucket v2: an unknown version of the schema");
}

static void value_where_leases_should_be_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1", "buildkit"), "leases", "x");
	expect_unreadable(&world,
	                  "bucket v1/buildkit: key leases: a value where a bucket should be");
}

static void value_where_a_lease_should_be_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1", "buildkit", "leases"), ID_A, "x");
	expect_unreadable(&world, "bucket v1/buildkit/leases: key \"" ID_A
	                          "\": a value where a bucket should be");
}

static void value_where_snapshots_should_be_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1", "buildkit", "leases", ID_A), "snapshots", "x");
	expect_unreadable(&world, "bucket v1/buildkit/leases/" ID_A
	                          ": key snapshots: a value where a bucket should be");
}

static void value_where_a_snapshotter_should_be_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1", "buildkit", "leases", ID_A, "snapshots"), "default",
	               "x");
	expect_unreadable(&world,
	                  "bucket v1/buildkit/leases/" ID_A ": a value among the snapshotters");
}

static void snapshot_that_is_no_id_is_unreadable(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	bolt_maker_put(BUCKET(&world, "v1", "buildkit", "leases", ID_A, "snapshots", "default"),
	               "a/../b", "");
	expect_unreadable(&world,
	                  "bucket v1/buildkit/leases/" ID_A ": a resource that is no snapshot ID");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lease_holds_snapshots_and_layers),
		cmocka_unit_test(lease_with_the_label_is_temporary),
		cmocka_unit_test(lease_of_any_snapshotter_in_any_namespace_counts),
		cmocka_unit_test(lease_of_another_namespace_without_snapshots_is_left_out),
		cmocka_unit_test(lease_of_two_namespaces_is_one_that_holds_all),
		cmocka_unit_test(leases_are_sorted_over_namespaces),
		cmocka_unit_test(plain_keys_beside_the_namespaces_are_right),
		cmocka_unit_test(unknown_version_of_the_schema_is_unreadable),
		cmocka_unit_test(value_where_leases_should_be_is_unreadable),
		cmocka_unit_test(value_where_a_lease_should_be_is_unreadable),
		cmocka_unit_test(value_where_snapshots_should_be_is_unreadable),
		cmocka_unit_test(value_where_a_snapshotter_should_be_is_unreadable),
		cmocka_unit_test(snapshot_that_is_no_id_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
