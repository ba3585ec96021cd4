/* cache_records.c - buildkit/metadata_v2.db: the records of the build cache (bolt-buildkit.md
 * §2.1).
 */
#include "metadata/cache_load.h"

#include "metadata/base/gojson.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stddef.h>
#include <string.h>

enum record_key_kind {
	RECORD_KEY_ID,     /* string, an ID; "" is none */
	RECORD_KEY_PARENT, /* the same, one more parent */
	RECORD_KEY_PARENTS,
	RECORD_KEY_FLAG, /* bool */
	RECORD_KEY_TEXT,
	RECORD_KEY_DIGEST,
	RECORD_KEY_NUMBER,
	RECORD_KEY_POLICY
};

/* The kinds above this one decide what is alive: a value of another type cannot be passed over. */
#define RECORD_KEY_LAST_VITAL RECORD_KEY_FLAG

static const struct record_key {
	const char *name;
	enum record_key_kind kind;
	size_t offset; /* in struct cache_record */
} record_keys[] = {
	{ "cache.snapshot", RECORD_KEY_ID, offsetof(struct cache_record, snapshot_id) },
	{ "cache.equalMutable", RECORD_KEY_ID, offsetof(struct cache_record, equal_mutable) },
	{ "cache.parent", RECORD_KEY_PARENT, 0 },
	{ "cache.mergeParents", RECORD_KEY_PARENTS, 0 },
	{ "cache.lowerDiffParent", RECORD_KEY_PARENT, 0 },
	{ "cache.upperDiffParent", RECORD_KEY_PARENT, 0 },
	{ "snapshot.committed", RECORD_KEY_FLAG, offsetof(struct cache_record, is_committed) },
	{ "cache.blobonly", RECORD_KEY_FLAG, offsetof(struct cache_record, is_blob_only) },
	{ "cache.deleted", RECORD_KEY_FLAG, offsetof(struct cache_record, is_deleted) },
	{ "cache.recordType", RECORD_KEY_TEXT, offsetof(struct cache_record, type) },
	{ "cache.description", RECORD_KEY_TEXT, offsetof(struct cache_record, description) },
	{ "cache.chainID", RECORD_KEY_DIGEST, offsetof(struct cache_record, chain_id) },
	{ "cache.diffID", RECORD_KEY_DIGEST, offsetof(struct cache_record, diff_id) },
	{ "snapshot.size", RECORD_KEY_NUMBER, offsetof(struct cache_record, size_bytes) },
	{ "cache.createdAt", RECORD_KEY_NUMBER, offsetof(struct cache_record, created_ns) },
	{ "cache.lastUsedAt", RECORD_KEY_NUMBER, offsetof(struct cache_record, last_used_ns) },
	{ "cache.usageCount", RECORD_KEY_NUMBER, offsetof(struct cache_record, usage_count) },
	{ "cache.cachePolicy", RECORD_KEY_POLICY, 0 },
};

static const struct record_key *cache_record_key(const struct bolt_entry *entry)
{
	for (size_t i = 0; i < sizeof(record_keys) / sizeof(record_keys[0]); i++) {
		const struct record_key *key = &record_keys[i];

		if (entry->key_len == strlen(key->name) &&
		    memcmp(entry->key, key->name, entry->key_len) == 0)
			return key;
	}
	return NULL;
}

/* The key that ENTRY nearly has; NULL: it has one that has nothing to do with the cache's own. */
static const char *cache_record_near_key(const struct bolt_entry *entry)
{
	for (size_t i = 0; i < sizeof(record_keys) / sizeof(record_keys[0]); i++) {
		if (cache_loader_is_near(entry, record_keys[i].name))
			return record_keys[i].name;
	}
	return NULL;
}

/* Stores a copy of the ID in *ID, NULL for ""; false: it is none. */
static bool cache_record_id(const struct json_t *value, char **id)
{
	const char *text = gojson_text(value);

	*id = NULL;
	if (!text)
		return !value; /* null */
	if (*text == '\0')
		return true;
	*id = cache_loader_id(text, strlen(text));
	return *id != NULL;
}

static bool cache_record_add_parent(struct cache_record *record, const struct json_t *value)
{
	char *id;

	if (!cache_record_id(value, &id))
		return false;
	if (!id)
		return true;
	record->parents =
	    mem_resize(record->parents, record->parent_count + 1, sizeof(*record->parents));
	record->parents[record->parent_count++] = id;
	return true;
}

static bool cache_record_add_parents(struct cache_record *record, const struct json_t *value)
{
	if (value && gojson_kind(value) != GOJSON_ARRAY)
		return false;
	for (size_t i = 0; i < gojson_array_len(value); i++) {
		if (!cache_record_add_parent(record, gojson_array_item(value, i)))
			return false;
	}
	return true;
}

