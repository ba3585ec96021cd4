/* filter_lines.c - the filters of a prune, before the question. */
#include "gc/show/filter_lines.h"

#include "metadata/base/err.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdlib.h>
#include <string.h>

static int filter_lines_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void filter_lines_print(FILE *words, const struct filter_set *filters)
{
	size_t count = filters ? filters->count : 0;
	char line[ERR_TEXT_MAX];
	char **lines;

	if (count == 0)
		return;
	lines = mem_zalloc(count, sizeof(*lines));
	for (size_t i = 0; i < count; i++)
		lines[i] = mem_print("%s=%s", filters->items[i].key, filters->items[i].value);
	qsort(lines, count, sizeof(*lines), filter_lines_compare);
	(void)fputs("\n  Items to be pruned will be filtered with:\n", words);
	for (size_t i = 0; i < count; i++) {
		text_escape(line, sizeof(line), lines[i], strlen(lines[i]));
		(void)fprintf(words, "  - %s\n", line);
		free(lines[i]);
	}
	free(lines);
}
