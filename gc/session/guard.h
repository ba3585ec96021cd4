/* guard.h - nobody else uses the data root: dockerd's own locks, its pid file, mounts, and ours. */
#ifndef GC_SESSION_GUARD_H
#define GC_SESSION_GUARD_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/mountinfo.h"

#include <stdbool.h>
#include <stddef.h>

struct guard; /* holds the locks */

enum guard_mode {
	GUARD_LOOK,  /* take no lock that writes; say whether a daemon is alive */
	GUARD_HOLD,  /* take dockerd's locks (flock, exclusive, non-blocking) and keep them */
	GUARD_WRITE, /* the same and drydock's own lock, on the root directory */
};

/*
 * Takes the locks of every database that dockerd holds for life (docker-data-root.md §6.1:
 * volumes/metadata.db, buildkit/....db, containerd's meta.db), opened read-only and never created,
 * then looks at the pid file. With the locks held a dockerd that starts meanwhile waits or fails.
 * ERR_BUSY names the holder: pid and command, from /proc/locks or the pid file. With GUARD_LOOK a
 * live daemon (or another drydock) is no error but *IS_ALIVE, which may be NULL otherwise, and no
 * lock is kept. The caller releases with guard_release. Returns 0 or -1 (ERR_BUSY; ERR_SYSTEM, also
 * where the file system has no locks; ERR_CORRUPT: a database is no file).
 */
int guard_acquire(struct guard **guard, int root_fd, const char *root_path, enum guard_mode mode,
                  bool *is_alive, struct err *err) MUST_USE;

void guard_release(struct guard *guard);

OWN_DEFINE(guard, struct guard *, guard_release)

/*
 * Refuses a data root that mounts use: containers that outlived their daemon, or what a kill has
 * left. Returns 0 when USES is empty, else -1 with ERR_BUSY: process, mount point and the number of
 * further ones.
 */
int guard_check_mounts(const struct mountinfo_list *uses, struct err *err) MUST_USE;

#endif
