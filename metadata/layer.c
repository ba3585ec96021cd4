/* layer.c - layerdb: the records of layers (docker-data-root.md §1.4). */
#include "metadata/layer.h"

#include "metadata/base/file.h"
#include "metadata/base/gojson.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/line.h"
#include "metadata/stray_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define LAYER_DIR "layerdb/sha256"
#define LAYER_PATH "image/overlay2/" LAYER_DIR
#define LAYER_DESCRIPTOR_MAX ((size_t)1 << 20)

/* A layer while its files are read. */
struct layer_reader {
	struct layer *layer;
	struct finding_list *findings;
	int fd; /* of its directory */
};

/*
 * Notes that FILE of the layer is BIT broken; *ERR, which says why, is emptied. With an empty
 * *ERR the file does not exist.
 */
static void layer_note(struct layer_reader *reader, unsigned bit, const char *file, struct err *err)
{
	AUTO(str) char *path = mem_print(LAYER_PATH "/%s", reader->layer->chain_id);

	reader->layer->broken |= bit;
	if (err_is_set(err))
		finding_add_err(reader->findings, FINDING_LAYER_UNREADABLE, path, err);
	else
		finding_add(reader->findings, FINDING_LAYER_UNREADABLE, path, "%s: does not exist",
		            file);
}

/* What an outcome means for FILE. Returns 0, or -1 to give up. */
static int layer_take(struct layer_reader *reader, enum line_outcome outcome, unsigned bit,
                      const char *file, bool may_be_absent, struct err *err)
{
	if (outcome == LINE_FAILED)
		return -1;
	if (outcome == LINE_BROKEN || (outcome == LINE_ABSENT && !may_be_absent))
		layer_note(reader, bit, file, err);
	return 0;
}

static int layer_read_size(struct layer_reader *reader, struct err *err)
{
	AUTO(str) char *text = NULL;
	enum line_outcome outcome = line_read(reader->fd, "size", LINE_AS_IS, &text, err);

	if (outcome == LINE_OK && !line_parse_integer(text, &reader->layer->size_bytes)) {
		(void)err_set(err, ERR_CORRUPT, "size: is no decimal number");
		outcome = LINE_BROKEN;
	}
	return layer_take(reader, outcome, LAYER_BAD_SIZE, "size", false, err);
}

/* Only Windows' foreign layers have one; dockerd refuses the layer when it is no JSON. */
static int layer_read_descriptor(struct layer_reader *reader, struct err *err)
{
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	enum line_outcome outcome = LINE_OK;

	switch (
	    file_read_record(reader->fd, "descriptor.json", LAYER_DESCRIPTOR_MAX, &bytes, err)) {
	case FILE_READ:
		if (gojson_parse(&json, bytes.data, bytes.len, GOJSON_WHOLE_TEXT, err) < 0) {
			(void)err_wrap(err, "descriptor.json");
			outcome = LINE_BROKEN;
		}
		break;
	case FILE_ABSENT:
		break;
	case FILE_BROKEN:
		outcome = LINE_BROKEN;
		break;
	case FILE_FAILED:
		return -1;
	}
	return layer_take(reader, outcome, LAYER_BAD_DESCRIPTOR, "descriptor.json", true, err);
}

/*
 * Says in the layer whether its directory is empty. Then it is no broken record but none at all: a
 * leftover that blocks every later pull of the layer (docker-data-root.md §0 rule 2).
 */
static int layer_look_inside(struct layer_reader *reader, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (file_list(&entries, reader->fd, ".", err) < 0)
		return -1;
	reader->layer->is_empty = entries.count == 0;
	if (reader->layer->is_empty)
		reader->layer->broken = LAYER_BAD_DIFF | LAYER_BAD_SIZE | LAYER_BAD_CACHE_ID;
	return 0;
}

static int layer_read_files(struct layer_reader *reader, struct err *err)
{
	struct layer *layer = reader->layer;
	enum line_outcome outcome;

	outcome = line_read_digest(reader->fd, "diff", &layer->diff_id, err);
	if (outcome == LINE_ABSENT && layer_look_inside(reader, err) < 0)
		return -1;
	if (layer->is_empty)
		return 0;
	if (layer_take(reader, outcome, LAYER_BAD_DIFF, "diff", false, err) < 0)
		return -1;
	outcome = line_read_dir_id(reader->fd, "cache-id", &layer->cache_id, err);
	if (layer_take(reader, outcome, LAYER_BAD_CACHE_ID, "cache-id", false, err) < 0)
		return -1;
	outcome = line_read_digest(reader->fd, "parent", &layer->parent, err);
	if (layer_take(reader, outcome, LAYER_BAD_PARENT, "parent", true, err) < 0)
		return -1;
	return layer_read_size(reader, err) < 0 || layer_read_descriptor(reader, err) < 0 ? -1 : 0;
}

