/* restore_stage.c - what an archive holds is made in the trash of a run, beside its places. */
#include "gc/back/restore_stage.h"

#include "gc/edit/cache_links.h"
#include "metadata/base/file.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "overlay2/archive_in.h"
#include "overlay2/archive_make.h"
#include "overlay2/erase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static int stage_clear_part(void *context, const char *part, int dirfd, struct err *err)
{
	const struct cut *cut = context;
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct erase_item *items;
	int result = 0;

	if (file_list(&entries, dirfd, ".", err) < 0)
		return err_wrap(err, "%s/" TRASH_DIR, part);
	if (entries.count == 0)
		return 0;
	items = mem_zalloc(entries.count, sizeof(*items));
	for (size_t i = 0; i < entries.count; i++)
		items[i] = (struct erase_item){ .dirfd = dirfd, .name = entries.items[i].name };
	cut_here(cut, "erase", part);
	erase(items, entries.count, 0, NULL, NULL, NULL);
	for (size_t i = 0; i < entries.count && result == 0; i++) {
		if (!items[i].is_done) {
			if (err)
				*err = items[i].err;
			result = err_wrap(err, "%s/" TRASH_DIR, part);
		}
	}
	free(items);
	return result;
}

int restore_stage_clear(struct trash *trash, const struct cut *cut, struct err *err)
{
	struct cut copy = *cut;

	return trash_each(trash, stage_clear_part, &copy, err);
}

/* The same for the copy of cache.db, if there is one. */
static int stage_place_links(const struct restore_stage *stage, struct archive_maker *maker,
                             struct err *err)
{
	size_t at;
	int fd = -1;

	if (!cache_links_find(stage->run, &at))
		return 0;
	if (trash_run_dir(stage->trash, stage->run->steps[at].place, true, &fd, err) < 0)
		return -1;
	archive_maker_add(maker, ARCHIVE_HEAD_LINKS, fd, cache_links_name);
	return 0;
}

/* Tells MAKER where everything goes. */
static int stage_place(const struct restore_stage *stage, struct archive_maker *maker,
                       struct err *err)
{
	for (size_t i = 0; i < stage->run->step_count; i++) {
		const struct run_step *step = &stage->run->steps[i];
		AUTO(str) char *path = archive_head_path(step);
		/* other edits may want the old file, and conflict_find() wants to know what records
		 * that stay out are about */
		bool is_wanted = action_is_edit(step->kind) || step->kind == ACTION_LAYER ||
		                 step->kind == ACTION_MOUNT;
		int fd = -1;

		if (run_place_owner(stage->run, i) < i ||
		    (step->state != STEP_PLANNED && !is_wanted && !stage->head->is_linked[i]))
			continue;
		if (trash_run_dir(stage->trash, step->place, true, &fd, err) < 0)
			return -1;
		archive_maker_add(maker, path, fd, trash_name_of(step->place));
	}
	return stage_place_links(stage, maker, err);
}

static int stage_check_stop(const struct restore_stage *stage, struct err *err)
{
	if (!stage->options->stop || !*stage->options->stop)
		return 0;
	errno = EINTR;
	return err_errno(err, "%s: read", stage->run->archive);
}

static int stage_make(const struct restore_stage *stage, struct archive_maker *maker, int fd,
                      struct err *err)
{
	const struct restore_options *options = stage->options;
	AUTO(archive_in) struct archive_in *in = NULL;
	const struct archive_item *item = NULL;

	if (archive_in_new(&in, fd, stage->run->archive, err) < 0)
		return -1;
	for (;;) {
		if (stage_check_stop(stage, err) < 0 || archive_in_next(in, &item, err) < 0)
			return -1;
		if (!item)
			return archive_maker_end(maker, err);
		cut_here(&options->cut, "make", item->path);
		if (archive_maker_item(maker, in, item, err) < 0)
			return -1;
		if (options->progress)
			options->progress(options->context, RESTORE_MAKES,
			                  archive_maker_bytes(maker), 0);
	}
}

int restore_stage(const struct restore_stage *stage, struct err *err)
{
	AUTO(archive_maker) struct archive_maker *maker = archive_maker_new();
	AUTO(close) int fd = file_open(AT_FDCWD, stage->run->archive, 0, err);

	if (fd < 0 || restore_stage_clear(stage->trash, &stage->options->cut, err) < 0 ||
	    stage_place(stage, maker, err) < 0)
		return -1;
	return stage_make(stage, maker, fd, err);
}
