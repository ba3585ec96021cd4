/* prune_report.c - what a prune would remove, or has removed, in Docker's words. */
#include "gc/show/prune_report.h"

#include "gc/show/prune_lines.h"
#include "gc/show/row.h"
#include "gc/show/size_text.h"
#include "metadata/base/text.h"

#include <string.h>

#define LINE_TEXT_MAX 8192 /* of a line, escaped; a path has at most 4096 bytes */

/* What each list is of, planned and done (the first five are Docker's words), and its name in JSON.
 */
static const struct {
	const char *nouns[2];
	const char *type;
} sections[PRUNE_SECTION_COUNT] = {
	[PRUNE_CONTAINERS] = { { "containers", "Containers" }, "container" },
	[PRUNE_NETWORKS] = { { "networks", "Networks" }, "network" },
	[PRUNE_VOLUMES] = { { "volumes", "Volumes" }, "volume" },
	[PRUNE_IMAGES] = { { "images", "Images" }, "image" },
	[PRUNE_CACHE] = { { "build cache objects", "build cache objects" }, "build-cache" },
	[PRUNE_STALE_TAGS] = { { "stale tags", "stale tags" }, "stale-tag" },
	[PRUNE_HALF_CONTAINERS] = { { "half-removed containers", "half-removed containers" },
	                            "half-removed-container" },
	[PRUNE_MOUNTS] = { { "orphan mounts", "orphan mounts" }, "orphan-mount" },
	[PRUNE_LAYERS] = { { "orphan layers", "orphan layers" }, "orphan-layer" },
	[PRUNE_DIRS] = { { "orphan layer directories", "orphan layer directories" },
	                 "orphan-directory" },
	[PRUNE_LINKS] = { { "dangling links", "dangling links" }, "dangling-link" },
	[PRUNE_LEFTOVERS] = { { "leftovers", "leftovers" }, "leftover" },
};

static const struct {
	const char *verb;
	const char *on_disk;
	const char *total; /* NULL: there is none */
	bool is_done;
	bool has_prefix; /* Docker's "deleted: " and "untagged: " */
} tenses[] = {
	[PRUNE_REPORT_WOULD] = { "Would delete", "Would free on disk", "Total reclaimable space",
	                         false, true },
	[PRUNE_REPORT_DONE] = { "Deleted", "Freed on disk", "Total reclaimed space", true, true },
	[PRUNE_REPORT_WOULD_RESTORE] = { "Would restore", "Would take on disk", NULL, false,
	                                 false },
	[PRUNE_REPORT_RESTORED] = { "Restored", "Restored on disk", NULL, true, false },
};

const char *prune_report_type(enum prune_section section)
{
	return sections[section].type;
}

bool prune_report_has_no_total(const struct selection_scope *scope)
{
	return scope->networks && !scope->containers && !scope->volumes && !scope->images &&
	       !scope->cache && !scope->layers;
}

/* ---- lists and total ---- */

static void prune_report_line(FILE *out, const struct prune_line *line,
                              enum prune_report_tense tense)
{
	char safe[LINE_TEXT_MAX];
	char size[SIZE_TEXT_MAX];

	text_escape(safe, sizeof(safe), line->text, strlen(line->text));
	(void)fprintf(out, "%s%s", tenses[tense].has_prefix ? prune_line_prefix(line) : "", safe);
	if (!tenses[tense].is_done && line->size_bytes >= 0)
		(void)fprintf(out, "  %s", size_text(size, (uint64_t)line->size_bytes));
	(void)fputc('\n', out);
}

void prune_report_lists(FILE *out, const struct prune_report *report, enum prune_report_tense tense,
                        size_t line_max)
{
	AUTO(prune_lines)
	struct prune_lines *lines = prune_lines_make(report->plan, report->state, report->is_done);
	size_t end;

	for (size_t at = 0; at < lines->count; at = end) {
		enum prune_section section = lines->items[at].section;
		size_t shown;

		for (end = at; end < lines->count && lines->items[end].section == section;)
			end++;
		shown = line_max > 0 && end - at > line_max ? line_max : end - at;
		if (section == PRUNE_VOLUMES)
			shown = end - at; /* data that nothing brings back: each by name */
		(void)fprintf(out, "%s %s:\n", tenses[tense].verb,
		              sections[section].nouns[tenses[tense].is_done]);
		for (size_t i = 0; i < shown; i++)
			prune_report_line(out, &lines->items[at + i], tense);
		if (shown < end - at)
			(void)fprintf(out, "... and %zu more (-v shows all)\n", end - at - shown);
		(void)fputc('\n', out);
	}
}

void prune_report_total(FILE *out, const struct prune_report *report, enum prune_report_tense tense)
{
	char size[SIZE_TEXT_MAX];

	if (report->freed.inodes > 0)
		(void)fprintf(out, "%s: %s, %ju inode%s\n", tenses[tense].on_disk,
		              size_text(size, report->freed.allocated_bytes),
		              (uintmax_t)report->freed.inodes,
		              report->freed.inodes == 1 ? "" : "s");
	if (tenses[tense].total && (!tenses[tense].is_done || !report->has_no_total))
		(void)fprintf(out, "%s: %s\n", tenses[tense].total,
		              size_text(size, report->reclaimed_bytes));
}

/* ---- JSON ---- */

static const struct row_column plan_columns[] = {
	{ NULL, "root", ROW_TEXT },  { NULL, "digest", ROW_TEXT },  { NULL, "run", ROW_COUNT },
	{ NULL, "state", ROW_TEXT }, { NULL, "archive", ROW_TEXT },
};

