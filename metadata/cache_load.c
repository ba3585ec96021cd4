/* cache_load.c - reading buildkit/: which databases there are, and what is said of bad ones. */
#include "metadata/cache_load.h"

#include "metadata/base/file.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A database of buildkit/, and who reads it. */
struct cache_database {
	const char *name;
	const char *shown_path;
	void (*read)(struct cache_loader *loader, const struct bolt *bolt);
};

enum { DATABASE_SNAPSHOTS, DATABASE_RECORDS, DATABASE_LEASES, DATABASE_COUNT };

static const struct cache_database databases[DATABASE_COUNT] = {
	[DATABASE_SNAPSHOTS] = { "snapshots.db", "buildkit/snapshots.db", cache_snapshots_read },
	[DATABASE_RECORDS] = { "metadata_v2.db", "buildkit/metadata_v2.db", cache_records_read },
	[DATABASE_LEASES] = { "containerdmeta.db", "buildkit/containerdmeta.db",
	                      cache_leases_read },
};

void cache_loader_note(struct cache_loader *loader, const char *format, ...)
{
	char detail[ERR_TEXT_MAX];
	va_list args;

	loader->cache->is_unreadable = true;
	if (loader->broken_count++ >= CACHE_FINDINGS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	finding_add(loader->findings, FINDING_CACHE_UNREADABLE, loader->shown_path, "%s", detail);
}

char *cache_loader_id(const char *bytes, size_t len)
{
	AUTO(str) char *id = mem_copy(bytes, len);

	for (size_t i = 0; i < len; i++) {
		if (id[i] < '!' || id[i] > '~')
			return NULL;
	}
	return id_is_name(id) ? TAKE(id, NULL) : NULL;
}

char *cache_loader_bucket_id(struct cache_loader *loader, const struct bolt_entry *entry,
                             const char *where)
{
	char *id = cache_loader_id(entry->key, entry->key_len);
	char shown[128];

	if (id && entry->is_bucket)
		return id;
	(void)text_escape(shown, sizeof(shown), entry->key, entry->key_len);
	cache_loader_note(loader, "%s: key \"%s\": %s", where, shown,
	                  id ? "a value where a bucket should be" : "is no ID");
	free(id);
	return NULL;
}

bool cache_loader_is_near(const struct bolt_entry *entry, const char *name)
{
	return entry->key_len == strlen(name) && text_is_near(entry->key, name, entry->key_len);
}

void cache_loader_check_names(struct cache_loader *loader, const struct bolt_bucket *bucket,
                              const char *const *names, size_t count, const char *where)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		for (size_t i = 0; i < count; i++) {
			if (cache_loader_is_near(&entry, names[i]))
				cache_loader_note(loader, "%s: key %.*s: is nearly %s", where,
				                  (int)entry.key_len, entry.key, names[i]);
		}
	}
}

/* Reads one database; *OUTCOME says whether it was there. */
static int cache_loader_read(struct cache_loader *loader, const struct cache_database *database,
                             enum bolt_outcome *outcome, struct err *err)
{
	const struct bolt_source source = { .dirfd = loader->fd,
		                            .path = database->name,
		                            .shown_path = database->shown_path,
		                            .code = FINDING_CACHE_UNREADABLE,
		                            .findings = loader->findings };
	AUTO(bolt) struct bolt *bolt = NULL;

	*outcome = bolt_load(&bolt, &source, err);
	if (*outcome == BOLT_FAILED)
		return -1;
	if (*outcome == BOLT_BROKEN)
		loader->cache->is_unreadable = true;
	if (*outcome != BOLT_ABSENT)
		loader->cache->exists = true;
	if (!bolt)
		return 0;
	loader->shown_path = database->shown_path;
	loader->broken_count = 0;
	if (bolt_info(bolt)->is_meta_lost)
		cache_loader_note(loader, "a damaged meta page: the last changes may be lost");
	database->read(loader, bolt);
	if (loader->broken_count > CACHE_FINDINGS_MAX)
		finding_add(loader->findings, FINDING_CACHE_UNREADABLE, loader->shown_path,
		            "%zu more like these", loader->broken_count - CACHE_FINDINGS_MAX);
	return 0;
}

