/* test_plan_damage.c - what cannot be read keeps everything that it could need. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL);
	world_layer(world, "app", "base");
	world_image(world, "app", "app", NULL);
	world_ref(world, "app:1", "app");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static void plan(struct world *world, const char *scope)
{
	world_seal(world);
	world_plan(world, scope);
}

/* Replaces the last character of an ID by another digit. */
static void damage(char *id)
{
	size_t last = strlen(id) - 1;

	id[last] = id[last] == '0' ? '1' : '0';
}

static void unreadable_cache_keeps_layers_and_its_kind_of_directories(void **state)
{
	struct world *world = *state;

	world_layer(world, "stray", NULL);
	world_dir(world, "orphan", NULL);
	world->state.cache.is_unreadable = true;
	world_cache(world, "a", "hqhf6wngoblro6c6pg93fx65p", NULL);
	world->state.cache.record_count = 0;
	world->state.cache.lease_count = 0;
	plan(world, "cal");
	assert_false(world_layer_goes(world, "stray"));
	assert_false(world_goes(world, ACTION_DIR, "hqhf6wngoblro6c6pg93fx65p"));
	assert_true(world_dir_goes(world, "orphan"));
	world->state.cache.record_count = 1; /* for world_free() */
	world->state.cache.lease_count = 1;
}

static void layer_that_is_kept_and_has_lost_its_cache_id_keeps_every_directory(void **state)
{
	struct world *world = *state;

	world_dir(world, "orphan", NULL);
	world->state.layers.items[1].broken = LAYER_BAD_CACHE_ID;
	free(world->state.layers.items[1].cache_id);
	world->state.layers.items[1].cache_id = NULL;
	plan(world, "l");
	assert_int_equal(world->plan->count, 0);
}

static void dead_layer_that_has_lost_its_cache_id_keeps_nothing(void **state)
{
	struct world *world = *state;
	struct layer *stray = world_layer(world, "stray", NULL);

	stray->broken = LAYER_BAD_CACHE_ID;
	free(stray->cache_id);
	stray->cache_id = NULL;
	plan(world, "l");
	assert_true(world_layer_goes(world, "stray"));
	assert_true(world_dir_goes(world, "stray"));
}

static void unreadable_image_keeps_every_layer(void **state)
{
	struct world *world = *state;
	struct image *broken = world_image(world, "broken", NULL, NULL);

	broken->is_unreadable = true;
	world_layer(world, "stray", NULL);
	world_dir(world, "orphan", NULL);
	plan(world, "l");
	assert_false(world_layer_goes(world, "stray"));
	assert_true(world_dir_goes(world, "orphan"));
}

static void layers_in_a_circle_keep_everything(void **state)
{
	struct world *world = *state;

	world_layer(world, "egg", "hen");
	world_layer(world, "hen", "egg");
	world_dir(world, "orphan", NULL);
	plan(world, "al");
	assert_true(world_has_finding(world, FINDING_LAYER_CYCLE));
	assert_int_equal(world_count(world, ACTION_LAYER), 0);
	assert_int_equal(world_count(world, ACTION_DIR), 0);
}

static void directories_in_a_circle_of_lowers_do_not_hang(void **state)
{
	struct world *world = *state;

	world_dir(world, "egg", "hen");
	world_dir(world, "hen", "egg");
	plan(world, "l");
	assert_true(world_dir_goes(world, "egg"));
	assert_true(world_dir_goes(world, "hen"));
}

static void directory_with_an_unreadable_lower_keeps_every_directory(void **state)
{
	struct world *world = *state;

	world_dir(world, "orphan", NULL);
	world->inventory.dirs[1].is_lower_invalid = true; /* of "app" */
	plan(world, "l");
	assert_int_equal(world->plan->count, 0);
}

static void damaged_cache_id_keeps_every_directory(void **state)
{
	struct world *world = *state;

	world_dir(world, "orphan", NULL);
	damage(world->state.layers.items[1].cache_id);
	plan(world, "l");
	assert_int_equal(world->plan->count, 0);
	assert_true(world_has_finding(world, FINDING_ID_DAMAGED));
}

static void cut_cache_id_keeps_every_directory(void **state)
{
	struct world *world = *state;

	world_dir(world, "orphan", NULL);
	world->state.layers.items[1].cache_id[ID_CACHE_LEN] = '\0';
	plan(world, "l");
	assert_int_equal(world->plan->count, 0);
}

