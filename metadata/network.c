/* network.c - the networks of local-kv.db (bolt-buildkit.md §4). */
#include "metadata/network.h"

#include "metadata/base/file.h"
#include "metadata/base/gojson.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "metadata/base/timestamp.h"
#include "metadata/bolt.h"
#include "metadata/label.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define NETWORK_DATABASE "network/files/local-kv.db"
#define NETWORK_BUCKET "libnetwork"
#define NETWORK_PREFIX "docker/network/v1.0/network/"
#define NETWORK_PREFIX_LEN (sizeof(NETWORK_PREFIX) - 1)
#define NETWORK_BRIDGES "docker/network/v1.0/bridge/"
#define NETWORK_SANDBOXES "docker/network/v1.0/sandbox/"
/* A value is an index, u64, and JSON. */
#define NETWORK_INDEX_SIZE 8
/* The local bridge of swarm's networks: containers are in it without saying so. */
#define NETWORK_SWARM_BRIDGE "docker_gwbridge"

/* runconfig.IsPreDefinedNetwork; "none" has the type "null". */
static bool network_is_predefined(const char *name)
{
	static const char *const names[] = { "bridge", "host", "none", "default" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static bool network_is_known_driver(const char *type)
{
	static const char *const types[] = { "bridge", "macvlan", "ipvlan" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(type, types[i]) == 0)
			return true;
	}
	return false;
}

/* "host" and "none" by what they are: nobody can make another network of their drivers. A
 * config-only network has the driver of "none", too. */
static bool network_is_own(const struct network *network)
{
	return strcmp(network->type, "host") == 0 ||
	       (strcmp(network->type, "null") == 0 && !network->is_config_only);
}

/* "bridge" by what it is: made with this option. */
static bool network_is_default(const struct json_t *root)
{
	const struct json_t *options =
	    gojson_field(gojson_field(root, "generic"), "com.docker.network.generic");
	const char *text =
	    gojson_text(gojson_field(options, "com.docker.network.bridge.default_bridge"));

	return text && strcmp(text, "false") != 0;
}

/* Says whether the record has what protects a network: it would be another one without. */
static bool network_is_complete(const struct json_t *root)
{
	static const char *const fields[] = { "name",       "scope",      "networkType", "ingress",
		                              "configOnly", "configFrom", "inDelete" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!gojson_field(root, fields[i]))
			return false;
	}
	return true;
}

static char *network_text(const struct gojson *json, const char *key)
{
	const char *text = gojson_text(gojson_field(json->root, key));

	return mem_text(text ? text : "");
}

/* Reads the value of a network into NETWORK, whose id is that of the key. */
static int network_parse(struct network *network, const struct bolt_entry *entry, struct err *err)
{
	static const struct gojson_rule rules[] = {
		{ "name", GOJSON_TEXT },        { "id", GOJSON_TEXT },
		{ "networkType", GOJSON_TEXT }, { "scope", GOJSON_TEXT },
		{ "created", GOJSON_TEXT },     { "labels", GOJSON_OBJECT },
		{ "configOnly", GOJSON_BOOL },  { "configFrom", GOJSON_TEXT },
		{ "ingress", GOJSON_BOOL },     { "dynamic", GOJSON_BOOL },
		{ "inDelete", GOJSON_BOOL },
	};
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct timestamp created;
	const char *text;

	if (entry->is_bucket)
		return err_set(err, ERR_CORRUPT, "a bucket where a value should be");
	if (entry->value_len < NETWORK_INDEX_SIZE)
		return err_set(err, ERR_CORRUPT, "has %zu bytes, less than its index",
		               entry->value_len);
	if (gojson_parse(&json, entry->value + NETWORK_INDEX_SIZE,
	                 entry->value_len - NETWORK_INDEX_SIZE, GOJSON_WHOLE_TEXT, err) < 0 ||
	    gojson_check(json.root, "network", rules, sizeof(rules) / sizeof(rules[0]), err) < 0 ||
	    label_read(gojson_field(json.root, "labels"), "labels", &network->labels,
	               &network->label_count, err) < 0)
		return -1;
	free(network->name);
	network->name = network_text(&json, "name");
	network->type = network_text(&json, "networkType");
	network->scope = network_text(&json, "scope");
	network->is_config_only = gojson_is_true(gojson_field(json.root, "configOnly"));
	network->is_predefined = network_is_predefined(network->name) || network_is_own(network) ||
	                         network_is_default(json.root);
	network->is_in_delete = gojson_is_true(gojson_field(json.root, "inDelete"));
	network->config_from = network_text(&json, "configFrom");
	network->is_special = gojson_is_true(gojson_field(json.root, "ingress")) ||
	                      gojson_is_true(gojson_field(json.root, "dynamic")) ||
	                      strcmp(network->scope, "local") != 0 ||
	                      strcmp(network->name, NETWORK_SWARM_BRIDGE) == 0 ||
	                      !network_is_known_driver(network->type) ||
	                      !network_is_complete(json.root);
	if (json.has_duplicates)
		return err_set(err, ERR_CORRUPT, "some key stands twice in one object");
	text = gojson_text(gojson_field(json.root, "created"));
	if (text && timestamp_read(text, &created)) {
		network->created = created.seconds;
		network->created_nanoseconds = created.nanoseconds;
	}
	text = gojson_text(gojson_field(json.root, "id"));
	if (!text || strcmp(text, network->id) != 0)
		return err_set(err, ERR_CORRUPT, "its id is not that of its key");
	return 0;
}

