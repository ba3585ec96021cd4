/* untag.h - taking entries out of repositories.json, all at once. */
#ifndef GC_EDIT_UNTAG_H
#define GC_EDIT_UNTAG_H

#include "gc/trash/trash.h"
#include "metadata/ref.h"

#include <stdbool.h>

#define UNTAG_FILE "image/overlay2/repositories.json"

/*
 * Replaces repositories.json, which holds REFS, by one without the entries for which DROP[i] is
 * true: a new file of mode 0600 and the owner of the old one, synced, renamed over it, the
 * directory synced. Before that the old file gets a second name at PLACE in the trash. Until the
 * new one has a name dockerd sees the old one. The number of the run is in the name of the
 * temporary file, which is one of dockerd's own (.tmp-repositories.json<digits>), so that a
 * leftover is known for what it is. One that has no entry any more gets REF_EMPTIED_ATTRIBUTE, so
 * that it is not taken for a lost one. Returns 0, or -1: the tags are as they were.
 */
int untag_apply(struct trash *trash, const struct ref_list *refs, const bool *drop,
                const char *place, struct err *err) MUST_USE;

/* The name of the temporary file beside it, one of dockerd's own; the caller frees. */
char *untag_temporary(const struct trash *trash) MUST_USE;

/* Removes the temporary file of this run if a killed untag_apply() has left it. 0 or -1. */
int untag_clean(struct trash *trash, struct err *err) MUST_USE;

#endif
