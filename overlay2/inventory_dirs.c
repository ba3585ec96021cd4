/* inventory_dirs.c - the layer directories of overlay2: their files `link` and `lower`. */
#include "overlay2/inventory_load.h"

#include "metadata/base/mem.h"
#include "overlay2/lower.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INVENTORY_PATH_MAX (ID_HEX_LEN + sizeof("-init/lower"))

/* What is known of a directory while it is being read. */
struct inventory_reader {
	struct inventory_loader *loader;
	struct inventory_dir *dir;
	uint32_t lowers[LOWER_LINKS_MAX];
	uint32_t links[LOWER_LINKS_MAX];
	uint32_t dangling[LOWER_LINKS_MAX];
	unsigned gone_count;        /* links that lead nowhere */
	char gone[ID_LINK_LEN + 1]; /* the first of them */
};

/* Adds a finding about FILE of the directory. */
static void reader_find(struct inventory_reader *reader, enum finding_code code, const char *file,
                        const char *detail)
{
	AUTO(str) char *path = mem_print("overlay2/%s/%s", reader->dir->name, file);

	finding_add(reader->loader->findings, code, path, "%s", detail);
}

/*
 * Reads FILE of the directory, at most SIZE bytes, into BYTES. FILE_BROKEN: *ERR says why.
 */
static enum file_outcome reader_read(const struct inventory_reader *reader, const char *file,
                                     char *bytes, size_t size, size_t *len, struct err *err)
{
	char path[INVENTORY_PATH_MAX];
	AUTO(close) int fd = -1;
	ssize_t got;

	(void)snprintf(path, sizeof(path), "%s/%s", reader->dir->name, file);
	fd = file_open(reader->loader->fd, path, 0, err);
	if (fd < 0 && err_has_code(err, ENOENT)) {
		err_clear(err);
		return FILE_ABSENT;
	}
	if (fd < 0)
		return err->kind == ERR_SYSTEM ? FILE_FAILED : FILE_BROKEN;
	do {
		got = pread(fd, bytes, size, 0); /* of a regular file: all of it, or SIZE bytes */
	} while (got < 0 && errno == EINTR);
	*len = (size_t)got;
	if (got >= 0)
		return FILE_READ;
	(void)err_errno(err, "%s: read", path);
	return FILE_FAILED;
}

/* Says where the directory's own link is not what it should be. */
static void reader_check_link(struct inventory_reader *reader)
{
	const struct inventory *inventory = reader->loader->inventory;
	const char *link = reader->dir->link;
	AUTO(str) char *detail = NULL;
	size_t at;

	if (!map_get(&inventory->link_by_name, link, &at))
		detail = mem_print("names l/%s, which is no link", link);
	else if (strcmp(inventory->links[at].target, reader->dir->name) != 0)
		detail =
		    mem_print("names l/%s, which leads to %s", link, inventory->links[at].target);
	if (detail)
		reader_find(reader, FINDING_LINK_MISSING, "link", detail);
}

static int reader_load_link(struct inventory_reader *reader, struct err *err)
{
	char bytes[ID_LINK_LEN + 2]; /* one more than there may be, and a NUL */
	const char *problem = "does not exist";
	size_t len = 0;

	switch (reader_read(reader, "link", bytes, sizeof(bytes) - 1, &len, err)) {
	case FILE_READ:
		bytes[len] = '\0';
		if (id_is_link(bytes) && strlen(bytes) == len) {
			(void)memcpy(reader->dir->link, bytes, sizeof(reader->dir->link));
			reader_check_link(reader);
			return 0;
		}
		problem = len == 0 ? "is empty" : "is not 26 characters A-Z2-7";
		break;
	case FILE_ABSENT:
		break;
	case FILE_BROKEN:
		problem = err->text;
		break;
	case FILE_FAILED:
		return -1;
	}
	reader_find(reader, FINDING_DIR_NO_LINK, "link", problem);
	err_clear(err);
	return 0;
}

/* `lower` cannot be understood: any directory may be meant. */
static void reader_doubt(struct inventory_reader *reader, const char *detail)
{
	reader->dir->is_lower_invalid = true;
	reader_find(reader, FINDING_LOWER_INVALID, "lower", detail);
}

