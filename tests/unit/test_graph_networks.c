/* test_graph_networks.c - networks go when no container that stays leads to them. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "app", NULL);
	world_image(world, "app", "app", NULL);
	world_ref(world, "app:1", "app");
	world_network(world, "back");
	world_network(world, "front");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static struct container *box(struct world *world)
{
	return world_container(world, "box", "app", "app");
}

static void plan(struct world *world, const char *scope)
{
	world_seal(world);
	world_plan(world, scope);
}

/* ---- networks ---- */

static void network_that_nothing_uses_goes(void **state)
{
	struct world *world = *state;

	box(world);
	plan(world, "n");
	assert_true(world_network_goes(world, "back"));
	assert_true(world_network_goes(world, "front"));
	assert_int_equal(world->plan->count, 2);
	assert_string_equal(world->plan->actions[0].path, "network/files/local-kv.db");
}

static void no_network_goes_unless_asked(void **state)
{
	struct world *world = *state;

	plan(world, "caBVl");
	assert_int_equal(world_count(world, ACTION_NETWORK), 0);
}

/* Docker would take it, and the container could never be started again. */
static void network_of_a_stopped_container_stays(void **state)
{
	struct world *world = *state;

	world_connect(box(world), "back", world_id("back"));
	plan(world, "n");
	assert_false(world_network_goes(world, "back"));
	assert_true(world_network_goes(world, "front"));
}

static void network_goes_with_its_last_container(void **state)
{
	struct world *world = *state;
	struct container *other;

	world_connect(box(world), "back", world_id("back"));
	other = world_container(world, "other", "app", "app");
	other->is_running = true;
	world_connect(other, "front", world_id("front"));
	plan(world, "cn");
	assert_true(world_container_goes(world, "box"));
	assert_true(world_network_goes(world, "back"));
	assert_false(world_network_goes(world, "front"));
}

static void network_is_known_by_each_of_its_names(void **state)
{
	struct world *world = *state;
	AUTO(str) char *beginning = mem_copy(world_id("front"), 5);
	struct container *container = box(world);

	world_connect(container, world_id("back"), "");
	world_connect(container, beginning, "");
	plan(world, "n");
	assert_int_equal(world->plan->count, 0);
}

static void mode_of_a_container_names_a_network_too(void **state)
{
	struct world *world = *state;

	world_set(&box(world)->network_mode, "back");
	plan(world, "n");
	assert_false(world_network_goes(world, "back"));
	assert_true(world_network_goes(world, "front"));
}

static void network_of_the_id_stays_whatever_its_name_is_now(void **state)
{
	struct world *world = *state;

	world_connect(box(world), "renamed", world_id("back"));
	plan(world, "n");
	assert_false(world_network_goes(world, "back"));
	assert_true(world_network_goes(world, "front"));
}

static void both_networks_of_one_name_stay(void **state)
{
	struct world *world = *state;

	world_set(&world_network(world, "twin")->name, "back");
	world_connect(box(world), "back", "");
	plan(world, "n");
	assert_false(world_network_goes(world, "back"));
	assert_false(world_network_goes(world, "twin"));
	assert_true(world_network_goes(world, "front"));
}

/* A name that is also the beginning of an ID means the name. */
static void name_comes_before_the_beginning_of_an_id(void **state)
{
	struct world *world = *state;
	AUTO(str) char *name = mem_copy(world_id("front"), 1);

	world_set(&world_network(world, "short")->name, name);
	world_connect(box(world), name, "");
	plan(world, "n");
	assert_false(world_network_goes(world, "short"));
	assert_true(world_network_goes(world, "front"));
}

static void network_stays_for_who_joins_a_container_in_it(void **state)
{
	struct world *world = *state;
	AUTO(str) char *mode = mem_print("container:%s", world_id("box"));
	struct container *joined = box(world);
	struct container *other;

	world_connect(joined, "back", world_id("back"));
	other = world_container(world, "other", "app", "app");
	other->is_running = true;
	world_set(&other->network_mode, mode);
	plan(world, "cn");
	assert_true(world_container_goes(world, "box"));
	assert_false(world_network_goes(world, "back"));
	assert_true(world_network_goes(world, "front"));
}

static void containers_that_join_each_other_come_to_an_end(void **state)
{
	struct world *world = *state;

	world_set(&box(world)->network_mode, "container:other");
	world_set(&world_container(world, "other", "app", "app")->network_mode, "container:box");
	plan(world, "n");
	assert_int_equal(world->plan->count, 2);
}

