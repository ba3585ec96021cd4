/* stray.c - leftovers that no record leads to and that hold nothing (docker-data-root.md §5). */
#include "metadata/stray.h"

#include "metadata/base/file.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"
#define HEX "0123456789abcdef"
#define IMAGEDB "image/overlay2/imagedb"

const char *stray_kind_words(enum stray_kind kind)
{
	static const char *const words[STRAY_KIND_COUNT] = {
		[STRAY_WRITE_SET] = "unfinished layer",
		[STRAY_LAYER_REMOVING] = "half-removed layer",
		[STRAY_IMAGE_METADATA] = "metadata without an image",
		[STRAY_TEMPORARY] = "temporary file",
		[STRAY_EXECUTOR] = "leftover of a build step",
		[STRAY_PROBE] = "leftover of a driver probe",
		[STRAY_DOCKER_TMP] = "temporary file",
		[STRAY_PLUGIN_REMOVING] = "half-removed plugin",
	};

	return words[kind];
}

/* Says whether NAME is PREFIX and one or more digits. */
static bool stray_is_numbered(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 && name[len] != '\0' &&
	       name[len + strspn(name + len, DIGITS)] == '\0';
}

static bool stray_is_write_set(const char *name)
{
	return stray_is_numbered(name, "write-set-");
}

/* <64 hex>-<64 hex>-removing */
static bool stray_is_removing(const char *name)
{
	return strspn(name, HEX) == ID_HEX_LEN && name[ID_HEX_LEN] == '-' &&
	       strspn(name + ID_HEX_LEN + 1, HEX) == ID_HEX_LEN &&
	       strcmp(name + 2 * (size_t)ID_HEX_LEN + 1, "-removing") == 0;
}

static bool stray_is_plugin_removing(const char *name)
{
	return strspn(name, HEX) == ID_HEX_LEN && strcmp(name + ID_HEX_LEN, "-removing") == 0;
}

/* ".tmp-", the name of the file that was to be written, and the digits of Go's TempFile. */
static bool stray_is_temporary(const char *name)
{
	static const char prefix[] = ".tmp-";
	size_t len = strlen(name);

	return strncmp(name, prefix, sizeof(prefix) - 1) == 0 && len > sizeof(prefix) &&
	       strchr(DIGITS, name[len - 1]) != NULL;
}

/* The bundle of a RUN step is named by a BuildKit ID; its hosts file is hosts.<ID> or hosts.<hash>.
 */
static bool stray_is_executor(const char *name)
{
	return id_is_cache(name) || (strncmp(name, "hosts.", 6) == 0 && name[6] != '\0');
}

static bool stray_is_probe(const char *name)
{
	return stray_is_numbered(name, "opaque-bug-check") ||
	       stray_is_numbered(name, "metacopy-check") ||
	       stray_is_numbered(name, "check-overlayfs-support") ||
	       strcmp(name, "userxattr-check") == 0;
}

static bool stray_is_tmp_old(const char *name)
{
	return strcmp(name, "tmp-old") == 0;
}

/* Everything in tmp/: dockerd itself throws it away when it starts. */
static bool stray_is_any(const char *name)
{
	return id_is_name(name);
}

