/* sweep.c - carrying out a plan: detach, barrier, erase; and finishing what was cut off. */
#include "gc/sweep/sweep.h"

#include "gc/edit/cache_links.h"
#include "gc/sweep/begin.h"
#include "gc/sweep/detach.h"
#include "gc/sweep/discard.h"
#include "gc/sweep/resume.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct sweep_detach_context {
	const struct sweep_options *options;
	size_t total;
};

static void sweep_detach_progress(void *context, size_t done_count)
{
	const struct sweep_detach_context *detach = context;
	const struct usage nothing = { 0, 0, 0 };

	detach->options->progress(detach->options->context, SWEEP_DETACH, done_count, detach->total,
	                          &nothing);
}

/* ---- the archive ---- */

static void sweep_archive_progress(void *context, enum archiving_phase phase,
                                   uint64_t content_bytes)
{
	const struct sweep_options *options = context;
	const struct usage usage = { content_bytes, 0, 0 };

	options->progress(options->context, phase == ARCHIVING_WRITES ? SWEEP_ARCHIVE : SWEEP_CHECK,
	                  0, 0, &usage);
}

/* Archives what RUN will do, which belongs to that archive from then on. */
static int sweep_archive(struct run *run, struct trash *trash, const struct session *session,
                         const struct sweep_options *options, struct err *err)
{
	struct archiving *archiving = options->archiving;
	struct sweep_options watched = *options;

	archiving->jobs = options->jobs;
	archiving->stop = options->stop;
	archiving->progress = options->progress ? sweep_archive_progress : NULL;
	archiving->context = &watched;
	if (archiving_do(archiving, run, trash, session->graph, session->root->fd, err) < 0)
		return -1;
	free(run->archive);
	run->archive = mem_text(archiving->path);
	return 0;
}

/* ---- the run ---- */

/* Says whether there was no room for a step. */
static bool sweep_is_full(const struct run *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state == STEP_FAILED && run->steps[i].is_full)
			return true;
	}
	return false;
}

/*
 * Says whether what is in the trash may be erased before the run has come that far. Not what is in
 * an archive: resumed, the run is archived again, and nothing may be missing then; and not what is
 * in quarantine.
 */
static bool sweep_may_erase(const struct run *run)
{
	return !run->archive && run->work != RUN_QUARANTINE;
}

static bool sweep_has_trash(const struct run *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state == STEP_DETACHED && !run->steps[i].error)
			return true;
	}
	return false;
}

/* What could not be done is planned again; a step that fails for another reason will once more. */
static void sweep_retry(struct run *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state == STEP_FAILED || run->steps[i].state == STEP_HELD)
			run_step_set(&run->steps[i], STEP_PLANNED, NULL);
	}
}

/* What a run is carried out with; borrowed. */
struct sweep {
	struct run *run;
	struct journal *journal;
	struct trash *trash;
	const struct graph *graph;
	const struct sweep_options *options;
	bool leaves_tags; /* see detach.h */
};

/* Says whether there is no room for a step, and something can be done about it. */
static bool sweep_needs_room(const struct sweep *sweep)
{
	return sweep_is_full(sweep->run) && sweep_may_erase(sweep->run) &&
	       (sweep_has_trash(sweep->run) || !sweep->leaves_tags);
}

/* Moves everything into the trash that can be; the journal says so. */
static int sweep_detach_once(const struct sweep *sweep, bool *is_stopped, struct err *err)
{
	const struct sweep_options *options = sweep->options;
	struct run *run = sweep->run;
	struct sweep_detach_context context = { options, sweep->run->step_count };
	const struct detach work = { .run = sweep->run,
		                     .graph = sweep->graph,
		                     .trash = sweep->trash,
		                     .stop = options->stop,
		                     .progress = options->progress ? sweep_detach_progress : NULL,
		                     .context = &context,
		                     .may_leave_tags = sweep->leaves_tags };

	if (detach(&work, is_stopped, err) < 0)
		return -1;
	if (!*is_stopped && !sweep_needs_room(sweep))
		run->state = run->work == RUN_QUARANTINE && run_count_state(run, STEP_DETACHED) > 0
		                 ? RUN_QUARANTINED
		                 : RUN_DETACHED;
	run_count(run);
	cut_here(&options->cut, "journal", "detached");
	return journal_save(sweep->journal, run, 0, run->step_count, err);
}

/*
 * Moves everything into the trash; RUN is detached then, or stopped and still planned. Where there
 * is no room for an edit, or for more in the trash, what is there already is erased before the
 * others are tried again, as long as that helps; then once more without the edit of tags.
 */