static void network_that_no_user_made_stays(void **state)
{
	struct world *world = *state;

	world_network(world, "a")->is_predefined = true;
	world_network(world, "b")->is_config_only = true;
	world_network(world, "c")->is_special = true;
	world_network(world, "d")->is_unreadable = true;
	world_network(world, "e")->is_in_delete = true;
	world_network(world, "f")->has_sandbox = true;
	plan(world, "n");
	assert_int_equal(world->plan->count, 2);
	assert_true(world_has_finding(world, FINDING_NETWORK_SANDBOX));
}

static void sandbox_of_a_container_that_is_there_is_nothing_to_say(void **state)
{
	struct world *world = *state;

	world->state.networks.items[0].has_sandbox = true;
	world_connect(box(world), "back", world_id("back"));
	plan(world, "cn");
	assert_false(world_network_goes(world, "back"));
	assert_false(world_has_finding(world, FINDING_NETWORK_SANDBOX));
}

static void no_network_goes_when_one_cannot_be_read(void **state)
{
	struct world *world = *state;

	world->state.networks.is_unreadable = true;
	plan(world, "n");
	assert_int_equal(world->plan->count, 0);
}

static void container_that_cannot_be_read_keeps_every_network(void **state)
{
	struct world *world = *state;

	box(world)->is_unreadable = true;
	plan(world, "nD");
	assert_int_equal(world->plan->count, 0);
}

static void container_that_has_lost_its_networks_keeps_every_one(void **state)
{
	struct world *world = *state;

	box(world)->has_networks = false;
	plan(world, "n");
	assert_int_equal(world->plan->count, 0);
}

static void container_that_has_lost_its_mode_keeps_every_one(void **state)
{
	struct world *world = *state;

	box(world)->has_mode = false;
	plan(world, "n");
	assert_int_equal(world->plan->count, 0);
}

static void container_without_a_config_keeps_all_without_a_word(void **state)
{
	struct world *world = *state;
	struct finding_list blocks = FINDING_LIST_INIT;

	world_volume(world, "data");
	box(world)->has_config = false;
	plan(world, "nV");
	assert_int_equal(world->plan->count, 0);
	mark_find_blocks(world->mark, world->graph, &blocks);
	assert_int_equal(blocks.count, 0);
	finding_list_done(&blocks);
}

static void container_that_was_never_finished_keeps_nothing(void **state)
{
	struct world *world = *state;
	struct container *container = box(world);

	container->has_config = false;
	container->is_empty = true;
	plan(world, "n");
	assert_true(world_network_goes(world, "back"));
}

/* ---- as Docker does ---- */

static void docker_keeps_only_networks_of_what_runs(void **state)
{
	struct world *world = *state;
	struct container *other;

	world_connect(box(world), "back", world_id("back"));
	other = world_container(world, "other", "app", "app");
	other->is_running = true;
	world_connect(other, "front", world_id("front"));
	plan(world, "nD");
	assert_true(world_network_goes(world, "back"));
	assert_false(world_network_goes(world, "front"));
}

static void what_is_restarted_runs(void **state)
{
	struct world *world = *state;
	struct container *container = box(world);

	world_set(&container->restart_policy, "always");
	world_connect(container, "back", world_id("back"));
	plan(world, "nD");
	assert_false(world_network_goes(world, "back"));
	assert_true(world_network_goes(world, "front"));
}

static void docker_compat_changes_nothing_for_volumes(void **state)
{
	struct world *world = *state;

	world_volume(world, "data");
	world_mount_volume(box(world), "data");
	plan(world, "nVD");
	assert_false(world_volume_goes(world, "data"));
	assert_true(world_network_goes(world, "back"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(network_that_nothing_uses_goes),
		TEST(no_network_goes_unless_asked),
		TEST(network_of_a_stopped_container_stays),
		TEST(network_goes_with_its_last_container),
		TEST(network_is_known_by_each_of_its_names),
		TEST(mode_of_a_container_names_a_network_too),
		TEST(network_of_the_id_stays_whatever_its_name_is_now),
		TEST(both_networks_of_one_name_stay),
		TEST(name_comes_before_the_beginning_of_an_id),
		TEST(network_stays_for_who_joins_a_container_in_it),
		TEST(containers_that_join_each_other_come_to_an_end),
		TEST(network_that_no_user_made_stays),
		TEST(sandbox_of_a_container_that_is_there_is_nothing_to_say),
		TEST(no_network_goes_when_one_cannot_be_read),
		TEST(container_that_cannot_be_read_keeps_every_network),
		TEST(container_that_has_lost_its_networks_keeps_every_one),
		TEST(container_that_has_lost_its_mode_keeps_every_one),
		TEST(container_without_a_config_keeps_all_without_a_word),
		TEST(container_that_was_never_finished_keeps_nothing),
		TEST(docker_keeps_only_networks_of_what_runs),
		TEST(what_is_restarted_runs),
		TEST(docker_compat_changes_nothing_for_volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
