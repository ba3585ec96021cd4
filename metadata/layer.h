/* layer.h - layerdb: the records of layers (docker-data-root.md §1.4). */
#ifndef METADATA_LAYER_H
#define METADATA_LAYER_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why dockerd does not load a layer by its own files: bits of `broken`. */
enum {
	LAYER_BAD_DIFF = 1, /* `diff` missing or no digest */
	LAYER_BAD_SIZE = 2, /* `size` missing or no number */
	LAYER_BAD_CACHE_ID =
	    4, /* `cache-id` missing, or no name of a layer directory: any directory may be its */
	LAYER_BAD_PARENT = 8,     /* `parent` there but no digest: any layer may be its parent */
	LAYER_BAD_DESCRIPTOR = 16 /* `descriptor.json` is no JSON */
};

struct layer {
	char *chain_id;     /* 64 hex: the name of its directory */
	char *diff_id;      /* 64 hex; NULL with LAYER_BAD_DIFF */
	char *parent;       /* chain ID, 64 hex; NULL: base layer, or LAYER_BAD_PARENT */
	char *cache_id;     /* passes id_is_dir(); NULL with LAYER_BAD_CACHE_ID */
	int64_t size_bytes; /* content applied; 0 with LAYER_BAD_SIZE */
	unsigned broken;    /* LAYER_BAD_* */
	bool
	    is_empty; /* the directory holds nothing at all: blocks every later pull of the layer */
};

/* layerdb/sha256/<64 hex>-<64 hex>-removing: a layer in the middle of dockerd's deleteLayer. It
 * holds nothing alive. */
struct layer_removing {
	char *name;     /* of the directory */
	char *cache_id; /* NULL: missing or unusable */
};

struct layer_list {
	struct layer *items; /* sorted by chain ID */
	size_t count;
	size_t capacity;
	struct map by_chain_id;
	struct layer_removing *removing; /* sorted by name */
	size_t removing_count;
	size_t removing_capacity;
};

#define LAYER_LIST_INIT                                                                            \
	{                                                                                          \
		NULL, 0, 0, MAP_INIT, NULL, 0, 0                                                   \
	}

/*
 * Reads layerdb/sha256 under IMAGE_FD into *LAYERS; the caller frees. dockerd's rules: diff, parent
 * and cache-id are trimmed, size is not. Broken records stay in the list with their bits and are
 * findings (FINDING_LAYER_UNREADABLE); an empty directory has the bits and no finding; names that
 * are neither 64 hex nor "-removing" are FINDING_UNKNOWN_FILE. Returns -1 for ERR_SYSTEM, and
 * ERR_CORRUPT when layerdb/sha256 is no directory. Linear in the number of layers.
 */
int layer_list_load(struct layer_list *layers, int image_fd, struct finding_list *findings,
                    struct err *err) MUST_USE;

void layer_list_done(struct layer_list *layers);

#endif
