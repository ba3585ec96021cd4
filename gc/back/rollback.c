/* rollback.c - second thoughts about a run: everything goes back, or is erased after all. */
#include "gc/back/rollback.h"

#include "gc/back/attach.h"
#include "gc/sweep/begin.h"
#include "gc/sweep/discard.h"
#include "gc/trash/trash.h"
#include "metadata/base/mem.h"
#include "overlay2/measure.h"

#include <stdlib.h>

/* ---- what can be taken back ---- */

static const bool has_trash[RUN_STATE_COUNT] = {
	[RUN_PLANNED] = true,   [RUN_DETACHED] = true,   [RUN_QUARANTINED] = true,
	[RUN_RETURNING] = true, [RUN_INCOMPLETE] = true,
};

static int rollback_check(const struct run *run, const struct journal *journal, struct err *err)
{
	if (!journal_owns(journal, run))
		return err_set(err, ERR_STATE, "run %lld belongs to another data root, %s",
		               (long long)run->id, run->root_path);
	if (run->work == RUN_RESTORE)
		return err_set(err, ERR_STATE,
		               "run %lld has put things back: there is nothing to take back",
		               (long long)run->id);
	if (!has_trash[run->state])
		return err_set(err, ERR_STATE, "run %lld is %s: there is nothing to take back",
		               (long long)run->id, run_state_name(run->state));
	return 0;
}

/* A step that failed may have been done all the same: the error came after that. */
static const bool may_be_done[STEP_STATE_COUNT] = {
	[STEP_PLANNED] = true,
	[STEP_DETACHED] = true,
	[STEP_HELD] = true,
	[STEP_FAILED] = true,
};

/*
 * What may be in the trash is looked for there. Of a run that was cut off while it moved things
 * away the journal does not know what has been; what has not is at its place, and stays there.
 * Returns whether each step may have been done; the caller frees.
 */
static bool *rollback_prepare(struct run *run)
{
	bool *is_tried = mem_zalloc(run->step_count, sizeof(*is_tried));

	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];

		is_tried[i] = may_be_done[step->state];
		if (is_tried[i])
			run_step_set(step, STEP_DETACHED, NULL);
	}
	return is_tried;
}

/*
 * Once erasing has begun, what is in the trash may be half of what it was: only what has the size
 * that was measured when it was planned is whole. The rest is gone, whatever is left of it.
 */
static int rollback_drop_erased(struct run *run, const struct session *session, struct err *err)
{
	struct measure_item *items = mem_zalloc(run->step_count, sizeof(*items));
	int result;

	for (size_t i = 0; i < run->step_count; i++)
		items[i] = (struct measure_item){ .path = run->steps[i].place,
			                          .dirfd = session->root->fd };
	result = measure(items, run->step_count, session->settings->jobs, err);
	for (size_t i = 0; i < run->step_count && result == 0; i++) {
		struct run_step *step = &run->steps[i];
		const struct usage *now = &items[i].usage;
		size_t first;

		(void)run_group(run, i, &first);
		if (step->state != STEP_DETACHED)
			continue;
		if (items[first].is_missing ||
		    (!action_is_edit(step->kind) &&
		     (now->inodes != step->usage.inodes ||
		      now->apparent_bytes != step->usage.apparent_bytes)))
			run_step_set(step, STEP_ERASED, NULL);
	}
	free(items);
	return result;
}

/* Says whether that may have begun: on a full disk also before everything has been moved away. */
static bool rollback_may_be_erased(const struct run *run)
{
	return run->state == RUN_DETACHED || run->state == RUN_INCOMPLETE ||
	       (run->state == RUN_PLANNED && run->work != RUN_QUARANTINE);
}

/* ---- doing it ---- */

struct rollback {
	struct run *run;
	struct journal *journal;
	const struct session *session;
	const struct sweep_options *options;
	struct trash *trash;
	bool *is_tried; /* one a step: it was moved away, or may have been */
};

static void rollback_tell(void *context, size_t done_count)
{
	const struct rollback *rollback = context;
	const struct usage nothing = { 0, 0, 0 };

	rollback->options->progress(rollback->options->context, SWEEP_RETURN, done_count,
	                            rollback->run->step_count, &nothing);
}

static int rollback_save(const struct rollback *rollback, const char *words, struct err *err)
{
	run_count(rollback->run);
	cut_here(&rollback->options->cut, "journal", words);
	return journal_save(rollback->journal, rollback->run, 0, rollback->run->step_count, err);
}

/* Notes which of the objects in the trash have another one at their place. */
static int rollback_find_back(struct run *run, struct trash *trash, struct err *err)
{
	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];

		if (step->state == STEP_DETACHED && !action_is_edit(step->kind) &&
		    trash_has_source(trash, step->path, &step->is_back, err) < 0)
			return -1;
	}
	return 0;
}

/* What could not go back is in the trash still, for another time. */
static int rollback_settle(const struct rollback *rollback, struct err *err)
{
	struct run *run = rollback->run;

	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];
		bool is_moved = false;
		size_t first;

		(void)run_group(run, i, &first);
		if (!rollback->is_tried[i] || step->state == STEP_RESTORED ||
		    !trash_owns(rollback->trash, step->path, first + 1, step->place))
			continue;
		if (trash_has(rollback->trash, step->place, &is_moved, err) < 0)
			return -1;
		if (is_moved)
			step->state = STEP_DETACHED;
	}
	return rollback_find_back(run, rollback->trash, err);
}

