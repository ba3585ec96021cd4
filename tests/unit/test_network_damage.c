/* test_network_damage.c - a changed byte of a name or ID keeps the network or volume that it was.
 */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/graph/near.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MANGLED                                                                                    \
	"b\xef\xbf\xbd"                                                                            \
	"ck" /* "back" with a byte that is no text */

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

static void names_are_near_in_one_character(void **state)
{
	(void)state;
	assert_true(near_is_name("back", "back"));
	assert_true(near_is_name("bacx", "back"));
	assert_true(near_is_name(MANGLED, "back"));
	assert_false(near_is_name("bxcx", "back"));
	assert_false(near_is_name("bac", "back"));
	assert_false(near_is_name("backx", "back"));
	assert_false(near_is_name("", "back"));
}

static void names_of_no_network_are_mangled(void **state)
{
	(void)state;
	assert_true(near_is_mangled(MANGLED));
	assert_true(near_is_mangled("ba\nk"));
	assert_true(near_is_mangled("ba\x7fk"));
	assert_false(near_is_mangled("b\xc3\xa4\xc3\xa4 k_1.-"));
	assert_false(near_is_mangled(""));
}

/* Either name may be the damaged one: that of the network stands in its own record. */
static void name_of_a_container_that_never_ran_keeps_what_it_nearly_names(void **state)
{
	struct world *world = *state;

	world_network(world, "bacx");
	world_network(world, "other");
	world_connect(box(world), "back", "");
	plan(world, "n");
	assert_false(world_network_goes(world, "bacx"));
	assert_true(world_network_goes(world, "other"));
	assert_int_equal(world->findings.count, 0);
}

static void mode_keeps_what_it_nearly_names(void **state)
{
	struct world *world = *state;

	world_network(world, "bacx");
	world_set(&box(world)->network_mode, "back");
	plan(world, "n");
	assert_false(world_network_goes(world, "bacx"));
}

static void mode_of_no_network_keeps_nothing(void **state)
{
	static const char *const modes[] = { "default", "bridge", "container:defaulx", "" };
	struct world *world = *state;

	world_network(world, "defaulx");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		char word[] = { 'a', (char)('0' + i), '\0' };

		world_set(&world_container(world, word, "app", "app")->network_mode, modes[i]);
	}
	plan(world, "n");
	assert_true(world_network_goes(world, "defaulx"));
}

/* The common case: `docker network prune` has removed it under a stopped container. */
static void network_that_was_removed_keeps_no_other(void **state)
{
	struct world *world = *state;
	struct container *container = box(world);

	world_network(world, "net1");
	world_connect(container, "net2", world_id("net2"));
	world_set(&container->network_mode, "net2");
	plan(world, "n");
	assert_true(world_network_goes(world, "net1"));
}

static void damaged_id_is_held_by_the_name(void **state)
{
	struct world *world = *state;
	AUTO(str) char *id = NULL;

	world_network(world, "back");
	id = mem_text(world_id("back"));
	id[5] = id[5] == 'a' ? 'b' : 'a';
	world_connect(box(world), "back", id);
	plan(world, "n");
	assert_false(world_network_goes(world, "back"));
}

static void damaged_name_is_held_by_the_id(void **state)
{
	struct world *world = *state;

	world_network(world, "back");
	world_network(world, "bacx"); /* the damaged one leads to another */
	world_connect(box(world), "bacx", world_id("back"));
	plan(world, "n");
	assert_false(world_network_goes(world, "back"));
	assert_false(world_network_goes(world, "bacx"));
}

static void mangled_name_keeps_every_network(void **state)
{
	struct world *world = *state;

	world_network(world, "quite-another");
	world_volume(world, "data");
	world_connect(box(world), MANGLED, "");
	plan(world, "nV");
	assert_false(world_network_goes(world, "quite-another"));
	assert_true(world_volume_goes(world, "data"));
}

/* It stands once in its container. */
static void anonymous_volume_is_held_by_a_name_that_is_nearly_its_own(void **state)
{
	struct world *world = *state;
	AUTO(str) char *name = mem_text(world_id("a"));
	AUTO(str) char *other = mem_text(world_id("b"));

	world_volume(world, name)->is_anonymous = true;
	world_volume(world, other)->is_anonymous = true;
	name[63] = name[63] == '0' ? '1' : '0';
	world_mount_volume(box(world), name);
	plan(world, "v");
	assert_false(world_volume_goes(world, world_id("a")));
	assert_true(world_volume_goes(world, other));
	assert_true(world_has_finding(world, FINDING_ID_DAMAGED));
}

/* It stands there three times, and one place may lead elsewhere. */
static void named_volume_is_held_by_each_of_its_names(void **state)
{
	struct world *world = *state;
	struct container *container = box(world);
	struct container_mount *mount;

	world_volume(world, "one");
	world_volume(world, "two");
	world_volume(world, "three");
	mount = world_mount_volume(container, "one");
	world_set(&mount->source, "/var/lib/docker/volumes/two/_data");
	world_set(&mount->spec_source, "three");
	plan(world, "V");
	assert_int_equal(world->plan->count, 0);
}

static void name_of_a_volume_keeps_what_it_nearly_names(void **state)
{
	struct world *world = *state;

	world_volume(world, "data1");
	world_volume(world, "other");
	world_mount_volume(box(world), "data2");
	plan(world, "V");
	assert_false(world_volume_goes(world, "data1"));
	assert_true(world_volume_goes(world, "other"));
	assert_int_equal(world->findings.count, 0);
}

static void volume_that_is_there_keeps_no_other(void **state)
{
	struct world *world = *state;

	world_volume(world, "data1");
	world_volume(world, "data2");
	world_mount_volume(box(world), "data2");
	plan(world, "V");
	assert_true(world_volume_goes(world, "data1"));
	assert_false(world_volume_goes(world, "data2"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_near_in_one_character),
		cmocka_unit_test(names_of_no_network_are_mangled),
		TEST(name_of_a_container_that_never_ran_keeps_what_it_nearly_names),
		TEST(mode_keeps_what_it_nearly_names),
		TEST(mode_of_no_network_keeps_nothing),
		TEST(network_that_was_removed_keeps_no_other),
		TEST(damaged_id_is_held_by_the_name),
		TEST(damaged_name_is_held_by_the_id),
		TEST(mangled_name_keeps_every_network),
		TEST(anonymous_volume_is_held_by_a_name_that_is_nearly_its_own),
		TEST(named_volume_is_held_by_each_of_its_names),
		TEST(name_of_a_volume_keeps_what_it_nearly_names),
		TEST(volume_that_is_there_keeps_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
