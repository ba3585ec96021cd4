/* finding.h - what is remarkable about a data root: one row per kind of finding. */
#ifndef METADATA_BASE_FINDING_H
#define METADATA_BASE_FINDING_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>

/* What a finding means for a run. */
enum finding_class {
	FINDING_NOTE,    /* worth saying; nothing is wrong */
	FINDING_GARBAGE, /* provably needed by nothing: prune removes it */
	FINDING_DAMAGE,  /* a record is broken, but what it could hold is known; it is kept */
	FINDING_BLOCK, /* a record that decides liveness cannot be read: what it could hold is kept,
	                  exit 4 */
};

/* Rows of the table in finding.c, in the order in which reports show them. */
enum finding_code {
	/* records that decide what is alive */
	FINDING_REFS_UNREADABLE,
	FINDING_REFS_EMPTY,
	FINDING_REF_INVALID,
	FINDING_REF_STALE,
	FINDING_IMAGE_UNREADABLE,
	FINDING_IMAGE_LAYERS_GONE,
	FINDING_IMAGE_PARENT_INVALID,
	FINDING_ID_DAMAGED,
	FINDING_KEPT_UNKNOWN,
	FINDING_LAYER_UNREADABLE,
	FINDING_LAYER_CYCLE,
	FINDING_LAYER_PARENT_GONE,
	FINDING_LAYER_DIR_GONE,
	FINDING_MOUNT_UNREADABLE,
	FINDING_MOUNT_TORN,
	FINDING_CONTAINER_UNREADABLE,
	FINDING_CONTAINER_NO_CONFIG,
	FINDING_CONTAINER_NO_MOUNT,
	FINDING_CONTAINER_OTHER_DRIVER,
	FINDING_CACHE_UNREADABLE,
	FINDING_CACHE_OLD_FORMAT,
	FINDING_CACHE_DB_GONE,
	FINDING_CACHE_NO_RECORD,
	FINDING_CACHE_LOST,
	FINDING_CACHE_DIR_GONE,
	FINDING_VOLUMES_UNREADABLE,
	FINDING_NETWORKS_UNREADABLE,
	FINDING_NETWORK_SANDBOX,
	/* the directories of overlay2 */
	FINDING_DIR_UNREADABLE,
	FINDING_DIR_NO_LINK,
	FINDING_LOWER_INVALID,
	FINDING_LOWER_GONE,
	FINDING_LOWER_CYCLE,
	FINDING_LINK_INVALID,
	FINDING_LINK_MISSING,
	FINDING_OVERLAY2_UNKNOWN,
	FINDING_DIR_MOUNTED,
	/* what the root is */
	FINDING_OTHER_DRIVER,
	FINDING_CONTAINERD_STORE,
	FINDING_USERNS_ROOT,
	FINDING_DAEMON_ALIVE,
	FINDING_UNKNOWN_FILE,
	FINDING_COUNT
};

/* The fixed part of a finding: its stable name ("layer-unreadable"), class, and what it means. */
struct finding_row {
	const char *name;
	const char *meaning;
	enum finding_code code;
	enum finding_class class;
};

struct finding {
	enum finding_code code;
	char *path;   /* owned; relative to the data root */
	char *detail; /* owned; one line: what is wrong, with byte or line where known. May be "" */
};

struct finding_list {
	struct finding *items;
	size_t count;
	size_t capacity;
};

#define FINDING_LIST_INIT                                                                          \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* The row of a code; never NULL. */
const struct finding_row *finding_row(enum finding_code code);

/* Adds a finding about PATH; the detail is printed as by printf. */
void finding_add(struct finding_list *list, enum finding_code code, const char *path,
                 const char *detail, ...) __attribute__((format(printf, 4, 5)));

/*
 * Adds a finding whose detail is the text of *ERR, and empties *ERR: the failure was met and
 * dealt with. For ERR_SYSTEM failures that say nothing about the record (EIO, EMFILE) the caller
 * returns the error instead.
 */
void finding_add_err(struct finding_list *list, enum finding_code code, const char *path,
                     struct err *err);

/* Sorts by code, then path, then detail: the order of every report. */
void finding_list_sort(struct finding_list *list);

/* The number of findings of this class. */
size_t finding_list_count(const struct finding_list *list, enum finding_class class);

void finding_list_done(struct finding_list *list);

static inline void finding_list_cleanup(struct finding_list *list)
{
	finding_list_done(list);
}

#endif
