/* image.h - imagedb: image configs and their metadata (docker-data-root.md §1.3). */
#ifndef METADATA_IMAGE_H
#define METADATA_IMAGE_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_label {
	char *key;
	char *value;
};

struct image {
	char *id;        /* 64 hex: the SHA-256 of the config */
	char *parent;    /* 64 hex; NULL: none or not an ID. From imagedb/metadata */
	char **diff_ids; /* 64 hex each, base first */
	size_t diff_id_count;
	char *chain_id; /* of the top layer; NULL: an image without layers, or unreadable */
	struct image_label *labels; /* config.Labels, sorted by key */
	size_t label_count;
	bool has_config; /* "config" is there and not null: label filters look at it */
	int64_t created; /* Unix seconds; 0 when absent */
	uint32_t created_nanoseconds;
	bool has_created;
	char *os;               /* "" when absent */
	bool is_parent_unknown; /* there is a `parent`, but it is no image ID: any image may be
	                           meant */
	bool has_metadata;      /* imagedb/metadata/sha256/<id> exists */
	bool is_unreadable;     /* dockerd does not load it, and neither do we know what it needs */
	uint64_t config_size_bytes;
};

struct image_list {
	struct image *items; /* sorted by id */
	size_t count;
	size_t capacity;
	struct map by_id;
};

#define IMAGE_LIST_INIT                                                                            \
	{                                                                                          \
		NULL, 0, 0, MAP_INIT                                                               \
	}

/* A directory imagedb/metadata/sha256/<64 hex> that has no config: garbage. See stray.h. */

/*
 * Reads imagedb under IMAGE_FD (image/overlay2) into *IMAGES; the caller frees. Each config is
 * checked against its name (SHA-256). A config that cannot be understood stays in the list with
 * `is_unreadable` and is a finding (FINDING_IMAGE_UNREADABLE, naming file and byte). Returns -1 for
 * ERR_SYSTEM, and for ERR_CORRUPT when imagedb itself is no directory.
 */
int image_list_load(struct image_list *images, int image_fd, struct finding_list *findings,
                    struct err *err) MUST_USE;

/*
 * Fills *IMAGE, which has its `id` and nothing else, from the LEN bytes of its config. Returns 0,
 * or -1 with ERR_CORRUPT: the bytes have another SHA-256, are no JSON, have no rootfs, or are
 * something that dockerd's decoder refuses. What *IMAGE holds then is for image_done() only.
 */
int image_parse(struct image *image, const char *bytes, size_t len, struct err *err) MUST_USE;

/* Frees what *IMAGE holds. */
void image_done(struct image *image);

void image_list_done(struct image_list *images);

#endif
