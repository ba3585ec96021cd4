/* edit.c - steps that change entries of a file that stays: one replacement of the file for all. */
#include "gc/edit/edit.h"

#include "gc/edit/edit_cache.h"
#include "gc/edit/edit_network.h"
#include "gc/edit/rewrite.h"
#include "gc/edit/untag.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Takes the entries of the steps out of repositories.json. */
static int edit_untag(struct trash *trash, const struct graph *graph, const struct run_step *steps,
                      size_t count, struct err *err)
{
	const struct ref_list *refs = &graph->state->refs;
	AUTO(str) char *drop = mem_zalloc(refs->count, sizeof(bool));
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		size_t ref = ref_list_find(refs, steps[i].object);

		if (steps[i].state != STEP_PLANNED)
			continue;
		for (; ref < refs->count && strcmp(refs->items[ref].name, steps[i].object) == 0;
		     ref++) {
			if (strcmp(refs->items[ref].value, steps[i].detail) != 0)
				continue;
			((bool *)drop)[ref] = true;
			found++;
		}
	}
	if (found == 0)
		return untag_clean(trash, err);
	return untag_apply(trash, refs, (const bool *)drop, steps[0].place, err);
}

/* Says whether the entry still stands in repositories.json as it was. */
static bool edit_has_ref(const struct graph *graph, const struct run_step *step)
{
	return ref_list_has(&graph->state->refs, step->object, step->detail, NULL);
}

/* The changes that edits of BuildKit's databases want; all of one kind have the same path. */
static edit_cache_add *const additions[ACTION_KIND_COUNT] = {
	[ACTION_CACHE_MARK] = edit_cache_marks,
	[ACTION_CACHE_LEASE] = edit_cache_leases,
	[ACTION_CACHE_SNAPSHOT] = edit_cache_snapshots,
	[ACTION_CACHE_RECORD] = edit_cache_records,
};

void edit_collect(struct bolt_edit *edit, const struct bolt *old,
                  const struct network_list *networks, const struct run_step *steps, size_t count)
{
	if (steps->kind == ACTION_NETWORK)
		edit_networks(edit, old, networks, steps, count);
	else
		additions[steps->kind](edit, old, steps, count);
}

static int edit_database(struct trash *trash, const struct graph *graph,
                         const struct run_step *steps, size_t count, struct err *err)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = NULL;
	int dirfd = trash_dir_of(trash, steps->path, err);

	if (dirfd < 0 || bolt_open(&old, dirfd, trash_name_of(steps->path), err) < 0)
		return err_wrap(err, "%s", steps->path);
	edit_collect(edit, old, &graph->state->networks, steps, count);
	return rewrite_apply(trash, steps->path, edit, steps->place, err);
}

static bool edit_has_network(const struct graph *graph, const struct run_step *step)
{
	return map_get(&graph->state->networks.by_id, step->object, NULL);
}

static bool edit_has_mark(const struct graph *graph, const struct run_step *step)
{
	const struct cache *cache = &graph->state->cache;
	size_t item;

	return map_get(&cache->record_by_id, step->object, &item) &&
	       !cache->records[item].is_deleted;
}

static bool edit_has_record(const struct graph *graph, const struct run_step *step)
{
	return map_get(&graph->state->cache.record_by_id, step->object, NULL);
}

static bool edit_has_lease(const struct graph *graph, const struct run_step *step)
{
	return map_get(&graph->state->cache.lease_by_id, step->object, NULL);
}

static bool edit_has_snapshot(const struct graph *graph, const struct run_step *step)
{
	return map_get(&graph->state->cache.snapshot_by_id, step->object, NULL);
}

static const struct {
	int (*apply)(struct trash *trash, const struct graph *graph, const struct run_step *steps,
	             size_t count, struct err *err);
	bool (*is_open)(const struct graph *graph, const struct run_step *step);
} edits[ACTION_KIND_COUNT] = {
	[ACTION_UNTAG] = { edit_untag, edit_has_ref },
	[ACTION_CACHE_MARK] = { edit_database, edit_has_mark },
	[ACTION_NETWORK] = { edit_database, edit_has_network },
	[ACTION_CACHE_LEASE] = { edit_database, edit_has_lease },
	[ACTION_CACHE_SNAPSHOT] = { edit_database, edit_has_snapshot },
	[ACTION_CACHE_RECORD] = { edit_database, edit_has_record },
};

int edit_apply(struct trash *trash, const struct graph *graph, const struct run *run, size_t first,
               size_t end, struct err *err)
{
	const struct run_step *steps = &run->steps[first];

	if (!trash_owns(trash, steps->path, first + 1, steps->place))
		return err_set(err, ERR_CORRUPT, "its place is none that drydock makes");
	return edits[steps->kind].apply(trash, graph, steps, end - first, err);
}

int edit_clean(struct trash *trash, const struct run_step *step, struct err *err)
{
	return step->kind == ACTION_UNTAG ? untag_clean(trash, err)
	                                  : rewrite_clean(trash, step->path, err);
}

bool edit_is_open(const struct graph *graph, const struct run_step *step)
{
	return edits[step->kind].is_open(graph, step);
}