/* The ID in the key docker/network/v1.0/network/<id>/; NULL when the key has another form. */
static char *network_key_id(const struct bolt_entry *entry)
{
	const char *at = entry->key + NETWORK_PREFIX_LEN;
	const size_t len = entry->key_len - NETWORK_PREFIX_LEN;
	AUTO(str) char *id = NULL;

	if (len < 2 || at[len - 1] != '/')
		return NULL;
	id = mem_copy(at, len - 1);
	return strlen(id) == len - 1 && id_is_name(id) ? TAKE(id, NULL) : NULL;
}

static void network_read(struct network_list *list, const struct bolt_entry *entry,
                         struct finding_list *findings)
{
	struct network network = { .id = network_key_id(entry) };
	struct err err = ERR_INIT;
	char shown[256];

	(void)text_escape(shown, sizeof(shown), entry->key, entry->key_len);
	if (!network.id) {
		list->is_unreadable = true;
		finding_add(findings, FINDING_NETWORKS_UNREADABLE, NETWORK_DATABASE,
		            "key %s: no network ID", shown);
		return;
	}
	network.name = mem_text("");
	if (network_parse(&network, entry, &err) < 0) {
		network.is_unreadable = true;
		list->is_unreadable = true;
		finding_add(findings, FINDING_NETWORKS_UNREADABLE, NETWORK_DATABASE, "key %s: %s",
		            shown, err.text);
	}
	if (!network.type)
		network.type = mem_text("");
	if (!network.scope)
		network.scope = mem_text("");
	if (!network.config_from)
		network.config_from = mem_text("");
	network.bridge_name = mem_text("");
	network.bridge_address = mem_text("");
	list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(network));
	list->items[list->count++] = network;
}

/* ---- what else is known of a network ---- */

/* Reads the bridge driver's own record: which link of the kernel it is. One that cannot be read
 * only means that the link is not known. */
static void network_read_bridge(struct network_list *list, const struct bolt_entry *entry,
                                struct finding_list *findings)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;
	struct network *network;
	int64_t creator = 0;
	const char *id;
	size_t item;

	(void)findings;
	if (entry->is_bucket || entry->value_len < NETWORK_INDEX_SIZE ||
	    gojson_parse(&json, entry->value + NETWORK_INDEX_SIZE,
	                 entry->value_len - NETWORK_INDEX_SIZE, GOJSON_WHOLE_TEXT, &err) < 0)
		return;
	id = gojson_text(gojson_field(json.root, "ID"));
	if (!id || !map_get(&list->by_id, id, &item) || item >= list->count)
		return;
	network = &list->items[item];
	free(network->bridge_name);
	free(network->bridge_address);
	network->bridge_name = network_text(&json, "BridgeName");
	network->bridge_address = network_text(&json, "AddressIPv4");
	(void)gojson_integer(gojson_field(json.root, "BridgeIfaceCreator"), &creator);
	network->is_bridge_made = creator == 1;
	if (gojson_is_true(gojson_field(json.root, "DefaultBridge")))
		network->is_predefined = true;
}

