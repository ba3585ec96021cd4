/* execution.c - carrying out a plan for the user: journal, signals, progress, report. */
#include "gc/execution.h"

#include "gc/exit_status.h"
#include "gc/journal_home.h"
#include "gc/network_links.h"
#include "gc/option.h"
#include "gc/outcome.h"
#include "gc/run/journal.h"
#include "gc/show/progress.h"
#include "gc/prune.h"
#include "gc/stop.h"
#include "gc/run/run_scope.h"
#include "gc/run/sweep.h"
#include "metadata/base/mem.h"
#include "metadata/base/own.h"

#include <inttypes.h>

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

/* What follows from the RESULT of sweep_run() or sweep_resume() with PLAN; RUN may be NULL. */
static int execution_end(const struct command_call *call, struct journal_home *home,
                         const struct run *run, const struct plan *plan, int result,
                         struct err *err)
{
	int bits;
	int verified;

	if (result == 0) {
		journal_home_return(home, call, run);
		bits = outcome_report(call, run, &plan->kept);
		network_links_end(call, run);
		if (run->state == RUN_INCOMPLETE)
			(void)fprintf(call->console->words,
			              "drydock: 'drydock run resume %" PRId64 "' tries again\n",
			              run->id);
		verified = outcome_verify(call, home->journal, run, err);
		return verified < 0 ? -1 : bits | verified;
	}
	if (!run)
		return -1;
	outcome_problems(call, run); /* what failed first says more than what failed last */
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
