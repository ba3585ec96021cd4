/* portrait.c - everything about a tree that a faithful copy must have, as text. */
#include "tests/unit/portrait.h"

#include "metadata/base/mem.h"
#include "metadata/base/own.h"
#include "metadata/base/text.h"
#include "tests/unit/check.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NAMES_MAX 4096

struct portrait {
	char **lines;
	size_t count, capacity;
	struct {
		dev_t device;
		ino_t inode;
		char *path;
	} seen[NAMES_MAX]; /* inodes with several names */
	size_t seen_count;
	bool is_root;
};

static void add_hex(struct text *text, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		text_print(text, "%02x", (unsigned char)bytes[i]);
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void add_xattrs(struct text *text, int dirfd, const char *name)
{
	AUTO(str) char *path = mem_print("/proc/self/fd/%d/%s", dirfd, name);
	char *list = mem_zalloc(1, 65536);
	char *value = mem_zalloc(1, 65536);
	char *names[256];
	size_t count = 0;
	ssize_t len = llistxattr(path, list, 65536);

	for (ssize_t at = 0; at < len && count < 256; at += (ssize_t)strlen(list + at) + 1)
		names[count++] = list + at;
	qsort(names, count, sizeof(names[0]), compare);
	for (size_t i = 0; i < count; i++) {
		ssize_t size = lgetxattr(path, names[i], value, 65536);

		if (size < 0)
			err(1, "%s: %s", name, names[i]);
		text_print(text, " %s=", names[i]);
		add_hex(text, value, (size_t)size);
	}
	free(list);
	free(value);
}

/* FNV-1a of each piece of data with its offset; zeros count as a hole, whatever the disk has. */
static void add_content(struct text *text, int fd, off_t size)
{
	char *bytes = mem_zalloc(1, 65536);
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (off_t at = lseek(fd, 0, SEEK_DATA); at >= 0 && at < size;) {
		ssize_t got = pread(fd, bytes, 65536, at);

		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got; i++) {
			if (bytes[i])
				hash =
				    (hash ^ ((uint64_t)(at + i) << 8 | (unsigned char)bytes[i])) *
				    UINT64_C(0x100000001b3);
		}
		at = lseek(fd, at + got, SEEK_DATA);
	}
	text_print(text, " %016jx", (uintmax_t)hash);
	free(bytes);
}

static void add_flags(struct text *text, int fd)
{
	struct fsxattr flags = { .fsx_xflags = 0 };

	if (ioctl(fd, FS_IOC_FSGETXATTR, &flags) == 0)
		text_print(text, " flags %x project %u", flags.fsx_xflags, flags.fsx_projid);
}

static void add_first_name(struct portrait *portrait, struct text *text, const struct stat *st,
                           const char *path)
{
	for (size_t i = 0; i < portrait->seen_count; i++) {
		if (portrait->seen[i].device == st->st_dev &&
		    portrait->seen[i].inode == st->st_ino) {
			text_print(text, " also ");
			add_hex(text, portrait->seen[i].path, strlen(portrait->seen[i].path));
			return;
		}
	}
	if (portrait->seen_count == NAMES_MAX)
		errx(1, "too many hard links");
	portrait->seen[portrait->seen_count].device = st->st_dev;
	portrait->seen[portrait->seen_count].inode = st->st_ino;
	portrait->seen[portrait->seen_count++].path = mem_text(path);
}

static void walk(struct portrait *portrait, int dirfd, const char *name, const char *path);

static void walk_dir(struct portrait *portrait, int fd, const char *path)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	char **names = mem_zalloc(NAMES_MAX, sizeof(*names)); /* a tree may be deep */
	size_t count = 0;

	if (!stream)
		err(1, "%s", path);
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    (portrait->is_root && strcmp(entry->d_name, ".drydock") == 0))
			continue;
		if (count == NAMES_MAX)
			errx(1, "%s: too many entries", path);
		names[count++] = mem_text(entry->d_name);
	}
	(void)closedir(stream);
	qsort(names, count, sizeof(names[0]), compare);
	for (size_t i = 0; i < count; i++) {
		AUTO(str) char *below = mem_print("%s/%s", path, names[i]);

		walk(portrait, fd, names[i], below); /* NOLINT(misc-no-recursion) */
		free(names[i]);
	}
	free(names);
}

static void walk(struct portrait *portrait, int dirfd, const char *name, const char *path)
{
	AUTO(text) struct text text = TEXT_INIT;
	struct stat st;
	int fd = -1;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		err(1, "%s", path);
	text_print(&text, "%s %o %d:%d", path, st.st_mode, (int)st.st_uid, (int)st.st_gid);
	text_print(&text, " %jd.%09ld", (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	if (!portrait->is_root || !S_ISLNK(st.st_mode))
		text_print(&text, " %jd.%09ld", (intmax_t)st.st_atim.tv_sec, st.st_atim.tv_nsec);
	if (!S_ISDIR(st.st_mode))
		text_print(&text, " size %jd links %ju", (intmax_t)st.st_size,
		           (uintmax_t)st.st_nlink);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		text_print(&text, " device %u:%u", major(st.st_rdev), minor(st.st_rdev));
	if (S_ISLNK(st.st_mode)) {
		char target[4096];
		ssize_t len = readlinkat(dirfd, name, target, sizeof(target));
		const struct timespec times[2] = { st.st_atim, { 0, UTIME_OMIT } };

		text_print(&text, " -> ");
		add_hex(&text, target, len < 0 ? 0 : (size_t)len);
		/* reading has changed it */
		(void)utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW);
	}
	add_xattrs(&text, dirfd, name);
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) {
		fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
		if (fd < 0)
			err(1, "%s", path);
		add_flags(&text, fd);
	}
	if (S_ISREG(st.st_mode))
		add_content(&text, fd, st.st_size);
	if (!S_ISDIR(st.st_mode) && st.st_nlink > 1)
		add_first_name(portrait, &text, &st, path);
	portrait->lines =
	    mem_grow(portrait->lines, portrait->count, &portrait->capacity, sizeof(char *));
	portrait->lines[portrait->count++] = text_take(&text);
	if (S_ISDIR(st.st_mode))
		walk_dir(portrait, fd, path); /* NOLINT(misc-no-recursion) */
	own_close_fd(fd);
}

static char *portrait_make(const char *dir, const char *name, bool is_root)
{
	AUTO(close) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct portrait *portrait = mem_zalloc(1, sizeof(*portrait));
	AUTO(text) struct text all = TEXT_INIT;

	if (fd < 0)
		err(1, "%s", dir);
	portrait->is_root = is_root;
	walk(portrait, fd, name, "top");
	for (size_t i = 0; i < portrait->count; i++) {
		text_print(&all, "%s\n", portrait->lines[i]);
		free(portrait->lines[i]);
	}
	for (size_t i = 0; i < portrait->seen_count; i++)
		free(portrait->seen[i].path);
	free(portrait->lines);
	free(portrait);
	return text_take(&all);
}

char *portrait_new(const char *dir, const char *name)
{
	return portrait_make(dir, name, false);
}

char *portrait_root(const char *dir)
{
	return portrait_make(dir, ".", true);
}

void portrait_expect_same(const char *before, const char *after)
{
	size_t at = 0;

	while (before[at] != '\0' && before[at] == after[at])
		at++;
	if (before[at] == after[at])
		return;
	while (at > 0 && before[at - 1] != '\n')
		at--;
	fail_msg("\n%.*s\nis now\n%.*s", (int)strcspn(before + at, "\n"), before + at,
	         (int)strcspn(after + at, "\n"), after + at);
}
