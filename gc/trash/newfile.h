/* newfile.h - a new file with its content, on disk for good before anyone can take it for whole. */
#ifndef GC_TRASH_NEWFILE_H
#define GC_TRASH_NEWFILE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stddef.h>
#include <sys/stat.h>

/*
 * Makes NAME under DIRFD, which must not exist, with LEN bytes and the owner and mode of LIKE, and
 * syncs it (not the directory). After a failure NAME may be there, unfinished. 0 or -1.
 */
int newfile_write(int dirfd, const char *name, const char *bytes, size_t len,
                  const struct stat *like, struct err *err) MUST_USE;

/*
 * Gives the file NAME under DIRFD, which newfile_write() made, an extended ATTRIBUTE, for good when
 * it has a name that lasts. One that cannot be set is left out.
 */
void newfile_mark(int dirfd, const char *name, const char *attribute);

#endif
