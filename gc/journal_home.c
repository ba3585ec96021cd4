/* journal_home.c - which journal a run is written to: at home, or elsewhere while there is no room.
 */
#include "gc/journal_home.h"

#include "gc/journal_away.h"
#include "gc/trash/room.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Less than that, and the journal, the directories of the trash and the new versions of files may
 * not find room. */
#define HOME_BYTES ((uint64_t)1 << 20)
#define HOME_STEP_BYTES ((uint64_t)1024)
#define HOME_INODES 16

void journal_home_close(struct journal_home *home)
{
	journal_close(home->journal);
	*home = (struct journal_home)JOURNAL_HOME_INIT;
}

/* Says whether there is room in the root for the journal of so many steps. */
static int home_has_room(const struct root *root, size_t step_count, bool *has_room,
                         struct err *err)
{
	if (room_find(root->fd, HOME_BYTES + step_count * HOME_STEP_BYTES, HOME_INODES, has_room,
	              err) < 0)
		return err_wrap(err, "%s", root->path);
	return 0;
}

static int home_refuse_unfinished(struct journal *journal, struct err *err)
{
	AUTO(run) struct run *run = NULL;

	if (journal_unfinished(journal, &run, err) < 0)
		return -1;
	if (!run)
		return 0;
	return err_set(err, ERR_STATE,
	               "run %" PRId64 " (%s) was interrupted: finish it with 'drydock run resume'",
	               run->id, run->command);
}

/* None of JOURNAL's runs may be unfinished, and a new one gets a number after theirs. */
static int home_go_after(struct journal_home *home, struct journal *journal, struct err *err)
{
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	if (home_refuse_unfinished(journal, err) < 0 || journal_list(journal, &runs, err) < 0)
		return -1;
	if (runs.count > 0 && home->first_id <= runs.items[runs.count - 1].id)
		home->first_id = runs.items[runs.count - 1].id + 1;
	return 0;
}

/* The same for the journal that HOME is not in. */
static int home_go_after_other(struct journal_home *home, const struct root *root, struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	int result = home->is_elsewhere ? journal_open(&journal, root, NULL, JOURNAL_READ, err)
	                                : journal_away_look(&journal, root, err);

	if (result < 0)
		return -1;
	return journal ? home_go_after(home, journal, err) : 0;
}

static void home_tell(FILE *words)
{
	(void)fputs("drydock: note: no room for the journal: it is in " JOURNAL_AWAY_DIR
	            " until there is some\n",
	            words);
}

/* Opens the journal elsewhere for writing. */
static int home_open_elsewhere(struct journal **journal, const struct root *root, struct err *err)
{
	if (journal_open(journal, root, JOURNAL_AWAY_DIR, JOURNAL_WRITE, err) == 0)
		return 0;
	return err_wrap(err, "no room for the journal in the data root, and none elsewhere "
	                     "(--state-dir DIR takes another place)");
}

/* Writes all of RUN into another journal. */
static int home_write(struct journal *journal, const struct run *run, struct err *err)
{
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	bool is_there = false;

	if (journal_list(journal, &runs, err) < 0)
		return -1;
	for (size_t i = 0; i < runs.count; i++)
		is_there |= runs.items[i].id == run->id; /* it was moved, and cut off then */
	if (!is_there && journal_begin(journal, run, err) < 0)
		return -1;
	return journal_save(journal, run, 0, run->step_count, err);
}

/* Moves run ID from AWAY to HOME. */
static int home_fetch(struct journal *home, struct journal *away, int64_t id, struct err *err)
{
	AUTO(run) struct run *run = NULL;

	if (journal_load(away, id, &run, err) < 0 || home_write(home, run, err) < 0)
		return -1;
	return journal_forget(away, id, err);
}

/* Moves runs that are over to the journal at home, which is open: their move was cut off, or there
 * was no room. Where that still fails they stay. */
static void home_collect(struct journal *home, const struct root *root)
{
	AUTO(journal) struct journal *seen = NULL;
	AUTO(journal) struct journal *away = NULL;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	struct err ignored = ERR_INIT;
	int result;

	if (journal_away_look(&seen, root, &ignored) < 0 || !seen ||
	    journal_list(seen, &runs, &ignored) < 0)
		return;
	for (size_t i = 0; i < runs.count; i++) {
		if (run_is_unfinished(&runs.items[i]) || runs.items[i].state == RUN_FORGOTTEN)
			continue;
		result =
		    away ? 0 : journal_open(&away, root, JOURNAL_AWAY_DIR, JOURNAL_WRITE, &ignored);
		if (result < 0 || home_fetch(home, away, runs.items[i].id, &ignored) < 0)
			return;
	}
}

