/* trash.h - where what a run has detached waits to be erased: .drydock/<run>/<number>. */
#ifndef GC_TRASH_TRASH_H
#define GC_TRASH_TRASH_H

#include "gc/trash/cut.h"
#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define TRASH_DIR ".drydock"

/*
 * The trash of one run. Below the data root there may be parts that are file systems or mounts of
 * their own (overlay2, image, ...): a part has its own <part>/.drydock/<run>, because a rename
 * cannot leave its mount. Directories are made when they are first needed, mode 0700. Keeps a few
 * descriptors per part.
 */
struct trash;

/* The trash of run RUN under ROOT_FD (borrowed, as CUT); makes nothing yet. The caller frees. */
struct trash *trash_new(int root_fd, int64_t run, const struct cut *cut) MUST_USE;

void trash_free(struct trash *trash);

OWN_DEFINE(trash, struct trash *, trash_free)

/*
 * Where PATH (below the root, see target.h) goes as number SEQ: *PLACE, below the root, the caller
 * frees. The part is found by the mount of PATH's directory. Returns 0 or -1.
 */
int trash_place(struct trash *trash, const char *path, size_t seq, char **place,
                struct err *err) MUST_USE;

/* Says whether PLACE, which a journal gave, is one that trash_place() makes for PATH and SEQ. */
bool trash_owns(const struct trash *trash, const char *path, size_t seq, const char *place);

/* Says in *EXISTS whether something is at PLACE. 0 or -1. */
int trash_has(struct trash *trash, const char *place, bool *exists, struct err *err) MUST_USE;

/* Says in *EXISTS whether there is something at PATH. 0 or -1. */
int trash_has_source(struct trash *trash, const char *path, bool *exists, struct err *err) MUST_USE;

enum trash_result {
	TRASH_MOVED,
	TRASH_MOVED_BEFORE, /* PLACE is taken and PATH is gone: an earlier run of this did it */
	TRASH_REAPPEARED,   /* PLACE is taken and PATH is there again: left alone */
	TRASH_GONE,         /* neither is there */
};

/*
 * Moves PATH to PLACE with one rename that replaces nothing. Returns 0 with *RESULT set, or -1:
 * nothing has changed then.
 */
int trash_move(struct trash *trash, const char *path, const char *place, enum trash_result *result,
               struct err *err) MUST_USE;

/*
 * Puts a second name of the file PATH at PLACE: a hard link, or a copy where there can be none.
 * What was at PLACE is replaced. 0 or -1.
 */
int trash_save(struct trash *trash, const char *path, const char *place, struct err *err) MUST_USE;

/* The same with a copy, whatever becomes of the file. */
int trash_save_copy(struct trash *trash, const char *path, const char *place,
                    struct err *err) MUST_USE;

/*
 * The directory that PLACE is in: *FD, which stays the trash's as long as that lives; with MAKE it
 * is made, else -1 when there is none. 0 or -1.
 */
int trash_run_dir(struct trash *trash, const char *place, bool make, int *fd,
                  struct err *err) MUST_USE;

enum trash_return_result {
	TRASH_RETURNED,        /* moved from PLACE to PATH */
	TRASH_RETURNED_BEFORE, /* PATH is there and PLACE is empty: it was done before */
	TRASH_TAKEN,           /* both are there: PATH is left alone */
	TRASH_LOST,            /* neither is there */
};

/* Moves what is at PLACE back to PATH with one rename that replaces nothing. Returns 0 with *RESULT
 * set, or -1: nothing has changed then. */
int trash_return(struct trash *trash, const char *place, const char *path,
                 enum trash_return_result *result, struct err *err) MUST_USE;

/* Lets what is at PLACE and the object PATH change places, in one rename. 0 or -1. */
int trash_exchange(struct trash *trash, const char *place, const char *path,
                   struct err *err) MUST_USE;

/* Lets the file at PLACE take the place of the file PATH, in one rename. 0 or -1. */
int trash_return_over(struct trash *trash, const char *place, const char *path,
                      struct err *err) MUST_USE;

/* Gives the directory PATH ("": the root) the time MTIME; one that is not there is no error. 0
 * or -1. */
int trash_set_time(struct trash *trash, const char *path, const struct timespec *mtime,
                   struct err *err) MUST_USE;

/*
 * The directory of PATH: a descriptor that stays the trash's, good until the next call. -1 with
 * *ERR set; ENOENT when there is none.
 */
int trash_dir_of(struct trash *trash, const char *path, struct err *err);

/* What trash_new() was given. */
int64_t trash_run(const struct trash *trash);
const struct cut *trash_cut(const struct trash *trash);

/* Hands over FD, which is closed when the trash is freed: a lock that lasts as long as the run. */
void trash_keep(struct trash *trash, int fd);

/* What stands between PART, which trash_each() gives, and what is in it: "/" or nothing. */
static inline const char *trash_slash(const char *part)
{
	return part[0] != '\0' ? "/" : "";
}

/* The last component of PATH, borrowed. */
const char *trash_name_of(const char *path);

/* The barrier: everything done so far, on every part's file system, is on disk for good. 0 or -1.
 */
int trash_sync(struct trash *trash, struct err *err) MUST_USE;

/* Calls EACH for the directory of every part that is known and exists; ends at the first -1. PART
 * is "" or the path of the part; the descriptor stays the trash's. */
typedef int trash_visit(void *context, const char *part, int dirfd, struct err *err);
int trash_each(struct trash *trash, trash_visit *each, void *context, struct err *err) MUST_USE;

/*
 * Makes the part that PLACE is in known, so that trash_each() visits it. 0 or -1; ERR_STATE when
 * the part was a mount of its own and is not mounted now.
 */
int trash_know(struct trash *trash, const char *place, struct err *err) MUST_USE;

/*
 * Removes the directories of the run, which must be empty, and .drydock of parts other than the
 * root if it is empty then. *IS_EMPTY is false when something was left in one. 0 or -1.
 */
int trash_remove(struct trash *trash, bool *is_empty, struct err *err) MUST_USE;

/* A directory of some run. */
struct trash_dir {
	int64_t run;
	char *path; /* owned; below the root */
};

struct trash_dirs {
	struct trash_dir *items; /* sorted by run, then path */
	size_t count, capacity;
};

#define TRASH_DIRS_INIT                                                                            \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

void trash_dirs_done(struct trash_dirs *dirs);

static inline void trash_dirs_cleanup(struct trash_dirs *dirs)
{
	trash_dirs_done(dirs);
}

/* Finds the directories of all runs under ROOT_FD, in every place where one can be; the caller
 * frees. Changes nothing. 0 or -1. */
int trash_find(struct trash_dirs *dirs, int root_fd, struct err *err) MUST_USE;

#endif
