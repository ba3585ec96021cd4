/* edit_cache.c - what steps on the build cache change in BuildKit's databases (bolt-buildkit.md
 * §3.3, §3.4). */
#include "gc/edit/edit_cache.h"

#include "metadata/base/map.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define DELETED_KEY "cache.deleted"
#define DELETED_VALUE "{\"value\":true}"

/* ---- metadata_v2.db ---- */

void edit_cache_marks(struct bolt_edit *edit, const struct bolt *old, const struct run_step *steps,
                      size_t count)
{
	struct bolt_edit_bucket *main = bolt_edit_enter(bolt_edit_root(edit), "_main", 5);
	struct bolt_bucket bucket = bolt_root(old);
	struct bolt_bucket record;

	if (!bolt_bucket_enter(&bucket, "_main", &bucket))
		return;
	for (size_t i = 0; i < count; i++) {
		const char *id = steps[i].object;

		if (steps[i].state == STEP_PLANNED && bolt_bucket_enter(&bucket, id, &record))
			bolt_edit_put(bolt_edit_enter(main, id, strlen(id)), DELETED_KEY,
			              strlen(DELETED_KEY), DELETED_VALUE, strlen(DELETED_VALUE));
	}
}

/* Index keys are "<index>::<record>"; the index may hold colons, too (bolt-buildkit.md §2.1). */
static void edit_cache_index(struct bolt_edit *edit, const struct bolt *old, const struct map *ids)
{
	struct bolt_edit_bucket *index = bolt_edit_enter(bolt_edit_root(edit), "_index", 6);
	struct bolt_bucket bucket = bolt_root(old);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	if (!bolt_bucket_enter(&bucket, "_index", &bucket))
		return;
	bolt_cursor_start(&cursor, &bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		AUTO(str) char *key = mem_copy(entry.key, entry.key_len);
		char *colons = strrchr(key, ':');

		if (colons && colons > key && colons[-1] == ':' && map_get(ids, colons + 1, NULL))
			bolt_edit_drop(index, entry.key, entry.key_len);
	}
}

void edit_cache_records(struct bolt_edit *edit, const struct bolt *old,
                        const struct run_step *steps, size_t count)
{
	struct bolt_edit_bucket *main = bolt_edit_enter(bolt_edit_root(edit), "_main", 5);
	struct bolt_edit_bucket *external = bolt_edit_enter(bolt_edit_root(edit), "_external", 9);
	AUTO(map) struct map ids = MAP_INIT;

	for (size_t i = 0; i < count; i++) {
		const char *id = steps[i].object;

		if (steps[i].state != STEP_PLANNED)
			continue;
		bolt_edit_drop(main, id, strlen(id));
		bolt_edit_drop(external, id, strlen(id));
		(void)map_set(&ids, id, i);
	}
	edit_cache_index(edit, old, &ids);
}

/* ---- containerdmeta.db and snapshots.db ---- */

void edit_cache_leases(struct bolt_edit *edit, const struct bolt *old, const struct run_step *steps,
                       size_t count)
{
	struct bolt_edit_bucket *version = bolt_edit_enter(bolt_edit_root(edit), "v1", 2);
	struct bolt_bucket bucket = bolt_root(old);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	if (!bolt_bucket_enter(&bucket, "v1", &bucket))
		return;
	bolt_cursor_start(&cursor, &bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		struct bolt_edit_bucket *leases;

		if (!entry.is_bucket)
			continue;
		leases = bolt_edit_enter(bolt_edit_enter(version, entry.key, entry.key_len),
		                         "leases", 6);
		for (size_t i = 0; i < count; i++) {
			if (steps[i].state == STEP_PLANNED)
				bolt_edit_drop(leases, steps[i].object, strlen(steps[i].object));
		}
	}
}

void edit_cache_snapshots(struct bolt_edit *edit, const struct bolt *old,
                          const struct run_step *steps, size_t count)
{
	(void)old;
	for (size_t i = 0; i < count; i++) {
		if (steps[i].state == STEP_PLANNED)
			bolt_edit_drop(bolt_edit_root(edit), steps[i].object,
			               strlen(steps[i].object));
	}
}
