/* needs.c - what an object must find in the data root when it comes back to it. */
#include "gc/back/needs.h"

#include "gc/back/relic.h"
#include "gc/edit/edit.h"
#include "gc/run/target.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/container.h"
#include "metadata/image.h"
#include "overlay2/lower.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define NEEDS_WORDS "needs %s %s, which is not there"

struct needs {
	struct trash *trash;
	int root_fd;
	const struct graph *graph;
	const struct run *run;
	bool is_trial;
	struct map moves;   /* path of each step that moves something -> the step */
	struct map records; /* ID of each ACTION_CACHE_RECORD -> its step */
};

struct needs *needs_new(struct trash *trash, int root_fd, const struct graph *graph,
                        const struct run *run, bool is_trial)
{
	struct needs *needs = mem_zalloc(1, sizeof(*needs));

	*needs = (struct needs){ trash, root_fd, graph, run, is_trial, MAP_INIT, MAP_INIT };
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (!action_is_edit(step->kind))
			(void)map_set(&needs->moves, step->path, i);
		if (step->kind == ACTION_CACHE_RECORD)
			(void)map_set(&needs->records, step->object, i);
	}
	return needs;
}

void needs_free(struct needs *needs)
{
	if (!needs)
		return;
	map_done(&needs->moves);
	map_done(&needs->records);
	free(needs);
}

/* The step that moves PATH, or NULL. */
static const struct run_step *needs_step(const struct needs *needs, const char *path)
{
	size_t at;

	return map_get(&needs->moves, path, &at) ? &needs->run->steps[at] : NULL;
}

static bool needs_is(const struct needs *needs, const char *path, enum step_state state)
{
	const struct run_step *step = needs_step(needs, path);

	return step && step->state == state;
}

/* Says whether PATH would be back by now, in a trial. */
static bool needs_would_be_back(const struct needs *needs, const char *path)
{
	return needs->is_trial && needs_is(needs, path, STEP_RESTORED);
}

/* The words when nothing of KIND called NAME is in the data root. */
static char *needs_object(const struct needs *needs, enum action_kind kind, const char *name)
{
	AUTO(str) char *path = target_path(kind, name);
	struct err err = ERR_INIT;
	bool exists = false;

	if (!target_name(kind, path) /* dockerd does not find it either */ ||
	    needs_would_be_back(needs, path))
		return NULL;
	if (trash_has_source(needs->trash, path, &exists, &err) < 0)
		return mem_print("needs %s %s: %s", action_kind_name(kind), name, err.text);
	if (exists)
		return NULL;
	return mem_print(NEEDS_WORDS, action_kind_name(kind), name);
}

/* The words when the object is missing; what is no step of the run was missing before. */
static char *needs_of_run(const struct needs *needs, enum action_kind kind, const char *name)
{
	AUTO(str) char *path = target_path(kind, name);

	return needs_step(needs, path) ? needs_object(needs, kind, name) : NULL;
}

/* The same for a layer by its "sha256:<chain ID>". */
static char *needs_layer(const struct needs *needs, const char *digest)
{
	const char *hex = digest ? id_digest_hex(digest) : NULL;

	return hex ? needs_object(needs, ACTION_LAYER, hex) : NULL;
}

/* The directory that the link at PATH leads to; NULL: it is no link to one. The caller frees. */
static char *needs_link_target(const struct needs *needs, const char *path)
{
	char target[256]; /* "../<directory>/diff" */
	ssize_t len = readlinkat(needs->root_fd, path, target, sizeof(target) - 1);

	if (len < 0 || strncmp(target, "../", 3) != 0)
		return NULL;
	target[len] = '\0';
	target[3 + strcspn(target + 3, "/")] = '\0';
	return id_is_dir(target + 3) ? mem_text(target + 3) : NULL;
}

/* The words when the link of a directory that is back does not lead to it; what had none needs
 * none. */
static char *needs_own_link(const struct needs *needs, const char *dir)
{
	AUTO(str) char *home = target_path(ACTION_DIR, dir);
	const struct run_step *step = needs->is_trial ? needs_step(needs, home) : NULL;
	const char *place = step && step->state == STEP_RESTORED ? step->place : home;
	AUTO(str) char *link = relic_word_at(needs->root_fd, place, "link");
	AUTO(str) char *path = link && id_is_link(link) ? target_path(ACTION_LINK, link) : NULL;
	AUTO(str) char *target = NULL;

	if (!path || !needs_step(needs, path) || needs_would_be_back(needs, path))
		return NULL;
	target = needs_link_target(needs, path);
	if (target && strcmp(target, dir) == 0)
		return NULL;
	return mem_print(NEEDS_WORDS, action_kind_name(ACTION_LINK), link);
}

