/* loan.h - directories that the trash borrows where there is no room to make its own. */
#ifndef GC_TRASH_LOAN_H
#define GC_TRASH_LOAN_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>

/* The attribute of a borrowed directory, so that a later run can give it back: its old name. Where
 * it finds no room it is left out, and dockerd makes the directory again. */
#define LOAN_ATTRIBUTE "trusted.drydock.lender"

/*
 * Renames an empty directory in the root ROOT_FD that only its owner can look into, and that
 * dockerd makes again at its start when it is missing (docker-data-root.md §3.1), to NAME under
 * DIRFD: that needs neither a block nor an inode. *IS_TAKEN: there was one. With INNER another may
 * be in it, of that name, which is borrowed, too. 0 or -1.
 */
int loan_take(int root_fd, int dirfd, const char *name, const char *inner, bool *is_taken,
              struct err *err) MUST_USE;

/* Renames directory NAME under DIRFD back if it is borrowed and empty, and says whether it did. */
bool loan_return(int root_fd, int dirfd, const char *name);

/* Makes another directory in place of NAME under DIRFD if that is borrowed, which may be kept then.
 * Where there is no room yet it stays borrowed. */
void loan_replace(int root_fd, int dirfd, const char *name);

#endif
