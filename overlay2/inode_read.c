/* inode_read.c - reading all of an inode but its content, without changing its atime. */
#include "overlay2/inode.h"

#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* The flags that a user sets; the others say what the file system does. */
#define INODE_FLAGS                                                                                \
	(FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND | FS_XFLAG_SYNC | FS_XFLAG_NOATIME |                 \
	 FS_XFLAG_NODUMP | FS_XFLAG_PROJINHERIT)
#define INODE_TRIES 8 /* a list of attributes that grows meanwhile is read again so often */

static struct timespec inode_time(const struct statx_timestamp *time)
{
	return (struct timespec){ time->tv_sec, time->tv_nsec };
}

static int inode_stat(struct inode *inode, int dirfd, const char *name, struct err *err)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
	struct statx stx;

	if (statx(dirfd, name, *name == '\0' ? flags | AT_EMPTY_PATH : flags,
	          STATX_BASIC_STATS | STATX_MNT_ID, &stx) < 0)
		return err_errno(err, "stat");
	inode->mode = stx.stx_mode;
	inode->uid = stx.stx_uid;
	inode->gid = stx.stx_gid;
	inode->size = S_ISREG(stx.stx_mode) ? stx.stx_size : 0;
	inode->mtime = inode_time(&stx.stx_mtime);
	inode->atime = inode_time(&stx.stx_atime);
	inode->ctime = inode_time(&stx.stx_ctime);
	if (S_ISCHR(stx.stx_mode) || S_ISBLK(stx.stx_mode)) {
		inode->rdev_major = stx.stx_rdev_major;
		inode->rdev_minor = stx.stx_rdev_minor;
	}
	inode->device = makedev(stx.stx_dev_major, stx.stx_dev_minor);
	inode->number = stx.stx_ino;
	inode->link_count = stx.stx_nlink;
	inode->mount_id = stx.stx_mask & STATX_MNT_ID ? stx.stx_mnt_id : 0;
	return 0;
}

/* Where attributes are read from: an open descriptor, or a path that is not followed. */
struct inode_source {
	int fd;
	const char *path; /* NULL: fd */
};

static ssize_t inode_list(const struct inode_source *source, char *list, size_t size)
{
	return source->path ? llistxattr(source->path, list, size)
	                    : flistxattr(source->fd, list, size);
}

static ssize_t inode_get(const struct inode_source *source, const char *name, void *value,
                         size_t size)
{
	return source->path ? lgetxattr(source->path, name, value, size)
	                    : fgetxattr(source->fd, name, value, size);
}

/* Reads the names of all attributes, each with its NUL, into *LIST, which the caller frees. */
static int inode_read_names(const struct inode_source *source, char **list, size_t *len,
                            struct err *err)
{
	AUTO(str) char *names = NULL;

	for (int i = 0; i < INODE_TRIES; i++) {
		ssize_t size = inode_list(source, NULL, 0);

		if (size < 0 && (errno == ENOTSUP || errno == ENOSYS))
			size = 0;
		if (size < 0)
			return err_errno(err, "list attributes");
		names = mem_resize(names, (size_t)size + 1, 1);
		*len = 0;
		if (size > 0) {
			size = inode_list(source, names, (size_t)size);
			if (size < 0 && errno == ERANGE)
				continue;
			if (size < 0)
				return err_errno(err, "list attributes");
			*len = (size_t)size;
		}
		*list = TAKE(names, NULL);
		return 0;
	}
	return err_set(err, ERR_STATE, "its attributes change while they are read");
}

static int inode_read_xattr(struct inode *inode, const struct inode_source *source,
                            const char *name, struct err *err)
{
	AUTO(str) char *value = NULL;

	for (int i = 0; i < INODE_TRIES; i++) {
		ssize_t size = inode_get(source, name, NULL, 0);

		if (size < 0)
			return err_errno(err, "read attribute %s", name);
		value = mem_resize(value, (size_t)size + 1, 1);
		if (size > 0)
			size = inode_get(source, name, value, (size_t)size);
		if (size < 0 && errno == ERANGE)
			continue;
		if (size < 0)
			return err_errno(err, "read attribute %s", name);
		inode_add_xattr(inode, name, value, (size_t)size);
		return 0;
	}
	return err_set(err, ERR_STATE, "attribute %s changes while it is read", name);
}

static int inode_read_xattrs(struct inode *inode, const struct inode_source *source,
                             struct err *err)
{
	AUTO(str) char *names = NULL;
	size_t len = 0;

	if (inode_read_names(source, &names, &len, err) < 0)
		return -1;
	for (size_t at = 0; at < len; at += strlen(names + at) + 1) {
		if (inode_read_xattr(inode, source, names + at, err) < 0)
			return -1;
	}
	inode_sort(inode);
	return 0;
}

/* Only file systems that know such flags answer. */
static int inode_read_flags(struct inode *inode, int fd, struct err *err)
{
	struct fsxattr flags = { .fsx_xflags = 0 };

	if (ioctl(fd, FS_IOC_FSGETXATTR, &flags) < 0) {
		if (errno == ENOTTY || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL)
			return 0;
		return err_errno(err, "read flags");
	}
	inode->flags = flags.fsx_xflags & INODE_FLAGS;
	inode->project = flags.fsx_projid;
	return 0;
}

int inode_read(struct inode *inode, int fd, struct err *err)
{
	const struct inode_source source = { fd, NULL };

	if (inode_stat(inode, fd, "", err) < 0 || inode_read_flags(inode, fd, err) < 0)
		return -1;
	return inode_read_xattrs(inode, &source, err);
}

static int inode_open_file(struct inode *inode, int dirfd, const char *name, int *fd,
                           struct err *err)
{
	const int how = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	AUTO(close) int opened = openat(dirfd, name, how | O_NOATIME);
	AUTO(inode) struct inode seen = INODE_INIT;

	if (opened < 0 && errno == EPERM) /* not the owner: the atime is not ours to keep */
		opened = openat(dirfd, name, how);
	if (opened < 0)
		return err_errno(err, "open");
	if (inode_read(&seen, opened, err) < 0)
		return -1;
	if (seen.device != inode->device || seen.number != inode->number ||
	    seen.mode != inode->mode)
		return err_set(err, ERR_STATE, "was replaced while it was looked at");
	*inode = TAKE(seen, (struct inode)INODE_INIT);
	*fd = TAKE(opened, -1);
	return 0;
}

static int inode_read_target(struct inode *inode, int dirfd, const char *name, struct err *err)
{
	char target[PATH_MAX + 1];
	ssize_t len = readlinkat(dirfd, name, target, sizeof(target));

	if (len < 0)
		return err_errno(err, "read link");
	if ((size_t)len >= sizeof(target))
		return err_set(err, ERR_STATE, "its target is too long");
	inode->target = mem_copy(target, (size_t)len);
	return 0;
}

int inode_open(struct inode *inode, int dirfd, const char *name, int *fd, struct err *err)
{
	AUTO(str) char *path = mem_print("/proc/self/fd/%d/%s", dirfd, name);
	const struct inode_source source = { -1, path };

	*fd = -1;
	if (inode_stat(inode, dirfd, name, err) < 0)
		return -1;
	if (S_ISREG(inode->mode))
		return inode_open_file(inode, dirfd, name, fd, err);
	if (S_ISLNK(inode->mode) && inode_read_target(inode, dirfd, name, err) < 0)
		return -1;
	return inode_read_xattrs(inode, &source, err);
}
