/* inventory.h - what is really there in overlay2/: layer directories and their links
 * (docker-data-root.md §1.6). */
#ifndef OVERLAY2_INVENTORY_H
#define OVERLAY2_INVENTORY_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inventory_dir {
	char *name;                 /* passes id_is_dir() */
	char link[ID_LINK_LEN + 1]; /* content of `link`; "" when missing or unusable */
	uint32_t
	    *lowers; /* indices of directories that `lower` names, through their links; owned */
	uint32_t lower_count;
	uint32_t
	    *lower_links; /* indices into links[] of the same; what a kept directory needs of l/ */
	bool is_lower_invalid; /* `lower` cannot be understood: any directory may be meant */
	bool has_diff;
	bool is_mounted; /* set by inventory_mark_mounted() */
};

/* An entry of overlay2/l that is a symlink ../<dir>/diff. */
struct inventory_link {
	char name[ID_LINK_LEN + 1];
	char *target; /* name of the directory; owned */
	int64_t dir;  /* index in dirs[]; -1: dangling */
};

struct inventory {
	struct inventory_dir *dirs; /* sorted by name */
	size_t dir_count, dir_capacity;
	struct inventory_link *links; /* sorted by name */
	size_t link_count, link_capacity;
	struct map dir_by_name, link_by_name;
};

/*
 * Reads the directory OVERLAY2_FD (-1: there is none, an empty inventory). Nothing is measured.
 * Names that are no layer directories, probes or known files are findings and are not in the
 * inventory, so nobody can remove them. Linear in directories and in the entries of their `lower`
 * files. Returns -1: ERR_SYSTEM, or ERR_CORRUPT (l is no directory). The caller frees.
 */
int inventory_load(struct inventory **inventory, int overlay2_fd, struct finding_list *findings,
                   struct err *err) MUST_USE;

void inventory_free(struct inventory *inventory);

OWN_DEFINE(inventory, struct inventory *, inventory_free)

#endif
