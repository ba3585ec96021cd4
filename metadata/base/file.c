/* file.c - reading small files and directories of a data root without changing a byte or an atime.
 */
#include "metadata/base/file.h"

#include "metadata/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

int file_open(int dirfd, const char *path, int flags, struct err *err)
{
	const int how = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags;
	AUTO(close) int fd = openat(dirfd, path, how | O_NOATIME);
	struct stat st;

	if (fd < 0 && errno == EPERM) /* not the owner: the atime is not ours to keep */
		fd = openat(dirfd, path, how);
	if (fd < 0 && errno == ELOOP)
		return err_set(err, ERR_CORRUPT, "%s: is a symbolic link", path);
	if (fd < 0 && errno == ENOTDIR && (flags & O_DIRECTORY))
		return err_set(err, ERR_CORRUPT, "%s: is not a directory", path);
	if (fd < 0)
		return err_errno(err, "%s: open", path);
	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s: stat", path);
	if (!(flags & O_DIRECTORY) && !S_ISREG(st.st_mode))
		return err_set(err, ERR_CORRUPT, "%s: is not a regular file", path);
	return TAKE(fd, -1);
}

int file_read_fd(int fd, const char *name, size_t max, char **bytes, size_t *len, struct err *err)
{
	AUTO(str) char *data = NULL;
	size_t used = 0;
	struct stat st;
	size_t size;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s: stat", name);
	if (st.st_size < 0 || (uintmax_t)st.st_size > max)
		return err_set(err, ERR_CORRUPT, "%s: has %jd bytes, more than the %zu allowed",
		               name, (intmax_t)st.st_size, max);
	size = (size_t)st.st_size;
	data = mem_resize(NULL, size + 1, 1);
	while (used < size) {
		ssize_t got = pread(fd, data + used, size - used, (off_t)used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "%s: read", name);
		if (got == 0)
			break;
		used += (size_t)got;
	}
	data[used] = '\0';
	*bytes = TAKE(data, NULL);
	*len = used;
	return 0;
}

int file_read(int dirfd, const char *path, size_t max, char **bytes, size_t *len, struct err *err)
{
	AUTO(close) int fd = file_open(dirfd, path, 0, err);

	if (fd < 0)
		return -1;
	return file_read_fd(fd, path, max, bytes, len, err);
}

static int file_entry_compare(const void *a, const void *b)
{
	return strcmp(((const struct file_entry *)a)->name, ((const struct file_entry *)b)->name);
}

static void file_close_dir(DIR *dir)
{
	if (dir)
		(void)closedir(dir);
}

OWN_DEFINE(file_dir, DIR *, file_close_dir)

static int file_entry_add(struct file_entries *entries, int fd, const struct dirent *entry,
                          struct err *err)
{
	unsigned char type = entry->d_type;
	struct stat st;

	if (type == DT_UNKNOWN) {
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return err_errno(err, "%s: stat", entry->d_name);
		type = (unsigned char)IFTODT(st.st_mode);
	}
	entries->items =
	    mem_grow(entries->items, entries->count, &entries->capacity, sizeof(*entries->items));
	entries->items[entries->count++] = (struct file_entry){ mem_text(entry->d_name), type };
	return 0;
}

int file_list(struct file_entries *entries, int dirfd, const char *path, struct err *err)
{
	AUTO(file_entries) struct file_entries list = FILE_ENTRIES_INIT;
	int fd = file_open(dirfd, path, O_DIRECTORY, err);
	AUTO(file_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (fd < 0)
		return -1;
	if (!dir) {
		(void)close(fd);
		return err_errno(err, "%s: open", path);
	}
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (file_entry_add(&list, fd, entry, err) < 0)
			return err_wrap(err, "%s", path);
	}
	if (errno != 0)
		return err_errno(err, "%s: read directory", path);
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items), file_entry_compare);
	*entries = TAKE(list, (struct file_entries)FILE_ENTRIES_INIT);
	return 0;
}

void file_entries_done(struct file_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->items[i].name);
	free(entries->items);
	*entries = (struct file_entries)FILE_ENTRIES_INIT;
}
