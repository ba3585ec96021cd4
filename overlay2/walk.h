/* walk.h - trees of any shape visited by several threads, every entry once, no mount crossed. */
#ifndef OVERLAY2_WALK_H
#define OVERLAY2_WALK_H

#include "metadata/base/err.h"
#include "overlay2/treedir.h"
#include "overlay2/usage.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct walk;

/* Where an entry is. */
struct walk_spot {
	size_t item;         /* number of the tree */
	struct treedir *dir; /* that it is in; NULL: it is the top of the tree itself */
	int fd;              /* that `name` is under */
	const char *name;
	bool *is_incomplete; /* of the walk: walk_fail() sets it */
	const struct walk *walk;
};

/* What is done with the trees. Called by any thread; `leave` of a directory after everything else
 * of it, `end` of a tree after everything else of that. CONTEXT is that of the walk. */
struct walk_ops {
	/* Says what tree number ITEM is: PATH under DIRFD. Returns false if it is to be left out:
	 * there are no more calls for it. One thread at a time. */
	bool (*top)(void *context, size_t item, int *dirfd, const char **path);

	/* Something that is no directory. *SUM is given to `add` later. */
	void (*entry)(void *context, const struct walk_spot *spot, const struct statx *stx,
	              struct usage *sum);

	/* A directory that is about to be read. NULL: nothing to do. */
	void (*enter)(void *context, struct treedir *dir, struct usage *sum);

	/* A directory below which everything has been done. SPOT is where it is itself. Returns
	 * false if it has to be read once more. NULL: nothing to do. */
	bool (*leave)(void *context, struct treedir *dir, const struct walk_spot *spot);

	/* SUM of what was found in a tree since the last call. */
	void (*add)(void *context, size_t item, const struct usage *sum);

	/* SPOT is a mount point, which the walk leaves alone. NULL: no matter. */
	void (*mount)(void *context, const struct walk_spot *spot);

	/* There is no such tree. NULL: no matter. */
	void (*missing)(void *context, size_t item);

	/* Something could not be done; the text of *ERR begins with the path below `dirfd` of the
	 * tree. The rest goes on. */
	void (*fail)(void *context, size_t item, const struct err *err);

	/* The last call for a tree. IS_WHOLE: nothing failed and nothing was left out. NULL: no
	 * matter. */
	void (*end)(void *context, size_t item, bool is_whole);

	/* Now and then from the calling thread. NULL: nothing to do. */
	void (*tick)(void *context);

	int (*open)(int dirfd, const char *name); /* as treedir_open() */
	bool is_own_mount; /* the top of a tree may be a mount point: then that mount is walked */
};

struct walk_plan {
	const struct walk_ops *ops;
	void *context;
	size_t count;              /* trees */
	unsigned jobs;             /* as pool_jobs() has them */
	const volatile bool *stop; /* read atomically: when true, the rest is left out. Or NULL */
};

/* Walks all the trees. Returns when all is done. */
void walk_run(const struct walk_plan *plan);

/* Reports to `fail` of the walk that TEXT ("unlink") failed with errno at SPOT. */
void walk_fail(const struct walk_spot *spot, const char *text);

/* What an entry that is no directory takes. */
struct usage walk_usage(const struct statx *stx);

/* usage_add() for a sum that several threads add to. */
void walk_add_usage(struct usage *sum, const struct usage *part);

#endif
