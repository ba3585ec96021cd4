/* run.c - one run: what it was asked to do, and what has become of each of its actions. */
#include "gc/run/run.h"

#include "gc/run/run_scope.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *run_state_name(enum run_state state)
{
	static const char *const names[RUN_STATE_COUNT] = {
		[RUN_PLANNED] = "planned",
		[RUN_DETACHED] = "detached",
		[RUN_DONE] = "done",
		[RUN_QUARANTINED] = "quarantined",
		[RUN_RETURNING] = "returning",
		[RUN_RETURNED] = "rolled-back",
		[RUN_INCOMPLETE] = "incomplete",
		[RUN_FORGOTTEN] = "forgotten",
	};

	return names[state];
}

const char *step_state_name(enum step_state state)
{
	static const char *const names[STEP_STATE_COUNT] = {
		[STEP_PLANNED] = "planned", [STEP_DETACHED] = "detached", [STEP_ERASED] = "erased",
		[STEP_GONE] = "gone",       [STEP_DROPPED] = "dropped",   [STEP_HELD] = "held",
		[STEP_FAILED] = "failed",   [STEP_RESTORED] = "restored",
	};

	return names[state];
}

const char *run_work_name(enum run_work work)
{
	static const char *const names[RUN_WORK_COUNT] = {
		[RUN_PRUNE] = "prune",
		[RUN_RESTORE] = "restore",
		[RUN_QUARANTINE] = "quarantine",
	};

	return names[work];
}

struct run *run_new(const struct plan *plan, const struct root *root, const char *command,
                    const struct selection_scope *scope)
{
	struct run *run = mem_zalloc(1, sizeof(*run));

	run->command = mem_text(command);
	run_scope_set(run, scope);
	(void)memcpy(run->digest, plan->digest, sizeof(run->digest));
	run->root_path = mem_text(root->path);
	run->device = root->device;
	run->inode = root->inode;
	run->reclaimed_bytes = plan->reclaimed_bytes;
	run->steps = mem_zalloc(plan->count, sizeof(*run->steps));
	run->step_count = plan->count;
	for (size_t i = 0; i < plan->count; i++) {
		const struct action *action = &plan->actions[i];

		run->steps[i] = (struct run_step){ .kind = action->kind,
			                           .reason = action->reason,
			                           .object = mem_text(action->object),
			                           .path = mem_text(action->path),
			                           .detail = mem_text(action->detail),
			                           .size_bytes = action->size_bytes,
			                           .usage = action->usage };
	}
	return run;
}

size_t run_group(const struct run *run, size_t at, size_t *first)
{
	enum action_kind kind = run->steps[at].kind;
	size_t end = at + 1;

	*first = at;
	if (!action_is_edit(kind))
		return end;
	while (*first > 0 && run->steps[*first - 1].kind == kind)
		(*first)--;
	while (end < run->step_count && run->steps[end].kind == kind)
		end++;
	return end;
}

size_t run_place_owner(const struct run *run, size_t at)
{
	size_t owner;

	(void)run_group(run, at, &owner);
	for (size_t i = 0; run->work == RUN_RESTORE && i < owner; i++) {
		if (action_is_edit(run->steps[at].kind) &&
		    run->steps[i].kind == run->steps[at].kind)
			return i;
	}
	return owner;
}

void run_done(struct run *run)
{
	for (size_t i = 0; run->steps && i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];

		free(step->object);
		free(step->path);
		free(step->detail);
		free(step->place);
		free(step->error);
	}
	free(run->steps);
	free(run->command);
	free(run->archive);
	free(run->root_path);
	free(run->note);
	dir_times_done(&run->dirs);
	run_scope_done(run);
}

void run_free(struct run *run)
{
	if (!run)
		return;
	run_done(run);
	free(run);
}

static bool run_step_is_problem(const struct run_step *step)
{
	return step->state == STEP_FAILED || step->state == STEP_HELD ||
	       (step->state == STEP_DETACHED && step->error);
}

void run_count(struct run *run)
{
	run->freed = (struct usage){ 0, 0, 0 };
	run->problem_count = 0;
	for (size_t i = 0; i < run->step_count; i++) {
		usage_add(&run->freed, &run->steps[i].freed);
		run->problem_count += run_step_is_problem(&run->steps[i]);
	}
}

size_t run_count_state(const struct run *run, enum step_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < run->step_count; i++)
		count += run->steps[i].state == state;
	return count;
}

void run_step_set(struct run_step *step, enum step_state state, const char *error)
{
	char *copy = mem_text(error);

	free(step->error);
	step->error = copy;
	step->state = state;
}
