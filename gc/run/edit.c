/* edit.c - steps that change entries of a file that stays: one replacement of the file for all. */
#include "gc/run/edit.h"

#include "gc/run/untag.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Takes the entries of the steps out of repositories.json. */
static int edit_untag(struct trash *trash, const struct graph *graph, const struct run_step *steps,
                      size_t count, struct err *err)
{
	const struct ref_list *refs = &graph->state->refs;
	AUTO(str) char *drop = mem_zalloc(refs->count, sizeof(bool));
	AUTO(map) struct map by_name = MAP_INIT;
	size_t found = 0;

	for (size_t i = 0; i < refs->count; i++)
		(void)map_set(&by_name, refs->items[i].name, i);
	for (size_t i = 0; i < count; i++) {
		size_t ref;

		if (steps[i].state != STEP_PLANNED || !map_get(&by_name, steps[i].object, &ref) ||
		    strcmp(refs->items[ref].value, steps[i].detail) != 0)
			continue;
		((bool *)drop)[ref] = true;
		found++;
	}
	if (found == 0)
		return untag_clean(trash, err);
	return untag_apply(trash, refs, (const bool *)drop, steps[0].place, err);
}

/* Says whether the entry still stands in repositories.json as it was. */
static bool edit_has_ref(const struct graph *graph, const struct run_step *step)
{
	const struct ref_list *refs = &graph->state->refs;

	for (size_t i = 0; i < refs->count; i++) {
		if (strcmp(refs->items[i].name, step->object) == 0)
			return strcmp(refs->items[i].value, step->detail) == 0;
	}
	return false;
}

static const struct {
	int (*apply)(struct trash *trash, const struct graph *graph, const struct run_step *steps,
	             size_t count, struct err *err);
	bool (*is_open)(const struct graph *graph, const struct run_step *step);
} edits[ACTION_KIND_COUNT] = {
	[ACTION_UNTAG] = { edit_untag, edit_has_ref },
};

int edit_apply(struct trash *trash, const struct graph *graph, const struct run *run, size_t first,
               size_t end, struct err *err)
{
	const struct run_step *steps = &run->steps[first];

	if (!trash_owns(trash, steps->path, first + 1, steps->place))
		return err_set(err, ERR_CORRUPT, "its place is none that drydock makes");
	return edits[steps->kind].apply(trash, graph, steps, end - first, err);
}

bool edit_is_open(const struct graph *graph, const struct run_step *step)
{
	return edits[step->kind].is_open(graph, step);
}
