/* edit_network.c - what leaves local-kv.db with a network (bolt-buildkit.md §4.2). */
#include "gc/edit/edit_network.h"

#include "metadata/base/gojson.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BUCKET "libnetwork"
#define PREFIX "docker/network/v1.0/"
#define INDEX_SIZE 8 /* before the JSON of each value */

/* Keys of a network, of its driver, and of an endpoint; %s is its ID. Sandboxes are no matter: a
 * network that one is in stays. */
static const char *const network_keys[] = {
	PREFIX "network/%s/",         PREFIX "endpoint_count/%s/", PREFIX "bridge/%s/",
	PREFIX "macvlan/network/%s/", PREFIX "ipvlan/network/%s/",
};
static const char *const endpoint_keys[] = {
	PREFIX "bridge-endpoint/%s/",
	PREFIX "macvlan/endpoint/%s/",
	PREFIX "ipvlan/endpoint/%s/",
};

struct network_edit {
	struct bolt_edit_bucket *keys;
	struct bolt_bucket old;
};

/* Drops the key that is ID between the two parts of FORM. */
static void edit_drop(const struct network_edit *edit, const char *form, const char *id)
{
	const char *hole = strstr(form, "%s");
	AUTO(str) char *key = mem_print("%.*s%s%s", (int)(hole - form), form, id, hole + 2);

	bolt_edit_drop(edit->keys, key, strlen(key));
}

/* Endpoints that a crash left: docker/network/v1.0/endpoint/<network>/<endpoint>/. */
static void edit_drop_endpoints(const struct network_edit *edit, const char *id)
{
	AUTO(str) char *prefix = mem_print(PREFIX "endpoint/%s/", id);
	size_t len = strlen(prefix);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_seek(&cursor, &edit->old, prefix, len);
	while (bolt_cursor_next(&cursor, &entry) && entry.key_len >= len &&
	       memcmp(entry.key, prefix, len) == 0) {
		AUTO(str) char *endpoint = mem_copy(entry.key + len, entry.key_len - len);

		bolt_edit_drop(edit->keys, entry.key, entry.key_len);
		endpoint[strcspn(endpoint, "/")] = '\0';
		for (size_t i = 0; i < sizeof(endpoint_keys) / sizeof(endpoint_keys[0]); i++)
			edit_drop(edit, endpoint_keys[i], endpoint);
	}
}

/* Drops the records below PREFIX that drivers have of endpoints in the networks IDS; one that
 * cannot be read is left to dockerd. */
static void edit_drop_attached(const struct network_edit *edit, const char *prefix,
                               const struct map *ids)
{
	size_t len = strlen(prefix);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_seek(&cursor, &edit->old, prefix, len);
	while (bolt_cursor_next(&cursor, &entry) && entry.key_len >= len &&
	       memcmp(entry.key, prefix, len) == 0) {
		AUTO(gojson) struct gojson json = GOJSON_INIT;
		struct err err = ERR_INIT;
		const char *network;

		if (entry.is_bucket || entry.value_len < INDEX_SIZE ||
		    gojson_parse(&json, entry.value + INDEX_SIZE, entry.value_len - INDEX_SIZE,
		                 GOJSON_WHOLE_TEXT, &err) < 0)
			continue;
		network = gojson_text(gojson_field(json.root, "nid"));
		if (network && map_get(ids, network, NULL))
			bolt_edit_drop(edit->keys, entry.key, entry.key_len);
	}
}

/* Takes COUNT networks off the count of the config-only network ID: it could not be removed else.
 * A negative COUNT adds them. */
static void edit_lower_count(const struct network_edit *edit, const char *id, int64_t count)
{
	AUTO(str) char *key = mem_print(PREFIX "endpoint_count/%s/", id);
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	AUTO(text) struct text value = TEXT_INIT;
	struct err err = ERR_INIT;
	struct bolt_entry entry;
	int64_t old;

	if (!bolt_bucket_find(&edit->old, key, &entry) || entry.value_len < INDEX_SIZE ||
	    gojson_parse(&json, entry.value + INDEX_SIZE, entry.value_len - INDEX_SIZE,
	                 GOJSON_WHOLE_TEXT, &err) < 0 ||
	    !gojson_integer(gojson_field(json.root, "Count"), &old))
		return;
	text_add(&value, entry.value, INDEX_SIZE);
	text_print(&value, "{\"Count\":%" PRId64 "}", old > count ? old - count : 0);
	bolt_edit_put(edit->keys, key, strlen(key), value.data, value.len);
}

static void edit_lower_counts(const struct network_edit *edit, const struct network_list *networks,
                              const struct run_step *steps, size_t count, int64_t by)
{
	for (size_t i = 0; i < networks->count; i++) {
		const struct network *config = &networks->items[i];
		int64_t users = 0;
		size_t item;

		for (size_t k = 0; k < count && config->is_config_only; k++)
			users += steps[k].state == STEP_PLANNED &&
			         map_get(&networks->by_id, steps[k].object, &item) &&
			         strcmp(networks->items[item].config_from, config->name) == 0;
		if (users > 0)
			edit_lower_count(edit, config->id, users * by);
	}
}

void edit_networks(struct bolt_edit *edit, const struct bolt *old,
                   const struct network_list *networks, const struct run_step *steps, size_t count)
{
	static const char *const attached[] = { PREFIX "bridge-endpoint/",
		                                PREFIX "macvlan/endpoint/",
		                                PREFIX "ipvlan/endpoint/" };
	struct network_edit state = { bolt_edit_enter(bolt_edit_root(edit), BUCKET, strlen(BUCKET)),
		                      bolt_root(old) };
	AUTO(map) struct map ids = MAP_INIT;

	if (!bolt_bucket_enter(&state.old, BUCKET, &state.old))
		return;
	for (size_t i = 0; i < count; i++) {
		if (steps[i].state != STEP_PLANNED)
			continue;
		for (size_t k = 0; k < sizeof(network_keys) / sizeof(network_keys[0]); k++)
			edit_drop(&state, network_keys[k], steps[i].object);
		edit_drop_endpoints(&state, steps[i].object);
		(void)map_set(&ids, steps[i].object, i);
	}
	for (size_t i = 0; i < sizeof(attached) / sizeof(attached[0]); i++)
		edit_drop_attached(&state, attached[i], &ids);
	edit_lower_counts(&state, networks, steps, count, 1);
}

void edit_networks_join(struct bolt_edit *edit, const struct bolt *now,
                        const struct network_list *networks, const struct run_step *steps,
                        size_t count)
{
	const struct network_edit state = {
		bolt_edit_enter(bolt_edit_root(edit), BUCKET, strlen(BUCKET)), bolt_root(now)
	};
	struct network_edit inside = state;

	if (bolt_bucket_enter(&state.old, BUCKET, &inside.old))
		edit_lower_counts(&inside, networks, steps, count, -1);
}
