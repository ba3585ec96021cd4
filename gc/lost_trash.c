/* lost_trash.c - what runs moved away of which no journal knows any more. */
#include "gc/lost_trash.h"

#include "gc/journal_away.h"
#include "gc/run/trash.h"

static bool lost_trash_is_known(const struct run_list *runs, int64_t id)
{
	for (size_t i = 0; i < runs->count; i++) {
		if (runs->items[i].id == id)
			return true;
	}
	return false;
}

int lost_trash_tell(const struct command_call *call, struct err *err)
{
	const struct root *root = call->session->root;
	AUTO(trash_dirs) struct trash_dirs dirs = TRASH_DIRS_INIT;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	if (trash_find(&dirs, root->fd, err) < 0 ||
	    (dirs.count > 0 && journal_away_runs(&runs, root, call->settings->state_dir, err) < 0))
		return -1;
	for (size_t i = 0; i < dirs.count; i++) {
		if (!lost_trash_is_known(&runs, dirs.items[i].run))
			(void)fprintf(
			    call->console->words,
			    "drydock: note: %s/%s: was moved there by a run that no "
			    "journal knows (--state-dir?); nothing in the data root needs "
			    "it, so it can be removed by hand\n",
			    root->path, dirs.items[i].path);
	}
	return 0;
}
