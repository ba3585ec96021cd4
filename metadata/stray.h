/* stray.h - leftovers that no record leads to and that hold nothing (docker-data-root.md §5). */
#ifndef METADATA_STRAY_H
#define METADATA_STRAY_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"

#include <stddef.h>

/* In the order in which reports show them. */
enum stray_kind {
	STRAY_WRITE_SET,      /* L1: image/overlay2/layerdb/tmp/write-set-... */
	STRAY_LAYER_REMOVING, /* L8-L10: image/overlay2/layerdb/sha256/...-removing */
	STRAY_IMAGE_METADATA, /* L11: imagedb/metadata/sha256/<id> without
	                         imagedb/content/sha256/<id> */
	STRAY_TEMPORARY,      /* L28: .tmp-* of dockerd's atomic writers; drydock's new databases */
	STRAY_EXECUTOR,       /* L16: buildkit/executor/<id>, hosts... */
	STRAY_PROBE, /* overlay2/{opaque-bug-check,metacopy-check,check-overlayfs-support}<digits>,
	                userxattr-check */
	STRAY_DOCKER_TMP,      /* L29: what is in tmp/, tmp-old/, runtimes-old/, gen-runtimes...,
	                          plugins/tmp/.rootfs... */
	STRAY_PLUGIN_REMOVING, /* L31: plugins/<id>-removing */
	STRAY_KIND_COUNT
};

struct stray {
	enum stray_kind kind;
	char *path; /* below the data root; every component passes id_is_name(). Owned */
};

struct stray_list {
	struct stray *items; /* sorted by kind, then path */
	size_t count;
	size_t capacity;
};

#define STRAY_LIST_INIT                                                                            \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Short words for a kind: "unfinished layer", "half-removed layer", ... */
const char *stray_kind_words(enum stray_kind kind);

/*
 * Looks for strays in every place where dockerd leaves them, under ROOT_FD. Only exact shapes
 * count: a name that dockerd does not make stays. Returns -1 for ERR_SYSTEM.
 */
int stray_list_load(struct stray_list *strays, int root_fd, struct finding_list *findings,
                    struct err *err) MUST_USE;

void stray_list_done(struct stray_list *strays);

#endif
