/* keep_lines.h - the keep rules of a prune, before the question. */
#ifndef GC_SHOW_KEEP_LINES_H
#define GC_SHOW_KEEP_LINES_H

#include "gc/plan/keep.h"

#include <stdio.h>

/*
 * Writes an empty line, "  Images that stay in any case:" and a line for each --keep, for each file
 * of --keep-from, and for --keep-last. Nothing without rules (NULL or empty).
 */
void keep_lines_print(FILE *words, const struct keep_rules *keep);

#endif
