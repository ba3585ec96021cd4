/* near.c - IDs that were damaged: they lead nowhere, but nearly to one that exists. */
#include "gc/graph/near.h"

#include "metadata/base/text.h"

#include <string.h>

#define NEAR_BEGINNING_MIN 8 /* characters that are left of a cut ID */

bool near_is(const char *id, const char *other)
{
	size_t len = strlen(id);
	size_t other_len = strlen(other);

	if (len != other_len) {
		/* the init layer's name begins with its container's on purpose */
		return len >= NEAR_BEGINNING_MIN && len < other_len && len != ID_HEX_LEN &&
		       strncmp(id, other, len) == 0;
	}
	return text_is_near(id, other, len);
}

static bool near_is_replacement(const char *at)
{
	return strncmp(at, "\xef\xbf\xbd", 3) == 0;
}

bool near_is_name(const char *name, const char *other)
{
	size_t differences = 0;

	while (*name != '\0' && *other != '\0') {
		bool is_replacement = near_is_replacement(name);

		differences += is_replacement || *name != *other;
		name += is_replacement ? 3 : 1;
		other++;
	}
	return *name == *other && differences <= 1;
}

bool near_is_mangled(const char *name)
{
	for (; *name != '\0'; name++) {
		unsigned char byte = (unsigned char)*name;

		if (byte < ' ' || byte == 0x7f || near_is_replacement(name))
			return true;
	}
	return false;
}

const char *near_image(const struct image_list *images, const char *id)
{
	for (size_t i = 0; i < images->count; i++) {
		if (near_is(id, images->items[i].id))
			return images->items[i].id;
	}
	return NULL;
}

const char *near_layer(const struct layer_list *layers, const char *chain_id)
{
	for (size_t i = 0; i < layers->count; i++) {
		if (near_is(chain_id, layers->items[i].chain_id))
			return layers->items[i].chain_id;
	}
	return NULL;
}

const char *near_dir(const struct inventory *inventory, const char *name)
{
	for (size_t i = 0; i < inventory->dir_count; i++) {
		if (near_is(name, inventory->dirs[i].name))
			return inventory->dirs[i].name;
	}
	return NULL;
}

const char *near_record(const struct cache *cache, const char *id)
{
	for (size_t i = 0; i < cache->record_count; i++) {
		if (near_is(id, cache->records[i].id))
			return cache->records[i].id;
	}
	return NULL;
}

const char *near_snapshot(const struct cache *cache, const char *id)
{
	for (size_t i = 0; i < cache->snapshot_count; i++) {
		if (near_is(id, cache->snapshots[i].id))
			return cache->snapshots[i].id;
	}
	return NULL;
}
