/* loan.h - directories that the trash borrows where there is no room to make its own. */
#ifndef GC_RUN_LOAN_H
#define GC_RUN_LOAN_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <sys/types.h>

/* A directory of dockerd's that has been renamed. Plain data; all zero: none. */
struct loan {
	const char *dir, *name; /* where it was: its parent below the root, and its name; static */
	mode_t mode;
	uid_t user;
	gid_t group;
};

/*
 * Renames an empty directory below ROOT_FD that dockerd makes again at its start when it is missing
 * (docker-data-root.md §3.1) to NAME under DIRFD, with mode 0700: that needs neither a block nor an
 * inode. *IS_TAKEN: there was one, and it is in *LOAN. 0 or -1.
 */
int loan_take(struct loan *loan, int root_fd, int dirfd, const char *name, bool *is_taken,
              struct err *err) MUST_USE;

/* Makes the directory anew where it was, if there is room by now; if not dockerd will. Does nothing
 * for a loan that was not taken. */
void loan_return(struct loan *loan, int root_fd);

#endif
