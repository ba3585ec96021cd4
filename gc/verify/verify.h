/* verify.h - what a run has left: everything that should be there, and nothing newly broken. */
#ifndef GC_VERIFY_VERIFY_H
#define GC_VERIFY_VERIFY_H

#include "gc/run/journal.h"
#include "gc/run/run.h"
#include "gc/session/session.h"
#include "gc/verify/lines.h"
#include "metadata/base/err.h"

/* What is compared; only root, state, inventory and findings of a session are looked at. */
struct verify_view {
	const struct state *state;
	const struct inventory *inventory;
	const struct finding_list *findings;
};

/*
 * Compares the root as it was BEFORE a run with what it is AFTER, and adds a line for each
 * difference that the steps of RUN do not explain:
 *   - a tag, container, image (its config and metadata), mount, layer record, layer directory or
 *     link, network or volume is gone that no step has moved away, or says something else now;
 *   - something is still there that a step has moved away;
 *   - a record, lease or snapshot of the build cache is, which no step has taken away;
 *   - a finding of class BLOCK or DAMAGE that was not there before;
 *   - a leftover (stray.h) that was not there before.
 * What a restore has brought back is as it was before it went, with whatever was wrong with it.
 * Nothing is added when all is well. Linear in the records.
 */
void verify_compare(struct lines *lines, const struct verify_view *before,
                    const struct verify_view *after, const struct run *run);

/*
 * Reads the root of SESSION again (records and overlay2/, nothing is measured) and compares it with
 * what SESSION has read before RUN. Returns 0, or -1 if the root cannot be read.
 */
int verify_root(struct lines *lines, const struct session *session, const struct run *run,
                struct err *err) MUST_USE;

/*
 * Adds a line for every directory of a run in the trash that no unfinished run of the journal will
 * empty: its run is over, or the journal does not know it. Changes nothing. 0 or -1.
 */
int verify_trash(struct lines *lines, struct journal *journal, const struct root *root,
                 struct err *err) MUST_USE;

#endif
