/* until_free.h - --until-free: a prune removes only as much as is needed, the oldest first. */
#ifndef GC_UNTIL_FREE_H
#define GC_UNTIL_FREE_H

#include "gc/command.h"
#include "gc/plan/plan.h"
#include "gc/plan/rules.h"
#include "gc/plan/selection.h"

#include <stdbool.h>

/* Says whether --until-free makes sense with the other options: a size ("10GB", "1.5GiB", by
 * Docker's rules) or a share of the file system ("20%"), no --volumes, no filter of time. 0 or -1
 * (ERR_USAGE). */
int until_free_check(const struct settings *settings, struct err *err) MUST_USE;

enum until_free_result {
	UNTIL_FREE_ENOUGH, /* so much is free already: nothing need go */
	UNTIL_FREE_PART,   /* SCOPE takes only what was last used up to some moment */
	UNTIL_FREE_ALL,    /* all that SCOPE takes is needed, or not enough; it is as it was */
};

/*
 * Finds the earliest moment for which the filter `until` lets SCOPE free enough, on the file system
 * of the data root, as `df` counts what is available. RULES (empty; the caller's, for as long as
 * SCOPE is used) gets the filters of SCOPE with that moment, which *SCOPE has then. What only
 * drydock sees has no time and goes in any case. Sizes are those of all that SCOPE takes, measured
 * once. *RESULT says what has been found; with UNTIL_FREE_ALL *PLAN is what SCOPE takes, measured,
 * the caller frees; else NULL. 0 or -1.
 */
int until_free_find(struct plan **plan, struct rules *rules, struct selection_scope *scope,
                    enum until_free_result *result, const struct command_call *call,
                    struct err *err) MUST_USE;

#endif
