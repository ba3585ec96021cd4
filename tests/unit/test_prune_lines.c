/* test_prune_lines.c - the lines of a prune's report stand in Docker's order. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/show/prune_lines.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdlib.h>
#include <string.h>

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

static void plan(struct world *world, const char *scope)
{
	world_seal(world);
	world_plan(world, scope);
}

/* The texts of a section, one a line, each 64-digit ID replaced by its word of WORDS. The caller
 * frees. */
static char *section_text(const struct world *world, enum prune_section section,
                          const char *const *words, const bool *is_done)
{
	AUTO(prune_lines)
	struct prune_lines *lines = prune_lines_make(world->plan, &world->state, is_done);
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < lines->count; i++) {
		const char *line = lines->items[i].text;
		const char *id = strlen(line) >= 64 ? line + strlen(line) - 64 : NULL;
		size_t word = 0;

		if (lines->items[i].section != section)
			continue;
		while (id && words[word] && strcmp(world_id(words[word]), id) != 0)
			word++;
		text_print(&text, "%s", prune_line_prefix(&lines->items[i]));
		if (id && words[word])
			text_print(&text, "%.*s%s\n", (int)(id - line), line, words[word]);
		else
			text_print(&text, "%s\n", line);
	}
	return text_take(&text);
}

static void assert_section(const struct world *world, enum prune_section section,
                           const char *const *words, const char *expected)
{
	AUTO(str) char *text = section_text(world, section, words, NULL);

	assert_string_equal(text, expected);
}

/* One image, two tags, two layers; another image keeps the base layer. */
static void make_two_images(struct world *world)
{
	world_layer(world, "base", NULL);
	world_layer(world, "middle", "base");
	world_layer(world, "top", "middle");
	world_image(world, "kept", "base", NULL);
	world_image(world, "app", "top", NULL);
	world_ref(world, "app:1", "app");
	world_ref(world, "app:2", "app");
	world_ref(world, "kept:1", "kept");
	world_container(world, "user", "kept", "base");
}

static void image_comes_after_its_tags_and_before_its_layers(void **state)
{
	static const char *const words[] = { "base", "middle", "top", "app", "kept", NULL };
	struct world *world = *state;

	make_two_images(world);
	plan(world, "a");
	assert_section(world, PRUNE_IMAGES, words,
	               "untagged: app:1\n"
	               "untagged: app:2\n"
	               "deleted: sha256:app\n"
	               "deleted: sha256:top\n"
	               "deleted: sha256:middle\n");
}

static void shared_layer_is_told_with_the_last_image_that_has_it(void **state)
{
	static const char *const words[] = { "base", "a-top", "b-top", "a", "b", "kept", NULL };
	struct world *world = *state;
	AUTO(str) char *text = NULL;
	const char *base;
	const char *a;
	const char *b;

	world_layer(world, "base", NULL);
	world_layer(world, "a-top", "base");
	world_layer(world, "b-top", "base");
	world_image(world, "a", "a-top", NULL);
	world_image(world, "b", "b-top", NULL);
	world_image(world, "kept", NULL, NULL);
	world_ref(world, "kept:1", "kept");
	plan(world, "i");
	text = section_text(world, PRUNE_IMAGES, words, NULL);
	base = strstr(text, "deleted: sha256:base\n");
	a = strstr(text, "deleted: sha256:a\ndeleted: sha256:a-top\n");
	b = strstr(text, "deleted: sha256:b\ndeleted: sha256:b-top\n");
	assert_non_null(base);
	assert_non_null(a);
	assert_non_null(b);
	assert_true(base > a && base > b);
	assert_null(strstr(base + strlen("deleted: sha256:base"), "sha256:base"));
}

static void tag_of_an_image_that_stays_comes_first(void **state)
{
	static const char *const words[] = { "base", "middle", "top", "app", "kept", NULL };
	struct world *world = *state;
	AUTO(str) char *text = NULL;

	make_two_images(world);
	world_ref(world, "kept:0", "kept");
	plan(world, "a");
	text = section_text(world, PRUNE_IMAGES, words, NULL);
	assert_ptr_equal(strstr(text, "untagged: kept:0\n"), text);
	assert_null(strstr(text, "deleted: sha256:kept"));
}

