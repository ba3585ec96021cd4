/* verify_cache.c - whether a run has left the build cache as it should be. */
#include "gc/verify/verify_part.h"

#include "metadata/base/mem.h"

/* verify_presence() of an entry of the cache: it goes with a step of its own, or with all of them.
 */
static bool verify_cache_entry(const struct verify *verify, enum action_kind kind, const char *id,
                               bool is_there)
{
	static const char *const words[ACTION_KIND_COUNT] = {
		[ACTION_CACHE_RECORD] = "build cache record",
		[ACTION_CACHE_LEASE] = "build cache lease",
		[ACTION_CACHE_SNAPSHOT] = "build cache snapshot",
	};
	AUTO(str) char *key = verify_edit_key(kind, id, "");

	return verify_presence(verify, words[kind], id,
	                       map_get(&verify->moved, key, NULL) ||
	                           verify_is_moved(verify, ACTION_CACHE, ""),
	                       is_there);
}

/* A record may be marked as deleted and still be there: BuildKit will finish that. */
static void verify_cache_records(const struct verify *verify, const struct cache *before,
                                 const struct cache *after)
{
	for (size_t i = 0; i < before->record_count; i++) {
		const struct cache_record *old = &before->records[i];
		AUTO(str) char *mark = verify_edit_key(ACTION_CACHE_MARK, old->id, "");
		size_t at = 0;
		bool is_there = map_get(&after->record_by_id, old->id, &at);
		const struct cache_record *new = is_there ? &after->records[at] : NULL;

		if (verify_cache_entry(verify, ACTION_CACHE_RECORD, old->id, is_there) && new)
			verify_equal(verify, "build cache record", old->id,
			             verify_is_same(old->snapshot_id, new->snapshot_id) &&
			                 verify_is_same(old->equal_mutable, new->equal_mutable) &&
			                 verify_is_same(old->type, new->type) &&
			                 old->parent_count == new->parent_count &&
			                 ((old->is_deleted || map_get(&verify->moved, mark,
			                                              NULL)) == new->is_deleted ||
			                  map_get(&verify->restored, mark, NULL)));
	}
}

static void verify_cache_leases(const struct verify *verify, const struct cache *before,
                                const struct cache *after)
{
	for (size_t i = 0; i < before->lease_count; i++) {
		const struct cache_lease *old = &before->leases[i];
		size_t at = 0;
		bool is_there = map_get(&after->lease_by_id, old->id, &at);

		if (verify_cache_entry(verify, ACTION_CACHE_LEASE, old->id, is_there))
			verify_equal(verify, "build cache lease", old->id,
			             old->snapshot_count == after->leases[at].snapshot_count &&
			                 old->is_temporary == after->leases[at].is_temporary);
	}
}

static void verify_cache_snapshots(const struct verify *verify, const struct cache *before,
                                   const struct cache *after)
{
	for (size_t i = 0; i < before->snapshot_count; i++) {
		const struct cache_snapshot *old = &before->snapshots[i];
		size_t at = 0;
		bool is_there = map_get(&after->snapshot_by_id, old->id, &at);
		const struct cache_snapshot *new = is_there ? &after->snapshots[at] : NULL;

		if (verify_cache_entry(verify, ACTION_CACHE_SNAPSHOT, old->id, is_there) && new)
			verify_equal(verify, "build cache snapshot", old->id,
			             verify_is_same(old->parent, new->parent) &&
			                 verify_is_same(old->committed, new->committed) &&
			                 verify_is_same(old->chain_id, new->chain_id));
	}
}

void verify_cache(const struct verify *verify)
{
	const struct cache *before = &verify->before->state->cache;
	const struct cache *after = &verify->after->state->cache;

	verify_cache_records(verify, before, after);
	verify_cache_leases(verify, before, after);
	verify_cache_snapshots(verify, before, after);
}
