/* test_image_rules.c - which images and containers go with filters and keep rules. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "metadata/base/mem.h"

#include <string.h>

#define HOUR INT64_C(3600)
#define NOW (1000 * HOUR)

static const char *const words[] = { "new", "mid", "old", "stem", "loose" };

/*
 * Tagged: new:1 (1 hour old, label "tier=web"), mid:1 (2 hours), old:1 (3 hours, label "keep").
 * Untagged: loose (label "tmp"), built on the image "stem" that has no label.
 */
static int setup(void **state)
{
	struct world *world = world_new();

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct image *image;

		world_layer(world, words[i], NULL);
		image = world_image(world, words[i], words[i],
		                    strcmp(words[i], "loose") == 0 ? "stem" : NULL);
		image->has_config = image->has_created = true;
		image->created = NOW - (int64_t)(i + 1) * HOUR;
	}
	world_ref(world, "new:1", "new");
	world_ref(world, "mid:1", "mid");
	world_ref(world, "old:1", "old");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static struct image_label *label(const char *key, const char *value)
{
	struct image_label *labels = mem_zalloc(1, sizeof(*labels));

	labels[0] = (struct image_label){ mem_text(key), mem_text(value) };
	return labels;
}

static struct image *find(struct world *world, const char *word)
{
	for (size_t i = 0; i < world->state.images.count; i++) {
		if (strcmp(world->state.images.items[i].id, world_id(word)) == 0)
			return &world->state.images.items[i];
	}
	fail_msg("no image %s", word);
	return NULL;
}

static void give_label(struct world *world, const char *word, const char *key, const char *value)
{
	struct image *image = find(world, word);

	image->labels = label(key, value);
	image->label_count = 1;
}

static void plan(struct world *world, const char *scope)
{
	world_seal(world);
	world_plan(world, scope);
}

static void until(struct world *world, int64_t seconds, uint32_t nanoseconds)
{
	filter_set_add(&world->rules.filters, "until", "x");
	world->rules.filters.has_until = true;
	world->rules.filters.until = (struct timestamp){ seconds, nanoseconds };
}

static void keep(struct world *world, const char *pattern)
{
	assert_int_equal(keep_rules_add(&world->rules.keep, pattern, NULL), 0);
}

/* Says in letters which images go: n, m, o, s, l. */
static const char *gone(const struct world *world, char letters[6])
{
	char *at = letters;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (world_image_goes(world, words[i]))
			*at++ = words[i][0];
	}
	*at = '\0';
	return letters;
}

/* ---- filters ---- */

static void only_labelled_images_go(void **state)
{
	struct world *world = *state;
	char letters[6];

	give_label(world, "mid", "tier", "web");
	filter_set_add(&world->rules.filters, "label", "tier=web");
	plan(world, "a");
	assert_string_equal(gone(world, letters), "m");
	assert_false(world_goes(world, ACTION_UNTAG, "new:1"));
}

/* As dockerd: the filter chooses candidates, their parents are not asked. */
static void the_parent_goes_with_a_labelled_child(void **state)
{
	struct world *world = *state;
	char letters[6];

	give_label(world, "loose", "tmp", "");
	filter_set_add(&world->rules.filters, "label", "tmp");
	plan(world, "i");
	assert_string_equal(gone(world, letters), "sl");
}

static void a_labelled_parent_stays_with_its_child(void **state)
{
	struct world *world = *state;
	char letters[6];

	give_label(world, "stem", "tmp", "");
	filter_set_add(&world->rules.filters, "label", "tmp");
	plan(world, "a");
	assert_string_equal(gone(world, letters), "");
}

static void labelled_images_are_left_out(void **state)
{
	struct world *world = *state;
	char letters[6];

	give_label(world, "old", "keep", "");
	filter_set_add(&world->rules.filters, "label!", "keep");
	plan(world, "a");
	assert_string_equal(gone(world, letters), "nmsl");
	assert_false(world_goes(world, ACTION_UNTAG, "old:1"));
}

/* In 20.10 and 28 alike labels are only asked of images that have a config. */
static void an_image_without_a_config_goes_whatever_the_labels(void **state)
{
	struct world *world = *state;
	char letters[6];

	find(world, "old")->has_config = false;
	filter_set_add(&world->rules.filters, "label", "x");
	plan(world, "a");
	assert_string_equal(gone(world, letters), "o");
}

static void young_images_stay(void **state)
{
	struct world *world = *state;
	char letters[6];

	until(world, NOW - 2 * HOUR, 0);
	plan(world, "a");
	assert_string_equal(gone(world, letters), "mosl");
}

static void the_second_is_not_enough(void **state)
{
	struct world *world = *state;
	char letters[6];

	find(world, "mid")->created_nanoseconds = 1;
	until(world, NOW - 2 * HOUR, 0);
	plan(world, "a");
	assert_string_equal(gone(world, letters), "osl");
}

/* As 28; 20.10 would remove it. */
static void an_image_without_a_date_stays(void **state)
{
	struct world *world = *state;
	char letters[6];

	find(world, "old")->has_created = false;
	until(world, NOW, 0);
	plan(world, "a");
	assert_string_equal(gone(world, letters), "nmsl");
}

static void containers_are_filtered_by_age_and_label(void **state)
{
	struct world *world = *state;
	struct container *box;

	box = world_container(world, "young", "new", "new");
	box->created = NOW - HOUR;
	box = world_container(world, "aged", "new", "new");
	box->created = NOW - 3 * HOUR;
	box->labels = label("job", "7");
	box->label_count = 1;
	box = world_container(world, "plain", "new", "new");
	box->created = NOW - 3 * HOUR;
	world_container(world, "dateless", "new", "new");
	until(world, NOW - 2 * HOUR, 0);
	plan(world, "c");
	assert_int_equal(world_count(world, ACTION_CONTAINER), 2);
	assert_true(world_container_goes(world, "aged"));
	assert_true(world_container_goes(world, "plain"));
	filter_set_add(&world->rules.filters, "label", "job=7");
	world_plan(world, "c");
	assert_int_equal(world_count(world, ACTION_CONTAINER), 1);
	assert_true(world_container_goes(world, "aged"));
}

