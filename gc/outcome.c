/* outcome.c - what has become of a run, told to the user. */
#include "gc/outcome.h"

#include "gc/exit_status.h"
#include "gc/show/prune_report.h"
#include "gc/show/size_text.h"
#include "gc/show/status.h"
#include "gc/stop.h"
#include "gc/verify/verify.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "overlay2/archive_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEMS_MAX 10 /* lines about steps that failed, unless everything is wanted */

/* Says whether the step's object is gone for Docker, by this run. */
static bool outcome_is_done(const struct run_step *step)
{
	return (step->state == STEP_DETACHED || step->state == STEP_ERASED) && !step->is_back;
}

/* What the sum would have counted for a step that was not done. */
static uint64_t outcome_missed_bytes(const struct run_step *step)
{
	return outcome_is_done(step)
	           ? 0
	           : plan_counted_bytes(step->reason, step->size_bytes, &step->usage);
}

/* The steps as a plan, for the report; texts are borrowed from RUN. Free only the actions. */
static struct plan outcome_plan(const struct run *run)
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

void outcome_problems(const struct command_call *call, const struct run *run)
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

int outcome_unfinished(const struct command_call *call, const struct run *run)
{
	if (!run_is_unfinished(run))
		return EXIT_STATUS_DONE;
	(void)fprintf(call->console->words,
	              "drydock: %s; 'drydock run resume' finishes run %" PRId64 "\n", stop_words(),
	              run->id);
	return EXIT_STATUS_INTERRUPTED;
}

int outcome_report(const struct command_call *call, const struct run *run,
                   const struct kept_list *kept)
{
	bool *is_done = mem_zalloc(run->step_count, sizeof(*is_done));
	struct plan plan = outcome_plan(run);
	struct prune_report report = { .plan = &plan,
		                       .state = call->session->state,
		                       .root = call->session->root->path,
		                       .is_done = is_done,
		                       .kept = kept,
		                       .reclaimed_bytes = run->reclaimed_bytes,
		                       .has_no_total = prune_report_has_no_total(&run->scope) ||
		                                       run->state == RUN_QUARANTINED,
		                       .freed = run->freed,
		                       .run = (uint64_t)run->id,
		                       .run_state = run_state_name(run->state),
		                       .archive = run->archive };
	int bits = EXIT_STATUS_DONE;

	for (size_t i = 0; i < run->step_count; i++) {
		uint64_t missed = outcome_missed_bytes(&run->steps[i]);

		is_done[i] = outcome_is_done(&run->steps[i]);
		report.reclaimed_bytes -=
		    missed < report.reclaimed_bytes ? missed : report.reclaimed_bytes;
	}
	prune_report_print(call->console->out, &report, PRUNE_REPORT_DONE, call->settings->format);
	outcome_problems(call, run);
	bits |= outcome_unfinished(call, run);
	if (run->problem_count > 0 || run->state == RUN_INCOMPLETE)
		bits |= EXIT_STATUS_LEFT;
	free(is_done);
	free(plan.actions);
	return bits;
}

void outcome_archived(const struct command_call *call, const struct run *run,
                      const struct archiving *archiving)
{
	bool is_stdout;
	char size[SIZE_TEXT_MAX];
	char path[ERR_TEXT_MAX];

	if (!run || !archiving->path || archiving->size_bytes == 0 || call->settings->is_quiet)
		return;
	is_stdout = strcmp(archiving->path, ARCHIVE_FILE_STDOUT) == 0;
	text_escape(path, sizeof(path), archiving->path, strlen(archiving->path));
	(void)fprintf(call->console->words, "drydock: note: archived to %s (%s, XXH3-128 %s)\n",
	              is_stdout ? "standard output" : path, size_text(size, archiving->size_bytes),
	              archiving->hash);
	if (!is_stdout)
		(void)fprintf(call->console->words,
		              "drydock: note: 'drydock run restore %s' brings it back\n", path);
}

int outcome_verify(const struct command_call *call, struct journal *journal, const struct run *run,
                   struct err *err)
{
	AUTO(lines) struct lines lines = LINES_INIT;
	char text[ERR_TEXT_MAX];

	if (run_is_unfinished(run))
		return EXIT_STATUS_DONE; /* there is more to come */
	status_say(call->console->status, "checking what is left");
	if (verify_root(&lines, call->session, run, err) < 0 ||
	    verify_trash(&lines, journal, call->session->root, err) < 0)
		return err_wrap(err, "verify");
	for (size_t i = 0; i < lines.count; i++) {
		text_escape(text, sizeof(text), lines.items[i], strlen(lines.items[i]));
		(void)fprintf(call->console->words, "drydock: warning: verify: %s\n", text);
	}
	return lines.count > 0 ? EXIT_STATUS_LEFT : EXIT_STATUS_DONE;
}