/* Where to look: what fits in DIR is a stray of the kind. TYPE: DT_DIR, DT_REG, or 0 for any. */
static const struct stray_place {
	const char *dir;
	bool (*fits)(const char *name);
	enum stray_kind kind;
	unsigned char type;
} stray_places[] = {
	{ "image/overlay2/layerdb/tmp", stray_is_write_set, STRAY_WRITE_SET, DT_DIR },
	{ "image/overlay2/layerdb/sha256", stray_is_removing, STRAY_LAYER_REMOVING, DT_DIR },
	{ "image/overlay2", stray_is_temporary, STRAY_TEMPORARY, DT_REG },
	{ IMAGEDB "/content/sha256", stray_is_temporary, STRAY_TEMPORARY, DT_REG },
	{ "image/overlay2/distribution/diffid-by-digest/sha256", stray_is_temporary,
	  STRAY_TEMPORARY, DT_REG },
	{ "image/overlay2/distribution/v2metadata-by-diffid/sha256", stray_is_temporary,
	  STRAY_TEMPORARY, DT_REG },
	{ "buildkit/executor", stray_is_executor, STRAY_EXECUTOR, 0 },
	{ "overlay2", stray_is_probe, STRAY_PROBE, DT_DIR },
	{ "tmp", stray_is_any, STRAY_DOCKER_TMP, 0 },
	{ ".", stray_is_tmp_old, STRAY_DOCKER_TMP, DT_DIR },
	{ "plugins", stray_is_plugin_removing, STRAY_PLUGIN_REMOVING, DT_DIR },
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
 * Lists the directory PATH under ROOT_FD. One that does not exist is empty; one that is none (a
 * symlink, a file) is another module's finding, and nothing in it is a stray.
 */
static int stray_list_dir(struct file_entries *entries, int root_fd, const char *path,
                          struct err *err)
{
	AUTO(close) int fd = file_open_dir(root_fd, path, err);

	if (fd >= 0)
		return file_list(entries, fd, ".", err) < 0 ? err_wrap(err, "%s", path) : 0;
	if (err->kind != ERR_CORRUPT && !err_has_code(err, ENOENT))
		return -1;
	err_clear(err);
	return 0;
}

static int stray_look(struct stray_list *strays, int root_fd, const struct stray_place *place,
                      struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (stray_list_dir(&entries, root_fd, place->dir, err) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++) {
		const struct file_entry *entry = &entries.items[i];

		if ((place->type == 0 || entry->type == place->type) && place->fits(entry->name))
			stray_add(strays, place->kind, place->dir, entry->name);
	}
	return 0;
}

/* Temporary files in the subdirectories of DIR for which FITS is true. */
static int stray_look_below(struct stray_list *strays, int root_fd, const char *dir,
                            struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (stray_list_dir(&entries, root_fd, dir, err) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++) {
		AUTO(str) char *path = mem_print("%s/%s", dir, entries.items[i].name);
		const struct stray_place place = { path, stray_is_temporary, STRAY_TEMPORARY,
			                           DT_REG };

		if (entries.items[i].type == DT_DIR && id_is_hex(entries.items[i].name) &&
		    stray_look(strays, root_fd, &place, err) < 0)
			return -1;
	}
	return 0;
}

/* Says whether ENTRIES, which are sorted, has a NAME. */
static bool stray_has_entry(const struct file_entries *entries, const char *name)
{
	size_t low = 0;
	size_t high = entries->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(entries->items[middle].name, name);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* imagedb/metadata/sha256/<id> is read only together with content/sha256/<id> (docker-data-root.md
 * §1.3). */
static int stray_look_image_metadata(struct stray_list *strays, int root_fd, struct err *err)
{
	AUTO(file_entries) struct file_entries metadata = FILE_ENTRIES_INIT;
	AUTO(file_entries) struct file_entries content = FILE_ENTRIES_INIT;

	if (stray_list_dir(&metadata, root_fd, IMAGEDB "/metadata/sha256", err) < 0 ||
	    stray_list_dir(&content, root_fd, IMAGEDB "/content/sha256", err) < 0)
		return -1;
	for (size_t i = 0; i < metadata.count; i++) {
		const struct file_entry *entry = &metadata.items[i];

		if (entry->type == DT_DIR && id_is_hex(entry->name) &&
		    !stray_has_entry(&content, entry->name))
			stray_add(strays, STRAY_IMAGE_METADATA, IMAGEDB "/metadata/sha256",
			          entry->name);
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

/* Says whether PATH lies in a directory that is itself a stray: it goes with that. */
static bool stray_is_inside_another(const struct stray_list *strays, const char *path)
{
	for (size_t i = 0; i < strays->count; i++) {
		const struct stray *other = &strays->items[i];

		/* the kind first: paths of dropped temporaries are free already */
		if (other->kind == STRAY_IMAGE_METADATA &&
		    strncmp(other->path, path, strlen(other->path)) == 0 &&
		    path[strlen(other->path)] == '/')
			return true;
	}
	return false;
}

static void stray_drop_nested(struct stray_list *strays)
{
	size_t kept = 0;

	for (size_t i = 0; i < strays->count; i++) {
		if (strays->items[i].kind == STRAY_TEMPORARY &&
		    stray_is_inside_another(strays, strays->items[i].path))
			free(strays->items[i].path);
		else
			strays->items[kept++] = strays->items[i];
	}
	strays->count = kept;
}

int stray_list_load(struct stray_list *strays, int root_fd, struct finding_list *findings,
                    struct err *err)
{
	(void)findings; /* what is no stray here is told by the reader of that place */
	for (size_t i = 0; i < sizeof(stray_places) / sizeof(stray_places[0]); i++) {
		if (stray_look(strays, root_fd, &stray_places[i], err) < 0)
			return -1;
	}
	if (stray_look_below(strays, root_fd, IMAGEDB "/metadata/sha256", err) < 0 ||
	    stray_look_below(strays, root_fd, "containers", err) < 0 ||
	    stray_look_image_metadata(strays, root_fd, err) < 0)
		return -1;
	stray_drop_nested(strays);
	if (strays->count > 0)
		qsort(strays->items, strays->count, sizeof(*strays->items), stray_compare);
	return 0;
}

void stray_list_done(struct stray_list *strays)
{
	for (size_t i = 0; i < strays->count; i++)
		free(strays->items[i].path);
	free(strays->items);
	*strays = (struct stray_list)STRAY_LIST_INIT;
}
