/* cmd_why.c - layer why ID. */
#include "gc/cmd.h"
#include "gc/plan/why.h"
#include "gc/show/row.h"
#include "metadata/base/text.h"

#include <string.h>

static const struct row_column why_columns[] = {
	{ "KIND", "kind", ROW_TEXT },
	{ "NAME", "name", ROW_TEXT },
	{ "RELATION", "relation", ROW_TEXT },
};

/* What is said of an object that refers to another one. */
static void why_print_step(FILE *out, const struct why_step *step)
{
	char name[ERR_TEXT_MAX];

	(void)text_escape(name, sizeof(name), step->name, strlen(step->name));
	(void)fprintf(out, "%s %s\n", graph_kind_words(step->kind), name);
}

/* The path from the root, a line a step: "tag app:1", "  names image sha256:...", ... */
static void why_print_path(FILE *out, const struct why *why)
{
	(void)fprintf(out, "%s %s is kept:\n", graph_kind_words(why->kind), why->name);
	for (size_t i = 0; i < why->count; i++) {
		(void)fprintf(out, "  %s%s", why->steps[i].relation,
		              why->steps[i].relation[0] ? " " : "");
		why_print_step(out, &why->steps[i]);
	}
}

static void why_print_lack(FILE *out, const struct why *why)
{
	(void)fprintf(out, "%s %s is needed by nothing", graph_kind_words(why->kind), why->name);
	if (why->count == 0) {
		(void)fprintf(out, ":\n  %s\n", why->lacks);
		return;
	}
	(void)fputs("; what refers to it is itself needed by nothing:\n", out);
	for (size_t i = 0; i < why->count; i++) {
		(void)fputs("  ", out);
		why_print_step(out, &why->steps[i]);
	}
}

static void why_print_json(FILE *out, const struct why *why)
{
	AUTO(row_list) struct row_list list = ROW_LIST("steps", NULL, why_columns);
	struct row_document document;

	for (size_t i = 0; i < why->count; i++) {
		row_add_text(&list, graph_kind_words(why->steps[i].kind));
		row_add_text(&list, why->steps[i].name);
		row_add_text(&list, why->steps[i].relation);
	}
	row_document_begin(&document, out);
	row_document_text(&document, "kind", graph_kind_words(why->kind));
	row_document_text(&document, "name", why->name);
	row_document_bool(&document, "is_kept", why->is_kept);
	row_document_text(&document, "lacks", why->lacks);
	row_document_list(&document, &list);
	row_document_end(&document);
}

int cmd_layer_why(const struct command_call *call, struct err *err)
{
	const struct graph *graph = call->session->graph;
	AUTO(why) struct why why = { .lacks = "" };
	uint32_t node;

	if (why_find(graph, call->settings->arguments[0], &node, err) < 0)
		return -1;
	why_explain(&why, graph, call->session->baseline, node);
	if (call->settings->format != OUTPUT_TABLE)
		why_print_json(call->console->out, &why);
	else if (why.is_kept)
		why_print_path(call->console->out, &why);
	else
		why_print_lack(call->console->out, &why);
	return 0;
}
