/* cache_links.h - which step of a build a record of the build cache is the result of. */
#ifndef GC_EDIT_CACHE_LINKS_H
#define GC_EDIT_CACHE_LINKS_H

#include "gc/run/run.h"
#include "gc/trash/trash.h"
#include "metadata/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define CACHE_LINKS_FILE "buildkit/cache.db"

/*
 * BuildKit keeps that in cache.db (bolt-buildkit.md §2.5), and when it starts drops what leads to a
 * record that is not there. drydock leaves the file alone; but once a dockerd has run without the
 * records they would come back and no build would find them. So an archive has a copy of the file,
 * and so has a quarantine.
 */

/* Finds the step whose place in the trash the copy is beside: the first that takes away a record.
 * False: RUN has none. */
bool cache_links_find(const struct run *run, size_t *at);

/* The name of the copy in that directory. */
extern const char cache_links_name[];

/*
 * Copies the file into the trash of RUN, which has not taken away anything yet, or has been cut off
 * then: a copy that is whole stays. What cannot be copied is left out, the records themselves come
 * back without it.
 */
void cache_links_save(struct trash *trash, const struct run *run);

/*
 * When there is a copy in the trash, and a record is STEP_RESTORED in RUN: what cache.db has lost
 * since goes back into it, in one replacement. What is there stays; BuildKit drops again what leads
 * nowhere. Returns 0, or -1: the file is as it was.
 */
int cache_links_return(struct trash *trash, const struct run *run, struct err *err) MUST_USE;

#endif
