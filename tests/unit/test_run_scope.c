/* test_run_scope.c - what a run was asked for survives the journal, to the byte. */
#include "tests/unit/check.h"

#include "gc/plan/rules.h"
#include "gc/run/run_scope.h"
#include "metadata/base/mem.h"

#include <string.h>

static void every_scope_survives_its_words(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 1024; bits++) {
		const struct selection_scope scope = { .containers = bits & 1,
			                               .images = bits & 2,
			                               .all_images = bits & 4,
			                               .layers = bits & 8,
			                               .networks = bits & 16,
			                               .volumes = bits & 32,
			                               .all_volumes = bits & 64,
			                               .cache = bits & 128,
			                               .all_cache = bits & 256,
			                               .docker_compat = bits & 512 };
		AUTO(str) char *words = run_scope_text(&scope);
		struct run read = { .rules = NULL };

		assert_true(run_scope_parse(&read, words));
		assert_memory_equal(&read.scope, &scope, sizeof(scope));
		run_scope_done(&read);
	}
}

static void a_journal_of_before_there_were_rules_has_none(void **state)
{
	struct run read = { .rules = NULL };

	(void)state;
	assert_true(run_scope_parse(&read, "containers,images,all-images,layers"));
	assert_null(read.scope.filters);
	assert_null(read.scope.keep);
	assert_true(read.scope.all_images);
	run_scope_done(&read);
	assert_true(run_scope_parse(&read, ""));
	assert_null(read.scope.filters);
	run_scope_done(&read);
}

static void what_another_version_wrote_is_refused(void **state)
{
	static const char *const wrong[] = {
		"containers,teapots",
		"container",
		"images,filter",
		"images,filter=label",
		"images,filter=label=x=y",
		"images,filter=label=%",
		"images,filter=label=%4",
		"images,filter=label=%4g",
		"images,filter=label=%00",
		"images,until=12",
		"images,until=x=0",
		"images,until=-=0",
		"images,until=12=1000000000",
		"images,until=9223372036854775808=0",
		"images,keep=",
		"images,keep=[",
		"images,keep-line=f=x=app",
		"images,keep-line=f=1",
		"images,keep-last=0",
		"images,keep-last=-1",
		"images,keep-last=1=2",
		"images,keep-last=1=2=3=4=5=6",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct run read = { .rules = NULL };

		if (run_scope_parse(&read, wrong[i]))
			fail_msg("accepted: %s", wrong[i]);
		run_scope_done(&read);
	}
}

/* Every byte that a command line can hold. */
static void all_bytes(char bytes[256])
{
	for (int i = 0; i < 255; i++)
		bytes[i] = (char)(i + 1);
	bytes[255] = '\0';
}

static void filters_survive_to_the_byte(void **state)
{
	struct rules rules = RULES_INIT;
	struct selection_scope scope = { .images = true, .filters = &rules.filters };
	struct run read = { .rules = NULL };
	AUTO(str) char *words = NULL;
	char bytes[256];

	(void)state;
	all_bytes(bytes);
	filter_set_add(&rules.filters, "label", bytes);
	filter_set_add(&rules.filters, "label", "");
	filter_set_add(&rules.filters, "label!", "a=b,c=d");
	filter_set_add(&rules.filters, "until", "24h");
	rules.filters.has_until = true;
	rules.filters.until = (struct timestamp){ -5, 7 };
	words = run_scope_text(&scope);
	assert_true(run_scope_parse(&read, words));
	assert_int_equal(read.scope.filters->count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(read.scope.filters->items[i].key, rules.filters.items[i].key);
		assert_string_equal(read.scope.filters->items[i].value,
		                    rules.filters.items[i].value);
	}
	assert_true(read.scope.filters->has_until);
	assert_true(read.scope.filters->until.seconds == -5);
	assert_int_equal(read.scope.filters->until.nanoseconds, 7);
	run_scope_done(&read);
	rules_done(&rules);
}

static void keep_rules_survive(void **state)
{
	struct rules rules = RULES_INIT;
	struct selection_scope scope = { .images = true, .keep = &rules.keep };
	struct run read = { .rules = NULL };
	AUTO(str) char *words = NULL;

	(void)state;
	assert_int_equal(keep_rules_add(&rules.keep, "host:5000/x/*:v[1-9],=%", NULL), 0);
	assert_int_equal(keep_rules_add_line(&rules.keep, "/a b/\xff=,%", 7, "!app:*", NULL), 0);
	assert_int_equal(keep_rules_add_line(&rules.keep, "/a b/\xff=,%", 9, "app", NULL), 0);
	rules.keep.last = 3;
	words = run_scope_text(&scope);
	assert_true(run_scope_parse(&read, words));
	assert_int_equal(read.scope.keep->count, 3);
	assert_int_equal(read.scope.keep->last, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct keep_pattern *a = &rules.keep.items[i];
		const struct keep_pattern *b = &read.scope.keep->items[i];

		assert_string_equal(a->text, b->text);
		assert_int_equal(a->is_negated, b->is_negated);
		assert_int_equal(a->line, b->line);
		assert_true(!a->source == !b->source);
		if (a->source)
			assert_string_equal(a->source, b->source);
	}
	run_scope_done(&read);
	rules_done(&rules);
}

static void a_run_has_its_own_rules(void **state)
{
	struct rules rules = RULES_INIT;
	struct selection_scope scope = { .images = true, .filters = &rules.filters };
	struct run run = { .rules = NULL };

	(void)state;
	filter_set_add(&rules.filters, "label", "x");
	run_scope_set(&run, &scope);
	rules_done(&rules);
	assert_string_equal(filter_value(run.scope.filters, "label", 0), "x");
	assert_null(run.scope.keep);
	run_scope_done(&run);
}

static void planning_again_has_the_images_that_were_chosen(void **state)
{
	static char image[] = "sha256:abc";
	static char container[] = "def";
	struct run_step steps[] = { { .kind = ACTION_IMAGE, .object = image },
		                    { .kind = ACTION_CONTAINER, .object = container } };
	struct run run = { .steps = steps, .step_count = 2, .scope = { .images = true } };
	AUTO(map) struct map decided = MAP_INIT;
	struct selection_scope scope = run_scope_again(&run, &decided);

	(void)state;
	assert_true(scope.images && scope.layers);
	assert_false(scope.containers);
	assert_ptr_equal(scope.decided, &decided);
	assert_true(map_get(&decided, "abc", NULL));
	assert_false(map_get(&decided, "def", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scope_survives_its_words),
		cmocka_unit_test(a_journal_of_before_there_were_rules_has_none),
		cmocka_unit_test(what_another_version_wrote_is_refused),
		cmocka_unit_test(filters_survive_to_the_byte),
		cmocka_unit_test(keep_rules_survive),
		cmocka_unit_test(a_run_has_its_own_rules),
		cmocka_unit_test(planning_again_has_the_images_that_were_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