static int rollback_finish(const struct rollback *rollback, struct err *err)
{
	struct run *run = rollback->run;

	free(run->note);
	run->note = NULL;
	run_count(run);
	if (run_count_state(run, STEP_DETACHED) == 0)
		return discard(run, rollback->journal, rollback->trash, rollback->options, err);
	run->state = RUN_QUARANTINED;
	return rollback_save(rollback, "quarantined", err);
}

static int rollback_attach(const struct rollback *rollback, struct err *err)
{
	struct rollback watched = *rollback;
	const struct attach work = { .run = rollback->run,
		                     .graph = rollback->session->graph,
		                     .trash = rollback->trash,
		                     .root_fd = rollback->session->root->fd,
		                     .stop = rollback->options->stop,
		                     .progress = rollback->options->progress ? rollback_tell : NULL,
		                     .context = &watched };
	bool is_stopped = false;

	if (attach(&work, &is_stopped, err) < 0 || rollback_settle(rollback, err) < 0)
		return -1;
	return is_stopped ? rollback_save(rollback, "stopped", err)
	                  : rollback_finish(rollback, err);
}

/* Opens the trash of the run, and finds out what of it is whole. 0 or -1. */
static int rollback_open(struct run *run, const struct session *session, const struct cut *cut,
                         struct trash **trash, struct err *err)
{
	*trash = trash_new(session->root->fd, run->id, cut);
	if (begin_again(run, *trash, err) < 0 ||
	    (rollback_may_be_erased(run) && rollback_drop_erased(run, session, err) < 0))
		return err_wrap(err, "run %lld", (long long)run->id);
	return 0;
}

int rollback(struct run *run, struct journal *journal, const struct session *session,
             const struct sweep_options *options, struct err *err)
{
	AUTO(trash) struct trash *trash = NULL;
	struct rollback rollback = { run, journal, session, options, NULL, NULL };
	int result;

	if (rollback_check(run, journal, err) < 0 ||
	    rollback_open(run, session, &options->cut, &trash, err) < 0)
		return -1;
	rollback.trash = trash;
	rollback.is_tried = rollback_prepare(run);
	run->state = RUN_RETURNING;
	result = rollback_save(&rollback, "returning", err);
	if (result == 0)
		result = rollback_attach(&rollback, err);
	free(rollback.is_tried);
	return result < 0 ? err_wrap(err, "run %lld", (long long)run->id) : 0;
}

/* All of it without doing it. 0 or -1. */
static int rollback_try(struct run *run, const struct session *session, struct trash *trash,
                        struct err *err)
{
	const struct attach work = { .run = run,
		                     .graph = session->graph,
		                     .trash = trash,
		                     .root_fd = session->root->fd,
		                     .is_trial = true };
	bool is_stopped;

	return attach(&work, &is_stopped, err);
}

int rollback_look(struct run *run, struct journal *journal, const struct session *session,
                  struct err *err)
{
	const struct cut none = { NULL, NULL };
	AUTO(trash) struct trash *trash = NULL;
	bool *is_tried;
	int result;

	if (rollback_check(run, journal, err) < 0 ||
	    rollback_open(run, session, &none, &trash, err) < 0)
		return -1;
	is_tried = rollback_prepare(run);
	result = rollback_try(run, session, trash, err);
	for (size_t i = 0; i < run->step_count && result == 0; i++) {
		if (is_tried[i] && run->steps[i].state == STEP_RESTORED)
			run_step_set(&run->steps[i], STEP_PLANNED, NULL);
	}
	free(is_tried);
	run_count(run);
	return result < 0 ? err_wrap(err, "run %lld", (long long)run->id) : 0;
}

int rollback_check_commit(const struct run *run, const struct journal *journal, struct err *err)
{
	if (run->state != RUN_QUARANTINED && journal_owns(journal, run))
		return err_set(err, ERR_STATE, "run %lld is %s: there is nothing to commit",
		               (long long)run->id, run_state_name(run->state));
	return rollback_check(run, journal, err);
}

int rollback_commit(struct run *run, struct journal *journal, const struct session *session,
                    const struct sweep_options *options, struct err *err)
{
	AUTO(trash) struct trash *trash = NULL;
	struct rollback rollback = { run, journal, session, options, NULL, NULL };

	if (rollback_check_commit(run, journal, err) < 0)
		return -1;
	trash = trash_new(session->root->fd, run->id, &options->cut);
	if (begin_again(run, trash, err) < 0)
		return err_wrap(err, "run %lld", (long long)run->id);
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state == STEP_DETACHED)
			run_step_set(&run->steps[i], STEP_DETACHED, NULL);
	}
	run->state = RUN_DETACHED;
	if (rollback_find_back(run, trash, err) < 0 ||
	    rollback_save(&rollback, "detached", err) < 0 ||
	    discard(run, journal, trash, options, err) < 0)
		return err_wrap(err, "run %lld", (long long)run->id);
	return 0;
}
