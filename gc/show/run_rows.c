/* run_rows.c - the listing of runs and of the steps of one. */
#include "gc/show/run_rows.h"

static const struct row_column run_columns[] = {
	{ "RUN", "run", ROW_COUNT },
	{ "STATE", "state", ROW_TEXT },
	{ "STARTED", "started", ROW_TIME },
	{ "FINISHED", "finished", ROW_TIME },
	{ "STEPS", "steps", ROW_COUNT },
	{ "PROBLEMS", "problems", ROW_COUNT },
	{ "FREED", "allocated_bytes", ROW_SIZE },
	{ "COMMAND", "command", ROW_TEXT },
	{ NULL, "apparent_bytes", ROW_SIZE },
	{ NULL, "inodes", ROW_COUNT },
	{ NULL, "reclaimed_bytes", ROW_SIZE },
	{ NULL, "digest", ROW_TEXT },
	{ NULL, "root", ROW_TEXT },
	{ NULL, "note", ROW_TEXT },
	{ NULL, "work", ROW_TEXT },
	{ "ARCHIVE", "archive", ROW_TEXT },
};

static const struct row_column step_columns[] = {
	{ "STEP", "step", ROW_COUNT },       { "KIND", "kind", ROW_TEXT },
	{ "OBJECT", "object", ROW_ID },      { "NAME", "name", ROW_TEXT },
	{ "STATE", "state", ROW_TEXT },      { "FREED", "allocated_bytes", ROW_SIZE },
	{ "ERROR", "error", ROW_TEXT },      { NULL, "reason", ROW_TEXT },
	{ NULL, "path", ROW_TEXT },          { NULL, "detail", ROW_TEXT },
	{ NULL, "place", ROW_TEXT },         { NULL, "size_bytes", ROW_SIZE },
	{ NULL, "planned_bytes", ROW_SIZE }, { NULL, "apparent_bytes", ROW_SIZE },
	{ NULL, "inodes", ROW_COUNT },
};

struct row_list run_rows_make(const struct run *runs, size_t count)
{
	struct row_list list = ROW_LIST("runs", NULL, run_columns);

	for (size_t i = 0; i < count; i++) {
		const struct run *run = &runs[i];

		row_add_count(&list, run->id);
		row_add_text(&list, run_state_name(run->state));
		row_add_time(&list, run->started);
		row_add_time(&list, run->finished);
		row_add_count(&list, (int64_t)run->step_count);
		row_add_count(&list, (int64_t)run->problem_count);
		row_add_size(&list, (int64_t)run->freed.allocated_bytes);
		row_add_text(&list, run->command);
		row_add_size(&list, (int64_t)run->freed.apparent_bytes);
		row_add_count(&list, (int64_t)run->freed.inodes);
		row_add_size(&list, (int64_t)run->reclaimed_bytes);
		row_add_text(&list, run->digest);
		row_add_text(&list, run->root_path);
		row_add_text(&list, run->note);
		row_add_text(&list, run_work_name(run->work));
		row_add_text(&list, run->archive);
	}
	return list;
}

/* The name of what has an ID and a name, or NULL. */
static const char *run_rows_name(const struct run_step *step)
{
	bool has_name = step->kind == ACTION_CONTAINER || step->kind == ACTION_NETWORK;

	return has_name && *step->detail ? step->detail : NULL;
}

struct row_list run_rows_steps(const struct run *run)
{
	struct row_list list = ROW_LIST("steps", NULL, step_columns);

	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		row_add_count(&list, (int64_t)i + 1);
		row_add_text(&list, action_kind_name(step->kind));
		row_add_id(&list, step->object);
		row_add_text(&list, run_rows_name(step));
		row_add_text(&list, step_state_name(step->state));
		row_add_size(&list, (int64_t)step->freed.allocated_bytes);
		row_add_text(&list, step->error);
		row_add_text(&list, step->reason == REASON_PRUNED ? "pruned" : "orphan");
		row_add_text(&list, step->path);
		row_add_text(&list, step->detail);
		row_add_text(&list, step->place);
		row_add_size(&list, step->size_bytes);
		row_add_size(&list, (int64_t)step->usage.apparent_bytes);
		row_add_size(&list, (int64_t)step->freed.apparent_bytes);
		row_add_count(&list, (int64_t)step->freed.inodes);
	}
	return list;
}
