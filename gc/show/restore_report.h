/* restore_report.h - what a restore would bring back, or has, and what is in its way. */
#ifndef GC_SHOW_RESTORE_REPORT_H
#define GC_SHOW_RESTORE_REPORT_H

#include "gc/run/run.h"
#include "gc/session/settings.h"
#include "metadata/state.h"

#include <stdbool.h>
#include <stdio.h>

/* What a report is about; all borrowed. */
struct restore_report {
	const struct run *run;
	const struct state *state; /* of the root before the run */
	const char *root;          /* path of the data root */
	bool is_plan; /* nothing has been done: what is STEP_PLANNED would come back; else what is
	                 STEP_RESTORED has */
};

/* How many steps the report is about. */
size_t restore_report_count(const struct restore_report *report);

/* Writes the lists, of each at most LINE_MAX lines (0: all), of a plan also what cannot come back
 * and why, and what that takes on the disk. */
void restore_report_lists(FILE *out, const struct restore_report *report, size_t line_max);

/*
 * The same, or as JSON {"version", "root", "digest", "archive", "objects": [...], "problems":
 * [...], "totals": {...}}, of a run that was carried out with "run" and "state", too: what goes to
 * stdout.
 */
void restore_report_print(FILE *out, const struct restore_report *report,
                          enum output_format format);

#endif
