/* begin.h - a run gets its number, and its steps their places in the trash. */
#ifndef GC_SWEEP_BEGIN_H
#define GC_SWEEP_BEGIN_H

#include "gc/run/journal.h"
#include "gc/run/run.h"
#include "gc/trash/trash.h"

/* Gives RUN a number, not less than the one it has, that neither the journal nor any trash has:
 * journals get lost, and there may be two. 0 or -1. */
int begin_number(struct run *run, struct journal *journal, int root_fd, struct err *err) MUST_USE;

/* Gives every step its place in the trash; edits of a kind share one; and notes the times of the
 * directories that they change. 0 or -1; ERR_CORRUPT for a path that no such step has, ERR_STATE
 * for one that cannot be put in quarantine. */
int begin_place(struct run *run, struct trash *trash, struct err *err) MUST_USE;

/* Opens the parts of the trash that RUN, which was cut off, has used. 0 or -1. */
int begin_again(const struct run *run, struct trash *trash, struct err *err) MUST_USE;

#endif