/* What only drydock sees has no labels and no date: filters are not for it. */
static void filters_do_not_keep_orphans(void **state)
{
	struct world *world = *state;

	world_layer(world, "orphan", NULL);
	filter_set_add(&world->rules.filters, "label", "x");
	plan(world, "cal");
	assert_true(world_layer_goes(world, "orphan"));
	assert_int_equal(world_count(world, ACTION_IMAGE), 0);
}

static void what_a_run_has_chosen_is_not_asked_again(void **state)
{
	struct world *world = *state;
	AUTO(map) struct map decided = MAP_INIT;
	struct selection_scope scope = { .images = true, .all_images = true, .decided = &decided };
	AUTO(selection) struct selection *selection = NULL;

	filter_set_add(&world->rules.filters, "label", "x");
	scope.filters = &world->rules.filters;
	world_seal(world);
	(void)map_set(&decided, find(world, "loose")->id, 0);
	(void)map_set(&decided, find(world, "new")->id, 0); /* has a tag: somebody has given it */
	selection = selection_make(&world->state, &scope);
	assert_int_equal(selection->image_count, 2);
	assert_true(selection->drop_image[find(world, "loose") - world->state.images.items]);
	assert_true(selection->drop_image[find(world, "stem") - world->state.images.items]);
}

/* ---- keep rules ---- */

static void a_kept_image_stays_with_all_its_names(void **state)
{
	struct world *world = *state;
	char letters[6];

	world_ref(world, "alias:2", "mid");
	keep(world, "mid");
	plan(world, "a");
	assert_string_equal(gone(world, letters), "nosl");
	assert_false(world_goes(world, ACTION_UNTAG, "mid:1"));
	assert_false(world_goes(world, ACTION_UNTAG, "alias:2"));
	assert_false(world_layer_goes(world, "mid"));
	assert_false(world_dir_goes(world, "mid"));
}

static void an_image_that_is_kept_by_its_id_keeps_its_parent(void **state)
{
	struct world *world = *state;
	char letters[6];

	keep(world, world_id("loose"));
	plan(world, "a");
	assert_string_equal(gone(world, letters), "nmo");
	assert_false(world_layer_goes(world, "stem"));
}

static void a_kept_parent_stays_when_its_child_goes(void **state)
{
	struct world *world = *state;
	char letters[6];

	keep(world, world_id("stem"));
	plan(world, "i");
	assert_string_equal(gone(world, letters), "l");
}

static void a_used_image_that_is_kept_loses_no_tag(void **state)
{
	struct world *world = *state;

	world_ref(world, "zzz:1", "mid");
	world_container(world, "box", "mid", "mid");
	keep(world, "zzz");
	plan(world, "a");
	assert_false(world_goes(world, ACTION_UNTAG, "mid:1"));
}

static void a_kept_tag_that_leads_nowhere_stays(void **state)
{
	struct world *world = *state;

	world_ref(world, "gone:1", "gone");
	world_ref(world, "gone:2", "gone");
	keep(world, "gone:1");
	plan(world, "l");
	assert_false(world_goes(world, ACTION_UNTAG, "gone:1"));
	assert_true(world_goes(world, ACTION_UNTAG, "gone:2"));
}

/* Tags in one repository, beside those of each image's own. */
static void tag_app(struct world *world)
{
	world_ref(world, "app:1", "old");
	world_ref(world, "app:2", "mid");
	world_ref(world, "app:3", "new");
	world_ref(world, "app:latest", "new");
}

static void the_newest_of_a_repository_stay(void **state)
{
	struct world *world = *state;
	char letters[6];

	ref_list_done(&world->state.refs);
	tag_app(world);
	world->rules.keep.last = 2;
	plan(world, "a");
	assert_string_equal(gone(world, letters), "osl");
	assert_true(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_int_equal(world_count(world, ACTION_UNTAG), 1);
}

static void the_newest_of_each_repository_stay(void **state)
{
	struct world *world = *state;
	char letters[6];

	tag_app(world);
	world->rules.keep.last = 2;
	plan(world, "a");
	assert_string_equal(gone(world, letters), "sl"); /* old:1 is alone in its repository */
	assert_int_equal(world_count(world, ACTION_UNTAG), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(only_labelled_images_go),
		TEST(the_parent_goes_with_a_labelled_child),
		TEST(a_labelled_parent_stays_with_its_child),
		TEST(labelled_images_are_left_out),
		TEST(an_image_without_a_config_goes_whatever_the_labels),
		TEST(young_images_stay),
		TEST(the_second_is_not_enough),
		TEST(an_image_without_a_date_stays),
		TEST(containers_are_filtered_by_age_and_label),
		TEST(filters_do_not_keep_orphans),
		TEST(what_a_run_has_chosen_is_not_asked_again),
		TEST(a_kept_image_stays_with_all_its_names),
		TEST(an_image_that_is_kept_by_its_id_keeps_its_parent),
		TEST(a_kept_parent_stays_when_its_child_goes),
		TEST(a_used_image_that_is_kept_loses_no_tag),
		TEST(a_kept_tag_that_leads_nowhere_stays),
		TEST(the_newest_of_a_repository_stay),
		TEST(the_newest_of_each_repository_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
