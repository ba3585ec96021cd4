/* mountuse.h - whether a mount uses a data root, by whatever name; private to mountinfo.c. */
#ifndef OVERLAY2_MOUNTUSE_H
#define OVERLAY2_MOUNTUSE_H

#include "metadata/base/map.h"
#include "overlay2/mountinfo.h"
#include "overlay2/mountspace.h"

#include <stdbool.h>
#include <stddef.h>

/* A part of the data root that is reached through a mount of its own; the root is one itself. */
struct mountuse_part {
	char *prefix; /* its path below the data root, "" for the root; owned */
	struct mountspace_place place;
};

/* The data root, and everything that it is called. */
struct mountuse_root {
	int overlay2_fd; /* -1: none; borrowed */
	struct mountuse_part *parts;
	size_t part_count, part_capacity;
	char **homes; /* names of overlay2/, in any namespace; owned */
	size_t home_count, home_capacity;
	struct map home_map;
};

#define MOUNTUSE_ROOT_INIT                                                                         \
	{                                                                                          \
		-1, NULL, 0, 0, NULL, 0, 0, MAP_INIT                                               \
	}

/* Finds where the data root ROOT_PATH is, by the mounts of this process. */
void mountuse_root_init(struct mountuse_root *root, const char *root_path, int overlay2_fd,
                        const struct mountspace *own);

/* Learns what overlay2/ is called in the namespace of SPACE. */
void mountuse_root_learn(struct mountuse_root *root, const struct mountspace *space);

void mountuse_root_done(struct mountuse_root *root);

/* Says whether MOUNT of SPACE uses the data root; fills `use` and `dirs` of *USE then. */
bool mountuse_find(struct mountinfo_use *use, const struct mountuse_root *root,
                   const struct mountspace *space, const struct mountline *mount);

#endif
