/* dir_times.c - times of the directories whose entries a run changes, as they were before it. */
#include "gc/trash/dir_times.h"

#include "metadata/base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void dir_times_done(struct dir_times *times)
{
	for (size_t i = 0; i < times->count; i++)
		free(times->items[i].path);
	free(times->items);
	*times = (struct dir_times)DIR_TIMES_INIT;
}

static bool dir_times_has(const struct dir_times *times, const char *path, size_t len)
{
	for (size_t i = times->count; i > 0; i--) { /* steps of a kind follow each other */
		const struct dir_time *item = &times->items[i - 1];

		if (strlen(item->path) == len && strncmp(item->path, path, len) == 0)
			return true;
	}
	return false;
}

void dir_times_add(struct dir_times *times, const char *path, size_t len,
                   const struct timespec *mtime)
{
	times->items =
	    mem_grow(times->items, times->count, &times->capacity, sizeof(*times->items));
	times->items[times->count++] = (struct dir_time){ mem_copy(path, len), *mtime };
}

int dir_times_note(struct dir_times *times, struct trash *trash, const char *path, struct err *err)
{
	const char *name = trash_name_of(path);
	size_t len = name > path ? (size_t)(name - path) - 1 : 0;
	struct err local = ERR_INIT;
	struct stat st;
	int fd;

	if (dir_times_has(times, path, len))
		return 0;
	fd = trash_dir_of(trash, path, &local);
	if (fd < 0 && err_has_code(&local, ENOENT))
		return 0;
	if (fd < 0) {
		if (err)
			*err = local;
		return -1;
	}
	if (fstat(fd, &st) < 0)
		return err_errno(err, "%.*s: stat", (int)len, path);
	dir_times_add(times, path, len, &st.st_mtim);
	return 0;
}

int dir_times_set(const struct dir_times *times, struct trash *trash, struct err *err)
{
	for (size_t i = 0; i < times->count; i++) {
		cut_here(trash_cut(trash), "time", times->items[i].path);
		if (trash_set_time(trash, times->items[i].path, &times->items[i].mtime, err) < 0)
			return -1;
	}
	return 0;
}
