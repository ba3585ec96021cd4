/* prune_warning.c - what a prune says before it asks, in the words of Docker 28. */
#include "gc/show/prune_warning.h"

#include "gc/show/filter_lines.h"
#include "gc/show/keep_lines.h"

#include <stddef.h>

struct warning_part {
	bool is_meant;
	const char *alone;  /* when it is the only one */
	const char *listed; /* among others */
};

#define PART_COUNT 9

static void warning_parts(const struct selection_scope *scope,
                          struct warning_part parts[PART_COUNT])
{
	const struct warning_part all[PART_COUNT] = {
		{ scope->containers, "all stopped containers", "all stopped containers" },
		{ scope->networks, "all custom networks not used by at least one container",
		  "all networks not used by at least one container" },
		{ scope->volumes && !scope->all_volumes,
		  "anonymous local volumes not used by at least one container",
		  "all anonymous volumes not used by at least one container" },
		{ scope->all_volumes, "all local volumes not used by at least one container",
		  "all volumes not used by at least one container" },
		{ scope->images && !scope->all_images, "all dangling images",
		  "all dangling images" },
		{ scope->all_images, "all images without at least one container associated to them",
		  "all images without at least one container associated to them" },
		{ scope->cache && !scope->all_cache, "all dangling build cache",
		  "unused build cache" },
		{ scope->all_cache, "all build cache", "all build cache" },
		{ scope->layers, "all layers, directories and leftovers that nothing needs",
		  "all layers, directories and leftovers that nothing needs" },
	};

	for (size_t i = 0; i < PART_COUNT; i++)
		parts[i] = all[i];
}

void prune_warning_print(FILE *words, const struct selection_scope *scope)
{
	struct warning_part parts[PART_COUNT];
	size_t count = 0;

	warning_parts(scope, parts);
	for (size_t i = 0; i < PART_COUNT; i++)
		count += parts[i].is_meant;
	(void)fprintf(words, "WARNING! This will remove%s", count == 1 ? " " : ":\n");
	for (size_t i = 0; i < PART_COUNT; i++) {
		if (parts[i].is_meant && count == 1)
			(void)fprintf(words, "%s.\n", parts[i].alone);
		else if (parts[i].is_meant)
			(void)fprintf(words, "  - %s\n", parts[i].listed);
	}
	filter_lines_print(words, scope->filters);
	keep_lines_print(words, scope->keep);
}
