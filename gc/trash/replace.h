/* replace.h - a new version of a file that stays, which takes its place in one rename. */
#ifndef GC_TRASH_REPLACE_H
#define GC_TRASH_REPLACE_H

#include "gc/trash/trash.h"

#include <sys/types.h>

/* What takes the place of what. Everything is borrowed. */
struct replacement {
	const char *path;      /* of the file, below the data root */
	const char *temporary; /* name beside it until it is whole, of this run only */
	const char *place;     /* in the trash, for the old file; NULL: it is not kept */
	const char *bytes;     /* the new content */
	size_t len;
	mode_t mode;           /* 0: that of the old file */
	const char *attribute; /* an extended one for the new file, if it can be set. May be NULL */

	/* Looks at the new file NAME under DIRFD, which is on disk for good, before it takes the
	 * old one's place. 0 or -1: it must not. May be NULL. */
	int (*check)(void *context, int dirfd, const char *name, struct err *err);
	void *context;
};

/*
 * Replaces the file: the old one gets a second name in the trash; the new one, with the owner of
 * the old one, is made beside it, synced, checked and renamed over it, and the directory synced.
 * Until the rename everyone sees the old file. Returns 0, or -1: the old file is in place and
 * nothing is left beside it.
 */
int replace_file(struct trash *trash, const struct replacement *replacement,
                 struct err *err) MUST_USE;

/* Removes what a replace_file() that was killed has left beside PATH. 0 or -1. */
int replace_clean(struct trash *trash, const char *path, const char *temporary,
                  struct err *err) MUST_USE;

#endif
