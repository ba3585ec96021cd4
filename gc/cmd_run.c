/* cmd_run.c - run ls, show, resume, commit, rollback, restore, forget. */
#include "gc/cmd.h"
#include "gc/execution.h"
#include "gc/journal_away.h"
#include "gc/quarantine.h"
#include "gc/restoration.h"
#include "gc/run/journal.h"
#include "gc/show/finding_report.h"
#include "gc/show/run_rows.h"
#include "metadata/base/text.h"

#include <inttypes.h>
#include <string.h>

/* The number of a run, as the user writes it. */
static int cmd_run_number(const char *text, int64_t *number, struct err *err)
{
	uint64_t value;

	if (!text_parse_u64(text, INT64_MAX, &value) || value == 0)
		return err_set(err, ERR_USAGE, "'%s' is no number of a run; see 'drydock run ls'",
		               text);
	*number = (int64_t)value;
	return 0;
}

/* Opens the data root to look at its journal; nothing is locked or read besides. */
static int cmd_run_open(const struct command_call *call, struct root **root, struct err *err)
{
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;

	if (root_open(root, call->settings->root, &findings, err) < 0)
		return -1;
	finding_report_print(call->console->words, &findings, call->settings);
	return 0;
}

int cmd_run_ls(const struct command_call *call, struct err *err)
{
	AUTO(root) struct root *root = NULL;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	AUTO(row_list) struct row_list list = { .name = NULL };

	if (cmd_run_open(call, &root, err) < 0 ||
	    journal_away_runs(&runs, root, call->settings->state_dir, err) < 0)
		return -1;
	list = run_rows_make(runs.items, runs.count);
	row_print_one(call->console->out, call->settings, &list);
	return 0;
}

int cmd_run_show(const struct command_call *call, struct err *err)
{
	AUTO(root) struct root *root = NULL;
	AUTO(journal) struct journal *journal = NULL;
	AUTO(run) struct run *run = NULL;
	AUTO(row_list) struct row_list head = { .name = NULL };
	AUTO(row_list) struct row_list steps = { .name = NULL };
	const struct row_list *const lists[] = { &head, &steps };
	int64_t number = 0;

	if (cmd_run_number(call->settings->arguments[0], &number, err) < 0 ||
	    cmd_run_open(call, &root, err) < 0 ||
	    journal_away_open(&journal, root, call->settings->state_dir, number, JOURNAL_READ,
	                      err) < 0 ||
	    journal_load(journal, number, &run, err) < 0)
		return -1;
	head = run_rows_make(run, 1);
	steps = run_rows_steps(run);
	row_print(call->console->out, call->settings->format, call->settings->no_trunc, lists, 2);
	if (run->note) {
		char note[ERR_TEXT_MAX];

		text_escape(note, sizeof(note), run->note, strlen(run->note));
		(void)fprintf(call->console->words, "drydock: note: run %jd: %s\n",
		              (intmax_t)number, note);
	}
	return 0;
}

int cmd_run_resume(const struct command_call *call, struct err *err)
{
	int64_t number = 0; /* the one that was interrupted */

	if (call->settings->argument_count > 0 &&
	    cmd_run_number(call->settings->arguments[0], &number, err) < 0)
		return -1;
	return execution_resume(call, number, err);
}

int cmd_run_restore(const struct command_call *call, struct err *err)
{
	return restoration_start(call, call->settings->arguments[0], err);
}

int cmd_run_commit(const struct command_call *call, struct err *err)
{
	int64_t number = 0;

	if (cmd_run_number(call->settings->arguments[0], &number, err) < 0)
		return -1;
	return quarantine_commit(call, number, err);
}

int cmd_run_rollback(const struct command_call *call, struct err *err)
{
	int64_t number = 0;

	if (cmd_run_number(call->settings->arguments[0], &number, err) < 0)
		return -1;
	return quarantine_rollback(call, number, err);
}

int cmd_run_forget(const struct command_call *call, struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	int64_t number = 0;

	if (cmd_run_number(call->settings->arguments[0], &number, err) < 0 ||
	    journal_away_open(&journal, call->session->root, call->settings->state_dir, number,
	                      JOURNAL_WRITE, err) < 0)
		return -1;
	return journal_forget(journal, number, err);
}
