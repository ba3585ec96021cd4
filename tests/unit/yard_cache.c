/* yard_cache.c - the build cache of a yard: BuildKit's databases and the directories they name. */
#include "tests/unit/yard_cache.h"

#include "metadata/base/mem.h"

#include <string.h>

/* The databases while they are made. */
struct yard_cache {
	struct yard *yard;
	struct bolt_maker *records, *leases, *snapshots;
};

static void yard_cache_put(struct yard_cache *cache, const char *id, const char *key,
                           const char *value)
{
	struct maker_bucket *main = bolt_maker_bucket(cache->records, NULL, "_main");

	bolt_maker_put(bolt_maker_bucket(cache->records, main, id), key, value);
}

static void yard_cache_text(struct yard_cache *cache, const char *id, const char *key,
                            const char *value)
{
	AUTO(str) char *text = mem_print("{\"value\":\"%s\"}", value);

	yard_cache_put(cache, id, key, text);
}

/* A record with what all have, among that a key of the index and of the file sums. */
static void yard_cache_record(struct yard_cache *cache, const char *id, const char *type,
                              const char *parent)
{
	AUTO(str) char *index = mem_print("chainid:sha256:%064d::%s", 1, id);
	struct maker_bucket *bucket = bolt_maker_bucket(cache->records, NULL, "_external");

	yard_cache_text(cache, id, "cache.recordType", type);
	yard_cache_put(cache, id, "cache.createdAt", "{\"value\":1600000000000000000}");
	yard_cache_put(cache, id, "snapshot.size", "{\"value\":7}");
	yard_cache_put(cache, id, "snapshot.committed", "{\"value\":true}");
	if (parent)
		yard_cache_text(cache, id, "cache.parent", parent);
	bolt_maker_put(bolt_maker_bucket(cache->records, NULL, "_index"), index, "");
	bucket = bolt_maker_bucket(cache->records, bucket, id);
	bolt_maker_put(bucket, "buildkit.contenthash.v0", "sums");
}

static void yard_cache_lease(struct yard_cache *cache, const char *id)
{
	static const char *const path[] = { "v1", "buildkit", "leases" };
	struct maker_bucket *bucket = NULL;
	struct maker_bucket *labels;

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		bucket = bolt_maker_bucket(cache->leases, bucket, path[i]);
	bucket = bolt_maker_bucket(cache->leases, bucket, id);
	labels = bolt_maker_bucket(cache->leases, bucket, "labels");
	bolt_maker_put(labels, "containerd.io/gc.flat", "2026-01-01T00:00:00Z");
	bucket = bolt_maker_bucket(cache->leases, bucket, "snapshots");
	bolt_maker_put(bolt_maker_bucket(cache->leases, bucket, "default"), id, "");
}

static const struct yard_layer *yard_cache_layer(const struct yard *yard, const char *word)
{
	size_t i = 0;

	while (strcmp(yard->layers[i].word, word) != 0)
		i++;
	return &yard->layers[i];
}

/* A snapshot that is the layer WORD. */
static void yard_cache_is_layer(struct yard_cache *cache, const char *id, const char *word)
{
	AUTO(str) char *chain = mem_print("sha256:%s", yard_cache_layer(cache->yard, word)->chain);

	yard_cache_lease(cache, id);
	bolt_maker_put(bolt_maker_bucket(cache->snapshots, NULL, id), "chainid", chain);
}

/* A committed snapshot in the directory WORD, which is made, on the snapshot PARENT ("": none). */
static void yard_cache_has_dir(struct yard_cache *cache, const char *id, const char *word,
                               const char *parent)
{
	struct maker_bucket *active;
	const char *dir;

	yard_orphan(cache->yard, word, NULL);
	dir = yard_cache_layer(cache->yard, word)->dir;
	yard_cache_lease(cache, id);
	bolt_maker_put(bolt_maker_bucket(cache->snapshots, NULL, id), "committed", dir);
	active = bolt_maker_bucket(cache->snapshots, NULL, dir);
	bolt_maker_put(active, "iscommitted", "");
	bolt_maker_put(active, "parent", parent);
}

void yard_cache_story(struct yard *yard)
{
	struct yard_cache cache = { yard, bolt_maker_new(4096), bolt_maker_new(4096),
		                    bolt_maker_new(4096) };

	yard_story(yard);
	yard_cache_record(&cache, YARD_KEPT, "regular", NULL);
	yard_cache_is_layer(&cache, YARD_KEPT, "keep");
	yard_cache_record(&cache, YARD_LOST, "regular", NULL);
	yard_cache_is_layer(&cache, YARD_LOST, "lost");
	yard_cache_record(&cache, YARD_HEAD, "exec.cachemount", NULL);
	yard_cache_has_dir(&cache, YARD_HEAD, "head", "");
	yard_cache_record(&cache, YARD_TWIN, "exec.cachemount", NULL);
	yard_cache_text(&cache, YARD_TWIN, "cache.equalMutable", YARD_HEAD);
	yard_cache_record(&cache, YARD_LOWER, "regular", NULL);
	yard_cache_has_dir(&cache, YARD_LOWER, "lower-dir", "");
	yard_cache_record(&cache, YARD_UPPER, "regular", YARD_LOWER);
	yard_cache_has_dir(&cache, YARD_UPPER, "upper-dir", YARD_LOWER);
	yard_cache_record(&cache, YARD_BELOW, "regular", NULL);
	yard_cache_has_dir(&cache, YARD_BELOW, "below-dir", "");
	yard_cache_record(&cache, YARD_INNER, "internal", YARD_BELOW);
	yard_cache_has_dir(&cache, YARD_INNER, "inner-dir", YARD_BELOW);
	yard_cache_has_dir(&cache, YARD_FORGOT, "forgot-dir", "");
	bolt_maker_save(cache.records, yard->dir, "buildkit/metadata_v2.db");
	bolt_maker_save(cache.leases, yard->dir, "buildkit/containerdmeta.db");
	bolt_maker_save(cache.snapshots, yard->dir, "buildkit/snapshots.db");
}
