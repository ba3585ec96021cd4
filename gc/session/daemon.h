/* daemon.h - a dockerd that its pid file tells of: a hint, for where no lock shows it. */
#ifndef GC_SESSION_DAEMON_H
#define GC_SESSION_DAEMON_H

#include "gc/session/holder.h"

#include <stdbool.h>

/* Where to look; tests pass others. */
struct daemon_paths {
	const char *proc;    /* "/proc" */
	const char *config;  /* daemon.json, whose "pidfile" and "data-root" count */
	const char *pidfile; /* when daemon.json names none */
};

extern const struct daemon_paths daemon_paths_default;

/*
 * Says whether the process in the pid file is alive, is a dockerd, and uses the data root ROOT_FD
 * (its --data-root, or that of daemon.json, or /var/lib/docker; a userns root <uid>.<gid> is in
 * use when the directory above it is the daemon's). Whatever cannot be read is no hint.
 */
bool daemon_find(struct holder *holder, const struct daemon_paths *paths, int root_fd,
                 const char *root_path);

#endif
