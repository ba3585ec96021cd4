/* inode.h - all that an inode is but its content: what a copy of a file must have, too. */
#ifndef OVERLAY2_INODE_H
#define OVERLAY2_INODE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/checksum.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* An extended attribute, in any namespace: user., trusted., security., system. (ACLs). */
struct inode_xattr {
	char *name;  /* owned */
	char *value; /* owned */
	size_t len;  /* may be 0 */
};

struct inode {
	mode_t mode; /* with the type */
	uid_t uid;
	gid_t gid;
	uint64_t size; /* bytes of a regular file, else 0 */
	uint32_t rdev_major, rdev_minor;
	struct timespec mtime, atime, ctime;
	char *target;               /* of a symlink; owned, else NULL */
	struct inode_xattr *xattrs; /* sorted by name once inode_sort() was called */
	size_t xattr_count, xattr_capacity;
	uint32_t flags;   /* FS_XFLAG_* of a file or directory: immutable, ... */
	uint32_t project; /* quota project of a file or directory, as docker's overlay2.size sets it
	                   */
	/* which inode it is; nothing that a copy has */
	uint64_t device, number;
	uint64_t link_count;
	uint64_t mount_id; /* 0: not known (before Linux 5.8) */
};

#define INODE_INIT                                                                                 \
	{                                                                                          \
		.mode = 0                                                                          \
	}

void inode_done(struct inode *inode);

static inline void inode_cleanup(struct inode *inode)
{
	inode_done(inode);
}

/* Makes *COPY (INODE_INIT) the same; the caller frees. */
void inode_copy(struct inode *copy, const struct inode *inode);

/* Adds an attribute; both are copied. */
void inode_add_xattr(struct inode *inode, const char *name, const void *value, size_t len);

/* Sorts the attributes by name. */
void inode_sort(struct inode *inode);

/* Writes a checksum of all that a copy must have (everything but ctime) into HEX. The attributes
 * are sorted. */
void inode_checksum(const struct inode *inode, char hex[CHECKSUM_HEX_SIZE]);

/*
 * Reads *INODE (INODE_INIT; the caller frees with inode_done) of NAME under DIRFD; no symlink is
 * followed, no device or FIFO opened, no atime changed where that can be helped. *FD gets an
 * open descriptor of a regular file, which the caller closes, else -1. Needs /proc for attributes
 * of what cannot be opened. Returns 0, or -1 with ERR_SYSTEM, or ERR_STATE: NAME changed while it
 * was looked at.
 */
int inode_open(struct inode *inode, int dirfd, const char *name, int *fd, struct err *err) MUST_USE;

/* The same for the open file or directory FD. */
int inode_read(struct inode *inode, int fd, struct err *err) MUST_USE;

/*
 * Give a new inode what *INODE says: owner, mode, attributes, project, times, but for the flags
 * that would forbid further changes. inode_set() is for an open file or directory, inode_set_at()
 * for anything else, NAME under DIRFD. 0 or -1 (ERR_SYSTEM).
 */
int inode_set(const struct inode *inode, int fd, struct err *err) MUST_USE;
int inode_set_at(const struct inode *inode, int dirfd, const char *name, struct err *err) MUST_USE;

/* Says whether there are such flags: they come last, with inode_seal(). */
bool inode_is_sealed(const struct inode *inode);

/* Sets the flags FLAGS of the open FD that forbid further changes. 0 or -1. */
int inode_seal(uint32_t flags, int fd, struct err *err) MUST_USE;

#endif
