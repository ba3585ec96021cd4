/* measure.h - the exact size of trees, in parallel, without touching an atime. */
#ifndef OVERLAY2_MEASURE_H
#define OVERLAY2_MEASURE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/usage.h"

#include <stdbool.h>
#include <stddef.h>

/* A tree to measure: PATH under DIRFD, a directory, file or symlink. */
struct measure_item {
	const char *path;   /* borrowed */
	struct usage usage; /* result */
	int dirfd;
	bool is_missing; /* result: there is no such entry; usage is zero */
};

/*
 * Measures the trees with JOBS threads (0: one per processor). A hard link is counted once in all
 * of ITEMS, in the first item that has it, so the sum is what removing all of them frees when no
 * other link exists. No mount point below an item is crossed (an item may be one), no symlink
 * below it or at its end is followed, entries that vanish meanwhile are left out. Deterministic.
 * Returns 0 or -1 (ERR_SYSTEM, naming the path below `dirfd`), after which the results say nothing.
 */
int measure(struct measure_item *items, size_t count, unsigned jobs, struct err *err) MUST_USE;

#endif