/* A link or file in the place of a layer: dockerd does not list it, but opens it when an image asks
 * for the layer. What it leads to is unknown, so that it may be anything. */
static void layer_add_unreadable(struct layer_reader *reader, struct err *err)
{
	layer_note(reader, LAYER_BAD_DIFF | LAYER_BAD_SIZE | LAYER_BAD_CACHE_ID | LAYER_BAD_PARENT,
	           "", err);
}

static int layer_add(struct layer_list *layers, int dirfd, const char *name,
                     struct finding_list *findings, struct err *err)
{
	AUTO(close) int fd = file_open(dirfd, name, O_DIRECTORY, err);
	struct layer_reader reader;

	if (fd < 0 && err->kind != ERR_CORRUPT)
		return -1;
	layers->items =
	    mem_grow(layers->items, layers->count, &layers->capacity, sizeof(*layers->items));
	layers->items[layers->count] = (struct layer){ .chain_id = mem_text(name) };
	reader = (struct layer_reader){ &layers->items[layers->count++], findings, fd };
	if (fd < 0)
		layer_add_unreadable(&reader, err);
	else if (layer_read_files(&reader, err) < 0)
		return err_wrap(err, "%s", name);
	return 0;
}

/* What it held is dead already; the cache ID only says what it was. */
static int layer_add_removing(struct layer_list *layers, int dirfd, const char *name,
                              struct err *err)
{
	AUTO(close) int fd = file_open(dirfd, name, O_DIRECTORY, err);
	AUTO(str) char *cache_id = NULL;
	enum line_outcome outcome;

	if (fd < 0)
		return -1;
	outcome = line_read_dir_id(fd, "cache-id", &cache_id, err);
	if (outcome == LINE_FAILED)
		return err_wrap(err, "%s", name);
	err_clear(err);
	layers->removing = mem_grow(layers->removing, layers->removing_count,
	                            &layers->removing_capacity, sizeof(*layers->removing));
	layers->removing[layers->removing_count++] =
	    (struct layer_removing){ mem_text(name), TAKE(cache_id, NULL) };
	return 0;
}

static int layer_add_entry(struct layer_list *layers, int dirfd, const struct file_entry *entry,
                           struct finding_list *findings, struct err *err)
{
	AUTO(str) char *path = mem_print(LAYER_PATH "/%s", entry->name);

	if (id_is_hex(entry->name))
		return layer_add(layers, dirfd, entry->name, findings, err);
	if (entry->type == DT_DIR && stray_name_is_removing_layer(entry->name))
		return layer_add_removing(layers, dirfd, entry->name, err);
	finding_add(findings, FINDING_UNKNOWN_FILE, path, "%s",
	            entry->type == DT_DIR ? "" : "is not a directory");
	return 0;
}

int layer_list_load(struct layer_list *layers, int image_fd, struct finding_list *findings,
                    struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	AUTO(close) int fd = file_open_dir(image_fd, LAYER_DIR, err);

	if (fd < 0 && err_has_code(err, ENOENT)) {
		err_clear(err);
		return 0;
	}
	if (fd < 0)
		return -1;
	if (file_list(&entries, fd, ".", err) < 0)
		return err_wrap(err, LAYER_DIR);
	for (size_t i = 0; i < entries.count; i++) {
		if (layer_add_entry(layers, fd, &entries.items[i], findings, err) < 0)
			return err_wrap(err, LAYER_DIR);
	}
	/* the map borrows the names: they do not move any more */
	for (size_t i = 0; i < layers->count; i++)
		(void)map_set(&layers->by_chain_id, layers->items[i].chain_id, i);
	return 0;
}

void layer_list_done(struct layer_list *layers)
{
	for (size_t i = 0; i < layers->count; i++) {
		free(layers->items[i].chain_id);
		free(layers->items[i].diff_id);
		free(layers->items[i].parent);
		free(layers->items[i].cache_id);
	}
	for (size_t i = 0; i < layers->removing_count; i++) {
		free(layers->removing[i].name);
		free(layers->removing[i].cache_id);
	}
	free(layers->items);
	free(layers->removing);
	map_done(&layers->by_chain_id);
	*layers = (struct layer_list)LAYER_LIST_INIT;
}