static int sweep_detach(struct sweep *sweep, struct err *err)
{
	bool is_stopped;

	if (sweep_detach_once(sweep, &is_stopped, err) < 0)
		return -1;
	while (!is_stopped && sweep->run->state == RUN_PLANNED) {
		if (!sweep_has_trash(sweep->run))
			sweep->leaves_tags = true;
		else if (discard_early(sweep->run, sweep->journal, sweep->trash, sweep->options,
		                       &is_stopped, err) < 0)
			return -1;
		if (is_stopped)
			break;
		sweep_retry(sweep->run);
		if (sweep_detach_once(sweep, &is_stopped, err) < 0)
			return -1;
	}
	return 0;
}

static int sweep_carry_out(struct run *run, struct journal *journal, struct trash *trash,
                           const struct session *session, const struct sweep_options *options,
                           struct err *err)
{
	struct sweep sweep = { run, journal, trash, session->graph, options, false };

	if (run->state == RUN_PLANNED && run->work == RUN_QUARANTINE)
		cache_links_save(trash, run);
	if (run->state == RUN_PLANNED && sweep_detach(&sweep, err) < 0)
		return err_wrap(err, "run %lld", (long long)run->id);
	if (run->state == RUN_DETACHED && discard(run, journal, trash, options, err) < 0)
		return err_wrap(err, "run %lld", (long long)run->id);
	return 0;
}

int sweep_run(struct run **run, struct journal *journal, const struct session *session,
              const struct sweep_request *request, const struct sweep_options *options,
              struct err *err)
{
	AUTO(run)
	struct run *made = run_new(request->plan, session->root, request->command, &request->scope);
	AUTO(trash) struct trash *trash = NULL;
	int result;

	*run = NULL;
	made->started = time(NULL);
	made->id = request->first_id;
	if (begin_number(made, journal, session->root->fd, err) < 0)
		return -1;
	trash = trash_new(session->root->fd, made->id, &options->cut);
	if (request->is_quarantine)
		made->work = RUN_QUARANTINE;
	if (begin_place(made, trash, err) < 0 ||
	    (options->archiving && sweep_archive(made, trash, session, options, err) < 0))
		return -1;
	/* a whole archive is there for a run that has begun */
	if (options->archiving ? options->archiving->is_stopped : options->stop && *options->stop)
		return 0;
	cut_here(&options->cut, "journal", "begin");
	if (journal_begin(journal, made, err) < 0)
		return -1;
	result = sweep_carry_out(made, journal, trash, session, options, err);
	*run = TAKE(made, NULL);
	return result;
}

/* Nothing has been erased yet, so everything is there to be archived. */
static int sweep_archive_again(struct run *run, struct trash *trash, const struct session *session,
                               const struct sweep_options *options, struct err *err)
{
	if (!options->archiving)
		return err_set(err, ERR_STATE, "is to be archived to %s first", run->archive);
	options->archiving->may_replace = true;
	return sweep_archive(run, trash, session, options, err);
}

int sweep_resume(struct run *run, struct journal *journal, const struct session *session,
                 const struct plan *fresh, const struct sweep_options *options, struct err *err)
{
	AUTO(trash) struct trash *trash = NULL;

	if (!journal_owns(journal, run))
		return err_set(err, ERR_STATE, "run %lld belongs to another data root, %s",
		               (long long)run->id, run->root_path);
	if (!run_is_unfinished(run) && run->state != RUN_INCOMPLETE)
		return err_set(err, ERR_STATE, "run %lld is %s: there is nothing to resume",
		               (long long)run->id, run_state_name(run->state));
	trash = trash_new(session->root->fd, run->id, &options->cut);
	if (begin_again(run, trash, err) < 0 ||
	    resume_find_back(run, session->graph, trash, err) < 0)
		return err_wrap(err, "run %lld", (long long)run->id);
	if (run->state == RUN_INCOMPLETE)
		run->state = RUN_DETACHED;
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state == STEP_DETACHED)
			run_step_set(&run->steps[i], STEP_DETACHED, NULL);
	}
	if (run->state == RUN_PLANNED &&
	    (resume_decide(run, fresh, session->graph, trash, err) < 0 ||
	     (run->archive && sweep_archive_again(run, trash, session, options, err) < 0)))
		return err_wrap(err, "run %lld", (long long)run->id);
	if (run->state == RUN_PLANNED && run->archive && options->archiving->is_stopped)
		return 0;
	return sweep_carry_out(run, journal, trash, session, options, err);
}
