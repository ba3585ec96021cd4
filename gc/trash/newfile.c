/* newfile.c - a new file with its content, on disk for good before anyone can take it for whole. */
#include "gc/trash/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/xattr.h>

static int newfile_fill(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		bytes += put;
		len -= (size_t)put;
	}
	return 0;
}

int newfile_write(int dirfd, const char *name, const char *bytes, size_t len,
                  const struct stat *like, struct err *err)
{
	AUTO(close)
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, "%s: make", name);
	if (newfile_fill(fd, bytes, len) < 0)
		return err_errno(err, "%s: write", name);
	if (fchown(fd, like->st_uid, like->st_gid) < 0)
		return err_errno(err, "%s: change owner", name);
	if (fchmod(fd, like->st_mode & 07777) < 0)
		return err_errno(err, "%s: change mode", name);
	if (fsync(fd) < 0)
		return err_errno(err, "%s: sync", name);
	if (close(TAKE(fd, -1)) < 0)
		return err_errno(err, "%s: close", name);
	return 0;
}

void newfile_mark(int dirfd, const char *name, const char *attribute)
{
	AUTO(close) int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && fsetxattr(fd, attribute, "1", 1, 0) == 0)
		(void)fsync(fd);
}
