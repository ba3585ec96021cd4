/* test_container_rows.c - containers are listed as Docker would list them when they are stopped. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/show/container_rows.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define T(text) ((char[]){ text }) /* may be written to, as the fields want it */

static void assert_status(const struct container *container, const char *expected)
{
	AUTO(str) char *status = container_rows_status(container);

	assert_string_equal(status, expected);
}

static void status_reads_as_in_docker(void **state)
{
	struct container exited = { .has_config = true, .has_started = true, .exit_code = 137 };
	struct container created = { .has_config = true };
	struct container dead = { .has_config = true, .is_dead = true };
	struct container removing = { .has_config = true, .is_removing = true, .is_dead = true };

	(void)state;
	assert_status(&exited, "Exited (137)");
	assert_status(&created, "Created");
	assert_status(&dead, "Dead");
	assert_status(&removing, "Removal In Progress");
}

static void status_tells_what_docker_would_not_list(void **state)
{
	struct container running = { .has_config = true, .is_running = true, .has_started = true };
	struct container unreadable = { .has_config = true, .is_unreadable = true };
	struct container without_config = { .has_config = false };
	struct container empty = { .is_empty = true };

	(void)state;
	assert_status(&running, "Was running");
	assert_status(&unreadable, "Unreadable");
	assert_status(&without_config, "No config");
	assert_status(&empty, "Unfinished");
}

/* Image "app" with the tags app:1, app:latest; the image "other" is other:latest. */
static struct world *make_world(void)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL);
	world_image(world, "app", "base", NULL);
	world_image(world, "other", "base", NULL);
	world_ref(world, "app:1", "app");
	world_ref(world, "app:latest", "app");
	world_ref(world, "localhost:5000/app:2", "app");
	world_ref(world, "other:latest", "other");
	world_seal(world);
	return world;
}

static void image_is_what_was_typed_while_it_means_the_image(void **state)
{
	static const char *const typed[] = { "app:1", "app", "app:latest", "docker.io/library/app",
		                             "localhost:5000/app:2" };
	struct world *world = make_world();

	(void)state;
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		AUTO(str) char *name = mem_text(typed[i]);
		AUTO(str) char *id = mem_text(world_id("app"));
		struct container container = { .image_name = name, .image_id = id };
		AUTO(str) char *image = container_rows_image(&world->state, &container);

		assert_string_equal(image, typed[i]);
	}
	world_free(world);
}

static void image_is_its_id_when_the_name_means_another(void **state)
{
	static const char *const typed[] = { "other", "gone:1", "", "localhost:5000/app", "app:3" };
	struct world *world = make_world();

	(void)state;
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		AUTO(str) char *name = mem_text(typed[i]);
		AUTO(str) char *id = mem_text(world_id("app"));
		struct container container = { .image_name = name, .image_id = id };
		AUTO(str) char *image = container_rows_image(&world->state, &container);

		assert_int_equal(strlen(image), 12);
		assert_memory_equal(image, world_id("app"), 12);
	}
	world_free(world);
}

static void typed_prefix_of_the_id_stays(void **state)
{
	struct world *world = make_world();
	AUTO(str) char *id = mem_text(world_id("app"));
	AUTO(str) char *name = mem_print("sha256:%.6s", id);
	struct container container = { .image_name = name, .image_id = id };
	AUTO(str) char *image = container_rows_image(&world->state, &container);

	(void)state;
	assert_string_equal(image, name);
	world_free(world);
}

static void typed_id_is_cut_like_every_id(void **state)
{
	struct world *world = make_world();
	AUTO(str) char *id = mem_text(world_id("app"));
	AUTO(str) char *name = mem_print("sha256:%s", id);
	struct container container = { .image_name = name, .image_id = id };
	AUTO(str) char *image = container_rows_image(&world->state, &container);

	(void)state;
	assert_int_equal(strlen(image), 12);
	assert_memory_equal(image, id, 12);
	world_free(world);
}

static void newest_container_comes_first(void **state)
{
	struct container containers[] = {
		{ .id = T("aaa"),
		  .name = T("old"),
		  .image_name = T("x"),
		  .created = 100,
		  .has_config = true },
		{ .id = T("bbb"),
		  .name = T("new"),
		  .image_name = T("x"),
		  .created = 200,
		  .has_config = true },
	};
	struct state records = { .containers = { .items = containers, .count = 2 } };
	struct sizing_slot slots[] = { { .usage = { 5, 4096, 1 } }, { .usage = { 7, 8192, 2 } } };
	struct sizing sizes = { slots, 2 };
	AUTO(row_list) struct row_list list = container_rows_make(&records, &sizes, 0);

	(void)state;
	assert_int_equal(row_count(&list), 2);
	assert_string_equal(list.values[0].text, "bbb");
	assert_int_equal(list.values[7].number, 7);
	assert_string_equal(list.values[list.column_count].text, "aaa");
	assert_int_equal(list.values[list.column_count + 7].number, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_reads_as_in_docker),
		cmocka_unit_test(status_tells_what_docker_would_not_list),
		cmocka_unit_test(image_is_what_was_typed_while_it_means_the_image),
		cmocka_unit_test(image_is_its_id_when_the_name_means_another),
		cmocka_unit_test(typed_prefix_of_the_id_stays),
		cmocka_unit_test(typed_id_is_cut_like_every_id),
		cmocka_unit_test(newest_container_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
