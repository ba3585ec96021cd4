/* dir_rows.h - the listing of the layer directories of overlay2, and what keeps each. */
#ifndef GC_DIR_ROWS_H
#define GC_DIR_ROWS_H

#include "gc/census.h"
#include "gc/row.h"

/*
 * The list "directories", by name; with ONLY_ORPHANS those that nothing keeps. CENSUS must be
 * measured. The caller frees with row_list_done.
 */
struct row_list dir_rows_make(const struct session *session, const struct census *census,
                              bool only_orphans);

#endif
