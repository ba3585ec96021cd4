/* inode_set.c - giving a new inode all that an old one had but its content. */
#include "overlay2/inode.h"

#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

/* With one of these nothing more can be changed. */
#define INODE_SEALS ((uint32_t)(FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND))

bool inode_is_sealed(const struct inode *inode)
{
	return (inode->flags & INODE_SEALS) != 0;
}

/* Adds FLAGS to those of FD; PROJECT is its project. */
static int inode_set_flags(int fd, uint32_t wanted, const uint32_t *project, struct err *err)
{
	struct fsxattr flags = { .fsx_xflags = 0 };

	if (ioctl(fd, FS_IOC_FSGETXATTR, &flags) < 0)
		return err_errno(err, "read flags");
	flags.fsx_xflags |= wanted;
	if (project)
		flags.fsx_projid = *project;
	if (ioctl(fd, FS_IOC_FSSETXATTR, &flags) < 0)
		return err_errno(err, "set flags");
	return 0;
}

int inode_seal(uint32_t flags, int fd, struct err *err)
{
	return inode_set_flags(fd, flags & INODE_SEALS, NULL, err);
}

/* Owner before mode, because a new owner takes away setuid and capabilities; times last. */
int inode_set(const struct inode *inode, int fd, struct err *err)
{
	const struct timespec times[2] = { inode->atime, inode->mtime };
	const uint32_t flags = inode->flags & ~INODE_SEALS;

	if (fchown(fd, inode->uid, inode->gid) < 0)
		return err_errno(err, "set owner");
	if (fchmod(fd, inode->mode & ALLPERMS) < 0)
		return err_errno(err, "set mode");
	for (size_t i = 0; i < inode->xattr_count; i++) {
		const struct inode_xattr *xattr = &inode->xattrs[i];

		if (fsetxattr(fd, xattr->name, xattr->value, xattr->len, 0) < 0)
			return err_errno(err, "set attribute %s", xattr->name);
	}
	if ((flags != 0 || inode->project != 0) &&
	    inode_set_flags(fd, flags, &inode->project, err) < 0)
		return -1;
	if (futimens(fd, times) < 0)
		return err_errno(err, "set times");
	return 0;
}

int inode_set_at(const struct inode *inode, int dirfd, const char *name, struct err *err)
{
	AUTO(str) char *path = mem_print("/proc/self/fd/%d/%s", dirfd, name);
	const struct timespec times[2] = { inode->atime, inode->mtime };

	if (fchownat(dirfd, name, inode->uid, inode->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "set owner");
	/* a symlink has no mode of its own; anything else is no symlink that could be followed */
	if (!S_ISLNK(inode->mode) && fchmodat(dirfd, name, inode->mode & ALLPERMS, 0) < 0)
		return err_errno(err, "set mode");
	for (size_t i = 0; i < inode->xattr_count; i++) {
		const struct inode_xattr *xattr = &inode->xattrs[i];

		if (lsetxattr(path, xattr->name, xattr->value, xattr->len, 0) < 0)
			return err_errno(err, "set attribute %s", xattr->name);
	}
	if (utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "set times");
	return 0;
}