/* Notes which networks a sandbox has endpoints in; one that cannot be read may have any. */
static void network_read_sandbox(struct network_list *list, const struct bolt_entry *entry,
                                 struct finding_list *findings)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	const struct json_t *endpoints;
	struct err err = ERR_INIT;
	char shown[256];
	size_t item;

	if (entry->is_bucket || entry->value_len <= NETWORK_INDEX_SIZE)
		return; /* the folder itself may have a key */
	if (gojson_parse(&json, entry->value + NETWORK_INDEX_SIZE,
	                 entry->value_len - NETWORK_INDEX_SIZE, GOJSON_WHOLE_TEXT, &err) < 0) {
		list->is_unreadable = true;
		(void)text_escape(shown, sizeof(shown), entry->key, entry->key_len);
		finding_add(findings, FINDING_NETWORKS_UNREADABLE, NETWORK_DATABASE, "key %s: %s",
		            shown, err.text);
		return;
	}
	endpoints = gojson_field(json.root, "Eps");
	for (size_t i = 0; i < gojson_array_len(endpoints); i++) {
		const char *id = gojson_text(gojson_field(gojson_array_item(endpoints, i), "Nid"));

		if (id && map_get(&list->by_id, id, &item) && item < list->count)
			list->items[item].has_sandbox = true;
	}
}

typedef void network_reader(struct network_list *list, const struct bolt_entry *entry,
                            struct finding_list *findings);

/* Calls EACH for every value whose key begins with PREFIX. */
static void network_each(struct network_list *list, const struct bolt_bucket *bucket,
                         const char *prefix, network_reader *each, struct finding_list *findings)
{
	size_t len = strlen(prefix);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_seek(&cursor, bucket, prefix, len);
	while (bolt_cursor_next(&cursor, &entry) && entry.key_len >= len &&
	       memcmp(entry.key, prefix, len) == 0)
		each(list, &entry, findings);
}

static int network_compare(const void *a, const void *b)
{
	const struct network *left = a;
	const struct network *right = b;
	const int order = strcmp(left->name, right->name);

	return order ? order : strcmp(left->id, right->id);
}

void network_list_read(struct network_list *list, const struct bolt *bolt,
                       struct finding_list *findings)
{
	struct bolt_bucket bucket = bolt_root(bolt);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	if (!bolt_bucket_enter(&bucket, NETWORK_BUCKET, &bucket))
		return;
	bolt_cursor_seek(&cursor, &bucket, NETWORK_PREFIX, NETWORK_PREFIX_LEN);
	while (bolt_cursor_next(&cursor, &entry)) {
		if (entry.key_len < NETWORK_PREFIX_LEN ||
		    memcmp(entry.key, NETWORK_PREFIX, NETWORK_PREFIX_LEN) != 0)
			break;
		if (entry.key_len > NETWORK_PREFIX_LEN) /* the folder itself may have a key */
			network_read(list, &entry, findings);
	}
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), network_compare);
	for (size_t i = 0; i < list->count; i++)
		(void)map_set(&list->by_id, list->items[i].id, i);
	network_each(list, &bucket, NETWORK_BRIDGES, network_read_bridge, findings);
	network_each(list, &bucket, NETWORK_SANDBOXES, network_read_sandbox, findings);
}

int network_list_load(struct network_list *networks, int root_fd, struct finding_list *findings,
                      struct err *err)
{
	AUTO(close) int fd = file_open_dir(root_fd, "network/files", err);
	AUTO(network_list) struct network_list list = NETWORK_LIST_INIT;
	AUTO(bolt) struct bolt *bolt = NULL;
	const struct bolt_source source = { .dirfd = fd,
		                            .path = "local-kv.db",
		                            .shown_path = NETWORK_DATABASE,
		                            .code = FINDING_NETWORKS_UNREADABLE,
		                            .findings = findings };

	if (fd < 0 && err->kind == ERR_CORRUPT) {
		list.is_unreadable = true;
		finding_add_err(findings, FINDING_NETWORKS_UNREADABLE, "network", err);
	} else if (fd < 0 && !err_has_code(err, ENOENT)) {
		return -1;
	} else if (fd < 0) {
		err_clear(err);
	} else {
		switch (bolt_load(&bolt, &source, err)) {
		case BOLT_FAILED:
			return err_wrap(err, "network/files");
		case BOLT_BROKEN:
			list.is_unreadable = true;
			break;
		case BOLT_READ:
			network_list_read(&list, bolt, findings);
			break;
		case BOLT_ABSENT:
			break;
		}
	}
	*networks = TAKE(list, (struct network_list)NETWORK_LIST_INIT);
	return 0;
}

void network_list_done(struct network_list *networks)
{
	for (size_t i = 0; i < networks->count; i++) {
		struct network *network = &networks->items[i];

		free(network->id);
		free(network->name);
		free(network->type);
		free(network->scope);
		free(network->config_from);
		free(network->bridge_name);
		free(network->bridge_address);
		label_free(network->labels, network->label_count);
	}
	free(networks->items);
	map_done(&networks->by_id);
	*networks = (struct network_list)NETWORK_LIST_INIT;
}
