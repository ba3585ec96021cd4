/* room.c - tells whether there is room on a file system. */
#include "gc/trash/room.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>

static bool room_is_full(int error)
{
	return error == ENOSPC || error == EDQUOT;
}

int room_find(int dirfd, uint64_t bytes, uint64_t inodes, bool *has_room, struct err *err)
{
	AUTO(close) int fd = openat(dirfd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	int error = fd < 0 ? errno : 0;
	struct statvfs st;

	if (fd >= 0 && fallocate(fd, 0, 0, (off_t)bytes) < 0)
		error = errno;
	*has_room = error == EROFS || error == EACCES;
	if (*has_room || room_is_full(error))
		return 0;
	/* the inode it has got is one of them; some file systems cannot do either, and do not
	 * count inodes */
	if (fstatvfs(dirfd, &st) < 0)
		return err_errno(err, "find out what is free");
	*has_room = (st.f_files == 0 || st.f_ffree >= inodes) &&
	            (error == 0 || (uint64_t)st.f_bfree * st.f_frsize >= bytes);
	return 0;
}
