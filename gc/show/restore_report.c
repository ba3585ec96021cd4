/* restore_report.c - what a restore would bring back, or has, and what is in its way. */
#include "gc/show/restore_report.h"

#include "gc/show/prune_lines.h"
#include "gc/show/prune_report.h"
#include "gc/show/row.h"
#include "metadata/base/err.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdlib.h>
#include <string.h>

static bool restore_report_has(const struct restore_report *report, const struct run_step *step)
{
	return step->state == (report->is_plan ? STEP_PLANNED : STEP_RESTORED);
}

size_t restore_report_count(const struct restore_report *report)
{
	return run_count_state(report->run, report->is_plan ? STEP_PLANNED : STEP_RESTORED);
}

/* The steps as a report of a prune has them; texts are borrowed. */
struct restore_source {
	struct plan plan;
	bool *is_in;
	struct prune_report report;
};

static void restore_source_make(struct restore_source *source, const struct restore_report *report)
{
	const struct run *run = report->run;
	struct plan *plan = &source->plan;

	*source = (struct restore_source){ .plan = { .count = run->step_count } };
	plan->actions = mem_zalloc(run->step_count, sizeof(*plan->actions));
	source->is_in = mem_zalloc(run->step_count, sizeof(*source->is_in));
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		plan->actions[i] = (struct action){ .kind = step->kind,
			                            .reason = step->reason,
			                            .object = step->object,
			                            .path = step->path,
			                            .detail = step->detail,
			                            .size_bytes = step->size_bytes,
			                            .usage = step->usage };
		source->is_in[i] = restore_report_has(report, step);
		if (source->is_in[i])
			usage_add(&plan->freed, &step->usage);
	}
	source->report = (struct prune_report){ .plan = plan,
		                                .state = report->state,
		                                .root = report->root,
		                                .is_done = source->is_in,
		                                .freed = plan->freed };
}

static void restore_source_cleanup(struct restore_source *source)
{
	free(source->plan.actions);
	free(source->is_in);
}

/* Why what STEP is about does not come back; NULL: it does, or it is no problem. */
static const char *restore_report_problem(const struct run_step *step)
{
	return step->error && (step->state == STEP_FAILED || step->state == STEP_HELD) ? step->error
	                                                                               : NULL;
}

static void restore_report_problems(FILE *out, const struct run *run, size_t line_max)
{
	size_t count = 0;

	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];
		const char *problem = restore_report_problem(step);
		char object[ERR_TEXT_MAX];
		char words[ERR_TEXT_MAX];

		if (!problem || (count++ >= line_max && line_max > 0))
			continue;
		if (count == 1)
			(void)fputs("Cannot be restored:\n", out);
		text_escape(object, sizeof(object), step->object, strlen(step->object));
		text_escape(words, sizeof(words), problem, strlen(problem));
		(void)fprintf(out, "%s %s: %s\n",
		              step->kind == ACTION_UNTAG ? "tag" : action_kind_name(step->kind),
		              object, words);
	}
	if (count > line_max && line_max > 0)
		(void)fprintf(out, "... and %zu more (-v shows all)\n", count - line_max);
	if (count > 0)
		(void)fputc('\n', out);
}

void restore_report_lists(FILE *out, const struct restore_report *report, size_t line_max)
{
	AUTO(restore_source) struct restore_source source;
	enum prune_report_tense tense =
	    report->is_plan ? PRUNE_REPORT_WOULD_RESTORE : PRUNE_REPORT_RESTORED;

	restore_source_make(&source, report);
	prune_report_lists(out, &source.report, tense, line_max);
	if (report->is_plan)
		restore_report_problems(out, report->run, line_max);
	prune_report_total(out, &source.report, tense);
}

/* ---- JSON ---- */

static const struct row_column head_columns[] = {
	{ NULL, "root", ROW_TEXT },  { NULL, "digest", ROW_TEXT },  { NULL, "run", ROW_COUNT },
	{ NULL, "state", ROW_TEXT }, { NULL, "archive", ROW_TEXT },
};

