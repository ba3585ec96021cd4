/* verify.c - what a run has left: everything that should be there, and nothing newly broken. */
#include "gc/verify/verify_part.h"

#include "gc/run/target.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

bool verify_is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

char *verify_edit_key(enum action_kind kind, const char *name, const char *value)
{
	return mem_print("\n%s\n%s\n%s", action_kind_name(kind), name, value);
}

static void verify_collect(struct verify *verify)
{
	const struct run *run = verify->run;

	verify->keys = mem_zalloc(run->step_count, sizeof(*verify->keys));
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->state == STEP_RESTORED) {
			(void)map_set(&verify->restored, step->path, i);
			if (step->kind == ACTION_CACHE_MARK)
				verify->keys[i] = verify_edit_key(step->kind, step->object, "");
			if (verify->keys[i])
				(void)map_set(&verify->restored, verify->keys[i], i);
		}
		if ((step->state != STEP_DETACHED && step->state != STEP_ERASED &&
		     step->state != STEP_GONE) ||
		    step->is_back)
			continue;
		if (action_is_edit(step->kind))
			verify->keys[i] =
			    verify_edit_key(step->kind, step->object,
			                    step->kind == ACTION_UNTAG ? step->detail : "");
		(void)map_set(&verify->moved, verify->keys[i] ? verify->keys[i] : step->path, i);
	}
}

bool verify_is_moved(const struct verify *verify, enum action_kind kind, const char *name)
{
	AUTO(str) char *path = target_path(kind, name);

	return map_get(&verify->moved, path, NULL);
}

/* A restore that was cut off had brought back a part of it, which was there before it went on. */
static bool verify_came_back(const struct verify *verify, enum action_kind kind, const char *name)
{
	AUTO(str) char *path = target_path(kind, name);

	return map_get(&verify->restored, path, NULL);
}

/* A mount goes with its own directory, or with that of its first component. */
static bool verify_is_mount_moved(const struct verify *verify, const char *name)
{
	AUTO(str) char *top = mem_copy(name, strcspn(name, "/"));

	return verify_is_moved(verify, ACTION_MOUNT, name) ||
	       verify_is_moved(verify, ACTION_MOUNT, top);
}

bool verify_presence(const struct verify *verify, const char *what, const char *name, bool is_moved,
                     bool is_there)
{
	if (is_moved && is_there)
		lines_add(verify->lines, "%s %s is still there", what, name);
	if (!is_moved && !is_there)
		lines_add(verify->lines, "%s %s is gone", what, name);
	return !is_moved && is_there;
}

void verify_equal(const struct verify *verify, const char *what, const char *name, bool is_equal)
{
	if (!is_equal)
		lines_add(verify->lines, "%s %s is not what it was", what, name);
}

static void verify_refs(const struct verify *verify)
{
	const struct ref_list *before = &verify->before->state->refs;
	const struct ref_list *after = &verify->after->state->refs;
	AUTO(map) struct map by_name = MAP_INIT;

	for (size_t i = 0; i < after->count; i++)
		(void)map_set(&by_name, after->items[i].name, i);
	for (size_t i = 0; i < before->count; i++) {
		const struct ref *ref = &before->items[i];
		AUTO(str) char *key = verify_edit_key(ACTION_UNTAG, ref->name, ref->value);
		size_t other = 0;
		bool is_there = map_get(&by_name, ref->name, &other) && other < after->count &&
		                verify_is_same(after->items[other].value, ref->value);

		(void)verify_presence(verify, "tag", ref->name, map_get(&verify->moved, key, NULL),
		                      is_there);
	}
}

static void verify_containers(const struct verify *verify)
{
	const struct container_list *before = &verify->before->state->containers;
	const struct container_list *after = &verify->after->state->containers;

	for (size_t i = 0; i < before->count; i++) {
		const struct container *old = &before->items[i];
		size_t at = 0;
		bool is_there = map_get(&after->by_id, old->id, &at);

		if (!verify_presence(verify, "container", old->id,
		                     verify_is_moved(verify, ACTION_CONTAINER, old->id), is_there))
			continue;
		verify_equal(verify, "container", old->id,
		             verify_is_same(old->image_id, after->items[at].image_id) &&
		                 old->has_config == after->items[at].has_config);
	}
}

