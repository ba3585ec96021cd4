/* cache_rest.c - what else is in buildkit/: whether it could go as a whole with the cache. */
#include "metadata/cache_load.h"

#include "metadata/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* What BuildKit makes anew, empty, when it is not there (bolt-buildkit.md §2.4 to §2.6). */
static const struct {
	const char *name;
	unsigned char type; /* DT_REG or DT_DIR */
} rest[] = {
	{ "cache.db", DT_REG },     { "containerdmeta.db", DT_REG },
	{ "content", DT_DIR },      { "executor", DT_DIR },
	{ "history.db", DT_REG },   { "metadata_v2.db", DT_REG },
	{ "snapshots.db", DT_REG }, { "net", DT_DIR },
};

static bool cache_rest_is_known(const struct file_entry *entry)
{
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		if (strcmp(rest[i].name, entry->name) == 0)
			return rest[i].type == entry->type;
	}
	return false;
}

/* Says whether history.db (24.0 and later) has the record of a build, or cannot be understood. */
static int cache_rest_has_history(const struct cache_loader *loader, bool *has, struct err *err)
{
	AUTO(bolt) struct bolt *bolt = NULL;
	struct bolt_cursor cursor;
	struct bolt_bucket bucket;
	struct bolt_entry entry;

	*has = false;
	if (bolt_open(&bolt, loader->fd, "history.db", err) < 0) {
		if (err->kind == ERR_SYSTEM && !err_has_code(err, ENOENT))
			return -1;
		*has = !err_has_code(err, ENOENT);
		err_clear(err);
		return 0;
	}
	bucket = bolt_root(bolt);
	if (!bolt_bucket_enter(&bucket, "_records", &bucket))
		return 0;
	bolt_cursor_start(&cursor, &bucket);
	*has = bolt_cursor_next(&cursor, &entry);
	return 0;
}

int cache_rest_look(struct cache_loader *loader, int root_fd, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct cache *cache = loader->cache;
	struct stat own;
	struct stat root;
	bool has_history;

	if (file_list(&entries, loader->fd, ".", err) < 0 ||
	    cache_rest_has_history(loader, &has_history, err) < 0)
		return -1;
	if (fstat(loader->fd, &own) < 0)
		return err_errno(err, "stat");
	if (fstat(root_fd, &root) < 0)
		return err_errno(err, "data root: stat");
	cache->has_more |= has_history || own.st_dev != root.st_dev;
	for (size_t i = 0; i < entries.count; i++)
		cache->has_more |= !cache_rest_is_known(&entries.items[i]);
	return 0;
}
