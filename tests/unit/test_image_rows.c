/* test_image_rows.c - images are listed as Docker lists them. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/show/image_rows.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL)->size_bytes = 1000;
	world_layer(world, "app", "base")->size_bytes = 20;
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* "repository tag size shared unique containers" of each row of the table; the caller frees. */
static char *rows_text(struct world *world, unsigned flags)
{
	AUTO(image_facts) struct image_facts *facts = NULL;
	AUTO(row_list) struct row_list list = { .name = NULL };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	if (!world->graph)
		world_seal(world);
	facts = image_facts_make(&world->state);
	list = image_rows_make(&world->state, facts, flags);
	for (size_t i = 0; i < row_count(&list); i++) {
		const struct row_value *row = &list.values[i * list.column_count];

		(void)fprintf(out, "%s %s %jd %jd %jd %jd\n", row[0].text, row[1].text,
		              (intmax_t)row[4].number, (intmax_t)row[5].number,
		              (intmax_t)row[6].number, (intmax_t)row[7].number);
	}
	(void)fclose(out);
	return text;
}

static void assert_rows(struct world *world, unsigned flags, const char *expected)
{
	AUTO(str) char *text = rows_text(world, flags);

	assert_string_equal(text, expected);
}

static void each_tag_is_a_row(void **state)
{
	struct world *world = *state;

	world_image(world, "app", "app", NULL);
	world_ref(world, "app:1", "app");
	world_ref(world, "localhost/app:2", "app");
	assert_rows(world, 0, "app 1 1020 0 1020 0\nlocalhost/app 2 1020 0 1020 0\n");
}

static void dangling_image_has_no_name(void **state)
{
	struct world *world = *state;

	world_image(world, "app", "app", NULL);
	world_ref(world, "gone:1", "gone");
	assert_rows(world, 0, "<none> <none> 1020 0 1020 0\n");
}

static void intermediate_image_is_listed_on_demand(void **state)
{
	struct world *world = *state;

	world_image(world, "parent", "base", NULL)->created = 100;
	world_image(world, "app", "app", "parent")->created = 200;
	world_ref(world, "app:1", "app");
	assert_rows(world, 0, "app 1 1020 0 1020 0\n");
	assert_rows(world, IMAGE_ROWS_ALL, "app 1 1020 0 1020 0\n<none> <none> 1000 0 1000 0\n");
}

static void newest_image_comes_first(void **state)
{
	struct world *world = *state;

	world_image(world, "old", "base", NULL)->created = 100;
	world_ref(world, "old:1", "old");
	world_image(world, "new", "app", NULL)->created = 200;
	world_ref(world, "new:1", "new");
	assert_rows(world, 0, "new 1 1020 1000 20 0\nold 1 1000 1000 0 0\n");
}

static void digest_is_a_row_only_without_a_tag(void **state)
{
	static const char digest[] =
	    "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct world *world = *state;
	char name[128];

	world_image(world, "app", "app", NULL);
	world_ref(world, "tagged:1", "app");
	(void)snprintf(name, sizeof(name), "tagged%s", digest);
	world_ref(world, name, "app");
	(void)snprintf(name, sizeof(name), "only%s", digest);
	world_ref(world, name, "app");
	assert_rows(world, 0, "only <none> 1020 0 1020 0\ntagged 1 1020 0 1020 0\n");
}

static void containers_of_an_image_are_counted(void **state)
{
	struct world *world = *state;

	world_image(world, "app", "app", NULL);
	world_ref(world, "app:1", "app");
	world_container(world, "one", "app", "app");
	world_container(world, "two", "app", "app");
	assert_rows(world, IMAGE_ROWS_USAGE, "app 1 1020 0 1020 2\n");
}

static void image_without_layers_has_no_size(void **state)
{
	struct world *world = *state;

	world_image(world, "empty", NULL, NULL);
	world_ref(world, "empty:1", "empty");
	assert_rows(world, 0, "empty 1 0 0 0 0\n");
}

static void size_of_an_unreadable_image_is_not_known(void **state)
{
	struct world *world = *state;

	world_image(world, "app", "app", NULL)->is_unreadable = true;
	world_ref(world, "app:1", "app");
	assert_rows(world, 0, "app 1 -1 -1 -1 0\n");
}

static void layers_of_listed_images_are_counted_once(void **state)
{
	struct world *world = *state;
	AUTO(image_facts) struct image_facts *facts = NULL;

	world_layer(world, "unused", NULL)->size_bytes = 7;
	world_image(world, "app", "app", NULL);
	world_image(world, "same", "app", NULL);
	world_ref(world, "app:1", "app");
	world_seal(world);
	facts = image_facts_make(&world->state);
	assert_int_equal(image_facts_layers_bytes(facts), 1020);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_tag_is_a_row),
		TEST(dangling_image_has_no_name),
		TEST(intermediate_image_is_listed_on_demand),
		TEST(newest_image_comes_first),
		TEST(digest_is_a_row_only_without_a_tag),
		TEST(containers_of_an_image_are_counted),
		TEST(image_without_layers_has_no_size),
		TEST(size_of_an_unreadable_image_is_not_known),
		TEST(layers_of_listed_images_are_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
