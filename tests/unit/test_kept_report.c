/* test_kept_report.c - what keep rules have kept is told. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/show/kept_report.h"
#include "metadata/base/mem.h"

#include <stdio.h>
#include <string.h>

/* The images "app" (app:1) and "loose" (no name). */
static int setup(void **state)
{
	struct world *world = world_new();

	world_image(world, "app", NULL, NULL);
	world_image(world, "loose", NULL, NULL);
	world_ref(world, "app:1", "app");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static void keep(struct world *world, const char *pattern)
{
	assert_int_equal(keep_rules_add(&world->rules.keep, pattern, NULL), 0);
}

static char *report(const struct world *world, const struct settings *settings)
{
	char *text = NULL;
	size_t len = 0;
	FILE *words = open_memstream(&text, &len);

	kept_report_print(words, &world->plan->kept, settings);
	(void)fclose(words);
	return text;
}

static void what_would_have_gone_is_in_the_plan(void **state)
{
	struct world *world = *state;
	AUTO(str) char *app = mem_print("sha256:%s", world_id("app"));

	keep(world, "app:*");
	keep(world, "typo");
	world_seal(world);
	world_plan(world, "a");
	assert_int_equal(world->plan->kept.count, 1);
	assert_string_equal(world->plan->kept.items[0].image, app);
	assert_string_equal(world->plan->kept.items[0].name, "app:1");
	assert_string_equal(world->plan->kept.items[0].rule, "--keep 'app:*'");
	assert_int_equal(world->plan->kept.idle_count, 1);
	assert_string_equal(world->plan->kept.idle[0], "--keep 'typo'");
	/* dangling images only: the rule has nothing to do */
	world_plan(world, "i");
	assert_int_equal(world->plan->kept.count, 0);
}

static void the_name_is_one_that_the_rule_means(void **state)
{
	struct world *world = *state;

	world_ref(world, "aaa:1", "app");
	keep(world, "app");
	world_seal(world);
	world_plan(world, "a");
	assert_string_equal(world->plan->kept.items[0].name, "app:1");
}

static void notes_are_short_long_or_none(void **state)
{
	struct world *world = *state;
	struct settings settings = { .root = NULL };
	AUTO(str) char *brief = NULL;
	AUTO(str) char *all = NULL;
	AUTO(str) char *none = NULL;
	AUTO(str)
	char *loose = mem_print("drydock: note: kept by --keep '%s': sha256:%s\n",
	                        world_id("loose"), world_id("loose"));
	AUTO(str)
	char *app =
	    mem_print("drydock: note: kept by --keep 'app': app:1 sha256:%s\n", world_id("app"));

	keep(world, "app");
	keep(world, world_id("loose"));
	keep(world, "typo");
	world_seal(world);
	world_plan(world, "a");
	brief = report(world, &settings);
	assert_string_equal(brief, "drydock: note: --keep 'typo' means no image that is here\n"
	                           "drydock: note: 2 images that would go are kept by keep rules "
	                           "(-v names them)\n");
	settings.is_verbose = true;
	all = report(world, &settings);
	assert_non_null(strstr(all, loose));
	assert_non_null(strstr(all, app));
	settings.is_quiet = true;
	none = report(world, &settings);
	assert_string_equal(none, "");
}

static void without_rules_nothing_is_said(void **state)
{
	struct world *world = *state;
	const struct settings settings = { .is_verbose = true };
	AUTO(str) char *text = NULL;

	world_seal(world);
	world_plan(world, "a");
	text = report(world, &settings);
	assert_string_equal(text, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_would_have_gone_is_in_the_plan),
		TEST(the_name_is_one_that_the_rule_means),
		TEST(notes_are_short_long_or_none),
		TEST(without_rules_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
