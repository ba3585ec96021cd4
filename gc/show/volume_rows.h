/* volume_rows.h - the listing of volumes: who uses them, how large they are. */
#ifndef GC_SHOW_VOLUME_ROWS_H
#define GC_SHOW_VOLUME_ROWS_H

#include "gc/session/session.h"
#include "gc/show/row.h"
#include "gc/show/sizing.h"

/* The number of containers that mount each of state.volumes; the caller frees. Entries stay 0 for
 * volumes that only a container with an unreadable config could use. */
size_t *volume_rows_links(const struct state *state) MUST_USE;

/*
 * Measures volumes/<name>/_data of each of state.volumes; *SIZES is the caller's to free. Returns
 * 0 or -1 (ERR_SYSTEM).
 */
int volume_rows_measure(struct sizing **sizes, const struct session *session,
                        struct err *err) MUST_USE;

/* The list "volumes", by name, with sizes when SIZES is not NULL; the caller frees. */
struct row_list volume_rows_make(const struct state *state, const size_t *links,
                                 const struct sizing *sizes);

#endif
