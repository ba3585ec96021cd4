/* census.h - the layer directories of a data root: what each is, what keeps it, how large it is. */
#ifndef GC_SHOW_CENSUS_H
#define GC_SHOW_CENSUS_H

#include "gc/plan/mark.h"
#include "gc/session/session.h"
#include "metadata/base/own.h"
#include "overlay2/usage.h"

#include <stddef.h>
#include <stdint.h>

enum census_kind {
	CENSUS_LAYER,          /* data of a layer of layerdb: an image's, as a rule */
	CENSUS_CONTAINER,      /* what a container wrote */
	CENSUS_CONTAINER_INIT, /* its -init directory */
	CENSUS_MOUNT,          /* of a mount that belongs to no container */
	CENSUS_MOUNT_INIT,
	CENSUS_CACHE,  /* a snapshot of the build cache */
	CENSUS_ORPHAN, /* no record names it, and nothing keeps it */
	CENSUS_OTHER,  /* no record names it; kept because it is mounted, a lower, or unknown */
	CENSUS_KIND_COUNT
};

#define CENSUS_NOBODY UINT32_MAX

/* One for each item of inventory.dirs. */
struct census_dir {
	enum census_kind kind;
	uint32_t owner;  /* node of the layer, mount or snapshot; CENSUS_NOBODY */
	uint32_t keeper; /* node of the root that keeps it (its own if it is one); CENSUS_NOBODY */
	struct usage usage; /* zero until census_measure() */
};

struct census {
	struct census_dir *dirs;
	size_t count;
};

/* Says what each directory is. Linear in directories times the depth of their chains. The caller
 * frees. */
struct census *census_make(const struct session *session) MUST_USE;

/* Measures every directory exactly. Returns 0 or -1 (ERR_SYSTEM). */
int census_measure(struct census *census, const struct session *session, struct err *err) MUST_USE;

void census_free(struct census *census);

OWN_DEFINE(census, struct census *, census_free)

/* "image layer", "container", "orphan", ... */
const char *census_kind_words(enum census_kind kind);

/* The node of the root that keeps NODE, or CENSUS_NOBODY. */
uint32_t census_keeper(const struct mark *mark, uint32_t node);

#endif
