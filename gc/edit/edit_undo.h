/* edit_undo.h - entries that edits have taken out of a file go back into it. */
#ifndef GC_EDIT_EDIT_UNDO_H
#define GC_EDIT_EDIT_UNDO_H

#include "gc/edit/edit.h"
#include "gc/run/run.h"
#include "metadata/base/err.h"

#include <stddef.h>

/*
 * Takes back the steps FIRST to END-1 of RUN that are STEP_DETACHED, all edits of one kind
 * (run_group()): what the old file, at their place in the trash, has and they have changed is put
 * into the file that is there now, in one replacement. A step becomes STEP_RESTORED, or STEP_FAILED
 * with the reason: something else is there now. When nothing but the edits has changed the file,
 * the old one itself comes back, byte for byte. Records of the build cache come back marked as
 * deleted if RUN has a step that takes that mark away, later. Returns 0, or -1: the file is as it
 * was, the steps are as they were.
 */
int edit_undo(const struct edit_site *site, struct run *run, size_t first, size_t end,
              struct err *err) MUST_USE;

#endif
