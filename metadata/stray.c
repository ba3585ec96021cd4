/* stray.c - leftovers that no record leads to and that hold nothing (docker-data-root.md §5). */
#include "metadata/stray.h"

#include "metadata/base/file.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/stray_name.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE "image/overlay2"
#define IMAGE_CONTENT IMAGE "/imagedb/content/sha256"
#define IMAGE_METADATA IMAGE "/imagedb/metadata/sha256"
#define DISTRIBUTION IMAGE "/distribution"

const char *stray_kind_words(enum stray_kind kind)
{
	static const char *const words[STRAY_KIND_COUNT] = {
		[STRAY_WRITE_SET] = "unfinished layer",
		[STRAY_LAYER_REMOVING] = "half-removed layer",
		[STRAY_IMAGE_METADATA] = "metadata without an image",
		[STRAY_TEMPORARY] = "unfinished file",
		[STRAY_EXECUTOR] = "leftover of a build step",
		[STRAY_PROBE] = "leftover of a driver probe",
		[STRAY_DOCKER_TMP] = "temporary data",
		[STRAY_PLUGIN_REMOVING] = "half-removed plugin",
	};

	return words[kind];
}

/*
 * Where to look: an entry of DIR, or with EACH of every directory of DIR for which EACH is true, is
 * a stray when FITS is true for its name and it is of TYPE (DT_UNKNOWN: any).
 */
static const struct stray_place {
	const char *dir;
	bool (*each)(const char *name);
	bool (*fits)(const char *name);
	enum stray_kind kind;
	unsigned char type;
} stray_places[] = {
	{ IMAGE "/layerdb/tmp", NULL, stray_name_is_write_set, STRAY_WRITE_SET, DT_DIR },
	{ IMAGE "/layerdb/sha256", NULL, stray_name_is_removing_layer, STRAY_LAYER_REMOVING,
	  DT_DIR },
	{ IMAGE, NULL, stray_name_is_tmp_repositories, STRAY_TEMPORARY, DT_REG },
	{ IMAGE_CONTENT, NULL, stray_name_is_tmp_digest, STRAY_TEMPORARY, DT_REG },
	{ IMAGE_METADATA, id_is_hex, stray_name_is_tmp_image, STRAY_TEMPORARY, DT_REG },
	{ DISTRIBUTION "/diffid-by-digest/sha256", NULL, stray_name_is_tmp_digest, STRAY_TEMPORARY,
	  DT_REG },
	{ DISTRIBUTION "/v2metadata-by-diffid/sha256", NULL, stray_name_is_tmp_digest,
	  STRAY_TEMPORARY, DT_REG },
	{ "containers", id_is_name, stray_name_is_tmp_container, STRAY_TEMPORARY, DT_REG },
	{ "volumes", id_is_name, stray_name_is_tmp_volume, STRAY_TEMPORARY, DT_REG },
	{ "plugins", id_is_hex, stray_name_is_tmp_plugin, STRAY_TEMPORARY, DT_REG },
	{ "swarm", NULL, stray_name_is_tmp_swarm, STRAY_TEMPORARY, DT_REG },
	{ ".", NULL, stray_name_is_tmp_engine, STRAY_TEMPORARY, DT_REG },
	{ "buildkit", NULL, stray_name_is_new_database, STRAY_TEMPORARY, DT_REG },
	{ "network/files", NULL, stray_name_is_new_database, STRAY_TEMPORARY, DT_REG },
	{ "buildkit/executor", NULL, id_is_cache, STRAY_EXECUTOR, DT_DIR },
	{ "buildkit/executor", NULL, stray_name_is_hosts, STRAY_EXECUTOR, DT_REG },
	{ "overlay2", NULL, stray_name_is_probe, STRAY_PROBE, DT_DIR },
	{ "tmp", NULL, id_is_name, STRAY_DOCKER_TMP, DT_UNKNOWN },
	{ ".", NULL, stray_name_is_old_dir, STRAY_DOCKER_TMP, DT_DIR },
	{ "plugins/tmp", NULL, stray_name_is_plugin_rootfs, STRAY_DOCKER_TMP, DT_DIR },
	{ "plugins", NULL, stray_name_is_removing_plugin, STRAY_PLUGIN_REMOVING, DT_DIR },
};

static void stray_add(struct stray_list *strays, enum stray_kind kind, const char *dir,
                      const char *name)
{
	bool is_top = strcmp(dir, ".") == 0;

	strays->items =
	    mem_grow(strays->items, strays->count, &strays->capacity, sizeof(*strays->items));
	strays->items[strays->count++] =
	    (struct stray){ kind, mem_print("%s%s%s", is_top ? "" : dir, is_top ? "" : "/", name) };
}

