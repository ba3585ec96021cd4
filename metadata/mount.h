/* mount.h - layerdb/mounts: the read-write layers of containers and builds (docker-data-root.md
 * §1.4, §2.4, §2.5). */
#ifndef METADATA_MOUNT_H
#define METADATA_MOUNT_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/map.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	MOUNT_BAD_MOUNT_ID = 1, /* missing or no ID: any directory may be its */
	MOUNT_BAD_INIT_ID = 2,  /* there but no ID: any directory may be its */
	MOUNT_BAD_PARENT = 4,   /* there but no digest: any layer may be its parent */
};

struct mount {
	char *name; /* path below layerdb/mounts: one component, or more for image mounts of 28.x
	               with a slash in the reference */
	char *mount_id; /* directory in overlay2 (64 hex or 64 hex "-init"); NULL with
	                   MOUNT_BAD_MOUNT_ID */
	char *init_id;  /* directory in overlay2; NULL: none, or MOUNT_BAD_INIT_ID */
	char *parent;   /* chain ID, 64 hex; NULL: none, or MOUNT_BAD_PARENT */
	unsigned broken;
	bool is_empty; /* a directory without any file */
};

struct mount_list {
	struct mount *items; /* sorted by name */
	size_t count;
	size_t capacity;
	struct map by_name;
};

#define MOUNT_LIST_INIT                                                                            \
	{                                                                                          \
		NULL, 0, 0, MAP_INIT                                                               \
	}

/*
 * Reads layerdb/mounts under IMAGE_FD into *MOUNTS, directories at any depth (160 at most) that
 * hold a mount-id, init-id or parent, or nothing; the caller frees. Broken ones stay with their
 * bits and are findings; empty ones have MOUNT_BAD_MOUNT_ID and no finding. Links and files that
 * are none of those are FINDING_UNKNOWN_FILE, as dockerd does not look at them. Returns -1 for
 * ERR_SYSTEM, and ERR_CORRUPT when layerdb/mounts is no directory or too deep.
 */
int mount_list_load(struct mount_list *mounts, int image_fd, struct finding_list *findings,
                    struct err *err) MUST_USE;

void mount_list_done(struct mount_list *mounts);

#endif
