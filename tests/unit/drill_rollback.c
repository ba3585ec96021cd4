/* drill_rollback.c - sweeps that go into quarantine, and what becomes of them, on a drill. */
#include "tests/unit/drill_rollback.h"

#include "gc/back/rollback.h"
#include "metadata/base/mem.h"
#include "tests/unit/check.h"
#include "tests/unit/portrait.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is done with a run. */
typedef int rollback_work(struct run *run, struct journal *journal, const struct session *session,
                          const struct sweep_options *options, struct err *err);

void drill_quarantine(struct drill *drill, const char *scope)
{
	drill->is_quarantine = true;
	drill_sweep(drill, scope);
	drill->is_quarantine = false;
	assert_int_equal(drill->run->state, RUN_QUARANTINED);
	assert_int_equal(drill->run->problem_count, 0);
}

static int work_on_run(struct drill *drill, rollback_work *work)
{
	const struct sweep_options options = drill_options(drill);

	return work(drill->run, drill->journal, &drill->yard->session, &options, &drill->err);
}

static bool is_open(const struct run *run)
{
	return run_is_unfinished(run) || run->state == RUN_QUARANTINED;
}

/* Reads the root again, and finds the run. */
static bool find_run(struct drill *drill)
{
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	drill_reopen(drill);
	run_free(TAKE(drill->run, NULL));
	if (journal_list(drill->journal, &runs, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	for (size_t i = runs.count; i > 0; i--) {
		if (!is_open(&runs.items[i - 1]))
			continue;
		if (journal_load(drill->journal, runs.items[i - 1].id, &drill->run, &drill->err) <
		    0)
			fail_msg("%s", drill->err.text);
		return true;
	}
	return false;
}

static void must(struct drill *drill, rollback_work *work)
{
	if (!find_run(drill))
		fail_msg("there is no run");
	if (work_on_run(drill, work) < 0)
		fail_msg("%s", drill->err.text);
}

bool drill_rollback(struct drill *drill)
{
	if (!find_run(drill))
		return false;
	if (work_on_run(drill, rollback) < 0)
		fail_msg("%s", drill->err.text);
	return true;
}

/* Says what a rollback would do; the caller frees. */
static struct run *look(struct drill *drill)
{
	AUTO(str) char *before = portrait_root(drill->yard->dir);
	AUTO(str) char *after = NULL;
	struct run *run = NULL;

	if (journal_load(drill->journal, drill->run->id, &run, &drill->err) < 0 ||
	    rollback_look(run, drill->journal, &drill->yard->session, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	after = portrait_root(drill->yard->dir);
	portrait_expect_same(before, after);
	return run;
}

/* STEP became what a look had said of it. */
static void expect_foreseen(const struct run_step *foreseen, const struct run_step *step)
{
	bool would_be_back = foreseen->state == STEP_PLANNED || foreseen->state == STEP_RESTORED;
	const char *error = foreseen->error ? foreseen->error : "";

	if (would_be_back != (step->state == STEP_RESTORED) ||
	    strcmp(error, step->error ? step->error : "") != 0)
		fail_msg("%s %s: %s (%s), foreseen: %s (%s)", action_kind_name(step->kind),
		         step->object, step_state_name(step->state), step->error,
		         step_state_name(foreseen->state), error);
}

void drill_must_rollback(struct drill *drill)
{
	AUTO(run) struct run *foreseen = NULL;

	if (!find_run(drill))
		fail_msg("there is no run");
	foreseen = look(drill);
	if (work_on_run(drill, rollback) < 0)
		fail_msg("%s", drill->err.text);
	for (size_t i = 0; i < foreseen->step_count; i++)
		expect_foreseen(&foreseen->steps[i], &drill->run->steps[i]);
}

void drill_must_commit(struct drill *drill)
{
	must(drill, rollback_commit);
}

int drill_rollback_run(struct drill *drill)
{
	drill_reopen(drill);
	return work_on_run(drill, rollback);
}

int drill_commit_run(struct drill *drill)
{
	drill_reopen(drill);
	return work_on_run(drill, rollback_commit);
}

static bool kill_at(struct drill *drill, rollback_work *work, int at)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		drill->cut_at = at;
		must(drill, work);
		_exit(0);
	}
	return drill_was_killed(child);
}

bool drill_kill_rollback_at(struct drill *drill, int at)
{
	return kill_at(drill, rollback, at);
}

bool drill_kill_commit_at(struct drill *drill, int at)
{
	return kill_at(drill, rollback_commit, at);
}
