/* conflict.c - what cannot go back to its place: something else is there by now. */
#include "gc/back/conflict.h"

#include "gc/back/relic.h"
#include "gc/run/target.h"
#include "metadata/base/file.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/bolt.h"
#include "metadata/container.h"
#include "overlay2/lower.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct conflict {
	struct run *run;
	struct trash *trash;
	int root_fd;
	const struct graph *graph;
	struct map dirs;    /* directory -> its ACTION_DIR */
	struct map claimed; /* directories that some layer or mount of the run says are its own */
	struct map needed;  /* links that `lower` of directories that go back name */
	struct map blocked; /* directories of objects that do not go back -> step of the object */
	char **texts;       /* the keys of `claimed` and `needed`; owned */
	size_t text_count, text_capacity;
};

static void conflict_cleanup(struct conflict *conflict)
{
	map_done(&conflict->dirs);
	map_done(&conflict->claimed);
	map_done(&conflict->needed);
	map_done(&conflict->blocked);
	for (size_t i = 0; i < conflict->text_count; i++)
		free(conflict->texts[i]);
	free(conflict->texts);
}

/* TEXT moves in; returned is what stays good as a key. */
static const char *conflict_keep(struct conflict *conflict, char *text)
{
	conflict->texts = mem_grow(conflict->texts, conflict->text_count, &conflict->text_capacity,
	                           sizeof(*conflict->texts));
	conflict->texts[conflict->text_count++] = text;
	return text;
}

/* ---- places that are taken ---- */

/* buildkit/ as a whole goes only when it has records: one in the trash that has none is the fresh
 * one, and the old one is back already. */
static bool conflict_is_exchanged(const struct conflict *conflict, const struct run_step *step)
{
	struct err ignored = ERR_INIT;
	AUTO(close) int fd = file_open_dir(conflict->root_fd, step->place, &ignored);
	AUTO(bolt) struct bolt *records = NULL;
	struct bolt_bucket bucket;
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	if (fd < 0 || bolt_open(&records, fd, "metadata_v2.db", &ignored) < 0)
		return fd >= 0 && err_has_code(&ignored, ENOENT);
	bucket = bolt_root(records);
	if (!bolt_bucket_enter(&bucket, "_main", &bucket))
		return true;
	bolt_cursor_start(&cursor, &bucket);
	return !bolt_cursor_next(&cursor, &entry);
}

/* A daemon that has started since has made buildkit/ again; when it has not been used, nothing is
 * lost by taking its place. */
static void conflict_find_cache(const struct conflict *conflict, struct run_step *step)
{
	if (conflict_is_exchanged(conflict, step))
		run_step_set(step, STEP_RESTORED, NULL);
	else if (!cache_is_empty(&conflict->graph->state->cache))
		run_step_set(step, STEP_FAILED, "exists already, with other build cache");
}

static int conflict_find_taken(const struct conflict *conflict, struct run_step *step, size_t seq,
                               struct err *err)
{
	bool is_there = false;
	bool is_moved = false;

	if (!target_name(step->kind, step->path) ||
	    !trash_owns(conflict->trash, step->path, seq, step->place)) {
		run_step_set(step, STEP_FAILED, "its path is none that drydock makes");
		return 0;
	}
	if (trash_has_source(conflict->trash, step->path, &is_there, err) < 0 ||
	    (is_there && trash_has(conflict->trash, step->place, &is_moved, err) < 0))
		return -1;
	if (is_moved && step->kind == ACTION_CACHE)
		conflict_find_cache(conflict, step);
	else if (is_moved)
		run_step_set(step, STEP_FAILED, "exists already");
	return 0;
}

/* ---- names that are taken ---- */

/* The name of the container in the trash, "" if it has none. The caller frees. */
static char *conflict_container_name(const struct conflict *conflict, const struct run_step *step)
{
	struct container container = { .id = mem_text(target_name(step->kind, step->path)) };
	AUTO(str) char *text = relic_text(conflict->root_fd, step, "config.v2.json");
	struct err ignored = ERR_INIT;
	char *name = NULL;

	if (text && container_parse_config(&container, text, strlen(text), &ignored) == 0)
		name = mem_text(container.name);
	container_done(&container);
	return name ? name : mem_text("");
}

static void conflict_find_name(const struct conflict *conflict, struct run_step *step)
{
	const struct container_list *containers = &conflict->graph->state->containers;
	AUTO(str) char *name = conflict_container_name(conflict, step);

	for (size_t i = 0; i < containers->count && *name; i++) {
		AUTO(str) char *words = NULL;

		if (strcmp(containers->items[i].name, name) != 0 ||
		    strcmp(containers->items[i].id, target_name(step->kind, step->path)) == 0)
			continue;
		words = mem_print("another container is called %s now", name);
		run_step_set(step, STEP_FAILED, words);
		return;
	}
}

/* ---- what goes with them ---- */

static void conflict_hold(struct run_step *step, const struct run_step *cause)
{
	AUTO(str)
	char *words = mem_print("belongs to %s %s, which does not go back",
	                        action_kind_name(cause->kind), cause->object);

	run_step_set(step, STEP_HELD, words);
}

