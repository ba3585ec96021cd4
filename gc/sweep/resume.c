/* resume.c - what of an interrupted run may still be done. */
#include "gc/sweep/resume.h"

#include "gc/edit/edit.h"
#include "gc/run/hold.h"
#include "gc/run/target.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The actions of a plan, by everything that makes them the same action. */
struct resume_index {
	char **keys;
	size_t count;
	struct map map;
};

static char *resume_key(enum action_kind kind, const char *path, const char *object,
                        const char *detail)
{
	return mem_print("%s\n%s\n%s\n%s", action_kind_name(kind), path, object,
	                 kind == ACTION_UNTAG ? detail : "");
}

static void resume_index_make(struct resume_index *index, const struct plan *plan)
{
	index->keys = mem_zalloc(plan->count, sizeof(*index->keys));
	index->count = plan->count;
	for (size_t i = 0; i < plan->count; i++) {
		const struct action *action = &plan->actions[i];

		index->keys[i] =
		    resume_key(action->kind, action->path, action->object, action->detail);
		(void)map_set(&index->map, index->keys[i], i);
	}
}

static void resume_index_cleanup(struct resume_index *index)
{
	for (size_t i = 0; i < index->count; i++)
		free(index->keys[i]);
	free(index->keys);
	map_done(&index->map);
}

/* The action of PLAN that STEP is, or NULL. */
static const struct action *resume_find(const struct resume_index *index, const struct plan *plan,
                                        const struct run_step *step)
{
	AUTO(str) char *key = resume_key(step->kind, step->path, step->object, step->detail);
	size_t at;

	return map_get(&index->map, key, &at) ? &plan->actions[at] : NULL;
}

/* Says whether the step is still to be done. */
static bool resume_is_open(const struct run_step *step)
{
	return step->state == STEP_PLANNED || step->state == STEP_HELD ||
	       step->state == STEP_FAILED;
}

/*
 * What FRESH would remove and RUN does not: made since, or made again. It stays, and so does all
 * that it needs. Fills HOLD; STRANGERS, which it points to, has one element for each action.
 */
static void resume_hold_strangers(struct hold *hold, struct run_step *strangers,
                                  const struct resume_index *index, const struct run *run,
                                  const struct plan *fresh)
{
	bool *is_ours = mem_zalloc(fresh->count, sizeof(*is_ours));

	for (size_t i = 0; i < run->step_count; i++) {
		const struct action *action = resume_find(index, fresh, &run->steps[i]);

		if (action && resume_is_open(&run->steps[i]))
			is_ours[action - fresh->actions] = true;
	}
	for (size_t i = 0; i < fresh->count; i++) {
		const struct action *action = &fresh->actions[i];

		if (is_ours[i])
			continue;
		strangers[i] = (struct run_step){ .kind = action->kind,
			                          .object = action->object,
			                          .path = action->path,
			                          .detail = action->detail };
		hold_add(hold, &strangers[i]);
	}
	free(is_ours);
}

/*
 * Data that nothing brings back goes only as it was when the user was asked: a volume of that name
 * may have been used, or made anew, since. The others are what their IDs say.
 */
static bool resume_has_changed(const struct run_step *step, const struct action *action)
{
	return step->kind == ACTION_VOLUME &&
	       (step->usage.apparent_bytes != action->usage.apparent_bytes ||
	        step->usage.allocated_bytes != action->usage.allocated_bytes ||
	        step->usage.inodes != action->usage.inodes);
}

/* Says in *IS_THERE whether the object of the step is where it was, and not in the trash. */
static int resume_look(struct trash *trash, const struct graph *graph, const struct run_step *step,
                       size_t seq, bool *is_there, struct err *err)
{
	bool is_moved = false;

	if (action_is_edit(step->kind)) {
		*is_there = edit_is_open(graph, step);
		return 0;
	}
	*is_there = true;
	if (!target_name(step->kind, step->path) ||
	    !trash_owns(trash, step->path, seq, step->place))
		return 0; /* the journal is damaged: FRESH decides, and detach() refuses */
	if (trash_has(trash, step->place, &is_moved, err) < 0)
		return -1;
	return is_moved ? (*is_there = false, 0)
	                : trash_has_source(trash, step->path, is_there, err);
}

/* Says whether the object of STEP must stay because of what HOLD was given; an image does with its
 * tags. */
static bool resume_is_held(struct hold *hold, const struct run_step *step)
{
	AUTO(str) char *path = NULL;
	struct run_step image = { .kind = ACTION_IMAGE, .object = step->detail };

	if (hold_find(hold, step))
		return true;
	if (step->kind != ACTION_UNTAG || strncmp(step->detail, "sha256:", 7) != 0)
		return false;
	path = target_path(ACTION_IMAGE, step->detail + 7);
	image.path = path;
	return hold_find(hold, &image) != NULL;
}

int resume_find_back(struct run *run, const struct graph *graph, struct trash *trash,
                     struct err *err)
{
	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];

		if ((step->state != STEP_DETACHED && step->state != STEP_ERASED &&
		     step->state != STEP_GONE) ||
		    !target_name(step->kind, step->path))
			continue;
		if (action_is_edit(step->kind))
			step->is_back = edit_is_open(graph, step);
		else if (trash_has_source(trash, step->path, &step->is_back, err) < 0)
			return -1;
	}
	return 0;
}

int resume_decide(struct run *run, const struct plan *fresh, const struct graph *graph,
                  struct trash *trash, struct err *err)
{
	AUTO(resume_index) struct resume_index index = { .map = MAP_INIT };
	AUTO(hold) struct hold *hold = hold_new(graph);
	struct run_step *strangers = mem_zalloc(fresh->count, sizeof(*strangers));

	resume_index_make(&index, fresh);
	resume_hold_strangers(hold, strangers, &index, run, fresh);
	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];
		const struct action *action = resume_find(&index, fresh, step);
		bool is_there = true;

		if (!resume_is_open(step))
			continue;
		run_step_set(step, STEP_PLANNED, NULL);
		if (action && !resume_has_changed(step, action) && !resume_is_held(hold, step))
			continue;
		if (resume_look(trash, graph, step, i + 1, &is_there, err) < 0) {
			free(strangers);
			return -1;
		}
		if (is_there)
			run_step_set(step, STEP_DROPPED,
			             action && resume_has_changed(step, action)
			                 ? "has changed since it was planned"
			                 : "needed again, or not garbage any more");
	}
	free(strangers);
	return 0;
}