static void damaged_parent_of_a_layer_keeps_every_layer(void **state)
{
	struct world *world = *state;

	world_layer(world, "stray", NULL);
	damage(world->state.layers.items[1].parent);
	plan(world, "l");
	assert_int_equal(world_count(world, ACTION_LAYER), 0);
}

static void damaged_mount_id_keeps_every_directory(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "app", "app");
	world_dir(world, "orphan", NULL);
	damage(world->state.mounts.items[0].mount_id);
	plan(world, "l");
	assert_int_equal(world->plan->count, 0);
}

/* What 28.5 leaves of an image mount whose reference has a slash, after `docker rm`. */
static void empty_mount_without_a_container_holds_nothing(void **state)
{
	struct world *world = *state;
	struct mount *mount;

	world_dir(world, "orphan", NULL);
	mount = world_mount(world, "gone-localhost:5000", "lost", NULL);
	mount->is_empty = true;
	mount->broken = MOUNT_BAD_MOUNT_ID;
	free(mount->mount_id);
	mount->mount_id = NULL;
	world_container(world, "box", "app", "app");
	plan(world, "c");
	assert_true(world_container_goes(world, "box"));
	assert_true(world_dir_goes(world, "box"));
	assert_false(world_dir_goes(world, "orphan"));
	assert_int_equal(world_count(world, ACTION_MOUNT), 1); /* of box */
}

static void directory_that_is_really_gone_keeps_nothing(void **state)
{
	struct world *world = *state;

	world_dir(world, "orphan", NULL);
	(void)strcpy(world->state.layers.items[1].cache_id, world_id("elsewhere"));
	plan(world, "l");
	assert_true(world_dir_goes(world, "orphan"));
	assert_true(world_has_finding(world, FINDING_LAYER_DIR_GONE));
	assert_false(world_has_finding(world, FINDING_ID_DAMAGED));
}

static void what_keeps_more_than_it_names_is_a_finding(void **state)
{
	struct world *world = *state;

	damage(world->state.layers.items[1].cache_id);
	plan(world, "l");
	mark_find_blocks(world->baseline, world->graph, &world->findings);
	assert_true(world_has_finding(world, FINDING_KEPT_UNKNOWN));
	assert_int_equal(finding_list_count(&world->findings, FINDING_BLOCK), 1);
}

static void torn_mount_keeps_what_its_directory_lies_on(void **state)
{
	struct world *world = *state;
	struct container *box;

	world_layer(world, "old", "base");
	box = world_container(world, "box", "gone", "old");
	assert_non_null(box);
	/* `parent` of the mount was never written: only `lower` knows (docker-data-root.md §5, L3)
	 */
	free(world->state.mounts.items[0].parent);
	world->state.mounts.items[0].parent = NULL;
	plan(world, "l");
	assert_false(world_dir_goes(world, "old"));
	assert_false(world_layer_goes(world, "old"));
}

static void container_without_a_mount_keeps_what_could_be_its(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "app", "app");
	world->state.mounts.items[0].name[0] = 'x';
	plan(world, "l");
	assert_false(world_container_goes(world, "box"));
	assert_false(world_dir_goes(world, "box"));
	assert_true(world_has_finding(world, FINDING_CONTAINER_NO_MOUNT));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(unreadable_cache_keeps_layers_and_its_kind_of_directories),
		TEST(layer_that_is_kept_and_has_lost_its_cache_id_keeps_every_directory),
		TEST(dead_layer_that_has_lost_its_cache_id_keeps_nothing),
		TEST(unreadable_image_keeps_every_layer),
		TEST(layers_in_a_circle_keep_everything),
		TEST(directories_in_a_circle_of_lowers_do_not_hang),
		TEST(directory_with_an_unreadable_lower_keeps_every_directory),
		TEST(damaged_cache_id_keeps_every_directory),
		TEST(cut_cache_id_keeps_every_directory),
		TEST(damaged_parent_of_a_layer_keeps_every_layer),
		TEST(damaged_mount_id_keeps_every_directory),
		TEST(empty_mount_without_a_container_holds_nothing),
		TEST(directory_that_is_really_gone_keeps_nothing),
		TEST(what_keeps_more_than_it_names_is_a_finding),
		TEST(torn_mount_keeps_what_its_directory_lies_on),
		TEST(container_without_a_mount_keeps_what_could_be_its),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