/*
 * Lists the directory PATH under ROOT_FD. One that is none (a symlink, a file) is for the reader of
 * that place to tell, and nothing in it is a stray.
 */
static int stray_list_dir(struct file_entries *entries, int root_fd, const char *path,
                          struct err *err)
{
	if (file_list_if_dir(entries, root_fd, path, err) == 0)
		return 0;
	return strcmp(path, ".") == 0 ? err_wrap(err, "data root") : -1;
}

/* Adds the strays of PLACE that lie directly in the directory PATH. */
static int stray_look(struct stray_list *strays, int root_fd, const struct stray_place *place,
                      const char *path, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (stray_list_dir(&entries, root_fd, path, err) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++) {
		const struct file_entry *entry = &entries.items[i];

		if ((place->type == DT_UNKNOWN || entry->type == place->type) &&
		    place->fits(entry->name))
			stray_add(strays, place->kind, path, entry->name);
	}
	return 0;
}

/* Adds the strays of PLACE. What lies in the directories in SKIPPED goes with them. */
static int stray_look_each(struct stray_list *strays, int root_fd, const struct stray_place *place,
                           const struct map *skipped, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (!place->each)
		return stray_look(strays, root_fd, place, place->dir, err);
	if (stray_list_dir(&entries, root_fd, place->dir, err) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++) {
		AUTO(str) char *path = mem_print("%s/%s", place->dir, entries.items[i].name);

		if (entries.items[i].type == DT_DIR && place->each(entries.items[i].name) &&
		    !map_get(skipped, path, NULL) &&
		    stray_look(strays, root_fd, place, path, err) < 0)
			return -1;
	}
	return 0;
}

/* Metadata is read only together with the config of its image (docker-data-root.md §1.3). */
static int stray_look_metadata(struct stray_list *strays, int root_fd, struct err *err)
{
	AUTO(file_entries) struct file_entries metadata = FILE_ENTRIES_INIT;
	AUTO(file_entries) struct file_entries content = FILE_ENTRIES_INIT;
	AUTO(map) struct map images = MAP_INIT;

	if (stray_list_dir(&metadata, root_fd, IMAGE_METADATA, err) < 0 ||
	    stray_list_dir(&content, root_fd, IMAGE_CONTENT, err) < 0)
		return -1;
	for (size_t i = 0; i < content.count; i++)
		(void)map_set(&images, content.items[i].name, i);
	for (size_t i = 0; i < metadata.count; i++) {
		const struct file_entry *entry = &metadata.items[i];

		if (entry->type == DT_DIR && id_is_hex(entry->name) &&
		    !map_get(&images, entry->name, NULL))
			stray_add(strays, STRAY_IMAGE_METADATA, IMAGE_METADATA, entry->name);
	}
	return 0;
}

static int stray_compare(const void *left, const void *right)
{
	const struct stray *a = left;
	const struct stray *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->path, b->path);
}

/* Nobody else reads layerdb/tmp, so what is no write set there is told here. */
static int stray_note_unknown(int root_fd, struct finding_list *findings, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (stray_list_dir(&entries, root_fd, IMAGE "/layerdb/tmp", err) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++) {
		const struct file_entry *entry = &entries.items[i];
		AUTO(str) char *path = mem_print(IMAGE "/layerdb/tmp/%s", entry->name);

		if (entry->type != DT_DIR || !stray_name_is_write_set(entry->name))
			finding_add(findings, FINDING_UNKNOWN_FILE, path, "is no unfinished layer");
	}
	return 0;
}

int stray_list_load(struct stray_list *strays, int root_fd, struct finding_list *findings,
                    struct err *err)
{
	AUTO(map) struct map skipped = MAP_INIT;

	*strays = (struct stray_list)STRAY_LIST_INIT;
	if (stray_look_metadata(strays, root_fd, err) < 0)
		return -1;
	for (size_t i = 0; i < strays->count; i++) /* the paths stay where they are */
		(void)map_set(&skipped, strays->items[i].path, i);
	for (size_t i = 0; i < sizeof(stray_places) / sizeof(stray_places[0]); i++) {
		if (stray_look_each(strays, root_fd, &stray_places[i], &skipped, err) < 0)
			return -1;
	}
	if (strays->count > 0)
		qsort(strays->items, strays->count, sizeof(*strays->items), stray_compare);
	return stray_note_unknown(root_fd, findings, err);
}

void stray_list_done(struct stray_list *strays)
{
	for (size_t i = 0; i < strays->count; i++)
		free(strays->items[i].path);
	free(strays->items);
	*strays = (struct stray_list)STRAY_LIST_INIT;
}
