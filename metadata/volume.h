/* volume.h - volumes/: local volumes and what metadata.db knows of them (docker-data-root.md §1.8).
 */
#ifndef METADATA_VOLUME_H
#define METADATA_VOLUME_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/map.h"
#include "metadata/image.h"

#include <stdbool.h>
#include <stddef.h>

struct volume {
	char *name;
	char *driver;               /* "local" for a directory without a record */
	char *record;               /* its value in metadata.db; NULL: none, or no text */
	struct image_label *labels; /* sorted by key */
	size_t label_count;
	bool has_dir;      /* volumes/<name>/ exists */
	bool has_record;   /* a key in metadata.db */
	bool has_options;  /* driver options: in the record, or opts.json with a mount */
	bool is_anonymous; /* label com.docker.volume.anonymous (23.0 and later) */
};

struct volume_list {
	struct volume *items; /* sorted by name */
	size_t count;
	size_t capacity;
	struct map by_name;
	bool is_unreadable; /* metadata.db: labels and other drivers' volumes are unknown */
};

#define VOLUME_LIST_INIT                                                                           \
	{                                                                                          \
		NULL, 0, 0, MAP_INIT, false                                                        \
	}

/* Reads volumes/ under ROOT_FD; the caller frees. Returns -1 for ERR_SYSTEM, ERR_CORRUPT (volumes
 * is no directory). */
int volume_list_load(struct volume_list *volumes, int root_fd, struct finding_list *findings,
                     struct err *err) MUST_USE;

/* Says whether dockerd lists the volume: when it starts it drops the records of local volumes that
 * have no directory. */
bool volume_is_listed(const struct volume *volume);

void volume_list_done(struct volume_list *volumes);

static inline void volume_list_cleanup(struct volume_list *volumes)
{
	volume_list_done(volumes);
}

#endif
