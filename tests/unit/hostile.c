/* hostile.c - trees with everything in them that is hard to measure or to remove. */
#include "tests/unit/hostile.h"

#include "metadata/base/mem.h"
#include "metadata/base/own.h"
#include "tests/unit/tree.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

/* Ends the test program if RESULT is negative. */
static void must(int result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static void make_socket(int fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(sock, "socket");
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/socket", fd);
	must(bind(sock, (const struct sockaddr *)&address, sizeof(address)), "bind");
	(void)close(sock);
}

static void make_nodes(int fd)
{
	must(mkfifoat(fd, "fifo", 0600), "mkfifo");
	make_socket(fd);
	if (mknodat(fd, "whiteout", S_IFCHR, makedev(0, 0)) < 0 && errno != EPERM)
		err(1, "mknod whiteout");
	if (mknodat(fd, "device", S_IFBLK | 0600, makedev(0, 0)) < 0 && errno != EPERM)
		err(1, "mknod device");
}

static void make_links(int fd)
{
	must(symlinkat("../outside", fd, "to-outside"), "symlink");
	must(symlinkat("/nowhere", fd, "dangling"), "symlink");
	must(linkat(fd, "file", fd, "hard-1", 0), "link");
	must(linkat(fd, "file", fd, "empty/hard-2", 0), "link");
	must(linkat(fd, "dangling", fd, "hard-symlink", 0), "link");
	must(linkat(fd, "fifo", fd, "hard-fifo", 0), "link");
}

static void make_sparse(int fd)
{
	AUTO(close) int file = openat(fd, "sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	must(file, "sparse");
	must(ftruncate(file, (off_t)1 << 40), "truncate");
	must((int)pwrite(file, "x", 1, (off_t)1 << 39), "write");
}

/* Directories that even their owner may not enter, read or write. */
static void make_closed(const char *dir, int fd)
{
	tree_print(dir, "closed/below/file", "behind a door");
	tree_print(dir, "read-only/file", "behind glass");
	must(fchmodat(fd, "closed/below", 0, 0), "chmod");
	must(fchmodat(fd, "closed", 0, 0), "chmod");
	must(fchmodat(fd, "read-only", 0500, 0), "chmod");
}

void hostile_make(const char *dir, const char *path)
{
	AUTO(str) char *top = mem_print("%s/%s", dir, path);
	AUTO(close) int fd = -1;
	char name[256];

	tree_mkdir(dir, path);
	tree_print(dir, "outside/kept", "what a symlink leads to");
	fd = tree_open(top, "");
	(void)memset(name, 'n', 255);
	name[255] = '\0';
	tree_print(top, "file", "%4097s", "");
	tree_print(top, "nothing", "%s", "");
	tree_print(top, name, "255 bytes");
	tree_print(top, "new\nline/\xff\xfe no UTF-8", "x");
	tree_print(top, " -rf *", "x");
	tree_mkdir(top, "empty/emptier/emptiest");
	tree_mkdir(top, name + 1);
	make_nodes(fd);
	make_links(fd);
	make_sparse(fd);
	if (geteuid() == 0) /* others could not count them */
		make_closed(top, fd);
}

void hostile_make_deep(const char *dir, const char *path, unsigned depth, unsigned len)
{
	char name[256];
	int fd;

	tree_mkdir(dir, path);
	fd = tree_open(dir, path);
	(void)memset(name, 'd', len);
	name[len] = '\0';
	for (unsigned i = 0; i < depth; i++) {
		int below;

		must(symlinkat("file", fd, "file"), "symlink");
		must(mkdirat(fd, name, 0700), "mkdir");
		below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		must(below, "open");
		(void)close(fd);
		fd = below;
	}
	(void)close(fd);
}

/* Moves what is below the top up to it, until there is nothing below. */
void hostile_remove_deep(const char *dir, const char *path)
{
	AUTO(close) int fd = tree_open(dir, path);
	AUTO(close) int parent = tree_open(dir, "");
	char name[256];

	must(unlinkat(fd, "file", 0), "unlink");
	(void)memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (;;) {
		AUTO(close) int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (below < 0)
			break;
		if (unlinkat(below, "file", 0) < 0 && errno != ENOENT)
			err(1, "unlink");
		if (renameat(below, name, parent, "next") < 0 && errno != ENOENT)
			err(1, "rename");
		must(unlinkat(fd, name, AT_REMOVEDIR), "rmdir");
		if (renameat(parent, "next", fd, name) < 0 && errno != ENOENT)
			err(1, "rename");
	}
	must(unlinkat(parent, path, AT_REMOVEDIR), "rmdir");
}

/* Inodes that have been counted. */
struct seen {
	ino_t *items;
	size_t count, capacity;
};

static bool seen_before(struct seen *seen, const struct stat *st)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->items[i] == st->st_ino)
			return true;
	}
	seen->items = mem_grow(seen->items, seen->count, &seen->capacity, sizeof(*seen->items));
	seen->items[seen->count++] = st->st_ino;
	return false;
}

static void count_entry(int dirfd, const char *name, struct seen *seen, struct usage *sum)
{
	const struct dirent *entry;
	struct stat st;
	DIR *stream;
	int fd;

	must(fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW), name);
	if (!S_ISDIR(st.st_mode) && st.st_nlink > 1 && seen_before(seen, &st))
		return;
	sum->inodes++;
	sum->allocated_bytes += (uint64_t)st.st_blocks * 512;
	if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		sum->apparent_bytes += (uint64_t)st.st_size;
	if (!S_ISDIR(st.st_mode))
		return;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream)
		err(1, "open %s", name);
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			count_entry(fd, entry->d_name, seen, sum); /* NOLINT(misc-no-recursion) */
	}
	(void)closedir(stream);
}

struct usage hostile_count(const char *dir, const char *path)
{
	AUTO(close) int fd = tree_open(dir, "");
	struct usage sum = { 0, 0, 0 };
	struct seen seen = { NULL, 0, 0 };

	count_entry(fd, path, &seen, &sum);
	free(seen.items);
	return sum;
}

bool hostile_exists(const char *dir, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s", dir, path);
	struct stat st;

	return lstat(full, &st) == 0;
}

bool hostile_mount(const char *dir, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s", dir, path);

	if (mount("none", full, "tmpfs", 0, "size=64k") < 0) {
		(void)printf("# no mount is allowed here: %s\n", strerror(errno));
		return false;
	}
	tree_print(full, "inside", "under the mount");
	return true;
}

void hostile_unmount(const char *dir, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s", dir, path);

	must(umount2(full, MNT_DETACH), "unmount");
}
