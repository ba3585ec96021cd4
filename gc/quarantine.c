/* quarantine.c - runs that wait in the trash: erased after all, or put back, for the user. */
#include "gc/quarantine.h"

#include "gc/back/rollback.h"
#include "gc/exit_status.h"
#include "gc/journal_away.h"
#include "gc/journal_home.h"
#include "gc/outcome.h"
#include "gc/show/restore_report.h"
#include "gc/show/size_text.h"
#include "gc/watch.h"

#include <inttypes.h>
#include <stdio.h>

/* What waits in the trash of RUN, as it was measured when it was planned. */
static struct usage quarantine_usage(const struct run *run)
{
	struct usage usage = { 0, 0, 0 };

	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state == STEP_DETACHED)
			usage_add(&usage, &run->steps[i].usage);
	}
	return usage;
}

void quarantine_tell(const struct command_call *call, const struct run *run)
{
	const struct usage usage = quarantine_usage(run);
	char size[SIZE_TEXT_MAX];

	if (run->state != RUN_QUARANTINED)
		return;
	(void)fprintf(call->console->words,
	              "drydock: run %" PRId64 " is in quarantine and takes %s: "
	              "'drydock run commit %" PRId64 "' frees that, "
	              "'drydock run rollback %" PRId64 "' puts everything back\n",
	              run->id, size_text(size, usage.allocated_bytes), run->id, run->id);
}

/* ---- commit ---- */

static bool quarantine_is_wanted(const struct command_call *call, const struct run *run)
{
	const struct usage usage = quarantine_usage(run);
	char size[SIZE_TEXT_MAX];

	(void)fprintf(call->console->words,
	              "This will erase for good what run %" PRId64
	              " (%s) has put in quarantine: %s, %zu actions.\n",
	              run->id, run->command, size_text(size, usage.allocated_bytes),
	              run_count_state(run, STEP_DETACHED));
	return console_ask(call->console, "Are you sure you want to continue?");
}

static int quarantine_end_commit(const struct command_call *call, struct journal_home *home,
                                 const struct run *run, int result, struct err *err)
{
	int bits;
	int verified;

	if (result < 0) {
		outcome_problems(call, run);
		return -1;
	}
	journal_home_return(home, call, run);
	bits = outcome_report(call, run, NULL);
	verified = outcome_verify(call, home->journal, run, err);
	return verified < 0 ? -1 : bits | verified;
}

static int quarantine_carry_out_commit(const struct command_call *call, int64_t number,
                                       struct err *err)
{
	AUTO(journal_home) struct journal_home home = JOURNAL_HOME_INIT;
	AUTO(run) struct run *run = NULL;
	struct watch watch = { .has_phase = false };
	struct sweep_options options = watch_options(&watch, call);
	int result;

	if (journal_home_find(&home, &run, call, number, err) < 0)
		return -1;
	watch.total = quarantine_usage(run);
	result = rollback_commit(run, home.journal, call->session, &options, err);
	watch_end(&watch);
	return quarantine_end_commit(call, &home, run, result, err);
}

/* Opens run NUMBER to look at it. */
static int quarantine_open(const struct command_call *call, int64_t number,
                           struct journal **journal, struct run **run, struct err *err)
{
	const struct root *root = call->session->root;

	return journal_away_open(journal, root, call->settings->state_dir, number, JOURNAL_READ,
	                         err) < 0
	           ? -1
	           : journal_load(*journal, number, run, err);
}

int quarantine_commit(const struct command_call *call, int64_t number, struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	AUTO(run) struct run *run = NULL;

	if (quarantine_open(call, number, &journal, &run, err) < 0 ||
	    rollback_check_commit(run, journal, err) < 0)
		return -1;
	if (call->settings->dry_run) {
		(void)outcome_report(call, run, NULL);
		quarantine_tell(call, run);
		return EXIT_STATUS_DONE;
	}
	if (!call->settings->force && !quarantine_is_wanted(call, run)) {
		(void)fputs("drydock: nothing was erased\n", call->console->words);
		return EXIT_STATUS_DONE;
	}
	return quarantine_carry_out_commit(call, number, err);
}

/* ---- rollback ---- */

static void quarantine_tell_left(const struct command_call *call, const struct run *run)
{
	size_t erased = run_count_state(run, STEP_ERASED);

	if (erased > 0)
		(void)fprintf(call->console->words,
		              "drydock: warning: %zu of %zu had been erased already\n", erased,
		              run->step_count);
	if (run->state == RUN_QUARANTINED)
		(void)fprintf(call->console->words,
		              "drydock: %zu of %zu could not be put back and wait: "
		              "'drydock run rollback %" PRId64 "' tries again, "
		              "'drydock run commit %" PRId64 "' erases them\n",
		              run_count_state(run, STEP_DETACHED), run->step_count, run->id,
		              run->id);
}

static int quarantine_report_rollback(const struct command_call *call, const struct run *run)
{
	const struct restore_report report = { .run = run,
		                               .state = call->session->state,
		                               .root = call->session->root->path };
	int bits = EXIT_STATUS_DONE;

	restore_report_print(call->console->out, &report, call->settings->format);
	outcome_problems(call, run);
	quarantine_tell_left(call, run);
	bits |= outcome_unfinished(call, run);
	if (run->problem_count > 0 || run->state == RUN_INCOMPLETE ||
	    run_count_state(run, STEP_ERASED) > 0)
		bits |= EXIT_STATUS_LEFT;
	return bits;
}

int quarantine_resume(const struct command_call *call, struct journal_home *home, struct run *run,
                      struct err *err)
{
	struct watch watch = { .has_phase = false };
	struct sweep_options options = watch_options(&watch, call);
	int result = rollback(run, home->journal, call->session, &options, err);
	int bits;
	int verified;

	watch_end(&watch);
	if (result < 0) {
		outcome_problems(call, run);
		if (run_is_unfinished(run))
			(void)fprintf(call->console->words,
			              "drydock: 'drydock run resume' goes on with run %" PRId64
			              "\n",
			              run->id);
		return -1;
	}
	journal_home_return(home, call, run);
	bits = quarantine_report_rollback(call, run);
	verified = outcome_verify(call, home->journal, run, err);
	return verified < 0 ? -1 : bits | verified;
}

static int quarantine_look(const struct command_call *call, int64_t number, struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	AUTO(run) struct run *run = NULL;
	struct restore_report report = { .state = call->session->state,
		                         .root = call->session->root->path,
		                         .is_plan = true };

	if (quarantine_open(call, number, &journal, &run, err) < 0 ||
	    rollback_look(run, journal, call->session, err) < 0)
		return -1;
	report.run = run;
	restore_report_print(call->console->out, &report, call->settings->format);
	return EXIT_STATUS_DONE;
}

int quarantine_rollback(const struct command_call *call, int64_t number, struct err *err)
{
	AUTO(journal_home) struct journal_home home = JOURNAL_HOME_INIT;
	AUTO(run) struct run *run = NULL;

	if (call->settings->dry_run)
		return quarantine_look(call, number, err);
	if (journal_home_find(&home, &run, call, number, err) < 0)
		return -1;
	return quarantine_resume(call, &home, run, err);
}
