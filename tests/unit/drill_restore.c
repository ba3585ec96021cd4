/* drill_restore.c - sweeps with an archive, and what brings it back, on a drill. */
#include "tests/unit/drill_restore.h"

#include "gc/back/restore.h"
#include "metadata/base/mem.h"
#include "tests/unit/check.h"
#include "tests/unit/portrait.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARCHIVE_NAME "a.tar.zst"

int drill_restore_setup(void **state)
{
	struct drill *drill;
	AUTO(str) char *dir = tree_new("archives");

	(void)drill_setup(state);
	drill = *state;
	drill->archive = mem_print("%s/" ARCHIVE_NAME, dir);
	return 0;
}

int drill_restore_teardown(void **state)
{
	struct drill *drill = *state;
	char *dir = mem_copy(drill->archive, strlen(drill->archive) - strlen("/" ARCHIVE_NAME));

	tree_remove(dir);
	return drill_teardown(state);
}

void drill_forget_archive(const struct drill *drill)
{
	if (unlink(drill->archive) < 0)
		assert_int_equal(errno, ENOENT);
}

static struct restore_options restore_options(struct drill *drill)
{
	return (struct restore_options){ .stop = &drill->stop, .cut = { drill_cut, drill } };
}

/* Reads the root and its journal again. */
static void restore_reopen(struct drill *drill)
{
	journal_close(TAKE(drill->journal, NULL));
	run_free(TAKE(drill->run, NULL));
	yard_load(drill->yard);
	if (journal_open(&drill->journal, drill->yard->session.root, NULL, JOURNAL_WRITE,
	                 &drill->err) < 0)
		fail_msg("%s", drill->err.text);
}

int drill_restore(struct drill *drill)
{
	const struct restore_options options = restore_options(drill);
	AUTO(archive_head) struct archive_head head = ARCHIVE_HEAD_INIT;

	restore_reopen(drill);
	if (restore_read(&head, drill->archive, &options, &drill->err) < 0)
		return -1;
	return restore_run(&drill->run, drill->journal, &drill->yard->session, &head, &options,
	                   &drill->err);
}

bool drill_resume_restore(struct drill *drill)
{
	const struct restore_options options = restore_options(drill);

	restore_reopen(drill);
	if (journal_unfinished(drill->journal, &drill->run, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	if (!drill->run)
		return false;
	assert_int_equal(drill->run->work, RUN_RESTORE);
	if (restore_resume(drill->run, drill->journal, &drill->yard->session, &options,
	                   &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	return true;
}

static bool kill_at(struct drill *drill, int at, bool is_resume)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		drill->cut_at = at;
		if (is_resume)
			(void)drill_resume_restore(drill);
		else if (drill_restore(drill) < 0)
			_exit(3);
		_exit(0);
	}
	return drill_was_killed(child);
}

bool drill_kill_restore_at(struct drill *drill, int at)
{
	return kill_at(drill, at, false);
}

bool drill_kill_resumed_restore_at(struct drill *drill, int at)
{
	return kill_at(drill, at, true);
}

void drill_archive_and_sweep(struct drill *drill, const char *scope)
{
	drill_sweep(drill, scope);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	assert_true(drill->archiving.sum.entry_count > 0);
	assert_string_equal(drill->run->archive, drill->archive);
}

void drill_must_restore(struct drill *drill)
{
	if (drill_restore(drill) < 0)
		fail_msg("%s", drill->err.text);
}
