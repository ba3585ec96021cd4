/* bench_tree.c - makes a tree that looks like overlay2/: bench_tree DIR LAYERS FILES.
 *
 * Every layer is a chain member with diff/, work/, link, lower and its symlink in l/; its FILES
 * files lie in directories like those of a distribution: about ten files in each, one in fifty a
 * hard link, one in ten a symlink, one layer in ten with directories 100 deep. The same arguments
 * give the same tree.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_PER_DIR 10
#define LOWERS_MAX 20

static uint32_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

static void make_dir(int fd, const char *name)
{
	if (mkdirat(fd, name, 0755) < 0)
		err(1, "mkdir %s", name);
}

static int open_dir(int fd, const char *name)
{
	int dir = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		err(1, "open %s", name);
	return dir;
}

static void make_file(int fd, const char *name, const char *bytes, size_t len)
{
	int file = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (file < 0 || write(file, bytes, len) != (ssize_t)len)
		err(1, "write %s", name);
	(void)close(file);
}

/* 26 letters and 64 hex digits that belong to a layer number. */
static void name_layer(unsigned layer, char link[27], char id[65])
{
	uint64_t state = layer + 1;

	for (int i = 0; i < 26; i++)
		link[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[next_random(&state) % 32];
	for (int i = 0; i < 64; i++)
		id[i] = "0123456789abcdef"[next_random(&state) % 16];
	link[26] = '\0';
	id[64] = '\0';
}

/* One of the files of a directory: mostly small, now and then a symlink, a hard link. */
static void fill_entry(int dir, unsigned at, uint64_t *state)
{
	static const char bytes[32768];
	unsigned kind = next_random(state) % 50;
	char name[32];

	(void)snprintf(name, sizeof(name), "file-%08x-%u.so", next_random(state), at);
	if (kind == 0 && at > 0 && linkat(dir, "first", dir, name, 0) == 0)
		return;
	if (kind >= 45) {
		if (symlinkat("../somewhere/else", dir, name) < 0)
			err(1, "symlink");
		return;
	}
	make_file(dir, at == 0 ? "first" : name, bytes,
	          next_random(state) % (kind < 35 ? 4000 : sizeof(bytes)));
}

/* Directories below DIFF, each inside one of the last few. */
static void fill_layer(int diff, unsigned files, uint64_t *state)
{
	char path[64] = ".";

	for (unsigned done = 0; done < files; done += FILES_PER_DIR) {
		char name[96];
		int dir;

		if (next_random(state) % 4 == 0 || strlen(path) > 40)
			(void)strcpy(path, ".");
		(void)snprintf(name, sizeof(name), "%s/d%u", path, done / FILES_PER_DIR);
		make_dir(diff, name);
		dir = open_dir(diff, name);
		for (unsigned i = 0; i < FILES_PER_DIR && done + i < files; i++)
			fill_entry(dir, i, state);
		(void)close(dir);
		(void)snprintf(path, sizeof(path), "%.60s", name);
	}
}

static void fill_deep(int diff)
{
	int dir = open_dir(diff, ".");

	for (int i = 0; i < 100; i++) {
		int below;

		make_dir(dir, "deep");
		make_file(dir, "file", "x", 1);
		below = open_dir(dir, "deep");
		(void)close(dir);
		dir = below;
	}
	(void)close(dir);
}

/* The records of a layer: its link, and the links of those below it. */
static void make_records(int top, int dir, unsigned layer)
{
	char lower[LOWERS_MAX * 29 + 1] = "";
	char link[27];
	char id[65];
	char path[128];
	size_t len = 0;

	for (unsigned below = layer; below % LOWERS_MAX > 0; below--) {
		name_layer(below - 1, link, id);
		len += (size_t)snprintf(lower + len, sizeof(lower) - len, "%sl/%s", len ? ":" : "",
		                        link);
	}
	name_layer(layer, link, id);
	make_file(dir, "link", link, 26);
	make_dir(dir, "diff");
	if (len > 0) {
		make_dir(dir, "work");
		make_file(dir, "lower", lower, len);
	}
	(void)snprintf(path, sizeof(path), "l/%s", link);
	(void)snprintf(lower, sizeof(lower), "../%s/diff", id);
	if (symlinkat(lower, top, path) < 0)
		err(1, "symlink %s", path);
}

int main(int argc, char **argv)
{
	unsigned layers = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	unsigned files = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	int top;

	if (argc != 4)
		errx(2, "usage: bench_tree DIR LAYERS FILES");
	make_dir(AT_FDCWD, argv[1]);
	top = open_dir(AT_FDCWD, argv[1]);
	make_dir(top, "l");
	for (unsigned layer = 0; layer < layers; layer++) {
		uint64_t state = layer;
		char link[27];
		char id[65];
		int dir;
		int diff;

		name_layer(layer, link, id);
		make_dir(top, id);
		dir = open_dir(top, id);
		make_records(top, dir, layer);
		diff = open_dir(dir, "diff");
		fill_layer(diff, files, &state);
		if (layer % 10 == 9 && files > 0)
			fill_deep(diff);
		(void)close(diff);
		(void)close(dir);
	}
	(void)close(top);
	return 0;
}