static void verify_images(const struct verify *verify)
{
	const struct image_list *before = &verify->before->state->images;
	const struct image_list *after = &verify->after->state->images;

	for (size_t i = 0; i < before->count; i++) {
		const struct image *old = &before->items[i];
		size_t at = 0;
		bool is_there = map_get(&after->by_id, old->id, &at);

		if (!verify_presence(verify, "image", old->id,
		                     verify_is_moved(verify, ACTION_IMAGE, old->id), is_there))
			continue;
		verify_equal(verify, "image", old->id,
		             verify_is_same(old->chain_id, after->items[at].chain_id));
		if (!verify_is_moved(verify, ACTION_IMAGE_METADATA, old->id) &&
		    !verify_came_back(verify, ACTION_IMAGE_METADATA, old->id))
			verify_equal(verify, "metadata of image", old->id,
			             verify_is_same(old->parent, after->items[at].parent) &&
			                 old->has_metadata == after->items[at].has_metadata);
	}
}

static void verify_mounts(const struct verify *verify)
{
	const struct mount_list *before = &verify->before->state->mounts;
	const struct mount_list *after = &verify->after->state->mounts;

	for (size_t i = 0; i < before->count; i++) {
		const struct mount *old = &before->items[i];
		size_t at = 0;
		bool is_there = map_get(&after->by_name, old->name, &at);

		if (verify_presence(verify, "mount", old->name,
		                    verify_is_mount_moved(verify, old->name), is_there))
			verify_equal(verify, "mount", old->name,
			             verify_is_same(old->mount_id, after->items[at].mount_id) &&
			                 verify_is_same(old->init_id, after->items[at].init_id) &&
			                 verify_is_same(old->parent, after->items[at].parent));
	}
}

static void verify_layers(const struct verify *verify)
{
	const struct layer_list *before = &verify->before->state->layers;
	const struct layer_list *after = &verify->after->state->layers;

	for (size_t i = 0; i < before->count; i++) {
		const struct layer *old = &before->items[i];
		size_t at = 0;
		bool is_there = map_get(&after->by_chain_id, old->chain_id, &at);

		if (verify_presence(verify, "layer", old->chain_id,
		                    verify_is_moved(verify, ACTION_LAYER, old->chain_id), is_there))
			verify_equal(verify, "layer", old->chain_id,
			             verify_is_same(old->cache_id, after->items[at].cache_id) &&
			                 verify_is_same(old->parent, after->items[at].parent) &&
			                 old->broken == after->items[at].broken);
	}
}

static void verify_networks(const struct verify *verify)
{
	const struct network_list *before = &verify->before->state->networks;
	const struct network_list *after = &verify->after->state->networks;

	for (size_t i = 0; i < before->count; i++) {
		const struct network *old = &before->items[i];
		AUTO(str) char *key = verify_edit_key(ACTION_NETWORK, old->id, "");
		size_t at = 0;
		bool is_there = map_get(&after->by_id, old->id, &at);

		if (verify_presence(verify, "network", old->name,
		                    map_get(&verify->moved, key, NULL), is_there))
			verify_equal(
			    verify, "network", old->name,
			    verify_is_same(old->name, after->items[at].name) &&
				verify_is_same(old->type, after->items[at].type) &&
				verify_is_same(old->bridge_name, after->items[at].bridge_name) &&
				old->label_count == after->items[at].label_count &&
				old->is_unreadable == after->items[at].is_unreadable);
	}
}

/* The record of a volume stays when its directory goes: dockerd drops it when it starts. */
static void verify_volumes(const struct verify *verify)
{
	const struct volume_list *before = &verify->before->state->volumes;
	const struct volume_list *after = &verify->after->state->volumes;

	for (size_t i = 0; i < before->count; i++) {
		const struct volume *old = &before->items[i];
		bool is_moved = verify_is_moved(verify, ACTION_VOLUME, old->name);
		size_t at = 0;
		bool is_known = map_get(&after->by_name, old->name, &at);
		bool is_dirless = !old->has_dir && !is_moved; /* another driver's, or lost before */

		if (!verify_presence(verify, "volume", old->name, is_moved,
		                     is_known && (after->items[at].has_dir || is_dirless)) ||
		    verify_came_back(verify, ACTION_VOLUME, old->name))
			continue;
		verify_equal(verify, "volume", old->name,
		             verify_is_same(old->driver, after->items[at].driver) &&
		                 old->label_count == after->items[at].label_count &&
		                 old->has_record == after->items[at].has_record &&
		                 old->has_options == after->items[at].has_options);
	}
}

