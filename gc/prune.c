/* prune.c - what all prune commands do: decide, show, ask, remove. */
#include "gc/prune.h"

#include "gc/earlier_trash.h"
#include "gc/execution.h"
#include "gc/exit_status.h"
#include "gc/plan/filter.h"
#include "gc/plan/mark.h"
#include "gc/plan/plan.h"
#include "gc/show/kept_report.h"
#include "gc/show/prune_report.h"
#include "gc/show/prune_warning.h"
#include "gc/show/status.h"
#include "gc/until_free.h"

#include <assert.h>

#define PRUNE_LINES_MAX 10 /* of each list before the question */

struct plan *prune_decide(const struct session *session, const struct selection_scope *scope)
{
	AUTO(selection) struct selection *selection = selection_make(session->state, scope);
	AUTO(mark) struct mark *mark = mark_selection(session->graph, selection, session->baseline);

	return plan_make(session->graph, selection, session->baseline, mark);
}

int prune_plan(struct plan **plan, const struct session *session,
               const struct selection_scope *scope, struct err *err)
{
	AUTO(plan) struct plan *made = prune_decide(session, scope);

	if (plan_measure(made, session->root->fd, session->settings->jobs, err) < 0)
		return err_wrap(err, "measure what goes");
	*plan = TAKE(made, NULL);
	return 0;
}

/* Dockers before 23.0 did not mark the anonymous volumes that they made. */
static void prune_note_volumes(const struct command_call *call, const struct plan *plan)
{
	if (plan->unmarked_volume_count > 0 && !call->settings->is_quiet)
		(void)fprintf(call->console->words,
		              "drydock: note: %zu unused volume%s may be anonymous, but Docker "
		              "before 23.0 did not mark such ones; 'drydock volume prune -a' "
		              "removes every unused volume\n",
		              plan->unmarked_volume_count,
		              plan->unmarked_volume_count == 1 ? "" : "s");
}

/* Shows what will happen and asks. */
static bool prune_is_wanted(const struct command_call *call, const struct prune_report *report,
                            const struct selection_scope *scope)
{
	FILE *words = call->console->words;

	prune_warning_print(words, scope);
	(void)fputc('\n', words);
	prune_report_lists(words, report, PRUNE_REPORT_WOULD,
	                   call->settings->is_verbose ? 0 : PRUNE_LINES_MAX);
	prune_report_total(words, report, PRUNE_REPORT_WOULD);
	(void)fputc('\n', words);
	status_say(call->console->status, "waiting for an answer");
	return console_ask(call->console, "Are you sure you want to continue?");
}

/* A journal that cannot be read is told of when the run begins, which opens it anew. */
static void prune_tell_earlier(const struct command_call *call)
{
	struct err ignored = ERR_INIT;

	(void)!earlier_trash_tell(call, &ignored);
}

/* SCOPE with what the options say besides. */
static struct selection_scope prune_scope(const struct command_call *call,
                                          const struct selection_scope *scope)
{
	const struct rules *rules = call->rules;
	struct selection_scope ruled = *scope;

	ruled.filters = rules->filters.count > 0 ? &rules->filters : NULL;
	ruled.all_volumes = ruled.all_volumes || filter_is_true(ruled.filters, "all");
	ruled.keep = rules->keep.count > 0 || rules->keep.last > 0 ? &rules->keep : NULL;
	return ruled;
}

int prune(const struct command_call *call, const struct selection_scope *scope, struct err *err)
{
	const struct settings *settings = call->settings;
	struct session *session = call->session;
	AUTO(plan) struct plan *plan = NULL;
	struct prune_report report = { .state = session->state, .root = session->root->path };
	struct selection_scope ruled = prune_scope(call, scope);
	AUTO(rules) struct rules limited = RULES_INIT;
	enum until_free_result limit = UNTIL_FREE_ALL;

	if (settings->until_free && until_free_find(&plan, &limited, &ruled, &limit, call, err) < 0)
		return -1;
	if (limit == UNTIL_FREE_ENOUGH)
		ruled = (struct selection_scope){ .filters = NULL };
	if (!plan && prune_plan(&plan, session, &ruled, err) < 0)
		return -1;
	assert(plan);
	report.plan = plan;
	report.reclaimed_bytes = plan->reclaimed_bytes;
	report.has_no_total = prune_report_has_no_total(&ruled);
	report.freed = plan->freed;
	report.kept = &plan->kept;
	prune_note_volumes(call, plan);
	kept_report_print(call->console->words, &plan->kept, settings);
	if (settings->dry_run || plan->count == 0) {
		if (earlier_trash_tell(call, err) < 0)
			return -1;
		prune_report_print(call->console->out, &report,
		                   settings->dry_run ? PRUNE_REPORT_WOULD : PRUNE_REPORT_DONE,
		                   settings->format);
		return settings->exit_code && plan->count > 0 ? EXIT_STATUS_LEFT : EXIT_STATUS_DONE;
	}
	prune_tell_earlier(call);
	if (!settings->force && !prune_is_wanted(call, &report, &ruled)) {
		(void)fputs("drydock: nothing was removed\n", call->console->words);
		return EXIT_STATUS_DONE;
	}
	return execution_start(call, plan, &ruled, err);
}
