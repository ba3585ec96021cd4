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

/*
 * A directory. What `lower` names is in two arrays: the first LOWER_COUNT entries of both belong
 * together. A kept directory needs everything in them.
 */
struct inventory_dir {
	char *name;                 /* passes id_is_dir() */
	char link[ID_LINK_LEN + 1]; /* content of `link`; "" when missing or unusable */
	bool is_lower_invalid;      /* `lower` cannot be understood: any directory may be meant */
	bool has_diff;              /* diff/ is there and a directory */
	bool is_mounted;            /* set by inventory_mark_mounted() */
	uint32_t lower_count;       /* links that exist and lead to a directory */
	uint32_t unlinked_count; /* directories whose link is gone, but whose `link` file says that
	                            they are meant */
	uint32_t dangling_count; /* links that lead to no directory */
	uint32_t *lowers;        /* lower_count + unlinked_count indices into dirs[]; owned */
	uint32_t *lower_links;   /* lower_count + dangling_count indices into links[]; owned */
};

/* An entry of overlay2/l that is a symlink ../<dir>/diff. */
struct inventory_link {
	char name[ID_LINK_LEN + 1];
	char *target; /* name of the directory; owned */
	int64_t dir;  /* index in dirs[]; -1: dangling */
};

struct mountinfo_list;

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

/* Marks the directories that a mount uses, each with a finding. */
void inventory_mark_mounted(struct inventory *inventory, const struct mountinfo_list *uses,
                            struct finding_list *findings);

void inventory_free(struct inventory *inventory);

OWN_DEFINE(inventory, struct inventory *, inventory_free)

#endif
