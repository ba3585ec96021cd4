/* mountinfo.h - which mounts of which processes use a data root (docker-data-root.md §6). */
#ifndef OVERLAY2_MOUNTINFO_H
#define OVERLAY2_MOUNTINFO_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>

enum mount_use {
	MOUNT_USE_OVERLAY, /* an overlay mount whose lowerdir, upperdir or workdir is in overlay2/
	                      (also as l/LINK) */
	MOUNT_USE_BELOW,   /* a mount point below the root that is no part of a normal layout */
	MOUNT_USE_BIND,    /* a bind mount elsewhere of something below the root */
};

/* One use, by one mount namespace. */
struct mountinfo_use {
	enum mount_use use;
	int pid;           /* of the first process seen with it */
	char *command;     /* its comm; owned */
	char *mount_point; /* as that process sees it; owned */
	char **dirs;       /* names of the layer directories in overlay2/ that are used; owned */
	size_t dir_count;
};

struct mountinfo_list {
	struct mountinfo_use *items; /* sorted by pid, then mount point */
	size_t count;
	size_t capacity;
};

#define MOUNTINFO_LIST_INIT                                                                        \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/*
 * Finds every mount in every mountinfo of a process or thread that uses the data root ROOT_PATH
 * (canonical) / OVERLAY2_FD (-1: none). PROC is "/proc" (tests pass another). Each mount namespace
 * is read once, and once more for a process in a chroot. Places are compared by device and path in
 * it, so the data root is known by any name, and another one of the same name is not taken for it;
 * an option of an overlay mount counts when the directory that it names, also by l/LINK, exists in
 * OVERLAY2_FD. Not uses: the root itself being a mount point (a self-bind after a kill), and mounts
 * of a part at the top (overlay2, image, containers, volumes, ...), which are file systems of their
 * own, nor anything below volumes/ and plugins/. Processes that vanish meanwhile are skipped.
 * Returns 0 or -1 (ERR_SYSTEM: PROC cannot be read; ERR_CORRUPT: a line that is none).
 */
int mountinfo_load(struct mountinfo_list *uses, const char *proc, const char *root_path,
                   int overlay2_fd, struct err *err) MUST_USE;

void mountinfo_list_done(struct mountinfo_list *uses);

#endif
