/* archive_file.c - the file that an archive is written to: whole under its name, or not there. */
#include "overlay2/archive_file.h"

#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* Standard output, which stays open for others. */
static int archive_file_open_stdout(struct archive_file *file, struct err *err)
{
	if (isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE,
		               "standard output is a terminal: an archive must go to a file or "
		               "pipe");
	file->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	return file->fd < 0 ? err_errno(err, "standard output: open") : 0;
}

/* Opens the directory of PATH, which is the user's: symlinks in it are followed. */
static int archive_file_open_dir(struct archive_file *file, struct err *err)
{
	const char *slash = strrchr(file->path, '/');
	AUTO(str)
	char *dir = slash ? mem_copy(file->path, (size_t)(slash - file->path) + 1) : mem_text(".");

	file->name = mem_text(slash ? slash + 1 : file->path);
	file->partial = mem_print("%s" ARCHIVE_FILE_PARTIAL, file->name);
	if (file->name[0] == '\0')
		return err_set(err, ERR_USAGE, "%s: is no name of a file", file->path);
	file->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return file->dirfd < 0 ? err_errno(err, "%s: open its directory", file->path) : 0;
}

static int archive_file_check_name(const struct archive_file *file, struct err *err)
{
	struct stat st;

	if (fstatat(file->dirfd, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(err, ERR_STATE, "%s: exists already", file->path);
	return errno == ENOENT ? 0 : err_errno(err, "%s: stat", file->path);
}

/* The file under its other name; what an archive that was cut off has left is written over. */
static int archive_file_open_partial(struct archive_file *file, struct err *err)
{
	struct stat st;
	int fd = openat(file->dirfd, file->partial,
	                O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);

	if (fd < 0)
		return err_errno(err, "%s" ARCHIVE_FILE_PARTIAL ": make", file->path);
	file->fd = fd;
	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s" ARCHIVE_FILE_PARTIAL ": stat", file->path);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(err, ERR_STATE, "%s" ARCHIVE_FILE_PARTIAL ": is no plain file",
		               file->path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return err_set(err, ERR_STATE,
		               "%s" ARCHIVE_FILE_PARTIAL ": another process writes it", file->path);
	if (ftruncate(fd, 0) < 0 || fchmod(fd, 0600) < 0)
		return err_errno(err, "%s" ARCHIVE_FILE_PARTIAL ": empty", file->path);
	return 0;
}

int archive_file_new(struct archive_file **file, const char *path, bool may_exist, struct err *err)
{
	AUTO(archive_file) struct archive_file *made = mem_zalloc(1, sizeof(*made));

	made->path = mem_text(path);
	made->dirfd = -1;
	made->fd = -1;
	made->hash = checksum_new();
	if (strcmp(path, ARCHIVE_FILE_STDOUT) == 0) {
		if (archive_file_open_stdout(made, err) < 0)
			return -1;
	} else if (archive_file_open_dir(made, err) < 0 ||
	           (!may_exist && archive_file_check_name(made, err) < 0)) {
		return -1;
	} else if (archive_file_open_partial(made, err) < 0) {
		made->is_named = true; /* it is not ours to remove */
		return -1;
	}
	*file = TAKE(made, NULL);
	return 0;
}

void archive_file_free(struct archive_file *file)
{
	if (!file)
		return;
	if (file->name && file->fd >= 0 && !file->is_named)
		(void)unlinkat(file->dirfd, file->partial, 0); /* there is an error to be told */
	own_close_fd(file->fd);
	own_close_fd(file->dirfd);
	checksum_free(file->hash);
	free(file->path);
	free(file->name);
	free(file->partial);
	free(file);
}

int archive_file_write(struct archive_file *file, const void *bytes, size_t len)
{
	const char *from = bytes;

	if (err_is_set(&file->err))
		return -1;
	checksum_add(file->hash, bytes, len);
	while (len > 0) {
		ssize_t put = write(file->fd, from, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_errno(&file->err, "%s: write",
			                 file->name ? file->path : "standard output");
		from += put;
		len -= (size_t)put;
		file->size_bytes += (uint64_t)put;
	}
	return 0;
}

int archive_file_sync(struct archive_file *file, struct err *err)
{
	if (fsync(file->fd) == 0)
		return 0;
	if (!file->name && (errno == EINVAL || errno == EROFS)) /* a pipe has nothing to sync */
		return 0;
	return err_errno(err, "%s: sync", file->name ? file->path : "standard output");
}

int archive_file_reopen(const struct archive_file *file, struct err *err)
{
	int fd = openat(file->dirfd, file->partial, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "%s" ARCHIVE_FILE_PARTIAL ": open again", file->path);
	/* synced pages may be dropped, so that the disk is read; no matter if they are not */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return fd;
}

/* For file systems that cannot rename without replacing. */
static int archive_file_rename(const struct archive_file *file, bool may_exist)
{
	int result = may_exist ? renameat(file->dirfd, file->partial, file->dirfd, file->name)
	                       : renameat2(file->dirfd, file->partial, file->dirfd, file->name,
	                                   RENAME_NOREPLACE);

	if (result < 0 && !may_exist && (errno == EINVAL || errno == ENOSYS)) {
		struct err ignored = ERR_INIT;

		if (archive_file_check_name(file, &ignored) < 0) {
			errno = EEXIST;
			return -1;
		}
		result = renameat(file->dirfd, file->partial, file->dirfd, file->name);
	}
	return result;
}

int archive_file_name(struct archive_file *file, bool may_exist, struct err *err)
{
	if (archive_file_rename(file, may_exist) < 0)
		return err_errno(err, "%s: rename from " ARCHIVE_FILE_PARTIAL, file->path);
	file->is_named = true;
	if (fsync(file->dirfd) < 0 && errno != EINVAL) /* not every file system can */
		return err_errno(err, "%s: sync its directory", file->path);
	return 0;
}
