/* test_plan.c - what goes and what stays, and in which order: graph, mark and plan together. */
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

static void clean_root_has_nothing_to_do(void **state)
{
	struct world *world = *state;

	plan(world, "cil");
	assert_int_equal(world->plan->count, 0);
	assert_int_equal(world->findings.count, 0);
}

static void directory_that_nothing_names_goes_with_its_link(void **state)
{
	struct world *world = *state;

	world_dir(world, "orphan", NULL);
	plan(world, "l");
	assert_true(world_dir_goes(world, "orphan"));
	assert_int_equal(world_count(world, ACTION_LINK), 1);
	assert_int_equal(world->plan->count, 2);
	assert_int_equal(world->plan->actions[0].kind, ACTION_LINK);
	assert_int_equal(world->plan->actions[1].reason, REASON_ORPHAN);
}

static void image_prune_leaves_orphans_alone(void **state)
{
	struct world *world = *state;

	world_dir(world, "orphan", NULL);
	world_layer(world, "stray", "app");
	plan(world, "ca");
	assert_false(world_dir_goes(world, "orphan"));
	assert_false(world_layer_goes(world, "stray"));
	/* the stray layer lies on these: dockerd would keep them for it, too */
	assert_true(world_image_goes(world, "app"));
	assert_false(world_layer_goes(world, "app"));
	assert_false(world_layer_goes(world, "base"));
}

static void layer_without_an_image_goes_children_first(void **state)
{
	struct world *world = *state;

	world_layer(world, "one", "app");
	world_layer(world, "two", "one");
	world_layer(world, "three", "two");
	plan(world, "l");
	assert_int_equal(world_count(world, ACTION_LAYER), 3);
	assert_string_equal(world->plan->actions[0].object + 7, world_id("three"));
	assert_string_equal(world->plan->actions[1].object + 7, world_id("two"));
	assert_string_equal(world->plan->actions[2].object + 7, world_id("one"));
	assert_false(world_layer_goes(world, "app"));
}

static void kinds_of_actions_come_in_the_order_of_the_design(void **state)
{
	struct world *world = *state;

	world_layer(world, "old", "base");
	world_image(world, "old", "old", "app");
	world_container(world, "box", "app", "app");
	world_dir(world, "orphan", NULL);
	plan(world, "cal");
	for (size_t i = 1; i < world->plan->count; i++)
		assert_true(world->plan->actions[i - 1].kind <= world->plan->actions[i].kind);
	assert_int_equal(world_count(world, ACTION_UNTAG), 1);
	assert_int_equal(world_count(world, ACTION_CONTAINER), 1);
	assert_int_equal(world_count(world, ACTION_IMAGE), 2);
	assert_int_equal(world_count(world, ACTION_LAYER), 3);
}

static void mount_without_a_container_goes_and_frees_its_chain(void **state)
{
	struct world *world = *state;

	world_layer(world, "old", "base");
	world_mount(world, world_id("nobody"), "rw", "old");
	plan(world, "l");
	assert_true(world_goes(world, ACTION_MOUNT, world_id("nobody")));
	assert_true(world_layer_goes(world, "old"));
	assert_true(world_dir_goes(world, "rw"));
	assert_false(world_dir_goes(world, "base"));
}

static void mount_of_a_build_view_goes(void **state)
{
	struct world *world = *state;

	world_mount(world, "379brf1kqf0dou6e5mi0gkdy7", "rw", "base");
	plan(world, "l");
	assert_true(world_goes(world, ACTION_MOUNT, "379brf1kqf0dou6e5mi0gkdy7"));
	assert_false(world_layer_goes(world, "base"));
}

static void container_keeps_its_chain_without_an_image(void **state)
{
	struct world *world = *state;

	world_layer(world, "old", "base");
	world_container(world, "box", "gone", "old");
	plan(world, "il");
	assert_int_equal(world->plan->count, 0);
}

