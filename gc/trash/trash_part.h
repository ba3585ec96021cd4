/* trash_part.h - the parts of a data root that have a trash of their own; for trash*.c only. */
#ifndef GC_TRASH_TRASH_PART_H
#define GC_TRASH_TRASH_PART_H

#include "gc/trash/trash.h"

/* A directory from which a rename reaches <dir>/.drydock: the root, or where a mount begins. */
struct trash_part {
	char *dir;     /* below the root; "" is the root itself */
	int fd;        /* of the directory */
	int run_fd;    /* of <dir>/.drydock/<run>; -1: not made, or not needed yet */
	bool is_mount; /* a mount begins at it, or it is the root */
};

struct trash {
	int root_fd; /* borrowed */
	int64_t run;
	const struct cut *cut; /* borrowed */
	struct trash_part *parts;
	size_t part_count, part_capacity;
	char *dir; /* the directory that was used last, below the root; NULL: none */
	int dir_fd;
	size_t dir_part_len; /* its part is so many bytes of its path */
	int *kept_fds;       /* trash_keep() */
	size_t kept_count, kept_capacity;
};

/*
 * Opens the directory DIR ("" is the root) component by component, no symlink followed. *FD (may be
 * -1 when it does not exist) is the caller's; *PART_LEN bytes of DIR are the part that it is in.
 * Returns 0 or -1.
 */
int trash_part_walk(const struct trash *trash, const char *dir, int *fd, size_t *part_len,
                    struct err *err) MUST_USE;

/*
 * Finds or opens the part whose path is LEN bytes of DIR; with MAKE its directory of the run is
 * made. *PART stays the trash's, good until the next call. 0 or -1.
 */
int trash_part_get(struct trash *trash, const char *dir, size_t len, bool make,
                   struct trash_part **part, struct err *err) MUST_USE;

/* Makes the directory of PATH the one that is open, if it exists. 0 or -1. */
int trash_enter(struct trash *trash, const char *path, struct err *err) MUST_USE;

/* Renames without replacing anything (EEXIST). 0 or -1: errno. */
int trash_rename(int dirfd, const char *name, int run_fd, const char *new_name);

/* The length of the part in PLACE, a path made by trash_place(). */
size_t trash_part_len(const char *place);

#endif
