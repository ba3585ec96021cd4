/* root.h - a data root: its directory, its parts, and what kind it is. */
#ifndef METADATA_ROOT_H
#define METADATA_ROOT_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/own.h"

#include <stdint.h>
#include <sys/types.h>

/* Where the data root is when nobody says: /var/lib/docker, or "data-root" in daemon.json. */
#define ROOT_DEFAULT "/var/lib/docker"
#define ROOT_DAEMON_JSON "/etc/docker/daemon.json"

/*
 * An open data root. A descriptor is -1 when that part does not exist (as after a first start
 * that was cut off); it belongs to the root.
 */
struct root {
	char *path;      /* canonical and absolute, for messages and mountinfo only */
	int fd;          /* the data root itself */
	int overlay2_fd; /* overlay2/ */
	int image_fd;    /* image/overlay2/ */
	dev_t device;    /* of the data root, with `inode` its identity */
	ino_t inode;
};

/*
 * Opens the data root at PATH, or with PATH NULL the default one. Symlinks in PATH itself are
 * resolved, as dockerd does; none below it. Adds findings for other drivers' storage, a
 * containerd image store, userns roots (<uid>.<gid>/) and names that drydock does not know at the
 * top. The caller frees with root_close. Returns 0, or -1: ERR_SYSTEM (missing, no permission),
 * ERR_ROOT (a file, or a directory that is no data root; one that holds only other drivers'
 * storage, a containerd image store or userns roots: the words say which), ERR_CORRUPT (a symlink
 * or file where a directory in it should be; daemon.json). A data root is a directory that has
 * overlay2 or image/overlay2: one where dockerd was cut off before it made them has nothing to
 * collect.
 */
int root_open(struct root **root, const char *path, struct finding_list *findings,
              struct err *err) MUST_USE;

/*
 * The data root that dockerd would use by itself: "data-root" (once "graph") of the file
 * DAEMON_JSON, else ROOT_DEFAULT. The caller frees. NULL with *ERR set when the file
 * cannot be read or understood.
 */
char *root_default_path(const char *daemon_json, struct err *err) MUST_USE;

void root_close(struct root *root);

OWN_DEFINE(root, struct root *, root_close)

#endif