int journal_home_start(struct journal_home *home, const struct command_call *call,
                       size_t step_count, struct err *err)
{
	const struct root *root = call->session->root;
	const char *state_dir = call->settings->state_dir;
	bool has_room = true;
	int result;

	if (!state_dir && home_has_room(root, step_count, &has_room, err) < 0)
		return -1;
	home->is_elsewhere = !has_room;
	if (home->is_elsewhere)
		home_tell(call->console->words);
	result = home->is_elsewhere
	             ? home_open_elsewhere(&home->journal, root, err)
	             : journal_open(&home->journal, root, state_dir, JOURNAL_WRITE, err);
	if (result < 0)
		return -1;
	if (!state_dir && has_room)
		home_collect(home->journal, root);
	if (home_go_after(home, home->journal, err) < 0)
		return -1;
	return state_dir ? 0 : home_go_after_other(home, root, err);
}

/* The run that is meant, of one journal. */
static int home_find_run(struct journal *journal, int64_t number, struct run **run, struct err *err)
{
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	if (number > 0)
		return journal_load(journal, number, run, err);
	if (journal_unfinished(journal, run, err) < 0)
		return -1;
	if (*run)
		return 0;
	if (journal_list(journal, &runs, err) < 0)
		return -1;
	for (size_t i = runs.count; i > 0; i--) {
		if (runs.items[i - 1].state == RUN_INCOMPLETE)
			return journal_load(journal, runs.items[i - 1].id, run, err);
	}
	return 0;
}

/* Opens the journal elsewhere if there is one, also when its last write was cut off; else *JOURNAL
 * stays NULL. 0 or -1. */
static int home_settle_elsewhere(struct journal **journal, const struct root *root, struct err *err)
{
	AUTO(journal) struct journal *seen = NULL;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	struct err unsettled = ERR_INIT;

	if (journal_away_look(&seen, root, &unsettled) < 0 && unsettled.kind != ERR_STATE) {
		*err = unsettled;
		return -1;
	}
	if (!err_is_set(&unsettled) &&
	    (!seen || (journal_list(seen, &runs, err) == 0 && runs.count == 0)))
		return 0;
	if (err_is_set(err))
		return -1;
	return journal_open(journal, root, JOURNAL_AWAY_DIR, JOURNAL_WRITE, err);
}

/* Opens the journal at home, also where there is none and no room for one. */
static int home_open(struct journal **journal, const struct command_call *call, struct err *err)
{
	const struct root *root = call->session->root;
	struct err full = ERR_INIT;

	if (journal_open(journal, root, call->settings->state_dir, JOURNAL_WRITE, &full) == 0)
		return 0;
	if (err_has_code(&full, ENOSPC) || err_has_code(&full, EDQUOT))
		return journal_open(journal, root, call->settings->state_dir, JOURNAL_READ, err);
	*err = full;
	return -1;
}

/* Goes on elsewhere with RUN, which is at home, if there is no room there. */
static int home_leave(struct journal_home *home, const struct root *root, const struct run *run,
                      FILE *words, struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	bool has_room;

	if (home_has_room(root, run->step_count, &has_room, err) < 0)
		return -1;
	if (has_room || (!run_is_unfinished(run) && run->state != RUN_INCOMPLETE))
		return 0;
	home_tell(words);
	if (home_open_elsewhere(&journal, root, err) < 0 || home_write(journal, run, err) < 0)
		return -1;
	journal_close(home->journal);
	home->journal = TAKE(journal, NULL);
	home->is_elsewhere = true;
	return 0;
}

int journal_home_find(struct journal_home *home, struct run **run, const struct command_call *call,
                      int64_t number, struct err *err)
{
	const struct root *root = call->session->root;
	const char *state_dir = call->settings->state_dir;
	bool is_away = number == 0;

	if (!state_dir && home_settle_elsewhere(&home->journal, root, err) < 0)
		return -1;
	if (home->journal && number > 0 &&
	    journal_away_holds(root, state_dir, number, &is_away, err) < 0)
		return -1;
	if (home->journal && is_away) {
		home->is_elsewhere = true;
		if (home_find_run(home->journal, number, run, err) < 0)
			return -1;
		if (*run)
			return 0;
	}
	journal_home_close(home);
	if (home_open(&home->journal, call, err) < 0)
		return -1;
	if (!state_dir)
		home_collect(home->journal, root);
	if (home_find_run(home->journal, number, run, err) < 0)
		return -1;
	return *run && !state_dir ? home_leave(home, root, *run, call->console->words, err) : 0;
}

void journal_home_return(struct journal_home *home, const struct command_call *call,
                         const struct run *run)
{
	AUTO(journal) struct journal *journal = NULL;
	struct err err = ERR_INIT;
	char text[ERR_TEXT_MAX];

	if (!home->is_elsewhere || run_is_unfinished(run))
		return;
	if (journal_open(&journal, call->session->root, NULL, JOURNAL_WRITE, &err) < 0 ||
	    home_write(journal, run, &err) < 0 ||
	    journal_forget(home->journal, run->id, &err) < 0) {
		text_escape(text, sizeof(text), err.text, strlen(err.text));
		(void)fprintf(call->console->words,
		              "drydock: note: run %" PRId64 " stays in the journal of "
		              "" JOURNAL_AWAY_DIR ": %s\n",
		              run->id, text);
		return;
	}
	journal_close(home->journal);
	home->journal = TAKE(journal, NULL);
	home->is_elsewhere = false;
}
