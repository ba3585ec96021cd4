/* inventory_links.c - the links in overlay2/l, and the directories that they are missing for. */
#include "overlay2/inventory_load.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* How many directories may have one and the same `link`, as after a careless copy. */
#define GAP_DIRS_MAX ((size_t)16)
#define LINK_TARGET_MAX (sizeof("../-init/diff") + ID_HEX_LEN)

/* The name of the directory in TARGET, "../<name>/diff"; NULL if it is anything else. */
static char *link_target_dir(const char *target, size_t len)
{
	static const char before[] = "../";
	static const char after[] = "/diff";
	const size_t around = sizeof(before) - 1 + sizeof(after) - 1;
	AUTO(str) char *name = NULL;

	if (len <= around || memcmp(target, before, sizeof(before) - 1) != 0 ||
	    memcmp(target + len - (sizeof(after) - 1), after, sizeof(after) - 1) != 0)
		return NULL;
	name = mem_copy(target + sizeof(before) - 1, len - around);
	return strlen(name) == len - around && id_is_dir(name) ? TAKE(name, NULL) : NULL;
}

/* Says why ENTRY is no link to a layer directory, and remembers its name. */
static void inventory_add_no_link(struct inventory_loader *loader, struct file_entry *entry,
                                  const char *detail)
{
	AUTO(str) char *path = mem_print("overlay2/l/%s", entry->name);
	struct file_entries *list = &loader->no_links;

	finding_add(loader->findings, FINDING_LINK_INVALID, path, "%s", detail);
	list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = (struct file_entry){ TAKE(entry->name, NULL), entry->type };
}

static int inventory_add_link(struct inventory_loader *loader, int fd, struct file_entry *entry,
                              struct err *err)
{
	struct inventory *inventory = loader->inventory;
	char text[LINK_TARGET_MAX + 1];
	struct inventory_link link = { .dir = -1 };
	ssize_t len;
	size_t dir;

	if (entry->type != DT_LNK) {
		inventory_add_no_link(loader, entry, "is no symbolic link");
		return 0;
	}
	if (!id_is_link(entry->name)) {
		inventory_add_no_link(loader, entry, "is no name of a link");
		return 0;
	}
	len = readlinkat(fd, entry->name, text, sizeof(text));
	if (len < 0 && errno == ENOENT) /* a live daemon */
		return 0;
	if (len < 0)
		return err_errno(err, "l/%s: read link", entry->name);
	link.target = link_target_dir(text, (size_t)len);
	if (!link.target) {
		inventory_add_no_link(loader, entry, "does not lead to ../<layer directory>/diff");
		return 0;
	}
	(void)memcpy(link.name, entry->name, sizeof(link.name));
	if (map_get(&inventory->dir_by_name, link.target, &dir))
		link.dir = (int64_t)dir;
	inventory->links[inventory->link_count++] = link;
	return 0;
}

int inventory_load_links(struct inventory_loader *loader, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct inventory *inventory = loader->inventory;
	AUTO(close) int fd = file_open(loader->fd, "l", O_DIRECTORY, err);

	if (fd < 0 && err_has_code(err, ENOENT)) {
		err_clear(err);
		return 0;
	}
	if (fd < 0)
		return -1;
	if (file_list(&entries, fd, ".", err) < 0)
		return err_wrap(err, "l");
	if (entries.count > INVENTORY_MAX)
		return err_set(err, ERR_CORRUPT, "l: has %zu entries, more than the %zu allowed",
		               entries.count, (size_t)INVENTORY_MAX);
	inventory->links = mem_zalloc(entries.count, sizeof(*inventory->links));
	inventory->link_capacity = entries.count;
	for (size_t i = 0; i < entries.count; i++) {
		if (inventory_add_link(loader, fd, &entries.items[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < inventory->link_count; i++)
		(void)map_set(&inventory->link_by_name, inventory->links[i].name, i);
	return 0;
}

/* Compares what the `link` files of two directories say. */
static int gap_compare_dirs(const void *left, const void *right, void *context)
{
	const struct inventory *inventory = context;
	uint32_t a = *(const uint32_t *)left;
	uint32_t b = *(const uint32_t *)right;
	int order = strcmp(inventory->dirs[a].link, inventory->dirs[b].link);

	return order ? order : (a > b) - (a < b);
}

/* The first of the sorted directories whose `link` is not before LINK. */
static size_t gap_find(const struct inventory *inventory, const uint32_t *sorted, const char *link)
{
	size_t low = 0;
	size_t high = inventory->dir_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(inventory->dirs[sorted[middle]].link, link) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Nobody claims the link: it is that of a directory that is gone, or, damaged, that of the
 * directories whose link is nearly the same. */
static void gap_fill_near(struct inventory *inventory, const struct inventory_gap *gap)
{
	struct inventory_dir *dir = &inventory->dirs[gap->dir];

	for (size_t i = 0; i < inventory->dir_count; i++) {
		size_t count = (size_t)dir->lower_count + dir->unlinked_count;

		if (inventory->dirs[i].link[0] == '\0' ||
		    !text_is_near(inventory->dirs[i].link, gap->link, ID_LINK_LEN))
			continue;
		dir->lowers = mem_resize(dir->lowers, count + 1, sizeof(*dir->lowers));
		dir->lowers[count] = (uint32_t)i;
		dir->unlinked_count++;
	}
}

static void gap_fill(struct inventory *inventory, const uint32_t *sorted,
                     const struct inventory_gap *gap)
{
	struct inventory_dir *dir = &inventory->dirs[gap->dir];
	size_t first = gap_find(inventory, sorted, gap->link);
	size_t found = 0;
	size_t count = (size_t)dir->lower_count + dir->unlinked_count;

	while (first + found < inventory->dir_count &&
	       strcmp(inventory->dirs[sorted[first + found]].link, gap->link) == 0)
		found++;
	if (found > GAP_DIRS_MAX) {
		dir->is_lower_invalid = true;
		return;
	}
	if (found == 0) {
		gap_fill_near(inventory, gap);
		return;
	}
	dir->lowers = mem_resize(dir->lowers, count + found, sizeof(*dir->lowers));
	for (size_t i = 0; i < found; i++)
		dir->lowers[count + i] = sorted[first + i];
	dir->unlinked_count += (uint32_t)found;
}

void inventory_fill_gaps(struct inventory_loader *loader)
{
	struct inventory *inventory = loader->inventory;
	uint32_t *sorted;

	if (loader->gap_count == 0)
		return;
	sorted = mem_zalloc(inventory->dir_count, sizeof(*sorted));
	for (size_t i = 0; i < inventory->dir_count; i++)
		sorted[i] = (uint32_t)i;
	qsort_r(sorted, inventory->dir_count, sizeof(*sorted), gap_compare_dirs, inventory);
	for (size_t i = 0; i < loader->gap_count; i++)
		gap_fill(inventory, sorted, &loader->gaps[i]);
	free(sorted);
}
