/* finding_report.c - findings as words on the terminal. */
#include "gc/show/finding_report.h"

#include "metadata/base/text.h"

#include <string.h>

#define FINDING_REPORT_MAX 10 /* of a kind, unless everything is wanted */
#define FINDING_REPORT_TEXT_MAX 2048

static const char *const class_words[] = {
	[FINDING_NOTE] = "note",
	[FINDING_GARBAGE] = "note",
	[FINDING_DAMAGE] = "warning",
	[FINDING_BLOCK] = "error",
};

/*
 * Escapes TEXT unless a terminal can show it as it is: details are partly the texts of errors,
 * which are escaped already.
 */
static const char *finding_report_safe(char *safe, size_t size, const char *text)
{
	size_t len = strlen(text);
	size_t raw_len = text_escape(safe, size, text, len);
	size_t backslashes = 0;

	for (const char *p = text; *p; p++)
		backslashes += *p == '\\';
	return raw_len == len + backslashes ? text : safe;
}

static void finding_report_line(FILE *words, const struct finding *finding)
{
	const struct finding_row *row = finding_row(finding->code);
	char path[FINDING_REPORT_TEXT_MAX];
	char detail[FINDING_REPORT_TEXT_MAX];

	text_escape(path, sizeof(path), finding->path, strlen(finding->path));
	(void)fprintf(words, "drydock: %s: %s: %s%s%s (%s)\n", class_words[row->class], row->name,
	              path, *finding->detail ? ": " : "",
	              finding_report_safe(detail, sizeof(detail), finding->detail), row->meaning);
}

/* The number of findings from AT on that have the same code. */
static size_t finding_report_run(const struct finding_list *findings, size_t at)
{
	size_t end = at;

	while (end < findings->count && findings->items[end].code == findings->items[at].code)
		end++;
	return end - at;
}

void finding_report_print(FILE *words, struct finding_list *findings,
                          const struct settings *settings)
{
	size_t run;

	finding_list_sort(findings);
	for (size_t at = 0; at < findings->count; at += run) {
		const struct finding_row *row = finding_row(findings->items[at].code);
		bool is_note = row->class == FINDING_NOTE || row->class == FINDING_GARBAGE;
		size_t shown;

		run = finding_report_run(findings, at);
		if (is_note && settings->is_quiet)
			continue;
		shown =
		    run > FINDING_REPORT_MAX && !settings->is_verbose ? FINDING_REPORT_MAX : run;
		for (size_t i = 0; i < shown; i++)
			finding_report_line(words, &findings->items[at + i]);
		if (shown < run)
			(void)fprintf(words, "drydock: %s: %s: and %zu more (-v shows all)\n",
			              class_words[row->class], row->name, run - shown);
	}
}
