/* dir_times.h - times of the directories whose entries a run changes, as they were before it. */
#ifndef GC_TRASH_DIR_TIMES_H
#define GC_TRASH_DIR_TIMES_H

#include "gc/trash/cut.h"
#include "gc/trash/trash.h"
#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stddef.h>
#include <time.h>

/* Plain data. */
struct dir_time {
	char *path; /* below the root, "" is the root itself; owned */
	struct timespec mtime;
};

struct dir_times {
	struct dir_time *items; /* in the order in which they were added */
	size_t count, capacity;
};

#define DIR_TIMES_INIT                                                                             \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

void dir_times_done(struct dir_times *times);

/* Adds the directory whose path is LEN bytes of PATH. */
void dir_times_add(struct dir_times *times, const char *path, size_t len,
                   const struct timespec *mtime);

/* Adds the directory that the object PATH (below the root) is in with the time that it has now,
 * unless it is there already or does not exist. 0 or -1. */
int dir_times_note(struct dir_times *times, struct trash *trash, const char *path,
                   struct err *err) MUST_USE;

/* Gives each directory its time again; one that is not there is no error. 0 or -1. */
int dir_times_set(const struct dir_times *times, struct trash *trash, struct err *err) MUST_USE;

#endif
