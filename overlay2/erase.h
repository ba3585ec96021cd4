/* erase.h - removing detached trees for good, in parallel, with exact accounting. */
#ifndef OVERLAY2_ERASE_H
#define OVERLAY2_ERASE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/usage.h"

#include <stdbool.h>
#include <stddef.h>

/* A tree to remove: NAME, one component, under DIRFD. */
struct erase_item {
	const char *name;   /* borrowed */
	struct usage freed; /* result: what is gone, also when the item failed */
	int dirfd;
	bool is_done;   /* result: nothing is left of it (also when there was nothing) */
	struct err err; /* result: the first failure in it */
};

/* Called now and then from one thread with the sum so far; may be NULL. */
typedef void erase_progress(void *context, const struct usage *freed, size_t done_count);

/*
 * Removes the trees with JOBS threads (0: two per processor, at least 8, because removing waits for
 * the disk). Relative to descriptors only; no symlink followed, no mount point crossed (an item
 * with a mount inside fails with EBUSY and what is under the mount stays), mode 000 directories
 * included. An inode counts as freed when its last link goes. A failure stays with its item; the
 * others go on. When *STOP (may be NULL) becomes true the threads end early: unfinished items have
 * neither is_done nor an error, and erasing again goes on where it stopped.
 */
void erase(struct erase_item *items, size_t count, unsigned jobs, const volatile bool *stop,
           erase_progress *progress, void *context);

#endif
