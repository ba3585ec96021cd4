/* volume.c - local volumes: their directories, and what metadata.db knows of volumes
 * (docker-data-root.md §1.8, bolt-buildkit.md §5). */
#include "metadata/volume.h"

#include "metadata/base/file.h"
#include "metadata/base/gojson.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "metadata/bolt.h"
#include "metadata/label.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define VOLUME_DATABASE "volumes/metadata.db"
#define VOLUME_ANONYMOUS "com.docker.volume.anonymous"

struct volume_loader {
	struct volume_list *list;
	struct map by_name;
	int fd; /* volumes/ */
	struct finding_list *findings;
};

/* Notes that the record of the volume SHOWN (escaped) cannot be understood. */
static void volume_note_record(struct volume_loader *loader, const char *shown, const char *why)
{
	loader->list->is_unreadable = true;
	finding_add(loader->findings, FINDING_VOLUMES_UNREADABLE, VOLUME_DATABASE,
	            "volume \"%s\": %s", shown, why);
}

/* The volume of this name, added when there is none yet; NAME is moved in. */
static struct volume *volume_get(struct volume_loader *loader, char *name)
{
	struct volume_list *list = loader->list;
	size_t item;

	if (map_get(&loader->by_name, name, &item)) {
		free(name);
		return &list->items[item];
	}
	list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count] = (struct volume){ .name = name };
	(void)map_set(&loader->by_name, name, list->count);
	return &list->items[list->count++];
}

/* Says whether opts.json asks for a mount or a quota. */
static int volume_parse_options(const struct file_bytes *bytes, bool *has_options, struct err *err)
{
	static const char *const texts[] = { "MountType", "MountOpts", "MountDevice" };
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	const struct json_t *quota;
	int64_t size = 0;

	if (gojson_parse(&json, bytes->data, bytes->len, GOJSON_WHOLE_TEXT, err) < 0)
		return -1;
	*has_options = false;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct json_t *value = gojson_field(json.root, texts[i]);
		const char *text = gojson_text(value);

		*has_options = *has_options || (value && (!text || *text != '\0'));
	}
	quota = gojson_field(gojson_field(json.root, "Quota"), "Size");
	if (quota && (!gojson_integer(quota, &size) || size != 0))
		*has_options = true;
	return 0;
}

/* Reads opts.json of a volume's directory; one that is broken counts as options. */
static int volume_read_options(struct volume_loader *loader, struct volume *volume, struct err *err)
{
	AUTO(close) int fd = file_open(loader->fd, volume->name, O_DIRECTORY, err);
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	AUTO(str) char *path = mem_print("volumes/%s/opts.json", volume->name);

	if (fd < 0)
		return -1;
	switch (file_read_record(fd, "opts.json", FILE_LINE_MAX, &bytes, err)) {
	case FILE_FAILED:
		return err_wrap(err, "%s", volume->name);
	case FILE_ABSENT:
		return 0;
	case FILE_READ:
		if (volume_parse_options(&bytes, &volume->has_options, err) == 0)
			return 0;
		break;
	case FILE_BROKEN:
		break;
	}
	volume->has_options = true;
	loader->list->is_unreadable = true;
	finding_add_err(loader->findings, FINDING_VOLUMES_UNREADABLE, path, err);
	return 0;
}

/* Every directory is a local volume, whatever metadata.db says. */
static int volume_read_dirs(struct volume_loader *loader, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (file_list(&entries, loader->fd, ".", err) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++) {
		const struct file_entry *entry = &entries.items[i];
		struct volume *volume;

		/* our trash, when volumes/ is a file system of its own */
		if (strcmp(entry->name, ".drydock") == 0)
			continue;
		if (entry->type != DT_DIR) {
			AUTO(str) char *path = mem_print("volumes/%s", entry->name);

			if (strcmp(entry->name, "metadata.db") != 0 &&
			    strcmp(entry->name, "backingFsBlockDev") != 0)
				finding_add(loader->findings, FINDING_UNKNOWN_FILE, path,
				            "is no directory");
			continue;
		}
		volume = volume_get(loader, mem_text(entry->name));
		volume->has_dir = true;
		volume->driver = mem_text("local");
		if (volume_read_options(loader, volume, err) < 0)
			return -1;
	}
	return 0;
}

/* Reads {"Name":..., "Driver":..., "Labels":{...}, "Options":{...}} into VOLUME. */
static int volume_parse_record(struct volume *volume, const struct bolt_entry *entry,
                               struct err *err)
{
	static const struct gojson_rule rules[] = { { "Name", GOJSON_TEXT },
		                                    { "Driver", GOJSON_TEXT },
		                                    { "Labels", GOJSON_OBJECT },
		                                    { "Options", GOJSON_OBJECT } };
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	const struct json_t *options;
	const struct json_t *value;
	const char *driver;
	const char *name;
	const char *key;
	void *at = NULL;