/* Says in *EXISTS whether buildkit/NAME is there, whatever it is. */
static int cache_loader_look(const struct cache_loader *loader, const char *name, bool *exists,
                             struct err *err)
{
	struct stat st;

	*exists = fstatat(loader->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*exists && errno != ENOENT)
		return err_errno(err, "%s: stat", name);
	return 0;
}

/* 18.09 and 19.03 keep the records in metadata.db, which later daemons read once, into
 * metadata_v2.db. */
static int cache_loader_look_old(struct cache_loader *loader, bool has_records, struct err *err)
{
	struct cache *cache = loader->cache;
	bool has_old;
	bool has_keys;

	if (cache_loader_look(loader, "metadata.db", &has_old, err) < 0 ||
	    cache_loader_look(loader, "cache.db", &has_keys, err) < 0)
		return -1;
	cache->exists = cache->exists || has_old || has_keys;
	if (!has_old || has_records)
		return 0;
	cache->is_old_format = true;
	finding_add(loader->findings, FINDING_CACHE_OLD_FORMAT, "buildkit/metadata.db",
	            "there is no metadata_v2.db");
	return 0;
}

/*
 * Finds records and leases that name snapshots which no database has. Records that are marked as
 * deleted need none any more: a removal that was cut off leaves them so.
 */
static void cache_loader_check_snapshots(struct cache_loader *loader)
{
	struct cache *cache = loader->cache;
	size_t record_count = 0;
	size_t lease_count = 0;

	for (size_t i = 0; i < cache->record_count; i++)
		record_count += !cache->records[i].is_deleted;
	for (size_t i = 0; i < cache->lease_count; i++)
		lease_count += cache->leases[i].snapshot_count > 0;
	if (cache->snapshot_count > 0 || record_count + lease_count == 0)
		return;
	cache->is_snapshots_gone = true;
	finding_add(loader->findings, FINDING_CACHE_DB_GONE,
	            databases[DATABASE_SNAPSHOTS].shown_path,
	            "it has no snapshot, but there are %zu records and %zu leases of snapshots",
	            record_count, lease_count);
}

static int cache_loader_read_all(struct cache_loader *loader, struct err *err)
{
	enum bolt_outcome outcomes[DATABASE_COUNT];

	for (size_t i = 0; i < DATABASE_COUNT; i++) {
		if (cache_loader_read(loader, &databases[i], &outcomes[i], err) < 0)
			return -1;
	}
	if (cache_loader_look_old(loader, outcomes[DATABASE_RECORDS] != BOLT_ABSENT, err) < 0 ||
	    cache_loader_look(loader, "history.db", &loader->cache->has_history, err) < 0)
		return -1;
	if (outcomes[DATABASE_SNAPSHOTS] != BOLT_BROKEN)
		cache_loader_check_snapshots(loader);
	return 0;
}

int cache_load(struct cache *cache, int root_fd, struct finding_list *findings, struct err *err)
{
	AUTO(close) int fd = file_open(root_fd, "buildkit", O_DIRECTORY, err);
	AUTO(cache) struct cache loaded = CACHE_INIT;
	struct cache_loader loader = { .cache = &loaded, .fd = fd, .findings = findings };

	if (fd >= 0) {
		if (cache_loader_read_all(&loader, err) < 0 ||
		    cache_rest_look(&loader, root_fd, err) < 0)
			return err_wrap(err, "buildkit");
	} else if (err_has_code(err, ENOENT)) {
		err_clear(err);
	} else if (err->kind == ERR_CORRUPT) {
		loaded.exists = true;
		loaded.is_unreadable = true;
		finding_add(findings, FINDING_CACHE_UNREADABLE, "buildkit", "is no directory");
		err_clear(err);
	} else {
		return -1;
	}
	*cache = TAKE(loaded, (struct cache)CACHE_INIT);
	return 0;
}
