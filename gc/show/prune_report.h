/* prune_report.h - what a prune would remove, or has removed, in Docker's words. */
#ifndef GC_SHOW_PRUNE_REPORT_H
#define GC_SHOW_PRUNE_REPORT_H

#include "gc/plan/plan.h"
#include "gc/plan/selection.h"
#include "gc/session/settings.h"
#include "gc/show/prune_lines.h"
#include "metadata/state.h"

#include <stdbool.h>
#include <stdio.h>

enum prune_report_tense {
	PRUNE_REPORT_WOULD, /* "Would delete images:", with sizes */
	PRUNE_REPORT_DONE,  /* "Deleted Images:", as Docker has it */
	PRUNE_REPORT_WOULD_RESTORE,
	PRUNE_REPORT_RESTORED,
};

/* What a report is about; all borrowed. */
struct prune_report {
	const struct plan *plan;
	const struct state *state;
	const char *root;             /* path of the data root */
	const bool *is_done;          /* per action: report only these; NULL: all */
	const struct kept_list *kept; /* for JSON; NULL: none */
	uint64_t reclaimed_bytes;     /* Docker's sum, of what is reported */
	bool has_no_total;     /* Docker prints none for SCOPE: prune_report_has_no_total() */
	struct usage freed;    /* on the disk */
	uint64_t run;          /* number in the journal; 0: nothing was carried out */
	const char *run_state; /* how it ended: "done", "incomplete", ...; NULL without a run */
	const char *archive;   /* where all was written to before it went; NULL: nowhere */
};

/* Says whether Docker ends the lists without a total: `network prune`, which frees nothing. */
bool prune_report_has_no_total(const struct selection_scope *scope);

/*
 * Writes the lists of what goes in Docker's order: containers, networks, volumes, images, build
 * cache, and what only drydock sees, each ended by an empty line. Of each list but that of volumes
 * at most LINE_MAX lines are shown (0: all), with "... and N more".
 */
void prune_report_lists(FILE *out, const struct prune_report *report, enum prune_report_tense tense,
                        size_t line_max);

/* What is freed on the disk, if anything is, and "Total reclaimed space: 1.982MB"; a plan has one
 * in any case. */
void prune_report_total(FILE *out, const struct prune_report *report,
                        enum prune_report_tense tense);

/*
 * The same as JSON {"version", "root", "digest", "objects": [...], "actions": [...], "kept": [...],
 * "totals": {...}}, or JSON lines of "plan", "objects", "actions", "kept" and "totals". Objects are
 * the lines of the lists, actions are all steps. With a run it has "run" and "state" and, if there
 * is one, "archive", too; with is_done each action says whether it was, and only objects that are
 * gone are there.
 */
void prune_report_json(FILE *out, const struct prune_report *report, enum output_format format);

/* What an object of SECTION is called in JSON: "image". */
const char *prune_report_type(enum prune_section section);

/* Lists and total, or JSON: what a prune prints on stdout. */
void prune_report_print(FILE *out, const struct prune_report *report, enum prune_report_tense tense,
                        enum output_format format);

#endif
