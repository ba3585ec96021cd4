/* tree.c - small directory trees for tests: made below $TMPDIR or /tmp, removed with all they hold.
 */
#include "tests/unit/tree.h"

#include "metadata/base/mem.h"
#include "metadata/base/own.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *tree_new(const char *name)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = mem_print("%s/drydock-%s-XXXXXX", tmp ? tmp : "/tmp", name);

	if (!mkdtemp(dir))
		err(1, "mkdtemp %s", dir);
	return dir;
}

/* Makes every directory that FULL needs before its last component. */
static void tree_make_parents(const char *full)
{
	AUTO(str) char *copy = mem_text(full);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			err(1, "mkdir %s", copy);
		*slash = '/';
	}
}

void tree_write(const char *dir, const char *path, const void *bytes, size_t len)
{
	AUTO(str) char *full = mem_print("%s/%s", dir, path);
	int fd;

	tree_make_parents(full);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		err(1, "write %s", full);
}

void tree_print(const char *dir, const char *path, const char *format, ...)
{
	AUTO(str) char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		errx(1, "out of memory");
	tree_write(dir, path, text, (size_t)len);
}

void tree_mkdir(const char *dir, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s/", dir, path);

	tree_make_parents(full);
}

void tree_link(const char *dir, const char *path, const char *target)
{
	AUTO(str) char *full = mem_print("%s/%s", dir, path);

	tree_make_parents(full);
	if (symlink(target, full) < 0)
		err(1, "symlink %s", full);
}

int tree_open(const char *dir, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s", dir, path);
	int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		err(1, "open %s", full);
	return fd;
}

static int tree_remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	if (remove(path) < 0)
		err(1, "remove %s", path);
	return 0;
}

void tree_remove(char *dir)
{
	if (!dir)
		return;
	if (nftw(dir, tree_remove_entry, 16, FTW_DEPTH | FTW_PHYS) < 0)
		err(1, "remove %s", dir);
	free(dir);
}
