/* earlier_trash.c - what earlier runs have moved away and is still there. */
#include "gc/earlier_trash.h"

#include "gc/journal_away.h"
#include "gc/trash/trash.h"
#include "metadata/base/err.h"
#include "metadata/base/text.h"

#include <inttypes.h>
#include <string.h>

static const struct run *earlier_trash_run(const struct run_list *runs, int64_t id)
{
	for (size_t i = 0; i < runs->count; i++) {
		if (runs->items[i].id == id)
			return &runs->items[i];
	}
	return NULL;
}

static void earlier_trash_waits(FILE *words, const struct run *run)
{
	char command[ERR_TEXT_MAX];

	text_escape(command, sizeof(command), run->command, strlen(run->command));
	(void)fprintf(words,
	              "drydock: note: run %" PRId64 " (%s) is in quarantine and takes its space: "
	              "'drydock run commit %" PRId64 "' frees that, "
	              "'drydock run rollback %" PRId64 "' puts everything back\n",
	              run->id, command, run->id, run->id);
}

int earlier_trash_tell(const struct command_call *call, struct err *err)
{
	const struct root *root = call->session->root;
	AUTO(trash_dirs) struct trash_dirs dirs = TRASH_DIRS_INIT;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	if (trash_find(&dirs, root->fd, err) < 0 ||
	    (dirs.count > 0 && journal_away_runs(&runs, root, call->settings->state_dir, err) < 0))
		return -1;
	for (size_t i = 0; i < dirs.count; i++) {
		const struct trash_dir *dir = &dirs.items[i];
		const struct run *run = earlier_trash_run(&runs, dir->run);

		if (!run)
			(void)fprintf(
			    call->console->words,
			    "drydock: note: %s/%s: was moved there by a run that no "
			    "journal knows (--state-dir?); nothing in the data root needs "
			    "it, so it can be removed by hand\n",
			    root->path, dir->path);
		else if (run->state == RUN_FORGOTTEN)
			(void)fprintf(call->console->words,
			              "drydock: note: %s/%s: is what run %" PRId64
			              ", which was given up, had moved away; it can be removed by "
			              "hand\n",
			              root->path, dir->path, run->id);
		else if (run->state == RUN_QUARANTINED &&
		         (i == 0 || dirs.items[i - 1].run != dir->run))
			earlier_trash_waits(call->console->words, run);
	}
	return 0;
}