	if (entry->is_bucket)
		return err_set(err, ERR_CORRUPT, "a bucket where a value should be");
	if (gojson_parse(&json, entry->value, entry->value_len, GOJSON_WHOLE_TEXT, err) < 0 ||
	    gojson_check(json.root, "volume", rules, sizeof(rules) / sizeof(rules[0]), err) < 0)
		return -1;
	if (json.has_duplicates || gojson_is_ambiguous(&json, "Labels") ||
	    gojson_is_ambiguous(&json, "Options"))
		return err_set(err, ERR_CORRUPT, "labels or options stand twice");
	options = gojson_field(json.root, "Options");
	if (label_read(gojson_field(json.root, "Labels"), "Labels", &volume->labels,
	               &volume->label_count, err) < 0)
		return -1;
	/* "" in an entry that a look-up has made anew */
	name = gojson_text(gojson_field(json.root, "Name"));
	if (name && *name != '\0' && strcmp(name, volume->name) != 0)
		return err_set(err, ERR_CORRUPT, "its name is not that of its key");
	driver = gojson_text(gojson_field(json.root, "Driver"));
	if (driver && *driver != '\0') {
		free(volume->driver);
		volume->driver = mem_text(driver);
	}
	volume->has_options = volume->has_options || gojson_next(options, &at, &key, &value);
	return 0;
}

static void volume_read_record(struct volume_loader *loader, const struct bolt_entry *entry)
{
	AUTO(str) char *name = mem_copy(entry->key, entry->key_len);
	struct err err = ERR_INIT;
	struct volume *volume;
	char shown[128];

	(void)text_escape(shown, sizeof(shown), entry->key, entry->key_len);
	if (strlen(name) != entry->key_len) {
		volume_note_record(loader, shown, "a NUL in its name");
		return;
	}
	volume = volume_get(loader, TAKE(name, NULL));
	volume->has_record = true;
	if (!entry->is_bucket && !memchr(entry->value, '\0', entry->value_len))
		volume->record = mem_copy(entry->value, entry->value_len);
	if (volume_parse_record(volume, entry, &err) < 0) {
		volume->has_options = true; /* whatever they are: such a volume is never pruned */
		volume_note_record(loader, shown, err.text);
	}
	if (!volume->driver)
		volume->driver = mem_text("");
	for (size_t i = 0; i < volume->label_count; i++)
		volume->is_anonymous =
		    volume->is_anonymous || strcmp(volume->labels[i].key, VOLUME_ANONYMOUS) == 0;
}

static int volume_read_database(struct volume_loader *loader, struct err *err)
{
	const struct bolt_source source = { .dirfd = loader->fd,
		                            .path = "metadata.db",
		                            .shown_path = VOLUME_DATABASE,
		                            .code = FINDING_VOLUMES_UNREADABLE,
		                            .findings = loader->findings };
	AUTO(bolt) struct bolt *bolt = NULL;
	const enum bolt_outcome outcome = bolt_load(&bolt, &source, err);
	struct bolt_cursor cursor;
	struct bolt_bucket bucket;
	struct bolt_entry entry;

	if (outcome == BOLT_FAILED)
		return -1;
	if (outcome == BOLT_BROKEN)
		loader->list->is_unreadable = true;
	if (outcome != BOLT_READ)
		return 0;
	bucket = bolt_root(bolt);
	if (!bolt_bucket_enter(&bucket, "volumes", &bucket))
		return 0;
	bolt_cursor_start(&cursor, &bucket);
	while (bolt_cursor_next(&cursor, &entry))
		volume_read_record(loader, &entry);
	return 0;
}

static int volume_compare(const void *a, const void *b)
{
	return strcmp(((const struct volume *)a)->name, ((const struct volume *)b)->name);
}

int volume_list_load(struct volume_list *volumes, int root_fd, struct finding_list *findings,
                     struct err *err)
{
	AUTO(close) int fd = file_open(root_fd, "volumes", O_DIRECTORY, err);
	AUTO(volume_list) struct volume_list list = VOLUME_LIST_INIT;
	struct volume_loader loader = { &list, MAP_INIT, fd, findings };
	int status = 0;

	if (fd < 0 && !err_has_code(err, ENOENT))
		return -1;
	if (fd < 0)
		err_clear(err);
	else if (volume_read_dirs(&loader, err) < 0 || volume_read_database(&loader, err) < 0)
		status = err_wrap(err, "volumes");
	map_done(&loader.by_name);
	if (status < 0)
		return -1;
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items), volume_compare);
	for (size_t i = 0; i < list.count; i++)
		(void)map_set(&list.by_name, list.items[i].name, i);
	*volumes = TAKE(list, (struct volume_list)VOLUME_LIST_INIT);
	return 0;
}

bool volume_is_listed(const struct volume *volume)
{
	return volume->has_dir || strcmp(volume->driver, "local") != 0;
}

void volume_list_done(struct volume_list *volumes)
{
	for (size_t i = 0; i < volumes->count; i++) {
		free(volumes->items[i].name);
		free(volumes->items[i].driver);
		free(volumes->items[i].record);
		label_free(volumes->items[i].labels, volumes->items[i].label_count);
	}
	free(volumes->items);
	map_done(&volumes->by_name);
	*volumes = (struct volume_list)VOLUME_LIST_INIT;
}
