/* bench_root.c - makes a synthetic data root with many layers, as dockerd would have written it. */
#include "metadata/base/digest.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYERS_PER_IMAGE 5

static int root_fd;

static void make_dir(const char *path)
{
	if (mkdirat(root_fd, path, 0710) < 0)
		err(1, "mkdir %s", path);
}

static void make_file(const char *path, const char *bytes, size_t len)
{
	int fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		err(1, "write %s", path);
}

/* Writes TEXT to the file DIR/NAME. */
static void make_entry(const char *dir, const char *name, const char *text)
{
	AUTO(str) char *path = mem_print("%s/%s", dir, name);

	make_file(path, text, strlen(text));
}

/* The 26 characters of the link of layer NUMBER. */
static void link_name(size_t number, char link[27])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	for (int i = 25; i >= 0; i--) {
		link[i] = digits[number % 32];
		number /= 32;
	}
	link[26] = '\0';
}

/* One layer: its record, its directory and its link. PARENT is NULL for a base layer. */
static void make_layer(size_t number, const char *chain, const char *diff, const char *parent,
                       const char *lower)
{
	AUTO(str) char *record = mem_print("image/overlay2/layerdb/sha256/%s", chain);
	AUTO(str) char *text = mem_print("sha256:%s", diff);
	AUTO(str) char *parent_text = parent ? mem_print("sha256:%s", parent) : NULL;
	AUTO(str) char *id_text = mem_print("layer directory %zu", number);
	char id[DIGEST_HEX_SIZE];
	char link[27];
	AUTO(str) char *dir = NULL;
	AUTO(str) char *path = NULL;
	AUTO(str) char *target = NULL;

	digest_sha256(id_text, strlen(id_text), id);
	link_name(number, link);
	make_dir(record);
	make_entry(record, "diff", text);
	make_entry(record, "size", "1000");
	make_entry(record, "cache-id", id);
	if (parent)
		make_entry(record, "parent", parent_text);
	dir = mem_print("overlay2/%s", id);
	make_dir(dir);
	make_entry(dir, "link", link);
	make_entry(dir, "committed", "");
	if (parent)
		make_entry(dir, "lower", lower);
	path = mem_print("%s/diff", dir);
	make_dir(path);
	make_entry(path, "file", "content");
	target = mem_print("../%s/diff", id);
	free(path);
	path = mem_print("overlay2/l/%s", link);
	if (symlinkat(target, root_fd, path) < 0)
		err(1, "symlink %s", path);
}

/* An image of LAYERS_PER_IMAGE layers; every second one gets a tag in REFS. */
static void make_image(size_t number, struct text *refs)
{
	AUTO(text) struct text config = TEXT_INIT;
	AUTO(text) struct text lower = TEXT_INIT;
	AUTO(str) char *path = NULL;
	char chain[DIGEST_HEX_SIZE];
	char id[DIGEST_HEX_SIZE];
	char link[27];

	text_print(&config,
	           "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":"
	           "\"2026-11-24T00:00:00Z\",\"config\":{},\"n\":%zu,\"rootfs\":{\"type\":"
	           "\"layers\",\"diff_ids\":[",
	           number);
	for (size_t i = 0; i < LAYERS_PER_IMAGE; i++) {
		AUTO(str) char *seed = mem_print("diff %zu of %zu", i, number);
		AUTO(text) struct text below = TEXT_INIT;
		char diff[DIGEST_HEX_SIZE];
		char parent[DIGEST_HEX_SIZE];

		digest_sha256(seed, strlen(seed), diff);
		(void)memcpy(parent, chain, sizeof(parent));
		digest_chain_id(i > 0 ? parent : NULL, diff, chain);
		make_layer(number * LAYERS_PER_IMAGE + i, chain, diff, i > 0 ? parent : NULL,
		           lower.data);
		text_print(&config, "%s\"sha256:%s\"", i > 0 ? "," : "", diff);
		link_name(number * LAYERS_PER_IMAGE + i, link);
		text_print(&below, "l/%s%s%s", link, i > 0 ? ":" : "", i > 0 ? lower.data : "");
		text_done(&lower);
		lower = TAKE(below, (struct text)TEXT_INIT);
	}
	text_print(&config, "]}}");
	digest_sha256(config.data, config.len, id);
	path = mem_print("image/overlay2/imagedb/content/sha256/%s", id);
	make_file(path, config.data, config.len);
	if (number % 2 == 0)
		text_print(refs, "%s\"app%zu\":{\"app%zu:1\":\"sha256:%s\"}",
		           refs->len > 0 ? "," : "", number, number, id);
}

int main(int argc, char **argv)
{
	static const char *const dirs[] = { "image",
		                            "image/overlay2",
		                            "image/overlay2/imagedb",
		                            "image/overlay2/imagedb/content",
		                            "image/overlay2/imagedb/content/sha256",
		                            "image/overlay2/imagedb/metadata",
		                            "image/overlay2/imagedb/metadata/sha256",
		                            "image/overlay2/layerdb",
		                            "image/overlay2/layerdb/sha256",
		                            "image/overlay2/layerdb/mounts",
		                            "image/overlay2/layerdb/tmp",
		                            "image/overlay2/distribution",
		                            "overlay2",
		                            "overlay2/l",
		                            "containers",
		                            "buildkit",
		                            "volumes",
		                            "tmp" };
	AUTO(text) struct text refs = TEXT_INIT;
	AUTO(str) char *json = NULL;
	uint64_t layers;

	if (argc != 3 || !text_parse_u64(argv[2], 10000000, &layers))
		errx(16, "usage: bench_root DIR LAYERS");
	if (mkdir(argv[1], 0711) < 0)
		err(8, "mkdir %s", argv[1]);
	root_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		err(8, "open %s", argv[1]);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		make_dir(dirs[i]);
	for (size_t i = 0; i < layers / LAYERS_PER_IMAGE; i++)
		make_image(i, &refs);
	json = mem_print("{\"Repositories\":{%s}}", refs.len > 0 ? refs.data : "");
	make_file("image/overlay2/repositories.json", json, strlen(json));
	return 0;
}
