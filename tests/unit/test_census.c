/* test_census.c - each layer directory is called what it is, and by what keeps it. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/show/census.h"
#include "gc/show/dir_rows.h"

#include <string.h>

/* A kept image with a container, a lost layer, an orphan, a mount that belongs to nobody. */
static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL);
	world_layer(world, "lost", NULL);
	world_image(world, "app", "base", NULL);
	world_ref(world, "app:1", "app");
	world_container(world, "box", "app", "base");
	world_dir(world, "orphan", NULL);
	world_dir(world, "build", NULL);
	world_mount(world, "0123456789abcdefghijklmno", "build", "base");
	world_seal(world);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static struct session session_of(const struct world *world)
{
	/* a session owns its parts; this one only looks at the world's and is never closed */
	return (struct session){ .state = (struct state *)(uintptr_t)&world->state,
		                 .inventory = (struct inventory *)(uintptr_t)&world->inventory,
		                 .graph = world->graph,
		                 .baseline = world->baseline };
}

static const struct census_dir *dir_of(const struct world *world, const struct census *census,
                                       const char *name)
{
	size_t item = 0;

	assert_true(map_get(&world->inventory.dir_by_name, name, &item));
	return &census->dirs[item];
}

static void directories_are_called_what_they_are(void **state)
{
	struct world *world = *state;
	struct session session = session_of(world);
	AUTO(census) struct census *census = census_make(&session);
	char init[ID_HEX_LEN + 6];

	(void)snprintf(init, sizeof(init), "%s-init", world_id("box"));
	assert_int_equal(dir_of(world, census, world_id("base"))->kind, CENSUS_LAYER);
	assert_int_equal(dir_of(world, census, world_id("lost"))->kind, CENSUS_LAYER);
	assert_int_equal(dir_of(world, census, world_id("box"))->kind, CENSUS_CONTAINER);
	assert_int_equal(dir_of(world, census, init)->kind, CENSUS_CONTAINER_INIT);
	assert_int_equal(dir_of(world, census, world_id("build"))->kind, CENSUS_MOUNT);
	assert_int_equal(dir_of(world, census, world_id("orphan"))->kind, CENSUS_ORPHAN);
}

static void keeper_is_the_root_of_the_path(void **state)
{
	struct world *world = *state;
	struct session session = session_of(world);
	AUTO(census) struct census *census = census_make(&session);
	uint32_t keeper = dir_of(world, census, world_id("base"))->keeper;
	enum node_kind kind;

	assert_int_not_equal(keeper, CENSUS_NOBODY);
	kind = graph_kind(world->graph, keeper, NULL);
	assert_true(kind == NODE_REF || kind == NODE_CONTAINER || kind == NODE_IMAGE);
	assert_int_equal(world->baseline->via[keeper], MARK_ROOT);
}

static void nobody_keeps_what_is_lost(void **state)
{
	struct world *world = *state;
	struct session session = session_of(world);
	AUTO(census) struct census *census = census_make(&session);

	assert_int_equal(dir_of(world, census, world_id("lost"))->keeper, CENSUS_NOBODY);
	assert_int_equal(dir_of(world, census, world_id("orphan"))->keeper, CENSUS_NOBODY);
}

static void only_orphans_are_listed_on_demand(void **state)
{
	struct world *world = *state;
	struct session session = session_of(world);
	AUTO(census) struct census *census = census_make(&session);
	AUTO(row_list) struct row_list all = dir_rows_make(&session, census, false);
	AUTO(row_list) struct row_list orphans = dir_rows_make(&session, census, true);

	assert_int_equal(row_count(&all), world->inventory.dir_count);
	assert_true(row_count(&orphans) < row_count(&all));
	for (size_t i = 0; i < row_count(&orphans); i++) {
		const struct row_value *row = &orphans.values[i * orphans.column_count];

		assert_string_equal(row[6].text, "nothing");
		assert_string_not_equal(row[0].text, world_id("base"));
		assert_string_not_equal(row[0].text, world_id("box"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(directories_are_called_what_they_are),
		TEST(keeper_is_the_root_of_the_path),
		TEST(nobody_keeps_what_is_lost),
		TEST(only_orphans_are_listed_on_demand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
