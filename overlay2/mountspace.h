/* mountspace.h - the mounts of one mount namespace, and where its paths really are. */
#ifndef OVERLAY2_MOUNTSPACE_H
#define OVERLAY2_MOUNTSPACE_H

#include "metadata/base/err.h"
#include "metadata/base/map.h"
#include "metadata/base/own.h"
#include "overlay2/mountline.h"

#include <stddef.h>

/* A place on a file system, whatever it is called from where. */
struct mountspace_place {
	const char *device; /* "major:minor", as in mountinfo; borrowed. NULL: unknown */
	char *path;         /* below the top of that file system; owned */
};

struct mountspace {
	char *bytes;              /* of mountinfo: what the lines point into */
	struct mountline *mounts; /* in the order of the kernel: parents first */
	size_t count, capacity;
	struct map by_id;
};

#define MOUNTSPACE_INIT                                                                            \
	{                                                                                          \
		NULL, NULL, 0, 0, MAP_INIT                                                         \
	}

enum mountspace_outcome {
	MOUNTSPACE_READ,
	MOUNTSPACE_GONE,   /* the process is no more, or has no mounts; *ERR is empty */
	MOUNTSPACE_FAILED, /* *ERR: ERR_SYSTEM, or ERR_CORRUPT naming the line */
};

/* Reads PATH ("self/mountinfo") under PROC_FD. */
enum mountspace_outcome mountspace_load(struct mountspace *space, int proc_fd, const char *path,
                                        struct err *err) MUST_USE;

/* Where PATH, absolute, is, by the mount that it is reached through. The caller frees its path. */
struct mountspace_place mountspace_locate(const struct mountspace *space, const char *path);

/* Where the mount point of MOUNT is, in the file system that it hides a part of. */
struct mountspace_place mountspace_locate_point(const struct mountspace *space,
                                                const struct mountline *mount);

/* What PATH below the root of MOUNT, in its file system, is called: the caller frees. NULL: PATH
 * is not below it. */
char *mountspace_name(const struct mountline *mount, const char *path) MUST_USE;

void mountspace_done(struct mountspace *space);

static inline void mountspace_cleanup(struct mountspace *space)
{
	mountspace_done(space);
}

#endif