static void image_mounts_of_28_are_kept_with_their_container(void **state)
{
	struct world *world = *state;
	AUTO(str) char *name = NULL;

	world_container(world, "box", "app", "app");
	name = mem_print("%s-user/app:1", world_id("box"));
	world_mount(world, name, "view", "base");
	world_seal(world);
	world_plan(world, "l");
	assert_int_equal(world->plan->count, 0);
	world_plan(world, "cl");
	assert_true(world_dir_goes(world, "view"));
}

static void nested_mount_goes_as_one_directory(void **state)
{
	struct world *world = *state;
	AUTO(str) char *name = mem_print("%s-user/app:1", world_id("gone"));
	AUTO(str) char *top = mem_print("%s-user", world_id("gone"));

	world_mount(world, name, "view", "base");
	plan(world, "l");
	assert_true(world_goes(world, ACTION_MOUNT, top));
	assert_int_equal(world_count(world, ACTION_MOUNT), 1);
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

static void build_cache_directories_are_kept(void **state)
{
	struct world *world = *state;

	world_cache(world, "yqp6i52wd5m2crt8qwz5gr2wa", "x0jvhsw3n5j6bmuu7aaorhw57", NULL);
	plan(world, "cal");
	assert_false(world_goes(world, ACTION_DIR, "x0jvhsw3n5j6bmuu7aaorhw57"));
}

static void layer_that_only_the_build_cache_holds_is_kept(void **state)
{
	struct world *world = *state;

	world_layer(world, "cached", "base");
	world_cache(world, "yqp6i52wd5m2crt8qwz5gr2wa", NULL, "cached");
	plan(world, "cal");
	assert_false(world_layer_goes(world, "cached"));
	assert_false(world_layer_goes(world, "base"));
	assert_true(world_layer_goes(world, "app"));
}

static void cache_directory_without_a_record_goes(void **state)
{
	struct world *world = *state;
	struct inventory_dir *dir;

	world_dir(world, "lost", NULL);
	dir = &world->inventory.dirs[world->inventory.dir_count - 1];
	(void)strcpy(dir->name, "hqhf6wngoblro6c6pg93fx65p");
	free(world->inventory.links[world->inventory.link_count - 1].target);
	world->inventory.links[world->inventory.link_count - 1].target = mem_text(dir->name);
	plan(world, "l");
	assert_true(world_goes(world, ACTION_DIR, "hqhf6wngoblro6c6pg93fx65p"));
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

static void mounted_directory_stays(void **state)
{
	struct world *world = *state;

	world_dir(world, "orphan", NULL);
	world->inventory.dirs[world->inventory.dir_count - 1].is_mounted = true;
	plan(world, "l");
	assert_int_equal(world->plan->count, 0);
}

static void link_that_leads_nowhere_goes(void **state)
{
	struct world *world = *state;

	world_dir(world, "gone", NULL);
	free(world->inventory.dirs[--world->inventory.dir_count].name);
	free(world->inventory.dirs[world->inventory.dir_count].lowers);
	plan(world, "l");
	assert_int_equal(world->plan->count, 1);
	assert_int_equal(world->plan->actions[0].kind, ACTION_LINK);
}

static void running_container_stays(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "app", "app")->is_running = true;
	plan(world, "cal");
	assert_int_equal(world->plan->count, 0);
}

static void container_that_restarts_with_dockerd_stays(void **state)
{
	struct world *world = *state;
	struct container *box = world_container(world, "box", "app", "app");

	free(box->restart_policy);
	box->restart_policy = mem_text("always");
	plan(world, "cal");
	assert_int_equal(world->plan->count, 0);
}

static void container_without_any_file_is_a_leftover(void **state)
{
	struct world *world = *state;
	struct container *box = world_container(world, "box", NULL, "app");

	box->has_config = false;
	box->is_empty = true;
	world_seal(world);
	world_plan(world, "ci");
	assert_false(world_container_goes(world, "box"));
	world_plan(world, "l");
	assert_true(world_container_goes(world, "box"));
	assert_true(world_goes(world, ACTION_MOUNT, world_id("box")));
	assert_true(world_dir_goes(world, "box"));
}

static void container_that_was_half_removed_is_a_leftover(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "app", "app")->is_dead = true;
	world->state.mounts.items[0].name[0] = 'x'; /* its mount is gone; this is another's */
	plan(world, "l");
	assert_true(world_container_goes(world, "box"));
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

static void parent_of_an_image_that_dockerd_does_not_load_stays(void **state)
{
	struct world *world = *state;

	world_image(world, "broken", "nowhere", "app")->diff_id_count = 0;
	plan(world, "a");
	assert_true(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_int_equal(world_count(world, ACTION_IMAGE), 0);
	assert_int_equal(world_count(world, ACTION_LAYER), 0);
}

/* Replaces the last character of an ID by another digit. */
static void damage(char *id)
{
	size_t last = strlen(id) - 1;

	id[last] = id[last] == '0' ? '1' : '0';
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
	graph_find_blocks(world->graph, world->baseline, &world->findings);
	assert_true(world_has_finding(world, FINDING_KEPT_UNKNOWN));
	assert_int_equal(finding_list_count(&world->findings, FINDING_BLOCK), 1);
}

static void same_root_gives_the_same_digest(void **state)
{
	struct world *world = *state;
	char digest[33];

	world_dir(world, "orphan", NULL);
	world_seal(world);
	world_plan(world, "l");
	(void)strcpy(digest, world->plan->digest);
	world_plan(world, "l");
	assert_string_equal(world->plan->digest, digest);
	world_plan(world, "al");
	assert_string_not_equal(world->plan->digest, digest);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(clean_root_has_nothing_to_do),
		TEST(directory_that_nothing_names_goes_with_its_link),
		TEST(image_prune_leaves_orphans_alone),
		TEST(layer_without_an_image_goes_children_first),
		TEST(kinds_of_actions_come_in_the_order_of_the_design),
		TEST(mount_without_a_container_goes_and_frees_its_chain),
		TEST(mount_of_a_build_view_goes),
		TEST(container_keeps_its_chain_without_an_image),
		TEST(image_mounts_of_28_are_kept_with_their_container),
		TEST(nested_mount_goes_as_one_directory),
		TEST(torn_mount_keeps_what_its_directory_lies_on),
		TEST(build_cache_directories_are_kept),
		TEST(layer_that_only_the_build_cache_holds_is_kept),
		TEST(cache_directory_without_a_record_goes),
		TEST(unreadable_cache_keeps_layers_and_its_kind_of_directories),
		TEST(layer_that_is_kept_and_has_lost_its_cache_id_keeps_every_directory),
		TEST(dead_layer_that_has_lost_its_cache_id_keeps_nothing),
		TEST(unreadable_image_keeps_every_layer),
		TEST(layers_in_a_circle_keep_everything),
		TEST(directories_in_a_circle_of_lowers_do_not_hang),
		TEST(directory_with_an_unreadable_lower_keeps_every_directory),
		TEST(mounted_directory_stays),
		TEST(link_that_leads_nowhere_goes),
		TEST(running_container_stays),
		TEST(container_that_restarts_with_dockerd_stays),
		TEST(container_without_any_file_is_a_leftover),
		TEST(container_that_was_half_removed_is_a_leftover),
		TEST(container_without_a_mount_keeps_what_could_be_its),
		TEST(parent_of_an_image_that_dockerd_does_not_load_stays),
		TEST(damaged_cache_id_keeps_every_directory),
		TEST(cut_cache_id_keeps_every_directory),
		TEST(damaged_parent_of_a_layer_keeps_every_layer),
		TEST(damaged_mount_id_keeps_every_directory),
		TEST(directory_that_is_really_gone_keeps_nothing),
		TEST(what_keeps_more_than_it_names_is_a_finding),
		TEST(same_root_gives_the_same_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
