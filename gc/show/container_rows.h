/* container_rows.h - the listing of containers, all of them stopped. */
#ifndef GC_SHOW_CONTAINER_ROWS_H
#define GC_SHOW_CONTAINER_ROWS_H

#include "gc/session/session.h"
#include "gc/show/row.h"
#include "gc/show/sizing.h"

enum {
	CONTAINER_ROWS_USAGE = 1, /* tables show the number of volumes, allocated bytes, inodes */
};

/*
 * Measures what each container wrote: the diff directory of its mount, as Docker's SIZE. *SIZES
 * gets one slot for each of state.containers; the caller frees. Returns 0 or -1 (ERR_SYSTEM).
 */
int container_rows_measure(struct sizing **sizes, const struct session *session,
                           struct err *err) MUST_USE;

/* The list "containers", newest first; the caller frees with row_list_done. */
struct row_list container_rows_make(const struct state *state, const struct sizing *sizes,
                                    unsigned flags);

/* STATUS: "Created", "Exited (137)", "Dead", ...; with what dockerd will do when it starts. The
 * caller frees. */
char *container_rows_status(const struct container *container) MUST_USE;

/* IMAGE as `docker ps` shows it: what the user typed while it still means this image, else the ID.
 * The caller frees. */
char *container_rows_image(const struct state *state, const struct container *container) MUST_USE;

#endif
