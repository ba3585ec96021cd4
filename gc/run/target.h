/* target.h - what the path of an action of each kind looks like. */
#ifndef GC_RUN_TARGET_H
#define GC_RUN_TARGET_H

#include "gc/plan/plan.h"

#include <stdbool.h>

/*
 * The name in PATH of the object of an action of kind KIND: container ID, image ID, chain ID (hex),
 * mount, LINK, directory; all of PATH for a stray and for repositories.json. Borrowed from PATH.
 * NULL when PATH is no path that such an action can have: every component passes id_is_name(), none
 * is .drydock. What comes from a journal is checked with this before it is used.
 */
const char *target_name(enum action_kind kind, const char *path);

/* Says whether PATH is relative and has only names that may stand in a path, none of them the
 * trash. */
bool target_is_clean(const char *path);

/* The path for a name; the caller frees. */
char *target_path(enum action_kind kind, const char *name) MUST_USE;

#endif
