/* cache_leases.c - buildkit/containerdmeta.db: what dockerd holds alive (bolt-buildkit.md §2.3). */
#include "metadata/cache_load.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEASE_NAMESPACE "buildkit"
#define LEASE_LABEL_TEMPORARY "buildkit/lease.temporary"
#define LEASE_LABEL_FLAT "containerd.io/gc.flat"
#define LEASE_WHERE_MAX 700

static bool cache_lease_key_is(const struct bolt_entry *entry, const char *text)
{
	return entry->key_len == strlen(text) && memcmp(entry->key, text, entry->key_len) == 0;
}

static void cache_lease_add_snapshot(struct cache_lease *lease, char *id)
{
	lease->snapshot_ids = mem_resize(lease->snapshot_ids, lease->snapshot_count + 1,
	                                 sizeof(*lease->snapshot_ids));
	lease->snapshot_ids[lease->snapshot_count++] = id;
}

/* Reads snapshots/<snapshotter> of a lease: the keys are snapshots. */
static void cache_lease_read_snapshots(struct cache_loader *loader, struct cache_lease *lease,
                                       const struct bolt_bucket *bucket, const char *where)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		char *id = cache_loader_id(entry.key, entry.key_len);

		if (id && !entry.is_bucket) {
			cache_lease_add_snapshot(lease, id);
			continue;
		}
		free(id);
		cache_loader_note(loader, "%s: a resource that is no snapshot ID", where);
	}
}

/* Reads the snapshots of a lease for every snapshotter; dockerd has "default". */
static void cache_lease_read_snapshotters(struct cache_loader *loader, struct cache_lease *lease,
                                          const struct bolt_bucket *bucket, const char *where)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		struct bolt_bucket snapshots;

		if (!entry.is_bucket) {
			cache_loader_note(loader, "%s: a value among the snapshotters", where);
			continue;
		}
		snapshots = bolt_bucket_of(bucket->bolt, &entry);
		cache_lease_read_snapshots(loader, lease, &snapshots, where);
	}
}

static void cache_lease_read_labels(struct cache_lease *lease, const struct bolt_bucket *labels)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;
	size_t count = 0;

	lease->is_temporary = bolt_bucket_find(labels, LEASE_LABEL_TEMPORARY, &entry);
	lease->is_plain = bolt_bucket_find(labels, LEASE_LABEL_FLAT, &entry);
	bolt_cursor_start(&cursor, labels);
	while (bolt_cursor_next(&cursor, &entry))
		count++;
	lease->is_plain = lease->is_plain && count == 1;
}

static void cache_lease_read(struct cache_loader *loader, struct cache_lease *lease,
                             const struct bolt_bucket *bucket, const char *where)
{
	static const char *const names[] = { "labels", "snapshots" };
	struct bolt_bucket labels;
	struct bolt_entry entry;
	struct bolt_bucket snapshots;

	cache_loader_check_names(loader, bucket, names, 2, where);
	if (bolt_bucket_enter(bucket, "labels", &labels))
		cache_lease_read_labels(lease, &labels);
	if (!bolt_bucket_find(bucket, "snapshots", &entry))
		return;
	if (!entry.is_bucket) {
		cache_loader_note(loader, "%s: key snapshots: a value where a bucket should be",
		                  where);
		return;
	}
	snapshots = bolt_bucket_of(bucket->bolt, &entry);
	cache_lease_read_snapshotters(loader, lease, &snapshots, where);
}

/* Moves LEASE into the cache; one that another namespace has, too, becomes one with it. */
static void cache_lease_add(struct cache *cache, struct cache_lease *lease)
{
	struct cache_lease *known;
	size_t item;

	if (!map_get(&cache->lease_by_id, lease->id, &item)) {
		cache->leases = mem_grow(cache->leases, cache->lease_count, &cache->lease_capacity,
		                         sizeof(*lease));
		cache->leases[cache->lease_count] = *lease;
		(void)map_set(&cache->lease_by_id, lease->id, cache->lease_count++);
		return;
	}
	known = &cache->leases[item];
	known->is_temporary = known->is_temporary && lease->is_temporary;
	known->is_plain = false; /* of two namespaces */
	for (size_t i = 0; i < lease->snapshot_count; i++)
		cache_lease_add_snapshot(known, lease->snapshot_ids[i]);
	lease->snapshot_count = 0; /* moved */
	cache_lease_done(lease);
}