static bool loader_is_no_link(const struct inventory_loader *loader, const char *name)
{
	size_t low = 0;
	size_t high = loader->no_links.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(loader->no_links.items[middle].name, name);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* LINK, which `lower` names, does not exist. */
static void reader_add_gap(struct inventory_reader *reader, const char *link)
{
	struct inventory_loader *loader = reader->loader;
	struct inventory_gap gap = { .dir = (uint32_t)(reader->dir - loader->inventory->dirs) };

	(void)memcpy(gap.link, link, sizeof(gap.link));
	loader->gaps =
	    mem_grow(loader->gaps, loader->gap_count, &loader->gap_capacity, sizeof(*loader->gaps));
	loader->gaps[loader->gap_count++] = gap;
}

/* One link that `lower` names. */
static void reader_add_lower(struct inventory_reader *reader, const char *link)
{
	const struct inventory *inventory = reader->loader->inventory;
	struct inventory_dir *dir = reader->dir;
	AUTO(str) char *detail = NULL;
	size_t at;

	if (map_get(&inventory->link_by_name, link, &at) && inventory->links[at].dir >= 0) {
		reader->lowers[dir->lower_count] = (uint32_t)inventory->links[at].dir;
		reader->links[dir->lower_count++] = (uint32_t)at;
		return;
	}
	if (map_get(&inventory->link_by_name, link, &at)) {
		reader->dangling[dir->dangling_count++] = (uint32_t)at;
	} else if (loader_is_no_link(reader->loader, link)) {
		detail = mem_print("names l/%s, which is no link to a layer directory", link);
		reader_doubt(reader, detail);
		return;
	} else {
		reader_add_gap(reader, link);
	}
	if (reader->gone_count++ == 0)
		(void)memcpy(reader->gone, link, sizeof(reader->gone));
}

/* Moves what has been collected into the directory. */
static void reader_store_lowers(struct inventory_reader *reader)
{
	struct inventory_dir *dir = reader->dir;
	size_t links = (size_t)dir->lower_count + dir->dangling_count;

	if (dir->lower_count > 0)
		dir->lowers = (uint32_t *)(void *)mem_copy(reader->lowers,
		                                           dir->lower_count * sizeof(*dir->lowers));
	if (links == 0)
		return;
	dir->lower_links = mem_resize(NULL, links, sizeof(*dir->lower_links));
	(void)memcpy(dir->lower_links, reader->links, dir->lower_count * sizeof(*dir->lower_links));
	(void)memcpy(dir->lower_links + dir->lower_count, reader->dangling,
	             dir->dangling_count * sizeof(*dir->lower_links));
}

static void reader_parse_lower(struct inventory_reader *reader, const char *bytes, size_t len)
{
	struct lower lower = { .text = bytes, .len = len };
	char link[ID_LINK_LEN + 1];
	AUTO(str) char *detail = NULL;
	enum lower_step step;

	for (;;) {
		step = lower_next(&lower, link);
		if (step != LOWER_LINK)
			break;
		reader_add_lower(reader, link);
	}
	reader_store_lowers(reader);
	if (step == LOWER_INVALID) {
		detail = len == 0 ? mem_text("is empty")
		                  : mem_print("byte %zu: is no list of links", lower.at);
		reader_doubt(reader, detail);
	}
	if (reader->gone_count == 0)
		return;
	free(detail);
	detail = reader->gone_count == 1
	             ? mem_print("names l/%s, which leads nowhere", reader->gone)
	             : mem_print("names l/%s and %u more, which lead nowhere", reader->gone,
	                         reader->gone_count - 1);
	reader_find(reader, FINDING_LOWER_GONE, "lower", detail);
}

static int reader_load_lower(struct inventory_reader *reader, struct err *err)
{
	char bytes[LOWER_BYTES_MAX + 1]; /* one more than there may be */
	size_t len = 0;

	switch (reader_read(reader, "lower", bytes, sizeof(bytes), &len, err)) {
	case FILE_READ:
		reader_parse_lower(reader, bytes, len);
		break;
	case FILE_ABSENT: /* a base layer */
		break;
	case FILE_BROKEN:
		reader_doubt(reader, err->text);
		err_clear(err);
		break;
	case FILE_FAILED:
		return -1;
	}
	return 0;
}

/* The directory itself has been listed as one, so that no symlink is in the way. */
static int reader_load(struct inventory_reader *reader, struct err *err)
{
	char path[INVENTORY_PATH_MAX];
	struct stat st;

	if (reader_load_link(reader, err) < 0 || reader_load_lower(reader, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/diff", reader->dir->name);
	reader->dir->has_diff =
	    fstatat(reader->loader->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
	return 0;
}

int inventory_load_dirs(struct inventory_loader *loader, struct err *err)
{
	struct inventory *inventory = loader->inventory;

	for (size_t i = 0; i < inventory->dir_count; i++) {
		struct inventory_reader reader;

		reader.loader = loader;
		reader.dir = &inventory->dirs[i];
		reader.gone_count = 0;
		if (reader_load(&reader, err) < 0)
			return -1;
	}
	return 0;
}
