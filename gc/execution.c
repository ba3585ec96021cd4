/* execution.c - carrying out a plan for the user: journal, signals, progress, report. */
#include "gc/execution.h"

#include "gc/exit_status.h"
#include "gc/journal_home.h"
#include "gc/network_links.h"
#include "gc/option.h"
#include "gc/run/journal.h"
#include "gc/show/progress.h"
#include "gc/prune.h"
#include "gc/show/prune_report.h"
#include "gc/stop.h"
#include "gc/run/run_scope.h"
#include "gc/run/sweep.h"
#include "gc/run/verify.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEMS_MAX 10 /* lines about steps that failed, unless everything is wanted */

/* ---- progress ---- */

struct execution_watch {
	struct progress progress;
	enum sweep_phase phase;
	uint64_t total_bytes; /* as planned */
	bool has_phase;
};

static void execution_watch_phase(struct execution_watch *watch, enum sweep_phase phase,
                                  size_t total_count)
{
	bool has_bytes = phase == SWEEP_ERASE && watch->total_bytes > 0;

	progress_end(&watch->progress);
	watch->phase = phase;
	watch->has_phase = true;
	watch->progress.what = phase == SWEEP_DETACH ? "detaching" : "erasing";
	watch->progress.unit = has_bytes ? PROGRESS_BYTES : PROGRESS_THINGS;
	watch->progress.total = has_bytes ? watch->total_bytes : total_count;
	progress_start(&watch->progress, progress_clock_ms());
}

static void execution_watch_call(void *context, enum sweep_phase phase, size_t done_count,
                                 size_t total_count, const struct usage *freed)
{
	struct execution_watch *watch = context;
	bool has_bytes = phase == SWEEP_ERASE && watch->total_bytes > 0;

	if (!watch->has_phase || watch->phase != phase)
		execution_watch_phase(watch, phase, total_count);
	progress_show(&watch->progress, has_bytes ? freed->allocated_bytes : done_count,
	              progress_clock_ms());
}

/* ---- report ---- */

/* Says whether the step's object is gone for Docker, by this run. */
static bool execution_is_done(const struct run_step *step)
{
	return step->state == STEP_DETACHED || step->state == STEP_ERASED;
}

/* What the sum would have counted for a step that was not done. */
static uint64_t execution_missed_bytes(const struct run_step *step)
{
	return execution_is_done(step)
	           ? 0
	           : plan_counted_bytes(step->reason, step->size_bytes, &step->usage);
}

/* The steps as a plan, for the report; texts are borrowed from RUN. Free only the actions. */
static struct plan execution_plan(const struct run *run)
{
	struct plan plan = { .count = run->step_count, .freed = run->freed };

	plan.actions = mem_zalloc(run->step_count, sizeof(*plan.actions));
	(void)memcpy(plan.digest, run->digest, sizeof(plan.digest));
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		plan.actions[i] = (struct action){ .kind = step->kind,
			                           .reason = step->reason,
			                           .object = step->object,
			                           .path = step->path,
			                           .detail = step->detail,
			                           .size_bytes = step->size_bytes,
			                           .usage = step->freed };
	}
	return plan;
}

static void execution_report_problems(const struct command_call *call, const struct run *run)
{
	FILE *words = call->console->words;
	char object[ERR_TEXT_MAX];
	char error[ERR_TEXT_MAX];
	size_t shown = 0;

	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (!step->error)
			continue;
		if (shown++ >= PROBLEMS_MAX && !call->settings->is_verbose)
			continue;
		text_escape(object, sizeof(object), step->object, strlen(step->object));
		text_escape(error, sizeof(error), step->error, strlen(step->error));
		(void)fprintf(words, "drydock: warning: %s: %s %s: %s\n",
		              step_state_name(step->state), action_kind_name(step->kind), object,
		              error);
	}
	if (shown > PROBLEMS_MAX && !call->settings->is_verbose)
		(void)fprintf(words,
		              "drydock: warning: and %zu more (drydock run show %" PRId64 ")\n",
		              shown - PROBLEMS_MAX, run->id);
	if (run->note) {
		text_escape(error, sizeof(error), run->note, strlen(run->note));
		(void)fprintf(words, "drydock: warning: %s\n", error);
	}
}

/* Reports what has become of RUN, and what rules have KEPT from it. Returns bits of exit_status.h.
 */
static int execution_report(const struct command_call *call, const struct run *run,
                            const struct kept_list *kept)
{
	bool *is_done = mem_zalloc(run->step_count, sizeof(*is_done));
	struct plan plan = execution_plan(run);
	struct prune_report report = { .plan = &plan,
		                       .state = call->session->state,
		                       .root = call->session->root->path,
		                       .is_done = is_done,
		                       .kept = kept,
		                       .reclaimed_bytes = run->reclaimed_bytes,
		                       .has_no_total = prune_report_has_no_total(&run->scope),
		                       .freed = run->freed,
		                       .run = (uint64_t)run->id,
		                       .run_state = run_state_name(run->state) };
	int bits = EXIT_STATUS_DONE;

	for (size_t i = 0; i < run->step_count; i++) {
		uint64_t missed = execution_missed_bytes(&run->steps[i]);

		is_done[i] = execution_is_done(&run->steps[i]);
		report.reclaimed_bytes -=
		    missed < report.reclaimed_bytes ? missed : report.reclaimed_bytes;
	}
	prune_report_print(call->console->out, &report, PRUNE_REPORT_DONE, call->settings->format);
	execution_report_problems(call, run);
	if (run_is_unfinished(run)) {
		(void)fprintf(call->console->words,
		              "drydock: interrupted; 'drydock run resume' finishes run %" PRId64
		              "\n",
		              run->id);
		bits |= EXIT_STATUS_INTERRUPTED;
	}
	if (run->problem_count > 0 || run->state == RUN_INCOMPLETE)
		bits |= EXIT_STATUS_LEFT;
	free(is_done);
	free(plan.actions);
	return bits;
}

