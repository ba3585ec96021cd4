/* archive_head.c - what an archive says of itself first: the run that made it, step by step. */
#include "gc/archive/archive_head.h"

#include "gc/run/run_scope.h"
#include "gc/run/target.h"
#include "metadata/base/gojson.h"
#include "metadata/base/mem.h"
#include "metadata/base/quote.h"
#include "overlay2/manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ARCHIVE_HEAD_VERSION 1

void archive_head_done(struct archive_head *head)
{
	run_free(head->run);
	free(head->file);
	free(head->is_linked);
	*head = (struct archive_head)ARCHIVE_HEAD_INIT;
}

char *archive_head_path(const struct run_step *step)
{
	return action_is_edit(step->kind)
	           ? mem_print(MANIFEST_EDITED "%s/%s", action_kind_name(step->kind), step->path)
	           : mem_text(step->path);
}

/* ---- writing ---- */

static void head_add_number(struct text *text, const char *key, uint64_t number)
{
	text_print(text, ",\"%s\":%" PRId64, key, (int64_t)number);
}

static void head_write_run(struct text *text, const struct run *run)
{
	text_print(text, "{\"drydock_archive\":%d", ARCHIVE_HEAD_VERSION);
	quote_member(text, "program", VERSION);
	quote_member(text, "command", run->command);
	quote_member(text, "plan", run->digest);
	quote_member(text, "root", run->root_path);
	head_add_number(text, "device", run->device);
	head_add_number(text, "inode", run->inode);
	head_add_number(text, "started", (uint64_t)run->started);
	head_add_number(text, "reclaimed_bytes", run->reclaimed_bytes);
	text_print(text, "}\n");
}

static void head_write_step(struct text *text, const struct run_step *step)
{
	text_print(text, "{");
	quote_member(text, "kind", action_kind_name(step->kind));
	quote_member(text, "object", step->object);
	quote_member(text, "path", step->path);
	quote_member(text, "detail", step->detail);
	quote_member(text, "reason", step->reason == REASON_PRUNED ? "pruned" : "orphan");
	head_add_number(text, "size_bytes", (uint64_t)step->size_bytes);
	head_add_number(text, "apparent_bytes", step->usage.apparent_bytes);
	head_add_number(text, "allocated_bytes", step->usage.allocated_bytes);
	head_add_number(text, "inodes", step->usage.inodes);
	text_print(text, "}\n");
}

char *archive_head_write(const struct run *run, const bool *is_in, size_t *len)
{
	AUTO(text) struct text text = TEXT_INIT;

	head_write_run(&text, run);
	for (size_t i = 0; i < run->step_count; i++) {
		if (is_in[i])
			head_write_step(&text, &run->steps[i]);
	}
	for (size_t i = 0; i < run->dirs.count; i++) {
		const struct dir_time *dir = &run->dirs.items[i];

		text_print(&text, "{");
		quote_member(&text, "dir", dir->path);
		head_add_number(&text, "mtime", (uint64_t)dir->mtime.tv_sec);
		head_add_number(&text, "mtime_nanoseconds", (uint64_t)dir->mtime.tv_nsec);
		text_print(&text, "}\n");
	}
	*len = text.len;
	return text_take(&text);
}

/* ---- reading ---- */

/* The bytes that the field KEY stands for; NULL: there is none, or it is none of ours. Owned. */
static char *head_text(const struct json_t *line, const char *key)
{
	AUTO(str) char *text = mem_text(gojson_text(gojson_field(line, key)));

	return text && quote_undo(text) ? TAKE(text, NULL) : NULL;
}

static bool head_number(const struct json_t *line, const char *key, uint64_t *number)
{
	int64_t value;

	if (!gojson_integer(gojson_field(line, key), &value))
		return false;
	*number = (uint64_t)value;
	return true;
}

