/* inventory_load.h - the steps of inventory_load(); private to overlay2/inventory*.c. */
#ifndef OVERLAY2_INVENTORY_LOAD_H
#define OVERLAY2_INVENTORY_LOAD_H

#include "metadata/base/file.h"
#include "overlay2/inventory.h"

/* More directories or links than this are no Docker's; indices have 32 bits. */
#define INVENTORY_MAX ((size_t)1 << 24)

/* A link that DIR's `lower` names and that is not in l/. */
struct inventory_gap {
	char link[ID_LINK_LEN + 1];
	uint32_t dir;
};

struct inventory_loader {
	struct inventory *inventory;
	struct finding_list *findings;
	int fd;                       /* overlay2/; borrowed */
	struct file_entries no_links; /* entries of l/ that are no links to a layer directory */
	struct inventory_gap *gaps;
	size_t gap_count, gap_capacity;
};

/* Reads l/ into links[]; dirs[] must be complete. A missing l/ has no links. */
int inventory_load_links(struct inventory_loader *loader, struct err *err) MUST_USE;

/* Reads `link`, `lower` and diff/ of every directory; links[] must be complete. */
int inventory_load_dirs(struct inventory_loader *loader, struct err *err) MUST_USE;

/* Finds the directories that are meant by links which do not exist, by their `link` files; when
 * none says so, one whose link is nearly the same. When too many say so, any directory may be
 * meant. */
void inventory_fill_gaps(struct inventory_loader *loader);

/* Adds a finding for every directory that leads back to itself. */
void inventory_find_cycles(const struct inventory *inventory, struct finding_list *findings);

#endif