static void what_only_drydock_sees_has_lists_of_its_own(void **state)
{
	static const char *const words[] = { "base", "orphan", "lost", NULL };
	struct world *world = *state;

	world_layer(world, "base", NULL);
	world_image(world, "kept", "base", NULL);
	world_ref(world, "kept:1", "kept");
	world_layer(world, "lost", NULL);
	world_dir(world, "orphan", NULL);
	plan(world, "l");
	assert_section(world, PRUNE_LAYERS, words, "sha256:lost\n");
	assert_section(world, PRUNE_IMAGES, words, "");
	/* the links of both go with them and are not told */
	assert_section(world, PRUNE_LINKS, words, "");
}

static void container_takes_its_mount_and_directories_along(void **state)
{
	static const char *const words[] = { "base", "box", NULL };
	struct world *world = *state;

	world_layer(world, "base", NULL);
	world_image(world, "kept", "base", NULL);
	world_ref(world, "kept:1", "kept");
	world_container(world, "box", "kept", "base");
	plan(world, "c");
	assert_section(world, PRUNE_CONTAINERS, words, "box\n");
	assert_section(world, PRUNE_MOUNTS, words, "");
	assert_section(world, PRUNE_DIRS, words, "");
}

static void networks_go_by_their_names_and_stand_in_their_order(void **state)
{
	static const char *const words[] = { NULL };
	struct world *world = *state;

	world_network(world, "web");
	world_network(world, "back");
	plan(world, "n");
	assert_section(world, PRUNE_NETWORKS, words, "back\nweb\n");
}

/* The image goes, its layer with the build cache: Docker counts it there, by the record. */
static void layer_that_the_cache_held_is_not_told(void **state)
{
	static const char *const words[] = { "base", "top", "app", "kept", NULL };
	struct world *world = *state;

	world_layer(world, "base", NULL);
	world_layer(world, "top", "base");
	world_image(world, "kept", "base", NULL);
	world_ref(world, "kept:1", "kept");
	world_image(world, "app", "top", NULL);
	world_cache(world, "aaaaaaaaaaaaaaaaaaaaaaaaa", "top", "top");
	plan(world, "iB");
	assert_true(world_layer_goes(world, "top"));
	assert_section(world, PRUNE_IMAGES, words, "deleted: sha256:app\n");
	assert_section(world, PRUNE_CACHE, words, "aaaaaaaaaaaaaaaaaaaaaaaaa\n");
	assert_section(world, PRUNE_DIRS, words, "");
	assert_section(world, PRUNE_LEFTOVERS, words, "");
}

static void only_what_is_done_is_told(void **state)
{
	static const char *const words[] = { "base", "middle", "top", "app", "kept", NULL };
	struct world *world = *state;
	AUTO(str) char *text = NULL;
	bool *is_done;

	make_two_images(world);
	plan(world, "a");
	is_done = mem_zalloc(world->plan->count, sizeof(*is_done));
	for (size_t i = 0; i < world->plan->count; i++)
		is_done[i] = world->plan->actions[i].kind == ACTION_UNTAG;
	text = section_text(world, PRUNE_IMAGES, words, is_done);
	assert_string_equal(text, "untagged: app:1\nuntagged: app:2\n");
	free(is_done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(image_comes_after_its_tags_and_before_its_layers,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(
		    shared_layer_is_told_with_the_last_image_that_has_it, setup, teardown),
		cmocka_unit_test_setup_teardown(tag_of_an_image_that_stays_comes_first, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(what_only_drydock_sees_has_lists_of_its_own, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(container_takes_its_mount_and_directories_along,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(networks_go_by_their_names_and_stand_in_their_order,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(layer_that_the_cache_held_is_not_told, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(only_what_is_done_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
