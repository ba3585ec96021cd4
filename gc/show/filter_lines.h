/* filter_lines.h - the filters of a prune, before the question. */
#ifndef GC_SHOW_FILTER_LINES_H
#define GC_SHOW_FILTER_LINES_H

#include "gc/plan/filter.h"

#include <stdio.h>

/*
 * Writes an empty line, "  Items to be pruned will be filtered with:" and "  - label=x" for each
 * filter, sorted, as `docker system prune` does. Nothing without filters (NULL or empty).
 */
void filter_lines_print(FILE *words, const struct filter_set *filters);

#endif
