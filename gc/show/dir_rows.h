/* dir_rows.h - the listing of the layer directories of overlay2, and what keeps each. */
#ifndef GC_SHOW_DIR_ROWS_H
#define GC_SHOW_DIR_ROWS_H

#include "gc/show/census.h"
#include "gc/show/row.h"

/*
 * The list "directories", by name; with ONLY_ORPHANS those that nothing keeps. CENSUS must be
 * measured. The caller frees with row_list_done.
 */
struct row_list dir_rows_make(const struct session *session, const struct census *census,
                              bool only_orphans);

#endif