static const struct row_column object_columns[] = {
	{ NULL, "type", ROW_TEXT },
	{ NULL, "object", ROW_TEXT },
	{ NULL, "size_bytes", ROW_SIZE },
};

static const struct row_column problem_columns[] = {
	{ NULL, "kind", ROW_TEXT },
	{ NULL, "object", ROW_TEXT },
	{ NULL, "error", ROW_TEXT },
};

static const struct row_column total_columns[] = {
	{ NULL, "actions", ROW_COUNT },       { NULL, "restored", ROW_COUNT },
	{ NULL, "apparent_bytes", ROW_SIZE }, { NULL, "allocated_bytes", ROW_SIZE },
	{ NULL, "inodes", ROW_COUNT },
};

static void restore_report_add(struct row_list *objects, struct row_list *problems,
                               struct row_list *totals, const struct restore_report *report)
{
	AUTO(restore_source) struct restore_source source;
	AUTO(prune_lines) struct prune_lines *lines = NULL;

	restore_source_make(&source, report);
	lines = prune_lines_make(&source.plan, report->state, source.is_in);
	for (size_t i = 0; i < lines->count; i++) {
		row_add_text(objects, prune_report_type(lines->items[i].section));
		row_add_text(objects, lines->items[i].text);
		row_add_size(objects, lines->items[i].size_bytes);
	}
	for (size_t i = 0; i < report->run->step_count; i++) {
		const struct run_step *step = &report->run->steps[i];

		if (!restore_report_problem(step))
			continue;
		row_add_text(problems, action_kind_name(step->kind));
		row_add_text(problems, step->object);
		row_add_text(problems, step->error);
	}
	row_add_count(totals, (int64_t)report->run->step_count);
	row_add_count(totals, (int64_t)restore_report_count(report));
	row_add_size(totals, (int64_t)source.plan.freed.apparent_bytes);
	row_add_size(totals, (int64_t)source.plan.freed.allocated_bytes);
	row_add_count(totals, (int64_t)source.plan.freed.inodes);
}

static void restore_report_json(FILE *out, const struct restore_report *report,
                                enum output_format format)
{
	const struct run *run = report->run;
	AUTO(row_list) struct row_list head = ROW_LIST("restore", NULL, head_columns);
	AUTO(row_list) struct row_list objects = ROW_LIST("objects", NULL, object_columns);
	AUTO(row_list) struct row_list problems = ROW_LIST("problems", NULL, problem_columns);
	AUTO(row_list) struct row_list totals = ROW_LIST("totals", NULL, total_columns);
	const struct row_list *const lists[] = { &head, &objects, &problems, &totals };
	struct row_document document;

	restore_report_add(&objects, &problems, &totals, report);
	row_add_text(&head, report->root);
	row_add_text(&head, run->digest);
	row_add_count(&head, report->is_plan ? -1 : run->id);
	row_add_text(&head, report->is_plan ? NULL : run_state_name(run->state));
	row_add_text(&head, run->archive);
	if (format == OUTPUT_JSONL) {
		row_print(out, format, false, lists, sizeof(lists) / sizeof(lists[0]));
		return;
	}
	row_document_begin(&document, out);
	row_document_text(&document, "root", report->root);
	row_document_text(&document, "digest", run->digest);
	if (run->archive)
		row_document_text(&document, "archive", run->archive);
	if (!report->is_plan) {
		row_document_count(&document, "run", (uint64_t)run->id);
		row_document_text(&document, "state", run_state_name(run->state));
	}
	row_document_list(&document, &objects);
	row_document_list(&document, &problems);
	row_document_object(&document, &totals);
	row_document_end(&document);
}

void restore_report_print(FILE *out, const struct restore_report *report, enum output_format format)
{
	if (format == OUTPUT_TABLE)
		restore_report_lists(out, report, 0);
	else
		restore_report_json(out, report, format);
}
