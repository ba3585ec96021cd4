/* keep_lines.c - the keep rules of a prune, before the question. */
#include "gc/show/keep_lines.h"

#include "metadata/base/err.h"
#include "metadata/base/text.h"

#include <string.h>

static void keep_lines_rule(FILE *words, const char *option, const char *value)
{
	char safe[ERR_TEXT_MAX];

	text_escape(safe, sizeof(safe), value, strlen(value));
	(void)fprintf(words, "  - %s %s\n", option, safe);
}

void keep_lines_print(FILE *words, const struct keep_rules *keep)
{
	const char *source = NULL; /* of the pattern before: those of a file follow one another */

	if (!keep || (keep->count == 0 && keep->last == 0))
		return;
	(void)fputs("\n  Images that stay in any case:\n", words);
	for (size_t i = 0; i < keep->count; i++) {
		const struct keep_pattern *pattern = &keep->items[i];

		if (!pattern->source)
			keep_lines_rule(words, "--keep", pattern->text);
		else if (!source || strcmp(source, pattern->source) != 0)
			keep_lines_rule(words, "--keep-from", pattern->source);
		source = pattern->source;
	}
	if (keep->last > 0)
		(void)fprintf(words, "  - --keep-last %u\n", keep->last);
}