/* The same for the directory that the file NAME in the object names. */
static char *needs_dir(const struct needs *needs, const struct run_step *step, const char *name)
{
	AUTO(str) char *dir = relic_word(needs->root_fd, step, name);
	char *missing;

	if (!dir || !id_is_dir(dir))
		return NULL;
	missing = needs_object(needs, ACTION_DIR, dir);
	return missing ? missing : needs_own_link(needs, dir);
}

static char *needs_of_layer(const struct needs *needs, const struct run_step *step)
{
	AUTO(str) char *parent = relic_word(needs->root_fd, step, "parent");
	char *missing = needs_layer(needs, parent);

	return missing ? missing : needs_dir(needs, step, "cache-id");
}

static char *needs_of_mount(const struct needs *needs, const struct run_step *step)
{
	AUTO(str) char *parent = relic_word(needs->root_fd, step, "parent");
	char *missing = needs_layer(needs, parent);

	if (!missing)
		missing = needs_dir(needs, step, "init-id");
	return missing ? missing : needs_dir(needs, step, "mount-id");
}

static char *needs_of_container(const struct needs *needs, const struct run_step *step)
{
	struct container container = { .id = mem_text(target_name(ACTION_CONTAINER, step->path)) };
	AUTO(str) char *text = relic_text(needs->root_fd, step, "config.v2.json");
	struct err ignored = ERR_INIT;
	char *missing = needs_of_run(needs, ACTION_MOUNT, container.id);

	if (!missing && text &&
	    container_parse_config(&container, text, strlen(text), &ignored) == 0 &&
	    container.image_id)
		missing = needs_of_run(needs, ACTION_IMAGE, container.image_id);
	container_done(&container);
	return missing;
}

static char *needs_of_image(const struct needs *needs, const struct run_step *step)
{
	struct image image = { .id = mem_text(target_name(ACTION_IMAGE, step->path)) };
	AUTO(str) char *text = relic_text(needs->root_fd, step, NULL);
	struct err ignored = ERR_INIT;
	char *missing = NULL;

	if (text && image_parse(&image, text, strlen(text), &ignored) == 0 && image.chain_id)
		missing = needs_object(needs, ACTION_LAYER, image.chain_id);
	image_done(&image);
	return missing;
}

static char *needs_of_metadata(const struct needs *needs, const struct run_step *step)
{
	return needs_object(needs, ACTION_IMAGE, target_name(ACTION_IMAGE_METADATA, step->path));
}

/* Links come after the directories: one that will come is as good as one that is there. */
static char *needs_of_dir(const struct needs *needs, const struct run_step *step)
{
	AUTO(str) char *text = relic_text(needs->root_fd, step, "lower");
	struct lower lower = { text, text ? strlen(text) : 0, 0, 0 };
	char link[ID_LINK_LEN + 1];

	while (text && lower_next(&lower, link) == LOWER_LINK) {
		AUTO(str) char *path = target_path(ACTION_LINK, link);
		char *missing = NULL;

		if (!needs_is(needs, path, STEP_DETACHED))
			missing = needs_object(needs, ACTION_LINK, link);
		if (missing)
			return missing;
	}
	return NULL;
}

static char *needs_of_link(const struct needs *needs, const struct run_step *step)
{
	AUTO(str) char *dir = needs_link_target(needs, step->place);

	return dir ? needs_object(needs, ACTION_DIR, dir) : NULL;
}

static char *needs_of_tag(const struct needs *needs, const struct run_step *step)
{
	const char *hex = id_digest_hex(step->detail);

	return hex ? needs_object(needs, ACTION_IMAGE, hex) : NULL;
}

/* The record comes back with its mark: as long as it is not there, that is not taken off either. */
static char *needs_of_mark(const struct needs *needs, const struct run_step *step)
{
	size_t at;

	if (!map_get(&needs->records, step->object, &at) ||
	    needs->run->steps[at].state == STEP_RESTORED ||
	    edit_is_open(needs->graph, &needs->run->steps[at]) /* it has been there before */)
		return NULL;
	return mem_print(NEEDS_WORDS, action_kind_name(ACTION_CACHE_RECORD), step->object);
}

char *needs_missing(const struct needs *needs, const struct run_step *step)
{
	static char *(*const rows[ACTION_KIND_COUNT])(const struct needs *needs,
	                                              const struct run_step *step) = {
		[ACTION_UNTAG] = needs_of_tag,
		[ACTION_CONTAINER] = needs_of_container,
		[ACTION_IMAGE_METADATA] = needs_of_metadata,
		[ACTION_IMAGE] = needs_of_image,
		[ACTION_MOUNT] = needs_of_mount,
		[ACTION_LAYER] = needs_of_layer,
		[ACTION_CACHE_MARK] = needs_of_mark,
		[ACTION_LINK] = needs_of_link,
		[ACTION_DIR] = needs_of_dir,
	};

	return rows[step->kind] && step->reason == REASON_PRUNED ? rows[step->kind](needs, step)
	                                                         : NULL;
}
