/* cache.h - BuildKit's build cache: records, leases and snapshots (bolt-buildkit.md §2, §3). */
#ifndef METADATA_CACHE_H
#define METADATA_CACHE_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A record of metadata_v2.db, bucket _main/<id>. */
struct cache_record {
	char *id;            /* 25 base 36, or whatever passes id_is_name() */
	char *snapshot_id;   /* cache.snapshot; the record's own id by default. Owned, never NULL */
	char *equal_mutable; /* cache.equalMutable: shares its data; NULL if none */
	char **parents;      /* cache.parent, mergeParents, lowerDiffParent, upperDiffParent */
	size_t parent_count;
	char *type;                       /* cache.recordType; "regular" when absent */
	char *description;                /* "" when absent */
	char *chain_id;                   /* 64 hex of cache.chainID; NULL if none */
	char *diff_id;                    /* 64 hex of cache.diffID; NULL if none */
	int64_t size_bytes;               /* snapshot.size; -1: unknown */
	int64_t created_ns, last_used_ns; /* Unix nanoseconds; 0: absent */
	int64_t usage_count;
	bool is_committed; /* immutable */
	bool is_blob_only; /* cache.blobonly: no snapshot of BuildKit's own. The records of base
	                      image layers have it, and name their layer in snapshot_id all the same
	                    */
	bool is_deleted;   /* BuildKit finishes the deletion at its next start */
	bool is_retained;  /* cache.cachePolicy == 1 */
};

/*
 * A lease of containerdmeta.db, v1/buildkit/leases/<id>: what dockerd holds alive at start. Leases
 * of other namespaces are here when they name snapshots; of the same ID in two namespaces, one.
 */
struct cache_lease {
	char *id;
	char **snapshot_ids; /* snapshots/<any snapshotter>/<key>; "sha256:..." is a layer */
	size_t snapshot_count;
	bool is_temporary; /* label buildkit/lease.temporary: BuildKit drops it at start */
	bool is_plain;     /* as leases of records are: in the namespace of BuildKit, with no label
	                      but containerd.io/gc.flat */
};

/* A bucket of snapshots.db. */
struct cache_snapshot {
	char *id;
	char *parent;       /* snapshot id; NULL if none */
	char *committed;    /* the mutable snapshot whose directory it owns; NULL if none */
	char *chain_id;     /* 64 hex: it is this layer of layerdb; NULL if none */
	int64_t size_bytes; /* -1: unknown */
	bool is_committed_elsewhere; /* iscommitted: its directory belongs to another snapshot */
	bool is_active;              /* has a parent, be it none: it was made with a directory */
};

/*
 * What a snapshot is on disk (bolt-buildkit.md §2.2, "Resolution"): a layer, or a directory of
 * overlay2, or neither. Both are borrowed.
 */
struct cache_place {
	const char *chain_id; /* 64 hex, or NULL */
	const char *dir;      /* passes id_is_dir(), or NULL */
};

struct cache {
	struct cache_record *records; /* sorted by id */
	size_t record_count, record_capacity;
	struct cache_lease *leases; /* sorted by id */
	size_t lease_count, lease_capacity;
	struct cache_snapshot *snapshots; /* sorted by id */
	size_t snapshot_count, snapshot_capacity;
	struct map record_by_id, lease_by_id, snapshot_by_id;
	/* What cannot be known; each has its finding. Any layer and any directory may be needed
	 * then. */
	bool is_unreadable;     /* a database or value cannot be understood */
	bool is_old_format;     /* only metadata.db of 19.03 or older */
	bool is_snapshots_gone; /* records or leases exist, snapshots.db does not (or is empty) */
	bool exists;            /* buildkit/ holds any database */
	bool has_history;       /* history.db is there: a daemon of 24.0 or later has been here */
	bool has_more;        /* buildkit/ holds what a prune of the whole cache would leave: build
	                         history, the cache of a containerd store, what is not known */
	bool has_record_list; /* metadata_v2.db is there and could hold records: without it nothing
	                         can be said to belong to none */
};

#define CACHE_INIT                                                                                 \
	{                                                                                          \
		.records = NULL                                                                    \
	}

/*
 * Reads buildkit/ under ROOT_FD: snapshots.db, metadata_v2.db, containerdmeta.db; the caller frees.
 * Databases that do not exist or have no bytes are empty, as for dockerd. Invalid ones are findings
 * and `is_unreadable`, not errors. Returns -1 for ERR_SYSTEM.
 */
int cache_load(struct cache *cache, int root_fd, struct finding_list *findings,
               struct err *err) MUST_USE;

/* Says whether buildkit/ is surely as dockerd makes it, without anything in it. */
bool cache_is_empty(const struct cache *cache);

/* Where snapshot ID is on disk; both NULL when it has no bucket or holds nothing of its own. */
struct cache_place cache_place(const struct cache *cache, const char *snapshot_id);

void cache_record_done(struct cache_record *record);
void cache_lease_done(struct cache_lease *lease);
void cache_snapshot_done(struct cache_snapshot *snapshot);
void cache_done(struct cache *cache);

static inline void cache_cleanup(struct cache *cache)
{
	cache_done(cache);
}

#endif