static const struct row_column object_columns[] = {
	{ NULL, "type", ROW_TEXT },
	{ NULL, "object", ROW_TEXT },
	{ NULL, "is_untagged", ROW_BOOL },
	{ NULL, "size_bytes", ROW_SIZE },
};

static const struct row_column action_columns[] = {
	{ NULL, "kind", ROW_TEXT },           { NULL, "reason", ROW_TEXT },
	{ NULL, "object", ROW_TEXT },         { NULL, "path", ROW_TEXT },
	{ NULL, "detail", ROW_TEXT },         { NULL, "size_bytes", ROW_SIZE },
	{ NULL, "apparent_bytes", ROW_SIZE }, { NULL, "allocated_bytes", ROW_SIZE },
	{ NULL, "inodes", ROW_COUNT },        { NULL, "is_done", ROW_BOOL },
};

static const struct row_column kept_columns[] = {
	{ NULL, "image", ROW_TEXT },
	{ NULL, "name", ROW_TEXT },
	{ NULL, "rule", ROW_TEXT },
};

static const struct row_column total_columns[] = {
	{ NULL, "actions", ROW_COUNT },       { NULL, "reclaimed_bytes", ROW_SIZE },
	{ NULL, "apparent_bytes", ROW_SIZE }, { NULL, "allocated_bytes", ROW_SIZE },
	{ NULL, "inodes", ROW_COUNT },
};

/* The lines of the lists. */
static void prune_report_add_objects(struct row_list *list, const struct prune_report *report)
{
	AUTO(prune_lines)
	struct prune_lines *lines = prune_lines_make(report->plan, report->state, report->is_done);

	for (size_t i = 0; i < lines->count; i++) {
		const struct prune_line *line = &lines->items[i];

		row_add_text(list, sections[line->section].type);
		row_add_text(list, line->text);
		row_add_bool(list, line->is_untagged);
		row_add_size(list, line->size_bytes);
	}
}

static void prune_report_add_action(struct row_list *list, const struct action *action,
                                    const bool *is_done)
{
	row_add_text(list, action_kind_name(action->kind));
	row_add_text(list, action->reason == REASON_PRUNED ? "pruned" : "orphan");
	row_add_text(list, action->object);
	row_add_text(list, action->path);
	row_add_text(list, action->detail);
	row_add_size(list, action->size_bytes);
	row_add_size(list, (int64_t)action->usage.apparent_bytes);
	row_add_size(list, (int64_t)action->usage.allocated_bytes);
	row_add_count(list, (int64_t)action->usage.inodes);
	if (is_done)
		row_add_bool(list, *is_done);
}

static void prune_report_add_kept(struct row_list *list, const struct kept_list *kept)
{
	for (size_t i = 0; kept && i < kept->count; i++) {
		row_add_text(list, kept->items[i].image);
		row_add_text(list, kept->items[i].name);
		row_add_text(list, kept->items[i].rule);
	}
}

void prune_report_json(FILE *out, const struct prune_report *report, enum output_format format)
{
	const struct plan *plan = report->plan;
	AUTO(row_list) struct row_list head = ROW_LIST("plan", NULL, plan_columns);
	AUTO(row_list) struct row_list objects = ROW_LIST("objects", NULL, object_columns);
	AUTO(row_list) struct row_list actions = ROW_LIST("actions", NULL, action_columns);
	AUTO(row_list) struct row_list kept = ROW_LIST("kept", NULL, kept_columns);
	AUTO(row_list) struct row_list sums = ROW_LIST("totals", NULL, total_columns);
	const struct row_list *const lists[] = { &head, &objects, &actions, &kept, &sums };
	struct row_document document;

	if (!report->is_done)
		actions.column_count--; /* nothing has been done */
	row_add_text(&head, report->root);
	row_add_text(&head, plan->digest);
	row_add_count(&head, report->run > 0 ? (int64_t)report->run : -1);
	row_add_text(&head, report->run_state);
	row_add_text(&head, report->archive);
	prune_report_add_objects(&objects, report);
	for (size_t i = 0; i < plan->count; i++)
		prune_report_add_action(&actions, &plan->actions[i],
		                        report->is_done ? &report->is_done[i] : NULL);
	prune_report_add_kept(&kept, report->kept);
	row_add_count(&sums, (int64_t)plan->count);
	row_add_size(&sums, (int64_t)report->reclaimed_bytes);
	row_add_size(&sums, (int64_t)report->freed.apparent_bytes);
	row_add_size(&sums, (int64_t)report->freed.allocated_bytes);
	row_add_count(&sums, (int64_t)report->freed.inodes);
	if (format == OUTPUT_JSONL) {
		row_print(out, format, false, lists, sizeof(lists) / sizeof(lists[0]));
		return;
	}
	row_document_begin(&document, out);
	row_document_text(&document, "root", report->root);
	row_document_text(&document, "digest", plan->digest);
	if (report->run > 0) {
		row_document_count(&document, "run", report->run);
		row_document_text(&document, "state", report->run_state);
		if (report->archive)
			row_document_text(&document, "archive", report->archive);
	}
	row_document_list(&document, &objects);
	row_document_list(&document, &actions);
	row_document_list(&document, &kept);
	row_document_object(&document, &sums);
	row_document_end(&document);
}

void prune_report_print(FILE *out, const struct prune_report *report, enum prune_report_tense tense,
                        enum output_format format)
{
	if (format != OUTPUT_TABLE) {
		prune_report_json(out, report, format);
		return;
	}
	prune_report_lists(out, report, tense, 0);
	prune_report_total(out, report, tense);
}
