/* archive_check.c - an archive read from end to end: it is whole, and it holds what it says. */
#include "gc/archive/archive_check.h"

#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "overlay2/archive_in.h"
#include "overlay2/manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ARCHIVE_CHECK_HEAD_MAX ((size_t)1 << 30) /* bytes: some hundred a step */

/* The objects that there should be. */
struct archive_objects {
	char **paths; /* of steps, as they stand in the archive; owned */
	bool *is_seen;
	size_t count;
	struct map by_path; /* to the first step that has it */
};

static void archive_objects_make(struct archive_objects *objects, const struct run *run)
{
	objects->paths = mem_zalloc(run->step_count, sizeof(*objects->paths));
	objects->is_seen = mem_zalloc(run->step_count, sizeof(*objects->is_seen));
	objects->count = run->step_count;
	for (size_t i = 0; i < run->step_count; i++) {
		objects->paths[i] = archive_head_path(&run->steps[i]);
		if (!map_get(&objects->by_path, objects->paths[i], NULL))
			(void)map_set(&objects->by_path, objects->paths[i], i);
	}
}

static void archive_objects_cleanup(struct archive_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		free(objects->paths[i]);
	free(objects->paths);
	free(objects->is_seen);
	map_done(&objects->by_path);
}

/* Finds the step whose object PATH is (*IS_TOP) or is in. */
static bool archive_objects_find(const struct archive_objects *objects, const char *path,
                                 size_t *at, bool *is_top)
{
	AUTO(str) char *part = mem_text(path);

	for (*is_top = true;; *is_top = false) {
		char *slash;

		if (map_get(&objects->by_path, part, at))
			return true;
		slash = strrchr(part, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
}

/* Notes that ITEM is there. Returns false if it is in no object, or in one whose top has not been
 * there before, or is a link to what is in none. */
static bool archive_objects_note(struct archive_objects *objects, const struct archive_item *item,
                                 bool *is_linked)
{
	size_t at = 0;
	size_t target = 0;
	bool is_top = false;
	bool ignored = false;

	if (strcmp(item->path, ARCHIVE_HEAD_LINKS) == 0)
		return item->kind == ARCHIVE_ITEM_INODE;
	if (!archive_objects_find(objects, item->path, &at, &is_top) ||
	    objects->is_seen[at] == is_top)
		return false;
	objects->is_seen[at] = true;
	if (item->kind != ARCHIVE_ITEM_LINK)
		return true;
	if (!archive_objects_find(objects, item->target, &target, &ignored))
		return false;
	if (target != at)
		is_linked[target] = true;
	return true;
}

/* The words for the first object that is missing, or NULL. */
static const char *archive_objects_missing(const struct archive_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++) {
		size_t first = i;

		(void)map_get(&objects->by_path, objects->paths[i], &first);
		if (!objects->is_seen[first])
			return objects->paths[i];
	}
	return NULL;
}

/* Reads the first entry. */
static int check_read_head(struct archive_in *in, struct archive_head *head, struct err *err)
{
	const struct archive_item *item = NULL;
	AUTO(str) char *bytes = NULL;
	size_t len = 0;

	if (archive_in_next(in, &item, err) < 0 ||
	    archive_in_content(in, ARCHIVE_CHECK_HEAD_MAX, &bytes, &len, err) < 0)
		return -1;
	if (archive_head_read(head, bytes, len, err) < 0)
		return err_wrap(err, "%s: " MANIFEST_HEAD, archive_in_name(in));
	return 0;
}

int archive_check_head(const struct archive_check *check, struct archive_head *head,
                       struct err *err)
{
	AUTO(archive_in) struct archive_in *in = NULL;

	if (archive_in_new(&in, check->fd, check->name, err) < 0)
		return -1;
	return check_read_head(in, head, err);
}

/* Reads all the other entries. */
static int check_read_rest(const struct archive_check *check, struct archive_in *in,
                           struct archive_objects *objects, bool *is_linked, struct err *err)
{
	const struct archive_item *item = NULL;
	uint64_t content_bytes = 0;

	for (;;) {
		if (check->stop && *check->stop) {
			errno = EINTR;
			return err_errno(err, "%s: read", check->name);
		}
		if (archive_in_next(in, &item, err) < 0)
			return -1;
		if (!item)
			return 0;
		if (item->kind != ARCHIVE_ITEM_OWN &&
		    !archive_objects_note(objects, item, is_linked))
			return err_set(err, ERR_CORRUPT, "%s: is damaged: %s: belongs to nothing",
			               check->name, item->path);
		content_bytes += item->kind == ARCHIVE_ITEM_INODE ? item->inode.size : 0;
		if (check->progress)
			check->progress(check->context, content_bytes);
	}
}

int archive_check(const struct archive_check *check, struct archive_head *head, struct err *err)
{
	AUTO(archive_in) struct archive_in *in = NULL;
	AUTO(archive_objects) struct archive_objects objects = { .by_path = MAP_INIT };
	const char *missing;

	if (archive_in_new(&in, check->fd, check->name, err) < 0 ||
	    check_read_head(in, head, err) < 0)
		return -1;
	archive_objects_make(&objects, head->run);
	head->is_linked = mem_zalloc(head->run->step_count, sizeof(*head->is_linked));
	if (check_read_rest(check, in, &objects, head->is_linked, err) < 0)
		return -1;
	missing = archive_objects_missing(&objects);
	if (missing)
		return err_set(err, ERR_CORRUPT, "%s: is damaged: %s: is missing", check->name,
		               missing);
	return 0;
}
