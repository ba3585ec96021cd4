/* test_keep_last.c - which images are the newest of their repository. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "metadata/base/text.h"

#define DIGEST "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static int setup(void **state)
{
	*state = world_new();
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* An image with a tag; its name says nothing. */
static void tagged(struct world *world, const char *word, const char *name, int64_t created)
{
	struct image *image = world_image(world, word, NULL, NULL);

	image->created = created;
	image->has_created = created >= 0;
	world_ref(world, name, word);
}

/* The words of the images that --keep-last LAST keeps, of those given. */
static char *newest(struct world *world, unsigned last, const char *const *words)
{
	const struct keep_rules rules = { .last = last };
	AUTO(keep_marks) struct keep_marks *marks = NULL;
	AUTO(text) struct text text = TEXT_INIT;

	world_seal(world);
	marks = keep_marks_make(&rules, &world->state);
	for (; *words; words++) {
		size_t item = 0;

		assert_true(map_get(&world->state.images.by_id, world_id(*words), &item));
		assert_true(marks->image_rule[item] == KEEP_NONE ||
		            marks->image_rule[item] == KEEP_LAST);
		if (marks->image_rule[item] == KEEP_LAST)
			text_print(&text, "%s", *words);
	}
	return text_take(&text);
}

static const char *const abcd[] = { "a", "b", "c", "d", NULL };

static void images_are_counted_not_tags(void **state)
{
	struct world *world = *state;
	AUTO(str) char *found = NULL;

	tagged(world, "a", "app:1", 1);
	tagged(world, "b", "app:2", 2);
	tagged(world, "c", "app:3", 3);
	tagged(world, "d", "app:4", 4);
	world_ref(world, "app:latest", "d");
	world_ref(world, "app:stable", "d");
	found = newest(world, 2, abcd);
	assert_string_equal(found, "cd");
}

static void images_of_the_same_age_stay_together(void **state)
{
	struct world *world = *state;
	AUTO(str) char *found = NULL;

	tagged(world, "a", "app:1", 1);
	tagged(world, "b", "app:2", 2);
	tagged(world, "c", "app:3", 2);
	tagged(world, "d", "app:4", 4);
	found = newest(world, 2, abcd);
	assert_string_equal(found, "bcd");
}

static void an_image_without_a_date_stays_uncounted(void **state)
{
	struct world *world = *state;
	AUTO(str) char *found = NULL;

	tagged(world, "a", "app:1", -1);
	tagged(world, "b", "app:2", 2);
	tagged(world, "c", "app:3", 3);
	tagged(world, "d", "app:4", 4);
	found = newest(world, 1, abcd);
	assert_string_equal(found, "ad");
}

static void repositories_are_counted_apart(void **state)
{
	struct world *world = *state;
	AUTO(str) char *found = NULL;

	tagged(world, "a", "app:1", 1);
	tagged(world, "b", "app-b:2", 2);
	tagged(world, "c", "app:3", 3);
	tagged(world, "d", "app-b:4", 4);
	found = newest(world, 1, abcd);
	assert_string_equal(found, "cd");
}

static void digests_alone_are_not_counted(void **state)
{
	struct world *world = *state;
	AUTO(str) char *found = NULL;

	tagged(world, "a", "app:1", 1);
	tagged(world, "b", "app:2", 2);
	tagged(world, "c", "app:3", 3);
	tagged(world, "d", "app" DIGEST, 4);
	found = newest(world, 1, abcd);
	assert_string_equal(found, "c");
}

static void nanoseconds_decide(void **state)
{
	struct world *world = *state;
	AUTO(str) char *found = NULL;

	tagged(world, "a", "app:1", 5);
	world->state.images.items[0].created_nanoseconds = 2;
	tagged(world, "b", "app:2", 5);
	world->state.images.items[1].created_nanoseconds = 1;
	tagged(world, "c", "app:3", 4);
	tagged(world, "d", "app:4", 4);
	found = newest(world, 1, abcd);
	assert_string_equal(found, "a");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(images_are_counted_not_tags),
		TEST(images_of_the_same_age_stay_together),
		TEST(an_image_without_a_date_stays_uncounted),
		TEST(repositories_are_counted_apart),
		TEST(digests_alone_are_not_counted),
		TEST(nanoseconds_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
