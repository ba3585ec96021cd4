/* cache_snapshots.c - buildkit/snapshots.db: a bucket per snapshot (bolt-buildkit.md §2.2). */
#include "metadata/cache_load.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <string.h>

enum snapshot_key_kind {
	SNAPSHOT_KEY_ID,
	SNAPSHOT_KEY_DIR,
	SNAPSHOT_KEY_CHAIN,
	SNAPSHOT_KEY_MARK,
	SNAPSHOT_KEY_SIZE
};

static const struct snapshot_key {
	const char *name;
	enum snapshot_key_kind kind;
	const char *words; /* what its value must be */
} snapshot_keys[] = {
	{ "parent", SNAPSHOT_KEY_ID, "a snapshot ID" },
	{ "committed", SNAPSHOT_KEY_DIR, "the name of a layer directory" },
	{ "chainid", SNAPSHOT_KEY_CHAIN, "a digest" },
	{ "iscommitted", SNAPSHOT_KEY_MARK, "" },
	{ "size", SNAPSHOT_KEY_SIZE, "" },
};

/* Stores the value of a key; false: it cannot be understood, although liveness depends on it. */
static bool cache_snapshot_set(struct cache_snapshot *snapshot, enum snapshot_key_kind kind,
                               const struct bolt_entry *entry)
{
	AUTO(str) char *id = cache_loader_id(entry->value, entry->value_len);
	uint64_t size;

	switch (kind) {
	case SNAPSHOT_KEY_MARK:
		snapshot->is_committed_elsewhere = true;
		return true;
	case SNAPSHOT_KEY_SIZE:
		if (id && text_parse_u64(id, INT64_MAX, &size))
			snapshot->size_bytes = (int64_t)size;
		return true;
	case SNAPSHOT_KEY_ID:
		snapshot->parent = TAKE(id, NULL);
		return snapshot->parent || entry->value_len == 0;
	case SNAPSHOT_KEY_DIR:
		if (id && id_is_dir(id))
			snapshot->committed = TAKE(id, NULL);
		return snapshot->committed || entry->value_len == 0;
	case SNAPSHOT_KEY_CHAIN:
		snapshot->chain_id = mem_text(id ? id_digest_hex(id) : NULL);
		return snapshot->chain_id || entry->value_len == 0;
	}
	return false;
}

static void cache_snapshot_read_key(struct cache_loader *loader, struct cache_snapshot *snapshot,
                                    const struct bolt_entry *entry)
{
	for (size_t i = 0; i < sizeof(snapshot_keys) / sizeof(snapshot_keys[0]); i++) {
		const struct snapshot_key *key = &snapshot_keys[i];

		if (cache_loader_is_near(entry, key->name))
			cache_loader_note(loader, "bucket %s: key %.*s: is nearly %s", snapshot->id,
			                  (int)entry->key_len, entry->key, key->name);
		if (entry->key_len != strlen(key->name) ||
		    memcmp(entry->key, key->name, entry->key_len) != 0)
			continue;
		if (entry->is_bucket || !cache_snapshot_set(snapshot, key->kind, entry))
			cache_loader_note(loader, "bucket %s: key %s: is not %s", snapshot->id,
			                  key->name, entry->is_bucket ? "a value" : key->words);
		return;
	}
}

static void cache_snapshot_read(struct cache_loader *loader, const struct bolt_bucket *bucket,
                                char *id)
{
	struct cache *cache = loader->cache;
	struct cache_snapshot snapshot = { .id = id, .size_bytes = -1 };
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	snapshot.is_active = bolt_bucket_find(bucket, "parent", &entry);
	bolt_cursor_start(&cursor, bucket);
	while (bolt_cursor_next(&cursor, &entry))
		cache_snapshot_read_key(loader, &snapshot, &entry);
	/* it has data of its own then, in a directory of this name */
	if (snapshot.is_active && !snapshot.committed && !snapshot.chain_id && !id_is_dir(id))
		cache_loader_note(loader, "bucket %s: is no name of a layer directory", id);
	cache->snapshots = mem_grow(cache->snapshots, cache->snapshot_count,
	                            &cache->snapshot_capacity, sizeof(snapshot));
	cache->snapshots[cache->snapshot_count] = snapshot;
	(void)map_set(&cache->snapshot_by_id, id, cache->snapshot_count++);
}

void cache_snapshots_read(struct cache_loader *loader, const struct bolt *bolt)
{
	const struct bolt_bucket root = bolt_root(bolt);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, &root);
	while (bolt_cursor_next(&cursor, &entry)) {
		char *id = cache_loader_bucket_id(loader, &entry, "root bucket");
		struct bolt_bucket bucket;

		if (!id)
			continue;
		bucket = bolt_bucket_of(bolt, &entry);
		cache_snapshot_read(loader, &bucket, id);
	}
}