/* Reads v1/<namespace>/leases. BuildKit's own leases are all of interest, in other namespaces
 * (buildkit_history) only those that hold a snapshot. */
static void cache_leases_read_namespace(struct cache_loader *loader,
                                        const struct bolt_bucket *bucket, const char *namespace)
{
	const bool is_all = strcmp(namespace, LEASE_NAMESPACE) == 0;
	struct bolt_cursor cursor;
	struct bolt_entry entry;
	char where[LEASE_WHERE_MAX];

	(void)snprintf(where, sizeof(where), "bucket v1/%s/leases", namespace);
	bolt_cursor_start(&cursor, bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		struct cache_lease lease = { .id = cache_loader_bucket_id(loader, &entry, where) };
		struct bolt_bucket child;
		char lease_where[LEASE_WHERE_MAX];

		if (!lease.id)
			continue;
		(void)snprintf(lease_where, sizeof(lease_where), "bucket v1/%s/leases/%s",
		               namespace, lease.id);
		child = bolt_bucket_of(bucket->bolt, &entry);
		cache_lease_read(loader, &lease, &child, lease_where);
		lease.is_plain = lease.is_plain && is_all;
		loader->cache->has_more |= !is_all;
		if (is_all || lease.snapshot_count > 0)
			cache_lease_add(loader->cache, &lease);
		else
			cache_lease_done(&lease);
	}
}

static void cache_leases_read_version(struct cache_loader *loader, const struct bolt_bucket *v1)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, v1);
	while (bolt_cursor_next(&cursor, &entry)) {
		static const char *const names[] = { "leases" };
		struct bolt_bucket bucket;
		char namespace[256];

		if (!entry.is_bucket) /* "version" */
			continue;
		(void)text_escape(namespace, sizeof(namespace), entry.key, entry.key_len);
		bucket = bolt_bucket_of(v1->bolt, &entry);
		cache_loader_check_names(loader, &bucket, names, 1, namespace);
		if (!bolt_bucket_find(&bucket, "leases", &entry))
			continue;
		if (!entry.is_bucket) {
			cache_loader_note(
			    loader, "bucket v1/%s: key leases: a value where a bucket should be",
			    namespace);
			continue;
		}
		bucket = bolt_bucket_of(v1->bolt, &entry);
		cache_leases_read_namespace(loader, &bucket, namespace);
	}
}

static int cache_lease_compare(const void *a, const void *b)
{
	return strcmp(((const struct cache_lease *)a)->id, ((const struct cache_lease *)b)->id);
}

void cache_leases_read(struct cache_loader *loader, const struct bolt *bolt)
{
	struct cache *cache = loader->cache;
	const struct bolt_bucket root = bolt_root(bolt);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, &root);
	while (bolt_cursor_next(&cursor, &entry)) {
		struct bolt_bucket bucket;
		char shown[64];

		if (!entry.is_bucket)
			continue;
		(void)text_escape(shown, sizeof(shown), entry.key, entry.key_len);
		bucket = bolt_bucket_of(bolt, &entry);
		if (cache_lease_key_is(&entry, "v1"))
			cache_leases_read_version(loader, &bucket);
		else
			cache_loader_note(loader, "bucket %s: an unknown version of the schema",
			                  shown);
	}
	if (cache->lease_count == 0)
		return;
	qsort(cache->leases, cache->lease_count, sizeof(*cache->leases), cache_lease_compare);
	for (size_t i = 0; i < cache->lease_count; i++)
		(void)map_set(&cache->lease_by_id, cache->leases[i].id, i);
}
