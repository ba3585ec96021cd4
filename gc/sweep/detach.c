/* detach.c - the first half of a run: everything that goes is moved into the trash, top-down. */
#include "gc/sweep/detach.h"

#include "gc/edit/edit.h"
#include "gc/run/hold.h"
#include "gc/run/target.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool detach_is_stopped(const struct detach *detach)
{
	return detach->stop && *detach->stop;
}

static void detach_fail(const struct detach *detach, struct hold *hold, struct run_step *step,
                        const struct err *why)
{
	run_step_set(step, STEP_FAILED, why->text);
	step->is_full = err_has_code(why, ENOSPC) || err_has_code(why, EDQUOT);
	if (!(detach->may_leave_tags && step->is_full && step->kind == ACTION_UNTAG))
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

/* Does the steps FIRST to END-1, edits of one file: all of them or none. */
static void detach_edit(const struct detach *detach, struct hold *hold, size_t first, size_t end)
{
	struct run *run = detach->run;
	struct err err = ERR_INIT;
	int result;

	for (size_t i = first; i < end; i++) {
		const struct run_step *cause = hold_find(hold, &run->steps[i]);

		if (run->steps[i].state == STEP_PLANNED && cause)
			detach_keep(&run->steps[i], cause);
	}
	result = edit_apply(detach->trash, detach->graph, run, first, end, &err);
	for (size_t i = first; i < end; i++) {
		if (run->steps[i].state != STEP_PLANNED)
			continue;
		if (result < 0)
			detach_fail(detach, hold, &run->steps[i], &err);
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
		(void)err_set(&err, ERR_CORRUPT, "its path is none that drydock makes");
		detach_fail(detach, hold, step, &err);
		return;
	}
	if (trash_move(detach->trash, step->path, step->place, &result, &err) < 0) {
		detach_fail(detach, hold, step, &err);
		return;
	}
	run_step_set(step, result == TRASH_GONE ? STEP_GONE : STEP_DETACHED, NULL);
	if (result == TRASH_REAPPEARED) { /* another of that name, made since: not ours to move */
		step->is_back = true;
		hold_add(hold, step);
	}
}

/* Says whether the object of a step is in the trash already. */
static bool detach_is_moved(const struct detach *detach, const struct run_step *step, size_t at)
{
	struct err ignored = ERR_INIT; /* then it is not known to be */
	bool is_moved = false;

	return target_name(step->kind, step->path) &&
	       trash_owns(detach->trash, step->path, at + 1, step->place) &&
	       trash_has(detach->trash, step->place, &is_moved, &ignored) == 0 && is_moved;
}

/* Does one step, unless something that stays needs its object. */
static void detach_step(const struct detach *detach, struct hold *hold, size_t at)
{
	struct run_step *step = &detach->run->steps[at];
	const struct run_step *cause = hold_find(hold, step);

	/* what was moved before a kill is garbage, whatever has been made in its place since */
	if (cause && !detach_is_moved(detach, step, at))
		detach_keep(step, cause);
	else
		detach_move(detach, hold, at);
}

/* Does the first of the steps from AT on that are planned, and all that are done with it. Returns
 * the index after them. */
static size_t detach_group(const struct detach *detach, struct hold *hold, size_t at)
{
	const struct run *run = detach->run;
	size_t first;
	size_t end = run_group(run, at, &first);

	if (action_is_edit(run->steps[at].kind))
		detach_edit(detach, hold, first, end);
	else
		detach_step(detach, hold, at);
	if (detach->progress)
		detach->progress(detach->context, end);
	return end;
}

bool detach_is_storage(enum action_kind kind)
{
	return kind == ACTION_VOLUME || kind == ACTION_LINK || kind == ACTION_DIR;
}

int detach(const struct detach *detach, bool *is_stopped, struct err *err)
{
	AUTO(hold) struct hold *hold = hold_new(detach->graph);
	struct run *run = detach->run;
	bool is_unsynced =
	    false; /* what has been moved lately is of one sort: records, or storage */
	bool was_storage = false;

	*is_stopped = false;
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].is_back)
			hold_add(hold, &run->steps[i]);
	}
	for (size_t i = 0; i < run->step_count;) {
		bool is_storage = detach_is_storage(run->steps[i].kind);

		if (run->steps[i].state != STEP_PLANNED) {
			i++;
			continue;
		}
		*is_stopped = detach_is_stopped(detach);
		if (*is_stopped)
			break;
		if (is_unsynced && is_storage != was_storage && trash_sync(detach->trash, err) < 0)
			return -1;
		i = detach_group(detach, hold, i);
		was_storage = is_storage;
		is_unsynced = true;
	}
	return trash_sync(detach->trash, err);
}
