/* cache_world.h - a buildkit/ made for a test, and what cache_load() says of it. */
#ifndef TESTS_UNIT_CACHE_WORLD_H
#define TESTS_UNIT_CACHE_WORLD_H

#include "metadata/cache.h"
#include "tests/unit/bolt_maker.h"

/* IDs as BuildKit makes them; "a" and so on in the names of tests. */
#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbb"
#define ID_C "ccccccccccccccccccccccccc"
#define ID_D "ddddddddddddddddddddddddd"
#define HEX_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2 "2222222222222222222222222222222222222222222222222222222222222222"

struct cache_world {
	char *dir; /* the data root */
	/* Filled by tests, saved by cache_world_load; NULL: no such file. */
	struct bolt_maker *records, *leases, *snapshots;
	struct cache cache;
	struct finding_list findings;
};

/* Starts with three databases without a key. */
void cache_world_init(struct cache_world *world);

/* Takes one of the databases away. */
void cache_world_drop(struct bolt_maker **maker);

/* Puts KEY of the record ID into metadata_v2.db as VALUE, the whole text. */
void cache_world_record(struct cache_world *world, const char *id, const char *key,
                        const char *value);

/* Puts the snapshot KEY into the lease ID of namespace buildkit. */
void cache_world_lease(struct cache_world *world, const char *id, const char *key);

/* Puts KEY of the snapshot ID into snapshots.db; KEY NULL makes only the bucket. */
void cache_world_snapshot(struct cache_world *world, const char *id, const char *key,
                          const char *value);

/* Saves the databases and loads the cache, which must not fail. */
void cache_world_load(struct cache_world *world);

/* The same for the data root PATH. */
void cache_world_load_root(struct cache_world *world, const char *path);

/* Asserts that there is exactly one finding, of this code, file and detail. */
void cache_world_expect_finding(const struct cache_world *world, enum finding_code code,
                                const char *path, const char *detail);

/* The record, lease or snapshot of this ID; asserts that there is one. */
const struct cache_record *cache_world_find_record(const struct cache_world *world, const char *id);
const struct cache_lease *cache_world_find_lease(const struct cache_world *world, const char *id);
const struct cache_snapshot *cache_world_find_snapshot(const struct cache_world *world,
                                                       const char *id);

void cache_world_done(struct cache_world *world);

#endif
