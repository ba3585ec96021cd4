/* test_why.c - the path that keeps an object, and what an unneeded one lacks. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/plan/why.h"

#include <string.h>

static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL);
	world_layer(world, "app", "base");
	world_image(world, "app", "app", NULL);
	world_ref(world, "app:1", "app");
	world_container(world, "box", "app", "app");
	world_connect(&world->state.containers.items[0], "front-net", "");
	(void)world_mount_volume(&world->state.containers.items[0], "front");
	world_network(world, "front-net");
	world_volume(world, "front");
	world_volume(world, "spare");
	world_dir(world, "orphan", NULL);
	world_layer(world, "stray", NULL);
	world_seal(world);
	world_plan(world, "l");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static struct why explain(struct world *world, const char *id)
{
	struct err err = ERR_INIT;
	struct why why;
	uint32_t node;

	assert_int_equal(why_find(world->graph, id, &node, &err), 0);
	why_explain(&why, world->graph, world->baseline, node);
	return why;
}

static void directory_is_kept_by_a_tag_through_image_and_layer(void **state)
{
	struct why why = explain(*state, world_id("app"));

	assert_int_equal(why.kind, NODE_DIR);
	assert_true(why.is_kept);
	assert_int_equal(why.count, 4);
	assert_string_equal(why.steps[0].name, "app:1");
	assert_string_equal(why.steps[1].relation, "names");
	assert_string_equal(why.steps[2].relation, "is made of");
	assert_string_equal(why.steps[3].relation, "has its data in");
	assert_string_equal(why.steps[3].name, world_id("app"));
	why_done(&why);
}

static void layer_is_found_by_its_digest(void **state)
{
	struct why why;
	char id[80] = "sha256:";

	(void)strcat(id, world_id("base"));
	why = explain(*state, id);
	assert_int_equal(why.kind, NODE_LAYER);
	assert_true(why.is_kept);
	assert_string_equal(why.steps[why.count - 1].relation, "has the parent");
	why_done(&why);
}

static void network_is_kept_by_the_container_that_is_connected(void **state)
{
	struct why why = explain(*state, "front-net");

	assert_int_equal(why.kind, NODE_NETWORK);
	assert_true(why.is_kept);
	assert_int_equal(why.count, 2);
	assert_string_equal(why.steps[0].name, world_id("box"));
	assert_string_equal(why.steps[1].relation, "is connected to");
	why_done(&why);
	why = explain(*state, world_id("front-net"));
	assert_int_equal(why.kind, NODE_NETWORK);
	why_done(&why);
}

/* "front" is also the beginning of the network's name. */
static void whole_name_comes_before_the_beginning_of_another(void **state)
{
	struct why why = explain(*state, "front");

	assert_int_equal(why.kind, NODE_VOLUME);
	assert_true(why.is_kept);
	assert_int_equal(why.count, 2);
	assert_string_equal(why.steps[0].name, world_id("box"));
	assert_string_equal(why.steps[1].relation, "mounts");
	why_done(&why);
	why = explain(*state, "spare");
	assert_int_equal(why.kind, NODE_VOLUME);
	assert_int_equal(why.count, 1); /* until it is pruned */
	why_done(&why);
}

static void container_is_found_by_its_name(void **state)
{
	struct why why = explain(*state, "box");

	assert_int_equal(why.kind, NODE_CONTAINER);
	assert_true(why.is_kept);
	assert_int_equal(why.count, 1);
	why_done(&why);
}

static void unique_prefix_is_enough(void **state)
{
	char prefix[13] = "";
	struct why why;

	(void)strncat(prefix, world_id("orphan"), 12);
	why = explain(*state, prefix);
	assert_string_equal(why.name, world_id("orphan"));
	why_done(&why);
}

static void orphan_says_what_it_lacks(void **state)
{
	struct why why = explain(*state, world_id("orphan"));

	assert_false(why.is_kept);
	assert_int_equal(why.count, 0);
	assert_non_null(strstr(why.lacks, "no layer has it as cache-id"));
	why_done(&why);
}

static void directory_of_a_dead_layer_names_that_layer(void **state)
{
	struct why why = explain(*state, world_id("stray"));

	assert_false(why.is_kept);
	assert_int_equal(why.count, 1);
	assert_int_equal(why.steps[0].kind, NODE_LAYER);
	assert_string_equal(why.steps[0].relation, "has its data in");
	why_done(&why);
}

static void unknown_id_is_a_usage_error(void **state)
{
	struct world *world = *state;
	struct err err = ERR_INIT;
	uint32_t node;

	assert_int_equal(why_find(world->graph, "nonesuch", &node, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "nonesuch"));
}

static void short_prefix_fits_nothing(void **state)
{
	struct world *world = *state;
	struct err err = ERR_INIT;
	char prefix[4] = "";
	uint32_t node;

	(void)strncat(prefix, world_id("orphan"), 3);
	assert_int_equal(why_find(world->graph, prefix, &node, &err), -1);
}

static void prefix_of_a_containers_layer_does_not_mean_its_init_layer(void **state)
{
	char prefix[13] = "";
	struct why why;

	(void)strncat(prefix, world_id("box"), 12);
	why = explain(*state, prefix);
	assert_string_equal(why.name, world_id("box"));
	why_done(&why);
}

static void ambiguous_prefix_lists_what_it_fits(void **state)
{
	struct world *world = world_new();
	struct err err = ERR_INIT;
	uint32_t node;

	world_ref(world, "team/app:1", "one");
	world_ref(world, "team/app:2", "one");
	world_seal(world);
	assert_int_equal(why_find(world->graph, "team/app", &node, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "team/app:1, team/app:2"));
	world_free(world);
	(void)state;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(directory_is_kept_by_a_tag_through_image_and_layer),
		TEST(layer_is_found_by_its_digest),
		TEST(network_is_kept_by_the_container_that_is_connected),
		TEST(whole_name_comes_before_the_beginning_of_another),
		TEST(container_is_found_by_its_name),
		TEST(unique_prefix_is_enough),
		TEST(orphan_says_what_it_lacks),
		TEST(directory_of_a_dead_layer_names_that_layer),
		TEST(unknown_id_is_a_usage_error),
		TEST(short_prefix_fits_nothing),
		TEST(prefix_of_a_containers_layer_does_not_mean_its_init_layer),
		TEST(ambiguous_prefix_lists_what_it_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
