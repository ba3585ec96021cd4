/* mount.c - layerdb/mounts: the read-write layers of containers and builds (docker-data-root.md
 * §1.4, §2.4, §2.5). */
#include "metadata/mount.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/line.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define MOUNT_DIR "layerdb/mounts"
#define MOUNT_PATH "image/overlay2/" MOUNT_DIR
#define MOUNT_DEPTH_MAX 160 /* a reference of 255 bytes has 127 slashes at most */

/* A walk over layerdb/mounts. */
struct mount_reader {
	struct mount_list *mounts;
	struct finding_list *findings;
};

/* One directory below layerdb/mounts. */
struct mount_place {
	int fd;
	const char *name; /* below layerdb/mounts */
	unsigned depth;
};

static const struct mount_file {
	const char *name;
	unsigned bit;
	bool is_required;
} mount_files[] = {
	{ "mount-id", MOUNT_BAD_MOUNT_ID, true },
	{ "init-id", MOUNT_BAD_INIT_ID, false },
	{ "parent", MOUNT_BAD_PARENT, false },
};

static bool mount_is_file(const char *name)
{
	for (size_t i = 0; i < sizeof(mount_files) / sizeof(mount_files[0]); i++) {
		if (strcmp(mount_files[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Notes that FILE is broken (*ERR says why and is emptied) or does not exist (*ERR is empty). */
static void mount_note(struct mount_reader *reader, struct mount *mount,
                       const struct mount_file *file, struct err *err)
{
	AUTO(str) char *path = mem_print(MOUNT_PATH "/%s", mount->name);

	mount->broken |= file->bit;
	if (err_is_set(err))
		finding_add_err(reader->findings, FINDING_MOUNT_UNREADABLE, path, err);
	else
		finding_add(reader->findings, FINDING_MOUNT_UNREADABLE, path, "%s: does not exist",
		            file->name);
}

static int mount_read(struct mount_reader *reader, struct mount *mount, int fd, struct err *err)
{
	char **const texts[] = { &mount->mount_id, &mount->init_id, &mount->parent };

	for (size_t i = 0; i < sizeof(mount_files) / sizeof(mount_files[0]); i++) {
		const struct mount_file *file = &mount_files[i];
		enum line_outcome outcome = file->bit == MOUNT_BAD_PARENT
		                                ? line_read_digest(fd, file->name, texts[i], err)
		                                : line_read_dir_id(fd, file->name, texts[i], err);

		if (outcome == LINE_FAILED)
			return err_wrap(err, "%s", mount->name);
		if (outcome == LINE_BROKEN || (outcome == LINE_ABSENT && file->is_required))
			mount_note(reader, mount, file, err);
	}
	return 0;
}

static struct mount *mount_add(struct mount_list *mounts, const char *name)
{
	mounts->items =
	    mem_grow(mounts->items, mounts->count, &mounts->capacity, sizeof(*mounts->items));
	mounts->items[mounts->count] = (struct mount){ .name = mem_text(name) };
	return &mounts->items[mounts->count++];
}

/* dockerd takes directories only for mounts, and of their files only those that it knows. */
static void mount_note_unknown(struct mount_reader *reader, const struct mount_place *place,
                               const char *name)
{
	AUTO(str)
	char *path =
	    mem_print(MOUNT_PATH "/%s%s%s", place->name, place->depth > 0 ? "/" : "", name);

	finding_add(reader->findings, FINDING_UNKNOWN_FILE, path, "is no mount");
}

static int mount_walk(struct mount_reader *reader, const struct mount_place *place,
                      struct err *err);

/* Goes into the directory NAME of PLACE. */
static int mount_enter(struct mount_reader *reader, const struct mount_place *place,
                       const char *name, struct err *err)
{
	AUTO(str)
	char *below = place->depth == 0 ? mem_text(name) : mem_print("%s/%s", place->name, name);
	AUTO(close) int fd = -1;
	struct mount_place inside = { -1, below, place->depth + 1 };

	if (inside.depth > MOUNT_DEPTH_MAX)
		return err_set(err, ERR_CORRUPT, "%s: lies more than %d directories deep", below,
		               MOUNT_DEPTH_MAX);
	fd = file_open(place->fd, name, O_DIRECTORY, err);
	if (fd < 0)
		return -1;
	inside.fd = fd;
	return mount_walk(reader, &inside, err);
}

/* Reads the mount that PLACE is, if it is one, and what lies in it (docker-data-root.md §2.5). */
static int mount_walk(struct mount_reader *reader, const struct mount_place *place, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	size_t files = 0;

	if (file_list(&entries, place->fd, ".", err) < 0)
		return err_wrap(err, "%s", place->name);
	for (size_t i = 0; i < entries.count; i++)
		files += mount_is_file(entries.items[i].name);
	if (place->depth > 0 && (files > 0 || entries.count == 0)) {
		struct mount *mount = mount_add(reader->mounts, place->name);

		mount->is_empty = entries.count == 0;
		if (mount->is_empty) /* a leftover, no broken record */
			mount->broken = MOUNT_BAD_MOUNT_ID;
		else if (mount_read(reader, mount, place->fd, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < entries.count; i++) {
		const struct file_entry *entry = &entries.items[i];

		if (place->depth > 0 && mount_is_file(entry->name))
			continue; /* read already */
		if (entry->type != DT_DIR)
			mount_note_unknown(reader, place, entry->name);
		else if (mount_enter(reader, place, entry->name, err) < 0)
			return -1;
	}
	return 0;
}

static int mount_compare(const void *a, const void *b)
{
	return strcmp(((const struct mount *)a)->name, ((const struct mount *)b)->name);
}

int mount_list_load(struct mount_list *mounts, int image_fd, struct finding_list *findings,
                    struct err *err)
{
	AUTO(close) int fd = file_open_dir(image_fd, MOUNT_DIR, err);
	struct mount_reader reader = { mounts, findings };
	const struct mount_place top = { fd, "", 0 };

	if (fd < 0 && err_has_code(err, ENOENT)) {
		err_clear(err);
		return 0;
	}
	if (fd < 0)
		return -1;
	if (mount_walk(&reader, &top, err) < 0)
		return err_wrap(err, MOUNT_DIR);
	if (mounts->count > 0)
		qsort(mounts->items, mounts->count, sizeof(*mounts->items), mount_compare);
	for (size_t i = 0; i < mounts->count; i++)
		(void)map_set(&mounts->by_name, mounts->items[i].name, i);
	return 0;
}

void mount_list_done(struct mount_list *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		free(mounts->items[i].name);
		free(mounts->items[i].mount_id);
		free(mounts->items[i].init_id);
		free(mounts->items[i].parent);
	}
	free(mounts->items);
	map_done(&mounts->by_name);
	*mounts = (struct mount_list)MOUNT_LIST_INIT;
}
