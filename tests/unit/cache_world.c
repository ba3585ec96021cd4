/* cache_world.c - a buildkit/ made for a test, and what cache_load() says of it. */
#include "tests/unit/cache_world.h"

#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include <fcntl.h>

void cache_world_init(struct cache_world *world)
{
	*world = (struct cache_world){ .dir = tree_new("cache"),
		                       .records = bolt_maker_new(4096),
		                       .leases = bolt_maker_new(4096),
		                       .snapshots = bolt_maker_new(4096) };
}

void cache_world_drop(struct bolt_maker **maker)
{
	bolt_maker_free(*maker);
	*maker = NULL;
}

void cache_world_record(struct cache_world *world, const char *id, const char *key,
                        const char *value)
{
	struct maker_bucket *main = bolt_maker_bucket(world->records, NULL, "_main");

	bolt_maker_put(bolt_maker_bucket(world->records, main, id), key, value);
}

void cache_world_lease(struct cache_world *world, const char *id, const char *key)
{
	static const char *const path[] = { "v1", "buildkit", "leases" };
	struct maker_bucket *bucket = NULL;

	for (size_t i = 0; i < 3; i++)
		bucket = bolt_maker_bucket(world->leases, bucket, path[i]);
	bucket = bolt_maker_bucket(world->leases, bucket, id);
	bucket = bolt_maker_bucket(world->leases, bucket, "snapshots");
	bolt_maker_put(bolt_maker_bucket(world->leases, bucket, "default"), key, "");
}

void cache_world_snapshot(struct cache_world *world, const char *id, const char *key,
                          const char *value)
{
	struct maker_bucket *bucket = bolt_maker_bucket(world->snapshots, NULL, id);

	if (key)
		bolt_maker_put(bucket, key, value);
}

void cache_world_load_root(struct cache_world *world, const char *path)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err err = ERR_INIT;
	const int status = cache_load(&world->cache, fd, &world->findings, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(status, 0);
}

void cache_world_load(struct cache_world *world)
{
	if (world->records)
		bolt_maker_save(world->records, world->dir, "buildkit/metadata_v2.db");
	if (world->leases)
		bolt_maker_save(world->leases, world->dir, "buildkit/containerdmeta.db");
	if (world->snapshots)
		bolt_maker_save(world->snapshots, world->dir, "buildkit/snapshots.db");
	cache_world_load_root(world, world->dir);
}

void cache_world_expect_finding(const struct cache_world *world, enum finding_code code,
                                const char *path, const char *detail)
{
	assert_int_equal(world->findings.count, 1);
	assert_int_equal(world->findings.items[0].code, code);
	assert_string_equal(world->findings.items[0].path, path);
	assert_string_equal(world->findings.items[0].detail, detail);
}

const struct cache_record *cache_world_find_record(const struct cache_world *world, const char *id)
{
	size_t item = 0;

	assert_true(map_get(&world->cache.record_by_id, id, &item));
	assert_string_equal(world->cache.records[item].id, id);
	return &world->cache.records[item];
}

const struct cache_lease *cache_world_find_lease(const struct cache_world *world, const char *id)
{
	size_t item = 0;

	assert_true(map_get(&world->cache.lease_by_id, id, &item));
	assert_string_equal(world->cache.leases[item].id, id);
	return &world->cache.leases[item];
}

const struct cache_snapshot *cache_world_find_snapshot(const struct cache_world *world,
                                                       const char *id)
{
	size_t item = 0;

	assert_true(map_get(&world->cache.snapshot_by_id, id, &item));
	assert_string_equal(world->cache.snapshots[item].id, id);
	return &world->cache.snapshots[item];
}

void cache_world_done(struct cache_world *world)
{
	cache_done(&world->cache);
	finding_list_done(&world->findings);
	tree_remove(world->dir);
}
