/* cache_links.c - which step of a build a record of the build cache is the result of. */
#include "gc/edit/cache_links.h"

#include "gc/edit/rewrite.h"
#include "metadata/base/mem.h"
#include "metadata/bolt.h"
#include "metadata/bolt_edit.h"
#include "metadata/bolt_undo.h"

#include <errno.h>

const char cache_links_name[] = "cache.db";

bool cache_links_find(const struct run *run, size_t *at)
{
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].kind == ACTION_CACHE_RECORD) {
			*at = i;
			return true;
		}
	}
	return false;
}

static bool cache_links_are_wanted(const struct run *run, size_t first)
{
	for (size_t i = first; i < run->step_count; i++) {
		if (run->steps[i].kind == ACTION_CACHE_RECORD &&
		    run->steps[i].state == STEP_RESTORED)
			return true;
	}
	return false;
}

/* bolt_open(), but what is not there, or empty, is NULL: a dockerd begins it anew. */
static int cache_links_open(struct bolt **bolt, int dirfd, const char *name, struct err *err)
{
	struct err local = ERR_INIT;

	if (bolt_open(bolt, dirfd, name, &local) < 0) {
		if (err_has_code(&local, ENOENT))
			return 0;
		if (err)
			*err = local;
		return -1;
	}
	if (bolt_info(*bolt)->page_count == 0)
		bolt_close(TAKE(*bolt, NULL));
	return 0;
}

void cache_links_save(struct trash *trash, const struct run *run)
{
	AUTO(bolt) struct bolt *copy = NULL;
	AUTO(str) char *place = NULL;
	struct err ignored = ERR_INIT;
	bool exists = false;
	size_t at;
	int fd;

	if (!cache_links_find(run, &at) ||
	    trash_has_source(trash, CACHE_LINKS_FILE, &exists, &ignored) < 0 || !exists ||
	    trash_run_dir(trash, run->steps[at].place, true, &fd, &ignored) < 0 ||
	    bolt_open(&copy, fd, cache_links_name, &ignored) == 0)
		return;
	err_clear(&ignored);
	place =
	    mem_print("%.*s%s", (int)(trash_name_of(run->steps[at].place) - run->steps[at].place),
	              run->steps[at].place, cache_links_name);
	(void)!trash_save_copy(trash, CACHE_LINKS_FILE, place, &ignored);
}

int cache_links_return(struct trash *trash, const struct run *run, struct err *err)
{
	AUTO(bolt_edit) struct bolt_edit *back = bolt_edit_new();
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(bolt) struct bolt *now = NULL;
	size_t at;
	int fd;

	if (!cache_links_find(run, &at) || !cache_links_are_wanted(run, at))
		return 0;
	if (trash_run_dir(trash, run->steps[at].place, false, &fd, err) < 0)
		return -1;
	if (fd < 0)
		return 0;
	if (cache_links_open(&old, fd, cache_links_name, err) < 0)
		return -1;
	if (!old)
		return 0;
	fd = trash_dir_of(trash, CACHE_LINKS_FILE, err);
	if (fd < 0 || cache_links_open(&now, fd, cache_links_name, err) < 0)
		return -1;
	if (!now)
		return 0;
	bolt_undo_lost(back, old, now);
	return rewrite_apply(trash, CACHE_LINKS_FILE, back, NULL, err);
}