/* ---- running ---- */

static struct sweep_options execution_options(const struct command_call *call,
                                              struct execution_watch *watch)
{
	const struct console *console = call->console;
	bool is_watched = console->shows_progress && !call->settings->is_quiet;

	watch->progress.words = is_watched ? console->words : NULL;
	return (struct sweep_options){ .jobs = call->settings->jobs,
		                       .stop = stop_on_signals(),
		                       .progress = is_watched ? execution_watch_call : NULL,
		                       .context = watch };
}

/* What the user asked for, as the journal keeps it; the caller frees. */
static char *execution_words(const struct command_call *call)
{
	AUTO(str) char *options = option_given_words(call->settings, OPTION_SCOPE);

	return mem_print("%s %s%s", call->command->group, call->command->name, options);
}

/* Looks whether the root is what the run should have left. Returns bits of exit_status.h or -1. */
static int execution_verify(const struct command_call *call, struct journal *journal,
                            const struct run *run, struct err *err)
{
	AUTO(lines) struct lines lines = LINES_INIT;
	char text[ERR_TEXT_MAX];

	if (run_is_unfinished(run))
		return EXIT_STATUS_DONE; /* there is more to come */
	if (verify_root(&lines, call->session, run, err) < 0 ||
	    verify_trash(&lines, journal, call->session->root, err) < 0)
		return err_wrap(err, "verify");
	for (size_t i = 0; i < lines.count; i++) {
		text_escape(text, sizeof(text), lines.items[i], strlen(lines.items[i]));
		(void)fprintf(call->console->words, "drydock: warning: verify: %s\n", text);
	}
	return lines.count > 0 ? EXIT_STATUS_LEFT : EXIT_STATUS_DONE;
}

/* What follows from the RESULT of sweep_run() or sweep_resume() with PLAN; RUN may be NULL. */
static int execution_end(const struct command_call *call, struct journal_home *home,
                         const struct run *run, const struct plan *plan, int result,
                         struct err *err)
{
	int bits;
	int verified;

	if (result == 0) {
		journal_home_return(home, call, run);
		bits = execution_report(call, run, &plan->kept);
		network_links_end(call, run);
		if (run->state == RUN_INCOMPLETE)
			(void)fprintf(call->console->words,
			              "drydock: 'drydock run resume %" PRId64 "' tries again\n",
			              run->id);
		verified = execution_verify(call, home->journal, run, err);
		return verified < 0 ? -1 : bits | verified;
	}
	if (!run)
		return -1;
	execution_report_problems(call,
	                          run); /* what failed first says more than what failed last */
	if (run_is_unfinished(run))
		(void)fprintf(call->console->words,
		              "drydock: 'drydock run resume' finishes run %" PRId64 "\n", run->id);
	return -1;
}

int execution_start(const struct command_call *call, const struct plan *plan,
                    const struct selection_scope *scope, struct err *err)
{
	AUTO(journal_home) struct journal_home home = JOURNAL_HOME_INIT;
	AUTO(run) struct run *run = NULL;
	AUTO(str) char *words = execution_words(call);
	struct execution_watch watch = { .total_bytes = plan->freed.allocated_bytes };
	struct sweep_options options = execution_options(call, &watch);
	struct sweep_request request = { .plan = plan, .command = words, .scope = *scope };
	int result;

	if (journal_home_start(&home, call, plan->count, err) < 0)
		return -1;
	request.first_id = home.first_id;
	result = sweep_run(&run, home.journal, call->session, &request, &options, err);
	progress_end(&watch.progress);
	return execution_end(call, &home, run, plan, result, err);
}

int execution_resume(const struct command_call *call, int64_t number, struct err *err)
{
	AUTO(journal_home) struct journal_home home = JOURNAL_HOME_INIT;
	AUTO(run) struct run *run = NULL;
	AUTO(plan) struct plan *fresh = NULL;
	AUTO(map) struct map decided = MAP_INIT;
	struct execution_watch watch = { .has_phase = false };
	struct sweep_options options = execution_options(call, &watch);
	struct selection_scope scope;
	int result;

	if (journal_home_find(&home, &run, call, number, err) < 0)
		return -1;
	if (!run) {
		(void)fputs("drydock: there is no run to finish\n", call->console->words);
		return EXIT_STATUS_DONE;
	}
	scope = run_scope_again(run, &decided);
	if (prune_plan(&fresh, call->session, &scope, err) < 0)
		return -1;
	result = sweep_resume(run, home.journal, call->session, fresh, &options, err);
	progress_end(&watch.progress);
	return execution_end(call, &home, run, fresh, result, err);
}
