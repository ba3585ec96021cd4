/* test_graph_volumes.c - volumes go when they are asked for and no container that stays leads to
 * them. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "app", NULL);
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

static struct container *box(struct world *world)
{
	return world_container(world, "box", "app", "app");
}

static void plan(struct world *world, const char *scope)
{
	world_seal(world);
	world_plan(world, scope);
}

static void volumes_go_only_when_asked(void **state)
{
	struct world *world = *state;

	world_volume(world, "named");
	world_volume(world, "anonymous")->is_anonymous = true;
	plan(world, "canBl");
	assert_int_equal(world_count(world, ACTION_VOLUME), 0);
	world_plan(world, "v");
	assert_true(world_volume_goes(world, "anonymous"));
	assert_false(world_volume_goes(world, "named"));
	world_plan(world, "V");
	assert_true(world_volume_goes(world, "anonymous"));
	assert_true(world_volume_goes(world, "named"));
	assert_string_equal(world->plan->actions[0].path, "volumes/anonymous");
}

static void volume_of_a_stopped_container_stays(void **state)
{
	struct world *world = *state;

	world_volume(world, "data");
	world_volume(world, "other");
	world_mount_volume(box(world), "data");
	plan(world, "V");
	assert_false(world_volume_goes(world, "data"));
	assert_true(world_volume_goes(world, "other"));
	world_plan(world, "cV");
	assert_true(world_volume_goes(world, "data"));
}

/* dockerd does not load it, and would take its volumes. */
static void volume_of_another_drivers_container_stays(void **state)
{
	struct world *world = *state;
	struct container *container = box(world);

	world_set(&container->driver, "aufs");
	world_volume(world, "data");
	world_mount_volume(container, "data");
	plan(world, "cV");
	assert_false(world_volume_goes(world, "data"));
}

static void volume_that_docker_would_not_take_stays(void **state)
{
	struct world *world = *state;

	world_set(&world_volume(world, "a")->driver, "nfs");
	world_volume(world, "b")->has_options = true;
	world_volume(world, "c")->has_dir = false;
	plan(world, "V");
	assert_int_equal(world->plan->count, 0);
}

static void no_volume_goes_when_one_cannot_be_read(void **state)
{
	struct world *world = *state;

	world_volume(world, "data");
	world->state.volumes.is_unreadable = true;
	plan(world, "V");
	assert_int_equal(world->plan->count, 0);
}

/* dockerd has no idea of it. */
static void volume_whose_directory_is_bound_stays(void **state)
{
	struct world *world = *state;
	struct container_mount *mount = world_mount_volume(box(world), "");

	mount->type = CONTAINER_MOUNT_OTHER;
	world_set(&mount->source, "/var/lib/docker/volumes/data/_data/below");
	world_volume(world, "data");
	world_volume(world, "below");
	plan(world, "V");
	assert_false(world_volume_goes(world, "data"));
	assert_true(world_volume_goes(world, "below"));
}

static void container_that_has_lost_its_mounts_keeps_every_volume(void **state)
{
	struct world *world = *state;

	box(world)->has_mounts = false;
	world_volume(world, "data");
	world_network(world, "back");
	plan(world, "nV");
	assert_false(world_volume_goes(world, "data"));
	assert_true(world_network_goes(world, "back"));
}

static void mount_that_has_lost_its_name_keeps_every_volume(void **state)
{
	struct world *world = *state;

	world_mount_volume(box(world), "");
	world_volume(world, "data");
	plan(world, "V");
	assert_int_equal(world->plan->count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(volumes_go_only_when_asked),
		TEST(volume_of_a_stopped_container_stays),
		TEST(volume_of_another_drivers_container_stays),
		TEST(volume_that_docker_would_not_take_stays),
		TEST(no_volume_goes_when_one_cannot_be_read),
		TEST(volume_whose_directory_is_bound_stays),
		TEST(container_that_has_lost_its_mounts_keeps_every_volume),
		TEST(mount_that_has_lost_its_name_keeps_every_volume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