/* The lower directories are counted: one less means that a kept directory has lost one. */
static void verify_dirs(const struct verify *verify)
{
	const struct inventory *before = verify->before->inventory;
	const struct inventory *after = verify->after->inventory;

	for (size_t i = 0; i < before->dir_count; i++) {
		const struct inventory_dir *old = &before->dirs[i];
		size_t at = 0;
		bool is_there = map_get(&after->dir_by_name, old->name, &at);

		if (verify_presence(verify, "directory", old->name,
		                    verify_is_moved(verify, ACTION_DIR, old->name), is_there) &&
		    !verify_came_back(verify, ACTION_DIR, old->name))
			verify_equal(verify, "directory", old->name,
			             verify_is_same(old->link, after->dirs[at].link) &&
			                 old->lower_count == after->dirs[at].lower_count &&
			                 old->has_diff == after->dirs[at].has_diff);
	}
	for (size_t i = 0; i < before->link_count; i++) {
		const struct inventory_link *old = &before->links[i];
		size_t at = 0;
		bool is_there = map_get(&after->link_by_name, old->name, &at);

		if (verify_presence(verify, "link", old->name,
		                    verify_is_moved(verify, ACTION_LINK, old->name), is_there))
			verify_equal(verify, "link", old->name,
			             verify_is_same(old->target, after->links[at].target));
	}
}

/* Says whether PATH is, or is in, what has come back: it is as it was before it went. */
static bool verify_is_restored(const struct verify *verify, const char *path)
{
	AUTO(str) char *part = mem_text(path);
	char *slash = part;

	while (slash) {
		if (map_get(&verify->restored, part, NULL))
			return true;
		slash = strrchr(part, '/');
		if (slash)
			*slash = '\0';
	}
	return false;
}

static char *verify_finding_key(const struct finding *finding)
{
	return mem_print("%d %s", (int)finding->code, finding->path);
}

static void verify_findings(const struct verify *verify)
{
	const struct finding_list *before = verify->before->findings;
	const struct finding_list *after = verify->after->findings;
	char **keys = mem_zalloc(before->count, sizeof(*keys));
	AUTO(map) struct map known = MAP_INIT;

	for (size_t i = 0; i < before->count; i++) {
		keys[i] = verify_finding_key(&before->items[i]);
		(void)map_set(&known, keys[i], i);
	}
	for (size_t i = 0; i < after->count; i++) {
		const struct finding *finding = &after->items[i];
		const struct finding_row *row = finding_row(finding->code);
		AUTO(str) char *key = verify_finding_key(finding);

		if ((row->class == FINDING_DAMAGE || row->class == FINDING_BLOCK) &&
		    !map_get(&known, key, NULL) && !verify_is_restored(verify, finding->path))
			lines_add(verify->lines, "%s: %s: %s", finding->path, row->meaning,
			          finding->detail);
	}
	for (size_t i = 0; i < before->count; i++)
		free(keys[i]);
	free(keys);
}

static void verify_strays(const struct verify *verify)
{
	const struct stray_list *before = &verify->before->state->strays;
	const struct stray_list *after = &verify->after->state->strays;
	AUTO(map) struct map known = MAP_INIT;

	for (size_t i = 0; i < before->count; i++)
		(void)map_set(&known, before->items[i].path, i);
	for (size_t i = 0; i < after->count; i++) {
		const char *path = after->items[i].path;

		if (verify_is_restored(verify, path))
			continue;
		if (!map_get(&known, path, NULL))
			lines_add(verify->lines, "%s was left behind", path);
		else if (map_get(&verify->moved, path, NULL))
			lines_add(verify->lines, "%s is still there", path);
	}
}

void verify_compare(struct lines *lines, const struct verify_view *before,
                    const struct verify_view *after, const struct run *run)
{
	struct verify verify = { .lines = lines,
		                 .before = before,
		                 .after = after,
		                 .run = run,
		                 .moved = MAP_INIT,
		                 .restored = MAP_INIT };

	verify_collect(&verify);
	verify_refs(&verify);
	verify_containers(&verify);
	verify_images(&verify);
	verify_mounts(&verify);
	verify_networks(&verify);
	verify_volumes(&verify);
	verify_cache(&verify);
	verify_layers(&verify);
	verify_dirs(&verify);
	verify_findings(&verify);
	verify_strays(&verify);
	map_done(&verify.moved);
	map_done(&verify.restored);
	for (size_t i = 0; i < run->step_count; i++)
		free(verify.keys[i]);
	free(verify.keys);
}
