/* journal_home.c - which journal a run is written to: at home, or elsewhere while there is no room.
 */
#include "gc/journal_home.h"

#include "metadata/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

/* Less than that, and the journal, the directories of the trash and the new versions of files may
 * not find room. */
#define HOME_BYTES ((uint64_t)1 << 20)
#define HOME_STEP_BYTES ((uint64_t)4096)
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
	struct statvfs st;

	if (fstatvfs(root->fd, &st) < 0)
		return err_errno(err, "%s: find out what is free", root->path);
	/* what is reserved for root is ours, too; file systems without a number of inodes say 0 */
	*has_room =
	    (uint64_t)st.f_bfree * st.f_frsize >= HOME_BYTES + step_count * HOME_STEP_BYTES &&
	    (st.f_files == 0 || st.f_ffree >= HOME_INODES);
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

static int home_refuse_elsewhere(const struct root *root, struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;

	if (journal_open(&journal, root, JOURNAL_HOME_ELSEWHERE, JOURNAL_READ, err) < 0)
		return -1;
	return home_refuse_unfinished(journal, err);
}

/* The number after those of the runs at home; none of them may be unfinished. */
static int home_next_id(const struct root *root, int64_t *id, struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	if (journal_open(&journal, root, NULL, JOURNAL_READ, err) < 0 ||
	    home_refuse_unfinished(journal, err) < 0 || journal_list(journal, &runs, err) < 0)
		return -1;
	*id = runs.count > 0 ? runs.items[runs.count - 1].id + 1 : 1;
	return 0;
}

int journal_home_start(struct journal_home *home, const struct command_call *call,
                       size_t step_count, struct err *err)
{
	const struct root *root = call->session->root;
	const char *state_dir = call->settings->state_dir;
	bool has_room = true;

	if (!state_dir && (home_refuse_elsewhere(root, err) < 0 ||
	                   home_has_room(root, step_count, &has_room, err) < 0))
		return -1;
	if (!has_room) {
		(void)fputs(
		    "drydock: note: no room for the journal: it is in " JOURNAL_HOME_ELSEWHERE
		    " until there is some\n",
		    call->console->words);
		home->is_elsewhere = true;
		state_dir = JOURNAL_HOME_ELSEWHERE;
		if (home_next_id(root, &home->first_id, err) < 0)
			return -1;
	}
	if (journal_open(&home->journal, root, state_dir, JOURNAL_WRITE, err) < 0)
		return -1;
	return home_refuse_unfinished(home->journal, err);
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

/* Says in *IS_KNOWN whether a run that is not over, with that NUMBER if it is not 0, is elsewhere.
 */
static int home_is_elsewhere(const struct root *root, int64_t number, bool *is_known,
                             struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	struct err unsettled = ERR_INIT;

	*is_known = false;
	if (journal_open(&journal, root, JOURNAL_HOME_ELSEWHERE, JOURNAL_READ, &unsettled) < 0) {
		*is_known = unsettled.kind == ERR_STATE; /* its last write was cut off: write it */
		if (!*is_known)
			*err = unsettled;
		return *is_known ? 0 : -1;
	}
	if (journal_list(journal, &runs, err) < 0)
		return -1;
	for (size_t i = 0; i < runs.count; i++) {
		const struct run *run = &runs.items[i];

		*is_known |= (number == 0 || run->id == number) &&
		             (run_is_unfinished(run) || run->state == RUN_INCOMPLETE);
	}
	return 0;
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

int journal_home_find(struct journal_home *home, struct run **run, const struct command_call *call,
                      int64_t number, struct err *err)
{
	const struct root *root = call->session->root;

	if (!call->settings->state_dir &&
	    home_is_elsewhere(root, number, &home->is_elsewhere, err) < 0)
		return -1;
	if (home->is_elsewhere) {
		if (journal_open(&home->journal, root, JOURNAL_HOME_ELSEWHERE, JOURNAL_WRITE, err) <
		        0 ||
		    home_find_run(home->journal, number, run, err) < 0)
			return -1;
		if (*run)
			return 0;
		journal_home_close(home);
	}
	if (home_open(&home->journal, call, err) < 0)
		return -1;
	return home_find_run(home->journal, number, run, err);
}

/* Writes all of RUN into the journal at home. */
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
		              "" JOURNAL_HOME_ELSEWHERE ": %s\n",
		              run->id, text);
		return;
	}
	journal_close(home->journal);
	home->journal = TAKE(journal, NULL);
	home->is_elsewhere = false;
}
