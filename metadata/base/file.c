/* file.c - reading small files and directories of a data root without changing a byte or an atime.
 */
#include "metadata/base/file.h"

#include "metadata/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* What the errno of a failed open says; NAME is for the words. */
static int file_open_failed(const char *name, int flags, struct err *err)
{
	if (errno == ELOOP)
		return err_set(err, ERR_CORRUPT, "%s: is a symbolic link", name);
	if (errno == ENOTDIR && (flags & O_DIRECTORY)) /* also what a symbolic link gives */
		return err_set(err, ERR_CORRUPT, "%s: is not a directory", name);
	if (errno == ENXIO || errno == ENODEV) /* a socket, or a device without a driver */
		return err_set(err, ERR_CORRUPT, "%s: is not a regular file", name);
	return err_errno(err, "%s: open", name);
}

/* Opens PATH, which the words call NAME, and fills *ST. */
static int file_open_stat(int dirfd, const char *path, const char *name, int flags, struct stat *st,
                          struct err *err)
{
	const int how = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags;
	AUTO(close) int fd = openat(dirfd, path, how | O_NOATIME);

	if (fd < 0 && errno == EPERM) /* not the owner: the atime is not ours to keep */
		fd = openat(dirfd, path, how);
	if (fd < 0)
		return file_open_failed(name, flags, err);
	if (fstat(fd, st) < 0)
		return err_errno(err, "%s: stat", name);
	if (!(flags & O_DIRECTORY) && !S_ISREG(st->st_mode))
		return err_set(err, ERR_CORRUPT, "%s: is not a regular file", name);
	return TAKE(fd, -1);
}

int file_open(int dirfd, const char *path, int flags, struct err *err)
{
	struct stat st;

	return file_open_stat(dirfd, path, path, flags, &st, err);
}

int file_open_dir(int dirfd, const char *path, struct err *err)
{
	AUTO(str) char *so_far = mem_text(path);
	AUTO(close) int fd = -1;
	size_t start = 0;

	for (;;) {
		size_t end = start + strcspn(path + start, "/");
		struct stat st;
		int inner;

		so_far[end] = '\0';
		inner = file_open_stat(fd < 0 ? dirfd : fd, so_far + start, so_far, O_DIRECTORY,
		                       &st, err);
		if (inner < 0)
			return -1;
		own_close_fd(fd);
		fd = inner;
		if (path[end] == '\0')
			return TAKE(fd, -1);
		so_far[end] = '/';
		start = end + 1;
	}
}

/* Reads SIZE bytes of the regular file FD. */
static int file_read_sized(int fd, const char *name, off_t st_size, size_t max,
                           struct file_bytes *read, struct err *err)
{
	AUTO(str) char *data = NULL;
	size_t used = 0;
	size_t size;

	if (st_size < 0 || (uintmax_t)st_size > max)
		return err_set(err, ERR_CORRUPT, "%s: has %jd bytes, more than the %zu allowed",
		               name, (intmax_t)st_size, max);
	size = (size_t)st_size;
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
	read->data = TAKE(data, NULL);
	read->len = used;
	return 0;
}

int file_read_fd(int fd, const char *name, size_t max, char **bytes, size_t *len, struct err *err)
{
	struct file_bytes read = FILE_BYTES_INIT;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s: stat", name);
	if (file_read_sized(fd, name, st.st_size, max, &read, err) < 0)
		return -1;
	*bytes = read.data;
	*len = read.len;
	return 0;
}

int file_read(int dirfd, const char *path, size_t max, char **bytes, size_t *len, struct err *err)
{
	struct file_bytes read = FILE_BYTES_INIT;
	struct stat st = { .st_size = 0 };
	AUTO(close) int fd = file_open_stat(dirfd, path, path, 0, &st, err);

	if (fd < 0 || file_read_sized(fd, path, st.st_size, max, &read, err) < 0)
		return -1;
	*bytes = read.data;
	*len = read.len;
	return 0;
}

enum file_outcome file_read_record(int dirfd, const char *path, size_t max,
                                   struct file_bytes *bytes, struct err *err)
{
	if (file_read(dirfd, path, max, &bytes->data, &bytes->len, err) == 0)
		return FILE_READ;
	if (err_has_code(err, ENOENT)) {
		err_clear(err);
		return FILE_ABSENT;
	}
	return err->kind == ERR_CORRUPT ? FILE_BROKEN : FILE_FAILED;
}

void file_bytes_done(struct file_bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct file_bytes)FILE_BYTES_INIT;
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
			return errno == ENOENT ? 0 /* gone by now, as processes in /proc */
			                       : err_errno(err, "%s: stat", entry->d_name);
		type = (unsigned char)IFTODT(st.st_mode);
	}
	entries->items =
	    mem_grow(entries->items, entries->count, &entries->capacity, sizeof(*entries->items));
	entries->items[entries->count++] = (struct file_entry){ mem_text(entry->d_name), type };
	return 0;
}

/* Lists the directory FD, which it closes. The words do not name it. */
static int file_list_open(struct file_entries *entries, int fd, struct err *err)
{
	AUTO(file_entries) struct file_entries list = FILE_ENTRIES_INIT;
	AUTO(file_dir) DIR *dir = fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		(void)err_errno(err, "open");
		(void)close(fd);
		return -1;
	}
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (file_entry_add(&list, fd, entry, err) < 0)
			return -1;
	}
	if (errno != 0)
		return err_errno(err, "read directory");
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items), file_entry_compare);
	*entries = TAKE(list, (struct file_entries)FILE_ENTRIES_INIT);
	return 0;
}

int file_list(struct file_entries *entries, int dirfd, const char *path, struct err *err)
{
	int fd = file_open(dirfd, path, O_DIRECTORY, err);

	if (fd < 0)
		return -1;
	return file_list_open(entries, fd, err) < 0 ? err_wrap(err, "%s", path) : 0;
}

int file_list_if_dir(struct file_entries *entries, int dirfd, const char *path, struct err *err)
{
	int fd = file_open_dir(dirfd, path, err);

	if (fd >= 0)
		return file_list_open(entries, fd, err) < 0 ? err_wrap(err, "%s", path) : 0;
	if (err->kind != ERR_CORRUPT && !err_has_code(err, ENOENT))
		return -1;
	err_clear(err);
	return 0;
}

void file_entries_done(struct file_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->items[i].name);
	free(entries->items);
	*entries = (struct file_entries)FILE_ENTRIES_INIT;
}
