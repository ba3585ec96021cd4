/* inventory.c - what is really there in overlay2/: layer directories and their links. */
#include "overlay2/inventory.h"

#include "metadata/base/mem.h"
#include "overlay2/inventory_load.h"
#include "overlay2/mountinfo.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* What else may be in overlay2/ and is nobody's layer (docker-data-root.md §1.6). */
struct inventory_name {
	const char *name;
	bool has_number; /* digits follow */
};

static const struct inventory_name known_names[] = {
	{ "l", false },
	{ "backingFsBlockDev", false },
	{ ".drydock", false }, /* our own, when overlay2/ is a file system of its own */
	{ "userxattr-check", false },
	{ "opaque-bug-check", true },
	{ "metacopy-check", true },
	{ "check-overlayfs-support", true },
};

static bool inventory_knows(const char *name)
{
	for (size_t i = 0; i < sizeof(known_names) / sizeof(known_names[0]); i++) {
		size_t len = strlen(known_names[i].name);
		size_t digits;

		if (strncmp(name, known_names[i].name, len) != 0)
			continue;
		digits = strspn(name + len, "0123456789");
		if (name[len + digits] == '\0' && (digits > 0) == known_names[i].has_number)
			return true;
	}
	return false;
}

static void inventory_add_unknown(struct inventory_loader *loader, const char *name,
                                  const char *detail)
{
	AUTO(str) char *path = mem_print("overlay2/%s", name);

	finding_add(loader->findings, FINDING_OVERLAY2_UNKNOWN, path, "%s", detail);
}

/* Takes ENTRY into dirs[] if it is a layer directory, or says what it is. */
static int inventory_add_entry(struct inventory_loader *loader, struct file_entry *entry,
                               struct err *err)
{
	struct inventory *inventory = loader->inventory;

	if (strcmp(entry->name, "l") == 0 && entry->type != DT_DIR)
		return err_set(err, ERR_CORRUPT, "l: is not a directory");
	if (!id_is_dir(entry->name)) {
		if (!inventory_knows(entry->name))
			inventory_add_unknown(loader, entry->name,
			                      "is no name of a layer directory");
		return 0;
	}
	if (entry->type != DT_DIR) {
		inventory_add_unknown(loader, entry->name,
		                      "has the name of a layer directory, but is none");
		return 0;
	}
	inventory->dirs[inventory->dir_count++] =
	    (struct inventory_dir){ .name = TAKE(entry->name, NULL) };
	return 0;
}

static int inventory_list_dirs(struct inventory_loader *loader, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct inventory *inventory = loader->inventory;

	if (file_list(&entries, loader->fd, ".", err) < 0)
		return -1;
	if (entries.count > INVENTORY_MAX)
		return err_set(err, ERR_CORRUPT, "has %zu entries, more than the %zu allowed",
		               entries.count, (size_t)INVENTORY_MAX);
	inventory->dirs = mem_zalloc(entries.count, sizeof(*inventory->dirs));
	inventory->dir_capacity = entries.count;
	for (size_t i = 0; i < entries.count; i++) {
		if (inventory_add_entry(loader, &entries.items[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < inventory->dir_count; i++)
		(void)map_set(&inventory->dir_by_name, inventory->dirs[i].name, i);
	return 0;
}

static int inventory_fill(struct inventory_loader *loader, struct err *err)
{
	if (inventory_list_dirs(loader, err) < 0 || inventory_load_links(loader, err) < 0 ||
	    inventory_load_dirs(loader, err) < 0)
		return err_wrap(err, "overlay2");
	inventory_fill_gaps(loader);
	inventory_find_cycles(loader->inventory, loader->findings);
	return 0;
}

int inventory_load(struct inventory **inventory, int overlay2_fd, struct finding_list *findings,
                   struct err *err)
{
	AUTO(inventory) struct inventory *loaded = mem_zalloc(1, sizeof(*loaded));
	struct inventory_loader loader = { .inventory = loaded,
		                           .findings = findings,
		                           .fd = overlay2_fd };
	int result = 0;

	if (overlay2_fd >= 0)
		result = inventory_fill(&loader, err);
	file_entries_done(&loader.no_links);
	free(loader.gaps);
	if (result < 0)
		return -1;
	*inventory = TAKE(loaded, NULL);
	return 0;
}

static void inventory_mark_dir(struct inventory_dir *dir, const struct mountinfo_use *use,
                               struct finding_list *findings)
{
	AUTO(str) char *path = mem_print("overlay2/%s", dir->name);

	if (dir->is_mounted)
		return;
	dir->is_mounted = true;
	finding_add(findings, FINDING_DIR_MOUNTED, path, "by %s (pid %d), mount point %s",
	            use->command, use->pid, use->mount_point);
}

void inventory_mark_mounted(struct inventory *inventory, const struct mountinfo_list *uses,
                            struct finding_list *findings)
{
	for (size_t i = 0; i < uses->count; i++) {
		const struct mountinfo_use *use = &uses->items[i];
		size_t dir;

		for (size_t k = 0; k < use->dir_count; k++) {
			if (map_get(&inventory->dir_by_name, use->dirs[k], &dir))
				inventory_mark_dir(&inventory->dirs[dir], use, findings);
		}
	}
}

void inventory_free(struct inventory *inventory)
{
	if (!inventory)
		return;
	for (size_t i = 0; i < inventory->dir_count; i++) {
		free(inventory->dirs[i].name);
		free(inventory->dirs[i].lowers);
		free(inventory->dirs[i].lower_links);
	}
	for (size_t i = 0; i < inventory->link_count; i++)
		free(inventory->links[i].target);
	free(inventory->dirs);
	free(inventory->links);
	map_done(&inventory->dir_by_name);
	map_done(&inventory->link_by_name);
	free(inventory);
}
