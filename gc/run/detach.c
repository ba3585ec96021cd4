/* detach.c - the first half of a run: everything that goes is moved into the trash, top-down. */
#include "gc/run/detach.h"

#include "gc/run/hold.h"
#include "gc/run/target.h"
#include "gc/run/untag.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool detach_is_stopped(const struct detach *detach)
{
	return detach->stop && *detach->stop;
}

static void detach_fail(struct hold *hold, struct run_step *step, const char *why)
{
	run_step_set(step, STEP_FAILED, why);
	hold_add(hold, step);
}

/* Writes the words for a step that is held by CAUSE into it. */
static void detach_keep(struct run_step *step, const struct run_step *cause)
{
	AUTO(str)
	char *words = mem_print("%s %s, which is still there, may need it",
	                        action_kind_name(cause->kind), cause->object);

	run_step_set(step, STEP_HELD, words);
}

/* Marks in DROP the entries that planned steps take away; those that are gone already are done. */
static size_t detach_find_refs(const struct detach *detach, size_t end, bool *drop)
{
	const struct ref_list *refs = &detach->graph->state->refs;
	AUTO(map) struct map by_name = MAP_INIT;
	size_t found = 0;

	for (size_t i = 0; i < refs->count; i++)
		(void)map_set(&by_name, refs->items[i].name, i);
	for (size_t i = 0; i < end; i++) {
		struct run_step *step = &detach->run->steps[i];
		size_t ref;

		if (step->state != STEP_PLANNED)
			continue;
		if (!map_get(&by_name, step->object, &ref) ||
		    strcmp(refs->items[ref].value, step->detail) != 0) {
			run_step_set(step, STEP_DETACHED, NULL);
			continue;
		}
		drop[ref] = true;
		found++;
	}
	return found;
}

/* The steps up to END are entries that leave repositories.json; all of them or none. */
static void detach_untag(const struct detach *detach, struct hold *hold, size_t end)
{
	const struct ref_list *refs = &detach->graph->state->refs;
	AUTO(str) char *drop = mem_zalloc(refs->count, sizeof(bool));
	struct run *run = detach->run;
	struct err err = ERR_INIT;
	int result;

	if (!trash_owns(detach->trash, UNTAG_FILE, 1, run->steps[0].place))
		result = err_set(&err, ERR_CORRUPT, "its place is none that drydock makes");
	else if (detach_find_refs(detach, end, (bool *)drop) > 0)
		result =
		    untag_apply(detach->trash, refs, (const bool *)drop, run->steps[0].place, &err);
	else
		result = untag_clean(detach->trash, &err);
	for (size_t i = 0; i < end; i++) {
		if (run->steps[i].state != STEP_PLANNED)
			continue;
		if (result < 0)
			detach_fail(hold, &run->steps[i], err.text);
		else
			run_step_set(&run->steps[i], STEP_DETACHED, NULL);
	}
}

static void detach_move(const struct detach *detach, struct hold *hold, size_t at)
{
	struct run_step *step = &detach->run->steps[at];
	enum trash_result result = TRASH_GONE;
	struct err err = ERR_INIT;

	if (!target_name(step->kind, step->path) ||
	    !trash_owns(detach->trash, step->path, at + 1, step->place)) {
		detach_fail(hold, step, "its path is none that drydock makes");
		return;
	}
	if (trash_move(detach->trash, step->path, step->place, &result, &err) < 0) {
		detach_fail(hold, step, err.text);
		return;
	}
	run_step_set(step, result == TRASH_GONE ? STEP_GONE : STEP_DETACHED, NULL);
	if (result == TRASH_REAPPEARED) { /* another of that name, made since: not ours to move */
		step->is_back = true;
		hold_add(hold, step);
	}
}

/* Does one step, unless something that stays needs its object. */
static void detach_step(const struct detach *detach, struct hold *hold, size_t at)
{
	struct run_step *step = &detach->run->steps[at];
	const struct run_step *cause = hold_find(hold, step);

	if (cause)
		detach_keep(step, cause);
	else
		detach_move(detach, hold, at);
	if (detach->progress)
		detach->progress(detach->context, at + 1);
}

/* How many steps there are of ACTION_UNTAG; they are the first. */
static size_t detach_untag_end(const struct run *run)
{
	size_t end = 0;

	while (end < run->step_count && run->steps[end].kind == ACTION_UNTAG)
		end++;
	return end;
}

static bool detach_is_storage(enum action_kind kind)
{
	return kind == ACTION_LINK || kind == ACTION_DIR;
}

int detach(const struct detach *detach, bool *is_stopped, struct err *err)
{
	AUTO(hold) struct hold *hold = hold_new(detach->graph);
	struct run *run = detach->run;
	size_t first = detach_untag_end(run);
	bool is_record_moved = first > 0;

	*is_stopped = detach_is_stopped(detach);
	if (first > 0 && !*is_stopped)
		detach_untag(detach, hold, first);
	for (size_t i = first; i < run->step_count; i++) {
		if (run->steps[i].state != STEP_PLANNED)
			continue;
		*is_stopped = detach_is_stopped(detach);
		if (*is_stopped)
			break;
		if (is_record_moved && detach_is_storage(run->steps[i].kind)) {
			if (trash_sync(detach->trash, err) < 0)
				return -1;
			is_record_moved = false;
		}
		detach_step(detach, hold, i);
		is_record_moved |= !detach_is_storage(run->steps[i].kind);
	}
	return trash_sync(detach->trash, err);
}