/* A value of one of the kinds that decide what is alive; false: it has the wrong type. */
static bool cache_record_set_vital(struct cache_record *record, const struct record_key *key,
                                   const struct json_t *value)
{
	void *field = (char *)record + key->offset;

	if (key->kind == RECORD_KEY_PARENT)
		return cache_record_add_parent(record, value);
	if (key->kind == RECORD_KEY_PARENTS)
		return cache_record_add_parents(record, value);
	if (key->kind == RECORD_KEY_FLAG) {
		*(bool *)field = gojson_is_true(value);
		return !value || gojson_kind(value) == GOJSON_BOOL;
	}
	free(*(char **)field);
	return cache_record_id(value, field);
}

/* A value of the other kinds, which only tell: one of the wrong type is as none, as for BuildKit.
 */
static void cache_record_set_plain(struct cache_record *record, const struct record_key *key,
                                   const struct json_t *value)
{
	void *field = (char *)record + key->offset;
	const char *text = gojson_text(value);
	int64_t policy = 0;

	if (key->kind == RECORD_KEY_NUMBER) {
		(void)gojson_integer(value, field);
	} else if (key->kind == RECORD_KEY_POLICY) {
		record->is_retained = gojson_integer(value, &policy) && policy == 1;
	} else if (text) {
		free(*(char **)field);
		*(char **)field =
		    mem_text(key->kind == RECORD_KEY_DIGEST ? id_digest_hex(text) : text);
	}
}

/* Reads {"value":..., "index":...}. Every value has this form, known or not: another is damage. */
static int cache_record_read_value(struct cache_record *record, const struct bolt_entry *entry,
                                   struct err *err)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	const struct record_key *key = cache_record_key(entry);
	const struct json_t *value;
	bool is_vital;

	if (entry->is_bucket)
		return err_set(err, ERR_CORRUPT, "a bucket where a value should be");
	if (entry->value_len == 0) /* a key that was cleared */
		return 0;
	if (gojson_parse(&json, entry->value, entry->value_len, GOJSON_WHOLE_TEXT, err) < 0)
		return -1;
	if (!key && cache_record_near_key(entry))
		return err_set(err, ERR_CORRUPT, "is nearly %s", cache_record_near_key(entry));
	if (!key)
		return 0;
	is_vital = key->kind <= RECORD_KEY_LAST_VITAL;
	/* a text is cut at a NUL character, an ID must not be */
	if (is_vital && (!gojson_has(json.root, "value") || gojson_is_ambiguous(&json, "value") ||
	                 memmem(entry->value, entry->value_len, "\\u0000", 6)))
		return err_set(err, ERR_CORRUPT, "its \"value\" cannot be understood");
	value = gojson_field(json.root, "value");
	if (!is_vital)
		cache_record_set_plain(record, key, value);
	else if (!cache_record_set_vital(record, key, value))
		return err_set(err, ERR_CORRUPT, "its \"value\" has the wrong type or is no ID");
	return 0;
}

static void cache_record_read(struct cache_loader *loader, const struct bolt_bucket *bucket,
                              char *id)
{
	struct cache *cache = loader->cache;
	struct cache_record record = { .id = id, .size_bytes = -1 };
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		struct err err = ERR_INIT;
		char shown[128];

		if (cache_record_read_value(&record, &entry, &err) == 0)
			continue;
		(void)text_escape(shown, sizeof(shown), entry.key, entry.key_len);
		cache_loader_note(loader, "bucket _main/%s: key %s: %s", id, shown, err.text);
	}
	if (!record.snapshot_id)
		record.snapshot_id = mem_text(id);
	if (!record.type)
		record.type = mem_text("regular");
	if (!record.description)
		record.description = mem_text("");
	cache->records =
	    mem_grow(cache->records, cache->record_count, &cache->record_capacity, sizeof(record));
	cache->records[cache->record_count] = record;
	(void)map_set(&cache->record_by_id, id, cache->record_count++);
}

void cache_records_read(struct cache_loader *loader, const struct bolt *bolt)
{
	static const char *const names[] = { "_main" };
	const struct bolt_bucket root = bolt_root(bolt);
	struct bolt_bucket bucket;
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	cache_loader_check_names(loader, &root, names, 1, "root bucket");
	if (!bolt_bucket_find(&root, "_main", &entry))
		return;
	if (!entry.is_bucket) {
		cache_loader_note(loader, "key _main: a value where a bucket should be");
		return;
	}
	loader->cache->has_record_list = true;
	bucket = bolt_bucket_of(bolt, &entry);
	bolt_cursor_start(&cursor, &bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		char *id = cache_loader_bucket_id(loader, &entry, "bucket _main");
		struct bolt_bucket record;

		if (!id)
			continue;
		record = bolt_bucket_of(bolt, &entry);
		cache_record_read(loader, &record, id);
	}
}
