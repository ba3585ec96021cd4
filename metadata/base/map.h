/* map.h - from a text to a number, usually the index of the record of that name. */
#ifndef METADATA_BASE_MAP_H
#define METADATA_BASE_MAP_H

#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Open addressing over XXH3; zero it with MAP_INIT, free it with map_done. Keys are
 * borrowed: they must stay where they are as long as the map is used.
 */
struct map {
	struct map_slot *slots;
	size_t capacity; /* power of two, or 0 */
	size_t count;
};

#define MAP_INIT                                                                                   \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Sets KEY to VALUE. Returns false when the key was there already (its value is replaced). */
bool map_set(struct map *map, const char *key, size_t value);

/* Stores the value of KEY in *VALUE (may be NULL); returns false, *VALUE untouched, if there is
 * none. */
bool map_get(const struct map *map, const char *key, size_t *value);

/* Frees what *MAP holds; it is empty then. */
void map_done(struct map *map);

static inline void map_cleanup(struct map *map)
{
	map_done(map);
}

#endif
