/* report_sample.h - a plan made by hand with something of every list, for tests of its report. */
#ifndef TESTS_UNIT_REPORT_SAMPLE_H
#define TESTS_UNIT_REPORT_SAMPLE_H

#include "gc/show/prune_report.h"

#define SAMPLE_ACTIONS 14

/* Places of some actions. */
enum { SAMPLE_CONTAINER = 1, SAMPLE_LAYER = 7, SAMPLE_STRAY = 9 };

/* The plan; constant, nothing of it is in any record. */
const struct plan *report_sample(void);

/* A report of the plan OF, whose totals are the plan's; records and root are those of nobody. */
struct prune_report report_sample_of(const struct plan *of);

/* A stream into memory, and what was written there; the caller frees. One at a time. */
FILE *report_buffer_open(void);
char *report_buffer_take(FILE *out);

#endif
