/* run_rows.h - the listing of runs and of the steps of one. */
#ifndef GC_SHOW_RUN_ROWS_H
#define GC_SHOW_RUN_ROWS_H

#include "gc/run/run.h"
#include "gc/show/row.h"

/* The list "runs", in the order given; the caller frees with row_list_done. */
struct row_list run_rows_make(const struct run *runs, size_t count);

/* The list "steps" of RUN, in order of execution; the caller frees with
 * row_list_done. */
struct row_list run_rows_steps(const struct run *run);

#endif
