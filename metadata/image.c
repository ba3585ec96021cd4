/* image.c - imagedb: image configs and their metadata (docker-data-root.md §1.3). */
#include "metadata/image.h"

#include "metadata/base/file.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define IMAGE_DIR "imagedb"
#define CONTENT_DIR IMAGE_DIR "/content/sha256"
#define METADATA_DIR IMAGE_DIR "/metadata/sha256"
#define IMAGE_PATH "image/overlay2/"

/* What image_list_load works on. */
struct image_reader {
	struct image_list *images;
	struct finding_list *findings;
	int content_fd, metadata_fd; /* -1: there is none */
};

/* Opens the directory PATH under IMAGE_FD; *FD is -1 when it does not exist. */
static int image_open_dir(int image_fd, const char *path, int *fd, struct err *err)
{
	*fd = file_open_dir(image_fd, path, err);
	if (*fd >= 0)
		return 0;
	if (!err_has_code(err, ENOENT))
		return -1;
	err_clear(err);
	return 0;
}

/* A config that cannot be understood stays, with its ID only: what it needs is unknown. */
static void image_set_unreadable(struct image *image, struct finding_list *findings,
                                 struct err *err)
{
	AUTO(str) char *path = mem_print(IMAGE_PATH CONTENT_DIR "/%s", image->id);
	size_t id_len = strlen(image->id);
	const char *what = err->text;
	uint64_t size_bytes = image->config_size_bytes;
	char *id = TAKE(image->id, NULL);

	if (strncmp(what, id, id_len) == 0 && what[id_len] == ':') /* the path says that */
		what += id_len + 2;
	finding_add(findings, FINDING_IMAGE_UNREADABLE, path, "%s", what);
	err_clear(err);
	image_done(image);
	image->id = id;
	image->os = mem_text("");
	image->config_size_bytes = size_bytes;
	image->is_unreadable = true;
}

/*
 * The parent that metadata names; dockerd compares it as it stands, with no white space taken off.
 * METADATA_FD is imagedb/metadata/sha256.
 */
static int image_read_parent(struct image *image, int metadata_fd, struct finding_list *findings,
                             struct err *err)
{
	AUTO(str) char *path = mem_print(IMAGE_PATH METADATA_DIR "/%s", image->id);
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	AUTO(close) int fd = file_open(metadata_fd, image->id, O_DIRECTORY, err);
	enum file_outcome outcome;
	const char *hex;

	if (fd < 0 && err->kind == ERR_CORRUPT) {
		finding_add(findings, FINDING_IMAGE_PARENT_INVALID, path, "is not a directory");
		image->is_parent_unknown = true;
		err_clear(err);
		return 0;
	}
	if (fd < 0)
		return -1;
	image->has_metadata = true;
	outcome = file_read_record(fd, "parent", FILE_LINE_MAX, &bytes, err);
	if (outcome == FILE_FAILED)
		return err_wrap(err, METADATA_DIR "/%s", image->id);
	if (outcome == FILE_BROKEN)
		finding_add_err(findings, FINDING_IMAGE_PARENT_INVALID, path, err);
	image->is_parent_unknown = outcome == FILE_BROKEN;
	if (outcome != FILE_READ)
		return 0;
	hex = strlen(bytes.data) == bytes.len ? id_digest_hex(bytes.data) : NULL;
	image->is_parent_unknown = !hex;
	if (hex)
		image->parent = mem_text(hex);
	else
		finding_add(findings, FINDING_IMAGE_PARENT_INVALID, path,
		            "parent: is no image ID (sha256: and 64 hexadecimal digits)");
	return 0;
}

static int image_add(struct image_reader *reader, const char *id, struct err *err)
{
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	struct image_list *images = reader->images;
	enum file_outcome outcome =
	    file_read_record(reader->content_fd, id, FILE_RECORD_MAX, &bytes, err);
	struct image *image;

	if (outcome == FILE_FAILED)
		return err_wrap(err, CONTENT_DIR);
	images->items =
	    mem_grow(images->items, images->count, &images->capacity, sizeof(*images->items));
	image = &images->items[images->count++];
	*image = (struct image){ .id = mem_text(id) };
	if (outcome == FILE_BROKEN || image_parse(image, bytes.data, bytes.len, err) < 0)
		image_set_unreadable(image, reader->findings, err);
	return 0;
}

/* dockerd's own leftovers are stray.c's; a name that it does not make is worth saying. */
static void image_note_unknown(struct finding_list *findings, const char *dir,
                               const struct file_entry *entry)
{
	AUTO(str) char *path = mem_print(IMAGE_PATH "%s/%s", dir, entry->name);

	if (strncmp(entry->name, ".tmp-", 5) != 0)
		finding_add(findings, FINDING_UNKNOWN_FILE, path, "is no image ID");
}

static int image_read_content(struct image_reader *reader, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (file_list(&entries, reader->content_fd, ".", err) < 0)
		return err_wrap(err, CONTENT_DIR);
	for (size_t i = 0; i < entries.count; i++) {
		if (!id_is_hex(entries.items[i].name))
			image_note_unknown(reader->findings, CONTENT_DIR, &entries.items[i]);
		else if (image_add(reader, entries.items[i].name, err) < 0)
			return -1;
	}
	return 0;
}

static int image_read_metadata(struct image_reader *reader, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (file_list(&entries, reader->metadata_fd, ".", err) < 0)
		return err_wrap(err, METADATA_DIR);
	for (size_t i = 0; i < entries.count; i++) {
		size_t item;

		if (!id_is_hex(entries.items[i].name))
			image_note_unknown(reader->findings, METADATA_DIR, &entries.items[i]);
		else if (map_get(&reader->images->by_id, entries.items[i].name, &item) &&
		         image_read_parent(&reader->images->items[item], reader->metadata_fd,
		                           reader->findings, err) < 0)
			return -1;
	}
	return 0;
}

int image_list_load(struct image_list *images, int image_fd, struct finding_list *findings,
                    struct err *err)
{
	AUTO(close) int content_fd = -1;
	AUTO(close) int metadata_fd = -1;
	struct image_reader reader = { images, findings, -1, -1 };

	*images = (struct image_list)IMAGE_LIST_INIT;
	if (image_open_dir(image_fd, CONTENT_DIR, &content_fd, err) < 0 ||
	    image_open_dir(image_fd, METADATA_DIR, &metadata_fd, err) < 0)
		return -1;
	reader.content_fd = content_fd;
	reader.metadata_fd = metadata_fd;
	if (content_fd >= 0 && image_read_content(&reader, err) < 0)
		return -1;
	for (size_t i = 0; i < images->count; i++) /* the names do not move any more */
		(void)map_set(&images->by_id, images->items[i].id, i);
	if (metadata_fd >= 0 && image_read_metadata(&reader, err) < 0)
		return -1;
	return 0;
}

void image_list_done(struct image_list *images)
{
	for (size_t i = 0; i < images->count; i++)
		image_done(&images->items[i]);
	free(images->items);
	map_done(&images->by_id);
	*images = (struct image_list)IMAGE_LIST_INIT;
}
