/* retag.h - putting entries back into repositories.json, all at once. */
#ifndef GC_EDIT_RETAG_H
#define GC_EDIT_RETAG_H

#include "gc/edit/edit.h"
#include "gc/run/run.h"

/*
 * Puts the entries of those of COUNT STEPS (ACTION_UNTAG) that are STEP_DETACHED back, as the old
 * file at their place has them. A step becomes STEP_RESTORED, or STEP_FAILED when the name stands
 * for another image now. When the file says then what the old one says, the old one itself comes
 * back. 0 or -1: repositories.json is as it was.
 */
int retag_apply(const struct edit_site *site, struct run_step *steps, size_t count,
                struct err *err) MUST_USE;

#endif
