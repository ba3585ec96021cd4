/* prune_warning.h - what a prune says before it asks, in the words of Docker 28. */
#ifndef GC_SHOW_PRUNE_WARNING_H
#define GC_SHOW_PRUNE_WARNING_H

#include "gc/plan/selection.h"

#include <stdio.h>

/*
 * "WARNING! This will remove ..." for SCOPE: one line for a prune of one kind, a list for more,
 * with the filters and keep rules.
 */
void prune_warning_print(FILE *words, const struct selection_scope *scope);

#endif
