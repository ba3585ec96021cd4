/* prune.c - what all prune commands do: decide, show, ask, remove. */
#include "gc/prune.h"

#include "gc/execution.h"
#include "gc/exit_status.h"
#include "gc/plan/mark.h"
#include "gc/plan/plan.h"
#include "gc/show/prune_report.h"

#include <assert.h>

#define PRUNE_LINES_MAX 10 /* of each list before the question */

int prune_plan(struct plan **plan, const struct session *session,
               const struct selection_scope *scope, struct err *err)
{
	AUTO(selection) struct selection *selection = selection_make(session->state, scope);
	AUTO(mark) struct mark *mark = mark_selection(session->graph, selection, session->baseline);
	AUTO(plan)
	struct plan *made = plan_make(session->graph, selection, session->baseline, mark);

	if (plan_measure(made, session->root->fd, session->settings->jobs, err) < 0)
		return err_wrap(err, "measure what goes");
	*plan = TAKE(made, NULL);
	return 0;
}

/* Shows what will happen and asks. */
static bool prune_is_wanted(const struct command_call *call, const struct prune_report *report,
                            const struct selection_scope *scope)
{
	FILE *words = call->console->words;

	prune_report_warning(words, scope, call->session->state);
	(void)fputc('\n', words);
	prune_report_lists(words, report, PRUNE_REPORT_WOULD,
	                   call->settings->is_verbose ? 0 : PRUNE_LINES_MAX);
	prune_report_total(words, report, PRUNE_REPORT_WOULD);
	(void)fputc('\n', words);
	return console_ask(call->console, "Are you sure you want to continue?");
}

int prune(const struct command_call *call, const struct selection_scope *scope, struct err *err)
{
	const struct settings *settings = call->settings;
	struct session *session = call->session;
	AUTO(plan) struct plan *plan = NULL;
	struct prune_report report = { .state = session->state, .root = session->root->path };

	if (prune_plan(&plan, session, scope, err) < 0)
		return -1;
	assert(plan);
	report.plan = plan;
	report.reclaimed_bytes = plan->reclaimed_bytes;
	report.freed = plan->freed;
	if (settings->dry_run || plan->count == 0) {
		prune_report_print(call->console->out, &report,
		                   settings->dry_run ? PRUNE_REPORT_WOULD : PRUNE_REPORT_DONE,
		                   settings->format);
		return settings->exit_code && plan->count > 0 ? EXIT_STATUS_LEFT : EXIT_STATUS_DONE;
	}
	if (!settings->force && !prune_is_wanted(call, &report, scope)) {
		(void)fputs("drydock: nothing was removed\n", call->console->words);
		return EXIT_STATUS_DONE;
	}
	return execution_start(call, plan, scope, err);
}
