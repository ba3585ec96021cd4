/* map.c - from a text to a number, usually the index of the record of that name. */
#include "metadata/base/map.h"

#include "metadata/base/mem.h"

#include <string.h>
#include <xxhash.h>

struct map_slot {
	const char *key; /* NULL: free */
	uint64_t hash;
	size_t value;
};

/* The slot that holds KEY, or the free one where it belongs. */
static struct map_slot *map_find(const struct map *map, const char *key, uint64_t hash)
{
	size_t at = (size_t)hash & (map->capacity - 1);

	while (map->slots[at].key) {
		if (map->slots[at].hash == hash && strcmp(map->slots[at].key, key) == 0)
			break;
		at = (at + 1) & (map->capacity - 1);
	}
	return &map->slots[at];
}

static void map_enlarge(struct map *map)
{
	struct map larger = MAP_INIT;

	larger.capacity = map->capacity ? map->capacity * 2 : 32;
	larger.count = map->count;
	larger.slots = mem_zalloc(larger.capacity, sizeof(*larger.slots));
	for (size_t i = 0; i < map->capacity; i++) {
		const struct map_slot *slot = &map->slots[i];

		if (slot->key)
			*map_find(&larger, slot->key, slot->hash) = *slot;
	}
	free(map->slots);
	*map = larger;
}

bool map_set(struct map *map, const char *key, size_t value)
{
	uint64_t hash = XXH3_64bits(key, strlen(key));
	struct map_slot *slot;
	bool is_new;

	if (map->count >= map->capacity / 4 * 3)
		map_enlarge(map);
	slot = map_find(map, key, hash);
	is_new = !slot->key;
	if (is_new) {
		slot->key = key;
		slot->hash = hash;
		map->count++;
	}
	slot->value = value;
	return is_new;
}

bool map_get(const struct map *map, const char *key, size_t *value)
{
	const struct map_slot *slot;

	if (map->count == 0)
		return false;
	slot = map_find(map, key, XXH3_64bits(key, strlen(key)));
	if (!slot->key)
		return false;
	if (value)
		*value = slot->value;
	return true;
}

void map_done(struct map *map)
{
	free(map->slots);
	*map = (struct map)MAP_INIT;
}
