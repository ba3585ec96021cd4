/* finding_report.h - findings as words on the terminal. */
#ifndef GC_SHOW_FINDING_REPORT_H
#define GC_SHOW_FINDING_REPORT_H

#include "gc/session/settings.h"
#include "metadata/base/finding.h"

#include <stdio.h>

/*
 * Writes one line for each finding, sorted (the list is sorted in place):
 * "drydock: warning: layer-unreadable: <path>: <detail> (<meaning>)". Of each kind only the first
 * ten are shown unless is_verbose; with is_quiet notes are left out.
 */
void finding_report_print(FILE *words, struct finding_list *findings,
                          const struct settings *settings);

#endif
