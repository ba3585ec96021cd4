/* edit_cache.h - what steps on the build cache change in BuildKit's databases (bolt-buildkit.md
 * §3.3, §3.4). */
#ifndef GC_EDIT_EDIT_CACHE_H
#define GC_EDIT_EDIT_CACHE_H

#include "gc/run/run.h"
#include "metadata/bolt_edit.h"

/*
 * Each adds to EDIT what those of COUNT STEPS that are STEP_PLANNED want changed in OLD, the
 * database of their path: records are marked as deleted (BuildKit finishes that when it starts);
 * leases go, from every namespace that has them; snapshots go; all keys of records go. Linear in
 * steps and the index of records.
 */
typedef void edit_cache_add(struct bolt_edit *edit, const struct bolt *old,
                            const struct run_step *steps, size_t count);
edit_cache_add edit_cache_marks;
edit_cache_add edit_cache_leases;
edit_cache_add edit_cache_snapshots;
edit_cache_add edit_cache_records;

#endif
