/* attach.c - the way back: what is in the trash of a run goes to where it was, bottom-up. */
#include "gc/back/attach.h"

#include "gc/back/conflict.h"
#include "gc/back/needs.h"
#include "gc/edit/cache_links.h"
#include "gc/edit/edit_undo.h"
#include "gc/edit/volume_record.h"
#include "gc/run/target.h"
#include "gc/sweep/detach.h"
#include "metadata/base/mem.h"

/* Says whether what STEP needs is there; else it is held. */
static bool attach_may(const struct needs *needs, struct run_step *step)
{
	AUTO(str) char *missing = needs_missing(needs, step);

	if (missing)
		run_step_set(step, STEP_HELD, missing);
	return !missing;
}

/* Does those of the steps FIRST to END-1, edits of one file, that can be done. */
static void attach_edit(const struct attach *attach, const struct needs *needs, size_t first,
                        size_t end)
{
	const struct edit_site site = { attach->trash, attach->graph, attach->is_trial };
	struct run *run = attach->run;
	struct err err = ERR_INIT;

	for (size_t i = first; i < end; i++) {
		if (run->steps[i].state == STEP_DETACHED)
			(void)attach_may(needs, &run->steps[i]);
	}
	if (edit_undo(&site, run, first, end, &err) == 0)
		return;
	for (size_t i = first; i < end; i++) {
		if (run->steps[i].state == STEP_DETACHED)
			run_step_set(&run->steps[i], STEP_FAILED, err.text);
	}
}

/* Brings the object back; buildkit/ also when a daemon has made it again and not used it, which
 * conflict_find() has seen. */
static int attach_return(const struct attach *attach, const struct run_step *step,
                         enum trash_return_result *result, struct err *err)
{
	if (trash_return(attach->trash, step->place, step->path, result, err) < 0)
		return -1;
	if (*result != TRASH_TAKEN || step->kind != ACTION_CACHE)
		return 0;
	*result = TRASH_RETURNED;
	return trash_exchange(attach->trash, step->place, step->path, err);
}

/* The same, without doing it. */
static int attach_look(const struct attach *attach, const struct run_step *step,
                       enum trash_return_result *result, struct err *err)
{
	bool is_moved = false;
	bool is_there = false;

	if (trash_has(attach->trash, step->place, &is_moved, err) < 0 ||
	    trash_has_source(attach->trash, step->path, &is_there, err) < 0)
		return -1;
	*result = is_moved || is_there ? TRASH_RETURNED : TRASH_LOST;
	return 0;
}

static void attach_move(const struct attach *attach, size_t at)
{
	struct run_step *step = &attach->run->steps[at];
	enum trash_return_result result = TRASH_LOST;
	struct err err = ERR_INIT;

	if (!target_name(step->kind, step->path) ||
	    !trash_owns(attach->trash, step->path, at + 1, step->place)) {
		run_step_set(step, STEP_FAILED, "its path is none that drydock makes");
		return;
	}
	if ((attach->is_trial ? attach_look : attach_return)(attach, step, &result, &err) < 0)
		run_step_set(step, STEP_FAILED, err.text);
	else if (result == TRASH_TAKEN)
		run_step_set(step, STEP_FAILED, "exists already");
	else if (result == TRASH_LOST)
		run_step_set(step, STEP_FAILED, "is not in the trash");
	else
		run_step_set(step, STEP_RESTORED, NULL);
}

/* Does the steps FIRST to END-1, which are done at once. */
static void attach_group(const struct attach *attach, const struct needs *needs, size_t first,
                         size_t end)
{
	struct run_step *step = &attach->run->steps[first];

	if (action_is_edit(step->kind))
		attach_edit(attach, needs, first, end);
	else if (attach_may(needs, step))
		attach_move(attach, first);
	if (attach->progress)
		attach->progress(attach->context, attach->run->step_count - first);
}

static bool attach_is_planned(const struct run *run, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		if (run->steps[i].state == STEP_DETACHED)
			return true;
	}
	return false;
}

/* Says of what is back, and of that KIND, what it lacks. */
static void attach_tell(const struct attach *attach, enum action_kind kind, const char *what,
                        const struct err *err)
{
	struct run *run = attach->run;
	AUTO(str) char *words = mem_print("without %s: %s", what, err->text);

	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].kind == kind && run->steps[i].state == STEP_RESTORED)
			run_step_set(&run->steps[i], STEP_RESTORED, words);
	}
}

/* What a dockerd has forgotten meanwhile; the data is back in any case. */
static void attach_records(const struct attach *attach)
{
	struct err err = ERR_INIT;

	if (volume_records_return(attach->run, attach->root_fd, trash_cut(attach->trash), &err) < 0)
		attach_tell(attach, ACTION_VOLUME, "its labels", &err);
	err_clear(&err);
	if (cache_links_return(attach->trash, attach->run, &err) < 0)
		attach_tell(attach, ACTION_CACHE_RECORD, "its place in builds", &err);
}

/* What has moved so far is on disk for good. 0 or -1. */
static int attach_sync(const struct attach *attach, struct err *err)
{
	return attach->is_trial ? 0 : trash_sync(attach->trash, err);
}

int attach(const struct attach *attach, bool *is_stopped, struct err *err)
{
	struct run *run = attach->run;
	AUTO(needs)
	struct needs *needs =
	    needs_new(attach->trash, attach->root_fd, attach->graph, run, attach->is_trial);
	bool is_unsynced = false; /* what moved lately is of one sort: records, or storage */
	bool was_storage = false;
	size_t first;

	*is_stopped = false;
	if (conflict_find(run, attach->trash, attach->root_fd, attach->graph, err) < 0)
		return -1;
	for (size_t end = run->step_count; end > 0; end = first) {
		bool is_storage = detach_is_storage(run->steps[end - 1].kind);

		(void)run_group(run, end - 1, &first);
		if (!attach_is_planned(run, first, end))
			continue;
		*is_stopped = attach->stop && *attach->stop;
		if (*is_stopped)
			break;
		if (is_unsynced && is_storage != was_storage && attach_sync(attach, err) < 0)
			return -1;
		attach_group(attach, needs, first, end);
		was_storage = is_storage;
		is_unsynced = true;
	}
	if (attach_sync(attach, err) < 0)
		return -1;
	if (!*is_stopped && !attach->is_trial)
		attach_records(attach);
	return 0;
}
