/* needs.c - what an object must find in the data root when it comes back to it. */
#include "gc/back/needs.h"

#include "gc/back/relic.h"
#include "gc/run/target.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/image.h"
#include "overlay2/lower.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct needs {
	struct trash *trash;
	int root_fd;
	const struct run *run;
	bool is_trial;
	struct map moves;   /* path of each step that moves something -> the step */
	struct map records; /* ID of each ACTION_CACHE_RECORD -> its step */
};

struct needs *needs_new(struct trash *trash, int root_fd, const struct run *run, bool is_trial)
{
	struct needs *needs = mem_zalloc(1, sizeof(*needs));

	*needs = (struct needs){ trash, root_fd, run, is_trial, MAP_INIT, MAP_INIT };
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

/* Says whether the step that moves PATH is in STATE. */
static bool needs_is(const struct needs *needs, const char *path, enum step_state state)
{
	size_t at;

	return map_get(&needs->moves, path, &at) && needs->run->steps[at].state == state;
}

/* The words when nothing of KIND called NAME is in the data root. */
static char *needs_object(const struct needs *needs, enum action_kind kind, const char *name)
{
	AUTO(str) char *path = target_path(kind, name);
	struct err err = ERR_INIT;
	bool exists = false;

	if (!target_name(kind, path) /* dockerd does not find it either */ ||
	    (needs->is_trial && needs_is(needs, path, STEP_RESTORED)))
		return NULL;
	if (trash_has_source(needs->trash, path, &exists, &err) < 0)
		return mem_print("needs %s %s: %s", action_kind_name(kind), name, err.text);
	if (exists)
		return NULL;
	return mem_print("needs %s %s, which is not there", action_kind_name(kind), name);
}

/* The same for a layer by its "sha256:<chain ID>". */
static char *needs_layer(const struct needs *needs, const char *digest)
{
	const char *hex = digest ? id_digest_hex(digest) : NULL;

	return hex ? needs_object(needs, ACTION_LAYER, hex) : NULL;
}

/* The same for the directory that the file NAME in the object names. */
static char *needs_dir(const struct needs *needs, const struct run_step *step, const char *name)
{
	AUTO(str) char *dir = relic_word(needs->root_fd, step, name);

	return dir && id_is_dir(dir) ? needs_object(needs, ACTION_DIR, dir) : NULL;
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

/* A container without a mount had none before, unless that is a step of the same run. */
static char *needs_of_container(const struct needs *needs, const struct run_step *step)
{
	const char *id = target_name(ACTION_CONTAINER, step->path);

	for (size_t i = 0; i < needs->run->step_count; i++) {
		const struct run_step *mount = &needs->run->steps[i];

		if (mount->kind == ACTION_MOUNT &&
		    strcmp(target_name(ACTION_MOUNT, mount->path), id) == 0)
			return needs_object(needs, ACTION_MOUNT, id);
	}
	return NULL;
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

/* ../<directory>/diff */
static char *needs_of_link(const struct needs *needs, const struct run_step *step)
{
	char target[256];
	ssize_t len = readlinkat(needs->root_fd, step->place, target, sizeof(target) - 1);

	if (len < 0 || strncmp(target, "../", 3) != 0)
		return NULL;
	target[len] = '\0';
	target[3 + strcspn(target + 3, "/")] = '\0';
	return id_is_dir(target + 3) ? needs_object(needs, ACTION_DIR, target + 3) : NULL;
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
	    needs->run->steps[at].state == STEP_RESTORED)
		return NULL;
	return mem_print("needs %s %s, which is not there", action_kind_name(ACTION_CACHE_RECORD),
	                 step->object);
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