static int head_read_run(struct archive_head *head, const struct json_t *line, struct err *err)
{
	struct run *run = mem_zalloc(1, sizeof(*run));
	AUTO(str) char *digest = head_text(line, "plan");
	uint64_t version = 0;
	uint64_t started = 0;

	head->run = run;
	(void)!run_scope_parse(run, ""); /* a restore decides nothing */
	run->work = RUN_RESTORE;
	if (!head_number(line, "drydock_archive", &version) || version == 0)
		return err_set(err, ERR_CORRUPT, "is no archive of drydock");
	if (version > ARCHIVE_HEAD_VERSION)
		return err_set(err, ERR_STATE,
		               "was made by a newer drydock (version %" PRIu64
		               ", this one knows %d)",
		               version, ARCHIVE_HEAD_VERSION);
	run->command = head_text(line, "command");
	run->root_path = head_text(line, "root");
	if (!run->command || !run->root_path || !digest || strlen(digest) >= sizeof(run->digest) ||
	    !head_number(line, "device", &run->device) ||
	    !head_number(line, "inode", &run->inode) || !head_number(line, "started", &started) ||
	    !head_number(line, "reclaimed_bytes", &run->reclaimed_bytes))
		return err_set(err, ERR_CORRUPT, "a field is missing");
	(void)strcpy(run->digest, digest);
	run->started = (int64_t)started;
	return 0;
}

static bool head_parse_kind(const char *name, enum action_kind *kind)
{
	for (unsigned i = 0; name && i < ACTION_KIND_COUNT; i++) {
		if (strcmp(action_kind_name((enum action_kind)i), name) == 0) {
			*kind = (enum action_kind)i;
			return true;
		}
	}
	return false;
}

static int head_read_step(struct run_step *step, const struct json_t *line, struct err *err)
{
	AUTO(str) char *kind = head_text(line, "kind");
	AUTO(str) char *reason = head_text(line, "reason");
	uint64_t size = 0;

	step->object = head_text(line, "object");
	step->path = head_text(line, "path");
	step->detail = head_text(line, "detail");
	if (!head_parse_kind(kind, &step->kind) || !step->object || !step->path || !step->detail ||
	    !reason || !head_number(line, "size_bytes", &size) ||
	    !head_number(line, "apparent_bytes", &step->usage.apparent_bytes) ||
	    !head_number(line, "allocated_bytes", &step->usage.allocated_bytes) ||
	    !head_number(line, "inodes", &step->usage.inodes))
		return err_set(err, ERR_CORRUPT, "a field is missing");
	step->reason = strcmp(reason, "pruned") == 0 ? REASON_PRUNED : REASON_ORPHAN;
	step->size_bytes = (int64_t)size;
	if (!target_name(step->kind, step->path))
		return err_set(err, ERR_CORRUPT, "%s is no path of a %s", step->path,
		               action_kind_name(step->kind));
	return 0;
}

static int head_read_dir(struct archive_head *head, const struct json_t *line, struct err *err)
{
	AUTO(str) char *path = head_text(line, "dir");
	uint64_t seconds = 0;
	uint64_t nanoseconds = 0;
	struct timespec mtime;

	if (!path || !head_number(line, "mtime", &seconds) ||
	    !head_number(line, "mtime_nanoseconds", &nanoseconds) || nanoseconds > 999999999)
		return err_set(err, ERR_CORRUPT, "a field is missing");
	if (*path != '\0' && !target_is_clean(path))
		return err_set(err, ERR_CORRUPT, "%s is no directory of a data root", path);
	mtime = (struct timespec){ (time_t)(int64_t)seconds, (long)nanoseconds };
	dir_times_add(&head->run->dirs, path, strlen(path), &mtime);
	return 0;
}

static int head_read_line(struct archive_head *head, size_t *capacity, const char *bytes,
                          size_t len, struct err *err)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct run *run = head->run;

	if (gojson_parse(&json, bytes, len, GOJSON_WHOLE_TEXT, err) < 0)
		return -1;
	if (!run)
		return head_read_run(head, json.root, err);
	if (gojson_has(json.root, "dir"))
		return head_read_dir(head, json.root, err);
	run->steps = mem_grow(run->steps, run->step_count, capacity, sizeof(*run->steps));
	run->steps[run->step_count] = (struct run_step){ .state = STEP_PLANNED };
	return head_read_step(&run->steps[run->step_count++], json.root, err);
}

int archive_head_read(struct archive_head *head, const char *bytes, size_t len, struct err *err)
{
	size_t capacity = 0;
	size_t line = 1;

	for (size_t at = 0; at < len; line++) {
		const char *end = memchr(bytes + at, '\n', len - at);
		size_t line_len = end ? (size_t)(end - bytes) - at : len - at;

		if (head_read_line(head, &capacity, bytes + at, line_len, err) < 0)
			return line > 1 ? err_wrap(err, "line %zu", line) : -1;
		at += line_len + 1;
	}
	return head->run ? 0 : err_set(err, ERR_CORRUPT, "is no archive of drydock");
}
