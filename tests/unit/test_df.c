/* test_df.c - the summary counts as Docker counts, and adds what Docker does not see. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/show/df.h"

#include <fcntl.h>
#include <string.h>

/* Nothing of the world is on disk: everything is measured in a directory without any of it. */
static struct root root = { .path = NULL, .fd = -1, .overlay2_fd = -1, .image_fd = -1 };
static const struct settings settings = { .jobs = 1 };

static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL)->size_bytes = 1000000;
	world_layer(world, "app", "base")->size_bytes = 20;
	world_layer(world, "other", "base")->size_bytes = 300;
	world_image(world, "app", "app", NULL);
	world_image(world, "other", "other", NULL);
	world_ref(world, "app:1", "app");
	world_ref(world, "other:1", "other");
	world_container(world, "box", "app", "app");
	world_dir(world, "orphan", NULL);
	world_seal(world);
	root.fd = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root.fd >= 0);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	(void)close(root.fd);
	return 0;
}

/* The row of TYPE: "total active size reclaimable"; the caller frees. */
static char *row_text(struct world *world, const char *type)
{
	const struct session session = { .settings = &settings,
		                         .root = &root,
		                         .state = &world->state,
		                         .inventory = &world->inventory,
		                         .graph = world->graph,
		                         .baseline = world->baseline };
	AUTO(df) struct df df = { .session = NULL };
	AUTO(row_list) struct row_list list = { .name = NULL };
	struct err err = ERR_INIT;
	char *text = NULL;

	assert_int_equal(df_measure(&df, &session, &err), 0);
	list = df_summary(&df);
	for (size_t i = 0; i < row_count(&list) && !text; i++) {
		const struct row_value *row = &list.values[i * list.column_count];

		if (strcmp(row[0].text, type) == 0 &&
		    asprintf(&text, "%jd %jd %jd %jd", (intmax_t)row[1].number,
		             (intmax_t)row[2].number, (intmax_t)row[3].number,
		             (intmax_t)row[5].number) < 0)
			fail();
	}
	assert_non_null(text);
	return text;
}

static void assert_row(struct world *world, const char *type, const char *expected)
{
	AUTO(str) char *text = row_text(world, type);

	assert_string_equal(text, expected);
}

static void images_count_shared_layers_once(void **state)
{
	/* in use: app; `image prune -a` frees the layer "other" and nothing else */
	assert_row(*state, "Images", "2 1 1000320 300");
}

static void stopped_containers_are_not_active(void **state)
{
	assert_row(*state, "Containers", "1 0 0 0");
}

static void orphans_have_a_row_of_their_own(void **state)
{
	assert_row(*state, "Orphans", "1 0 0 0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(images_count_shared_layers_once),
		TEST(stopped_containers_are_not_active),
		TEST(orphans_have_a_row_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
