/* selection.h - what the user's command takes away: Docker's prune rules, applied to the records.
 */
#ifndef GC_PLAN_SELECTION_H
#define GC_PLAN_SELECTION_H

#include "gc/plan/filter.h"
#include "gc/plan/keep.h"
#include "metadata/base/map.h"
#include "metadata/base/own.h"
#include "metadata/state.h"

#include <stdbool.h>
#include <stddef.h>

/* Which prunes a command does. */
struct selection_scope {
	bool containers;    /* container prune: those that are stopped and stay so */
	bool images;        /* image prune: dangling images */
	bool all_images;    /* image prune -a: images without a container, too */
	bool networks;      /* network prune */
	bool volumes;       /* volume prune: anonymous volumes */
	bool all_volumes;   /* volume prune -a: named ones, too */
	bool cache;         /* builder prune: dangling build cache */
	bool all_cache;     /* builder prune -a */
	bool layers;        /* what only drydock sees: orphans and strays */
	bool docker_compat; /* networks: Docker's rule, only running containers use one */
	/* borrowed; NULL: none */
	const struct filter_set *filters; /* of all prunes but that of layers: those have nothing
	                                     that could be filtered */
	const struct keep_rules *keep;    /* of images and their references */
	const struct map *decided; /* IDs of images that are not held against the filters: a run
	                              that is finished has chosen them */
};

/* An image that the prune would have changed, and the rule that keeps it. */
struct selection_kept {
	size_t image; /* index */
	size_t rule;  /* of scope.keep, as in struct keep_marks */
};

struct selection {
	struct selection_scope scope;
	bool *drop_ref;       /* per state.refs: goes from repositories.json */
	bool *drop_image;     /* per state.images */
	bool *drop_container; /* per state.containers */
	bool *drop_network;   /* per state.networks; goes if no container that stays uses it */
	bool *drop_volume;    /* per state.volumes; likewise */
	bool *drop_record;    /* per state.cache.records; goes if no record that stays needs it */
	bool *drop_lease;     /* per state.cache.leases; likewise */
	bool *drop_snapshot;  /* per state.cache.snapshots; likewise */
	/* The order in which Docker's output would name them; indices. */
	size_t *image_order;
	size_t image_count;
	struct keep_marks *keep; /* what scope.keep means here; NULL without any rule */
	struct selection_kept *kept;
	size_t kept_count;
	size_t *record_order; /* of a unit first the one that Docker names */
	size_t record_count;
};

/*
 * Applies Docker's rules (docker-data-root.md §4.2, §4.3) to STATE. Deterministic: where dockerd's
 * outcome depends on the random order of a Go map, children come before parents and names in
 * lexical order. Images and refs are never dropped when the tags cannot be read. The caller frees.
 * Never fails.
 */
struct selection *selection_make(const struct state *state,
                                 const struct selection_scope *scope) MUST_USE;

void selection_free(struct selection *selection);

OWN_DEFINE(selection, struct selection *, selection_free)

#endif
