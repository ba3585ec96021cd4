/* execution.c - carrying out a plan for the user: journal, signals, progress, report. */
#include "gc/execution.h"

#include "gc/archive_option.h"
#include "gc/exit_status.h"
#include "gc/journal_home.h"
#include "gc/network_links.h"
#include "gc/option.h"
#include "gc/outcome.h"
#include "gc/prune.h"
#include "gc/quarantine.h"
#include "gc/restoration.h"
#include "gc/run/run_scope.h"
#include "gc/show/status.h"
#include "gc/stop.h"
#include "gc/sweep/sweep.h"
#include "gc/watch.h"
#include "metadata/base/mem.h"
#include "metadata/base/own.h"
#include "overlay2/archive_file.h"

#include <inttypes.h>
#include <string.h>

/* What the user asked for, as the journal keeps it; the caller frees. */
static char *execution_words(const struct command_call *call)
{
	AUTO(str) char *options = option_given_words(call->settings, OPTION_SCOPE);

	return mem_print("%s %s%s", call->command->group, call->command->name, options);
}

/* Sets *PATH (owned by the caller) and ARCHIVING when the command line asks for an archive. */
static int execution_archive(const struct command_call *call, struct sweep_options *options,
                             struct archiving *archiving, char **path, struct err *err)
{
	if (!call->settings->archive)
		return 0;
	if (archive_option_path(path, call->settings->archive, err) < 0)
		return -1;
	archiving->path = *path;
	options->archiving = archiving;
	return 0;
}

/* The same for RUN, which is resumed: the archive that it began with, or another one. */
static int execution_archive_again(const struct command_call *call, const struct run *run,
                                   struct sweep_options *options, struct archiving *archiving,
                                   char **path, struct err *err)
{
	if (execution_archive(call, options, archiving, path, err) < 0)
		return -1;
	if (options->archiving && (!run->archive || run->state != RUN_PLANNED))
		return err_set(err, ERR_STATE, "run %" PRId64 " %s: it cannot be archived any more",
		               run->id,
		               run->archive ? "has begun to erase" : "began without an archive");
	if (options->archiving || !run->archive || run->state != RUN_PLANNED)
		return 0;
	if (strcmp(run->archive, ARCHIVE_FILE_STDOUT) == 0)
		return err_set(err, ERR_STATE,
		               "run %" PRId64 " was cut off after it had written its archive to "
		               "standard output; what is there now is to be archived again: "
		               "'drydock run resume --archive FILE', or '--archive -' again",
		               run->id);
	*path = mem_text(run->archive); /* it is replaced in RUN */
	archiving->path = *path;
	options->archiving = archiving;
	return 0;
}

/* What follows when a run was stopped before anything has happened. */
static int execution_end_stopped(const struct command_call *call, const struct run *run,
                                 bool is_archiving)
{
	(void)fprintf(call->console->words, "drydock: %s%s: nothing was removed\n", stop_words(),
	              is_archiving ? " while archiving: there is no archive" : "");
	if (run)
		(void)fprintf(call->console->words,
		              "drydock: 'drydock run resume' finishes run %" PRId64 "\n", run->id);
	return EXIT_STATUS_INTERRUPTED;
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
		quarantine_tell(call, run);
		if (run->state == RUN_INCOMPLETE)
			(void)fprintf(call->console->words,
			              "drydock: 'drydock run resume %" PRId64 "' tries again\n",
			              run->id);
		verified = outcome_verify(call, home->journal, run, err);
		return verified < 0 ? -1 : bits | verified;
	}
	if (!run) {
		if (call->settings->archive)
			(void)fputs("drydock: nothing was removed\n", call->console->words);
		return -1;
	}
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
	struct watch watch = { .total = plan->freed };
	struct sweep_options options = watch_options(&watch, call);
	struct sweep_request request = { .plan = plan,
		                         .command = words,
		                         .scope = *scope,
		                         .is_quarantine = call->settings->quarantine };
	struct archiving archiving = { .path = NULL };
	AUTO(str) char *path = NULL;
	int result;

	if (execution_archive(call, &options, &archiving, &path, err) < 0)
		return -1;
	if (journal_home_start(&home, call, plan->count, err) < 0)
		return -1;
	request.first_id = home.first_id;
	status_say(call->console->status, "beginning the run");
	result = sweep_run(&run, home.journal, call->session, &request, &options, err);
	watch_end(&watch);
	if (result == 0 && !run)
		return execution_end_stopped(call, NULL, archiving.is_stopped);
	outcome_archived(call, run, &archiving);
	return execution_end(call, &home, run, plan, result, err);
}

int execution_resume(const struct command_call *call, int64_t number, struct err *err)
{
	AUTO(journal_home) struct journal_home home = JOURNAL_HOME_INIT;
	AUTO(run) struct run *run = NULL;
	AUTO(plan) struct plan *fresh = NULL;
	AUTO(map) struct map decided = MAP_INIT;
	struct watch watch = { .has_phase = false };
	struct sweep_options options = watch_options(&watch, call);
	struct selection_scope scope;
	struct archiving archiving = { .path = NULL };
	AUTO(str) char *path = NULL;
	int result;

	if (journal_home_find(&home, &run, call, number, err) < 0)
		return -1;
	if (!run) {
		(void)fputs("drydock: there is no run to finish\n", call->console->words);
		return EXIT_STATUS_DONE;
	}
	if (run->work == RUN_RESTORE)
		return restoration_resume(call, &home, run, err);
	if (run->state == RUN_RETURNING)
		return quarantine_resume(call, &home, run, err);
	scope = run_scope_again(run, &decided);
	if (execution_archive_again(call, run, &options, &archiving, &path, err) < 0)
		return -1;
	if (prune_plan(&fresh, call->session, &scope, err) < 0)
		return -1;
	result = sweep_resume(run, home.journal, call->session, fresh, &options, err);
	watch_end(&watch);
	if (archiving.is_stopped)
		return execution_end_stopped(call, run, true);
	outcome_archived(call, run, &archiving);
	return execution_end(call, &home, run, fresh, result, err);
}
