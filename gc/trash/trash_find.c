/* trash_find.c - the trash of all runs, also of those that no journal knows any more. */
#include "gc/trash/trash.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Every directory that something is moved out of, and what leads there: a mount may begin at any.
 */
static const char *const trash_places[] = {
	"",
	"buildkit",
	"buildkit/executor",
	"containers",
	"image",
	"image/overlay2",
	"image/overlay2/distribution",
	"image/overlay2/imagedb",
	"image/overlay2/imagedb/content",
	"image/overlay2/imagedb/content/sha256",
	"image/overlay2/imagedb/metadata",
	"image/overlay2/imagedb/metadata/sha256",
	"image/overlay2/layerdb",
	"image/overlay2/layerdb/mounts",
	"image/overlay2/layerdb/sha256",
	"image/overlay2/layerdb/tmp",
	"overlay2",
	"overlay2/l",
	"plugins",
	"tmp",
	"tmp-old",
	"volumes",
};

void trash_dirs_done(struct trash_dirs *dirs)
{
	for (size_t i = 0; i < dirs->count; i++)
		free(dirs->items[i].path);
	free(dirs->items);
	*dirs = (struct trash_dirs)TRASH_DIRS_INIT;
}

static int trash_find_in(struct trash_dirs *dirs, int root_fd, const char *place, struct err *err)
{
	AUTO(str) char *home = mem_print("%s%s" TRASH_DIR, place, *place ? "/" : "");
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct err local = ERR_INIT;
	uint64_t run;

	if (file_list(&entries, root_fd, home, &local) < 0) {
		if (err_has_code(&local, ENOENT) || local.kind == ERR_CORRUPT)
			return 0; /* what is no directory holds no trash */
		if (err)
			*err = local;
		return -1;
	}
	for (size_t i = 0; i < entries.count; i++) {
		const char *name = entries.items[i].name;

		if (entries.items[i].type != DT_DIR || !text_parse_u64(name, INT64_MAX, &run))
			continue;
		dirs->items =
		    mem_grow(dirs->items, dirs->count, &dirs->capacity, sizeof(*dirs->items));
		dirs->items[dirs->count++] =
		    (struct trash_dir){ (int64_t)run, mem_print("%s/%s", home, name) };
	}
	return 0;
}

static int trash_dir_compare(const void *left, const void *right)
{
	const struct trash_dir *a = left;
	const struct trash_dir *b = right;

	if (a->run != b->run)
		return a->run < b->run ? -1 : 1;
	return strcmp(a->path, b->path);
}

int trash_find(struct trash_dirs *dirs, int root_fd, struct err *err)
{
	AUTO(trash_dirs) struct trash_dirs found = TRASH_DIRS_INIT;

	for (size_t i = 0; i < sizeof(trash_places) / sizeof(trash_places[0]); i++) {
		if (trash_find_in(&found, root_fd, trash_places[i], err) < 0)
			return -1;
	}
	if (found.count > 0)
		qsort(found.items, found.count, sizeof(*found.items), trash_dir_compare);
	*dirs = TAKE(found, (struct trash_dirs)TRASH_DIRS_INIT);
	return 0;
}