/* Holds the mounts of containers that do not go back. */
static void conflict_hold_mounts(const struct conflict *conflict)
{
	AUTO(map) struct map failed = MAP_INIT;
	struct run *run = conflict->run;
	size_t at;

	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->kind == ACTION_CONTAINER && step->state == STEP_FAILED)
			(void)map_set(&failed, target_name(step->kind, step->path), i);
	}
	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];

		if (step->kind == ACTION_MOUNT && step->state == STEP_DETACHED &&
		    map_get(&failed, target_name(step->kind, step->path), &at))
			conflict_hold(step, &run->steps[at]);
	}
}

/* Notes the directories of the layer or mount AT. */
static void conflict_claim(struct conflict *conflict, size_t at)
{
	static const char *const files[] = { "cache-id", "mount-id", "init-id" };
	const struct run_step *step = &conflict->run->steps[at];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		AUTO(str) char *dir = relic_word(conflict->root_fd, step, files[i]);
		const char *key;

		if (!dir || !map_get(&conflict->dirs, dir, NULL))
			continue;
		key = conflict_keep(conflict, TAKE(dir, NULL));
		(void)map_set(&conflict->claimed, key, at);
		if (step->state != STEP_DETACHED)
			(void)map_set(&conflict->blocked, key, at);
	}
}

/* When the build cache does not go back, neither does what nothing else claims. */
static void conflict_block_cache(struct conflict *conflict)
{
	struct run *run = conflict->run;
	size_t cache = run->step_count;

	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].kind == ACTION_CACHE && run->steps[i].state == STEP_FAILED)
			cache = i;
	}
	for (size_t i = 0; i < run->step_count && cache < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->kind == ACTION_DIR && step->reason == REASON_PRUNED &&
		    !map_get(&conflict->claimed, step->object, NULL))
			(void)map_set(&conflict->blocked, step->object, cache);
	}
}

/* Notes what `lower` of the directory names. */
static void conflict_need(struct conflict *conflict, const struct run_step *step)
{
	AUTO(str) char *text = relic_text(conflict->root_fd, step, "lower");
	struct lower lower = { text, text ? strlen(text) : 0, 0, 0 };
	char link[ID_LINK_LEN + 1];

	while (text && lower_next(&lower, link) == LOWER_LINK)
		(void)map_set(&conflict->needed, conflict_keep(conflict, mem_text(link)), 0);
}

/* Holds the directory AT if only a blocked object uses it. Returns whether it does. */
static bool conflict_hold_dir(const struct conflict *conflict, size_t at)
{
	struct run_step *step = &conflict->run->steps[at];
	AUTO(str) char *link = NULL;
	size_t cause;

	if (step->state != STEP_DETACHED || !map_get(&conflict->blocked, step->object, &cause))
		return false;
	link = relic_word(conflict->root_fd, step, "link");
	if (link && map_get(&conflict->needed, link, NULL))
		return false;
	conflict_hold(step, &conflict->run->steps[cause]);
	return true;
}

static void conflict_hold_dirs(struct conflict *conflict)
{
	struct run *run = conflict->run;
	AUTO(map) struct map held = MAP_INIT; /* directory -> its step */
	size_t at;

	if (conflict->blocked.count == 0)
		return;
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->kind == ACTION_DIR && step->state == STEP_DETACHED &&
		    !map_get(&conflict->blocked, step->object, NULL))
			conflict_need(conflict, step);
	}
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].kind == ACTION_DIR && conflict_hold_dir(conflict, i))
			(void)map_set(&held, run->steps[i].object, i);
	}
	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];

		/* the detail of a link is the directory that it leads to */
		if (step->kind == ACTION_LINK && step->state == STEP_DETACHED &&
		    map_get(&held, step->detail, &at))
			conflict_hold(step, &run->steps[at]);
	}
}

int conflict_find(struct run *run, struct trash *trash, int root_fd, const struct graph *graph,
                  struct err *err)
{
	AUTO(conflict)
	struct conflict conflict = { .run = run,
		                     .trash = trash,
		                     .root_fd = root_fd,
		                     .graph = graph,
		                     .dirs = MAP_INIT,
		                     .claimed = MAP_INIT,
		                     .needed = MAP_INIT,
		                     .blocked = MAP_INIT };

	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];

		if (step->kind == ACTION_DIR)
			(void)map_set(&conflict.dirs, step->object, i);
		if (step->state != STEP_DETACHED || action_is_edit(step->kind))
			continue;
		if (conflict_find_taken(&conflict, step, i + 1, err) < 0)
			return -1;
		if (step->kind == ACTION_CONTAINER && step->state == STEP_DETACHED)
			conflict_find_name(&conflict, step);
	}
	conflict_hold_mounts(&conflict);
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].kind == ACTION_LAYER || run->steps[i].kind == ACTION_MOUNT)
			conflict_claim(&conflict, i);
	}
	conflict_block_cache(&conflict);
	conflict_hold_dirs(&conflict);
	return 0;
}
