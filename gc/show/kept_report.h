/* kept_report.h - what keep rules have kept from a prune, in words. */
#ifndef GC_SHOW_KEPT_REPORT_H
#define GC_SHOW_KEPT_REPORT_H

#include "gc/plan/kept.h"
#include "gc/session/settings.h"

#include <stdio.h>

/*
 * Notes how many images keep rules have kept (with -v: which, and by which rule), and patterns that
 * mean nothing that is there. Nothing with -q, and nothing when there is nothing to tell.
 */
void kept_report_print(FILE *words, const struct kept_list *kept, const struct settings *settings);

#endif
