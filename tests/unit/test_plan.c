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

/* BuildKit never removes its marks of layers that it has touched. */
static void trace_of_a_layer_in_the_build_cache_does_not_hold_it(void **state)
{
	struct world *world = *state;
	struct cache *cache = &world->state.cache;

	cache->exists = cache->has_record_list = true;
	cache->snapshots = mem_zalloc(1, sizeof(*cache->snapshots));
	cache->snapshot_count = cache->snapshot_capacity = 1;
	cache->snapshots[0].id = mem_print("sha256:%s", world_id("app"));
	plan(world, "a");
	assert_true(world_image_goes(world, "app"));
	assert_true(world_layer_goes(world, "app"));
	assert_true(world_dir_goes(world, "base"));
	assert_int_equal(world_count(world, ACTION_CACHE_SNAPSHOT), 0);
}

static void newest_container_goes_first(void **state)
{
	struct world *world = *state;

	world_container(world, "middle", "app", "app")->created = 20;
	world_container(world, "old", "app", "app")->created = 10;
	world_container(world, "new", "app", "app")->created = 20;
	world->state.containers.items[2].created_nanoseconds = 1;
	plan(world, "c");
	assert_int_equal(world_count(world, ACTION_CONTAINER), 3);
	assert_string_equal(world->plan->actions[0].object, world_id("new"));
	assert_string_equal(world->plan->actions[1].object, world_id("middle"));
	assert_string_equal(world->plan->actions[2].object, world_id("old"));
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

static void parent_of_an_image_that_dockerd_does_not_load_stays(void **state)
{
	struct world *world = *state;

	world_image(world, "broken", "nowhere", "app")->diff_id_count = 0;
	plan(world, "a");
	assert_true(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_int_equal(world_count(world, ACTION_IMAGE), 0);
	assert_int_equal(world_count(world, ACTION_LAYER), 0);
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
		TEST(trace_of_a_layer_in_the_build_cache_does_not_hold_it),
		TEST(newest_container_goes_first),
		TEST(layer_without_an_image_goes_children_first),
		TEST(kinds_of_actions_come_in_the_order_of_the_design),
		TEST(mount_without_a_container_goes_and_frees_its_chain),
		TEST(mount_of_a_build_view_goes),
		TEST(container_keeps_its_chain_without_an_image),
		TEST(image_mounts_of_28_are_kept_with_their_container),
		TEST(nested_mount_goes_as_one_directory),
		TEST(build_cache_directories_are_kept),
		TEST(layer_that_only_the_build_cache_holds_is_kept),
		TEST(cache_directory_without_a_record_goes),
		TEST(mounted_directory_stays),
		TEST(link_that_leads_nowhere_goes),
		TEST(running_container_stays),
		TEST(container_that_restarts_with_dockerd_stays),
		TEST(container_without_any_file_is_a_leftover),
		TEST(container_that_was_half_removed_is_a_leftover),
		TEST(parent_of_an_image_that_dockerd_does_not_load_stays),
		TEST(same_root_gives_the_same_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
