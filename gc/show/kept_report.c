/* kept_report.c - what keep rules have kept from a prune, in words. */
#include "gc/show/kept_report.h"

#include "metadata/base/err.h"
#include "metadata/base/text.h"

#include <string.h>

static void kept_report_image(FILE *words, const struct kept *kept)
{
	char rule[ERR_TEXT_MAX];
	char name[ERR_TEXT_MAX];

	text_escape(rule, sizeof(rule), kept->rule, strlen(kept->rule));
	text_escape(name, sizeof(name), kept->name ? kept->name : "",
	            kept->name ? strlen(kept->name) : 0);
	(void)fprintf(words, "drydock: note: kept by %s: %s%s%s\n", rule, name,
	              kept->name ? " " : "", kept->image);
}

void kept_report_print(FILE *words, const struct kept_list *kept, const struct settings *settings)
{
	char rule[ERR_TEXT_MAX];

	if (settings->is_quiet)
		return;
	for (size_t i = 0; i < kept->idle_count; i++) {
		text_escape(rule, sizeof(rule), kept->idle[i], strlen(kept->idle[i]));
		(void)fprintf(words, "drydock: note: %s means no image that is here\n", rule);
	}
	if (!settings->is_verbose && kept->count > 0)
		(void)fprintf(words,
		              "drydock: note: %zu image%s that would go %s kept by keep rules (-v "
		              "names them)\n",
		              kept->count, kept->count == 1 ? "" : "s",
		              kept->count == 1 ? "is" : "are");
	for (size_t i = 0; settings->is_verbose && i < kept->count; i++)
		kept_report_image(words, &kept->items[i]);
}
