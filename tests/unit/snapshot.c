/* snapshot.c - a whole directory tree as text, so that two states of it can be compared. */
#include "tests/unit/snapshot.h"

#include "metadata/base/digest.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int snapshot_compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

struct snapshot_lines {
	char **items;
	size_t count, capacity;
};

/* The bytes of a file, or the target of a link, fit for one line. */
static char *snapshot_contents(const char *path, const struct stat *st)
{
	char bytes[4096];
	char digest[65];
	ssize_t len;

	if (S_ISLNK(st->st_mode)) {
		len = readlink(path, bytes, sizeof(bytes));
	} else {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		len = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
		if (fd >= 0)
			(void)close(fd);
	}
	if (len < 0)
		err(1, "read %s", path);
	digest_sha256(bytes, (size_t)len, digest);
	return mem_print("%zd %.16s", len, digest);
}

static void snapshot_walk(struct snapshot_lines *lines, const char *root, const char *below)
{
	AUTO(str) char *full = mem_print("%s/%s", root, below);
	DIR *dir = opendir(full);
	const struct dirent *entry;

	if (!dir)
		err(1, "open %s", full);
	while ((entry = readdir(dir))) {
		AUTO(str) char *path = mem_print("%s%s%s", below, *below ? "/" : "", entry->d_name);
		AUTO(str) char *file = mem_print("%s/%s", root, path);
		AUTO(str) char *contents = NULL;
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, ".drydock") == 0)
			continue;
		if (lstat(file, &st) < 0)
			err(1, "stat %s", file);
		contents = S_ISDIR(st.st_mode) ? mem_text("") : snapshot_contents(file, &st);
		lines->items =
		    mem_grow(lines->items, lines->count, &lines->capacity, sizeof(char *));
		lines->items[lines->count++] = mem_print("%s %o %d:%d %s\n", path, st.st_mode,
		                                         (int)st.st_uid, (int)st.st_gid, contents);
		if (S_ISDIR(st.st_mode))
			snapshot_walk(lines, root, path);
	}
	(void)closedir(dir);
}

char *snapshot_new(const char *dir)
{
	struct snapshot_lines lines = { NULL, 0, 0 };
	AUTO(text) struct text text = TEXT_INIT;

	snapshot_walk(&lines, dir, "");
	if (lines.count > 0)
		qsort(lines.items, lines.count, sizeof(char *), snapshot_compare);
	for (size_t i = 0; i < lines.count; i++) {
		text_print(&text, "%s", lines.items[i]);
		free(lines.items[i]);
	}
	free(lines.items);
	return text_take(&text);
}
