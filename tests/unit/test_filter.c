/* test_filter.c - filters, as dockerd understands them. */
#include "tests/unit/check.h"

#include "gc/plan/filter.h"

#include <stdio.h>
#include <string.h>

#define GIVEN_MAX 4

/* A set and what became of making it. */
struct made {
	struct filter_set set;
	struct err err;
	int result;
};

static struct made make(struct filter_request request, const char *const given[GIVEN_MAX])
{
	struct made made = { .set = FILTER_SET_INIT };

	request.clock = (struct until_clock){ { 1000000, 5 }, 0 };
	request.given = given;
	while (request.given_count < GIVEN_MAX && given[request.given_count])
		request.given_count++;
	made.result = filter_set_make(&made.set, &request, &made.err);
	return made;
}

#define VERB(name) ((struct filter_request){ .verb = FILTER_##name })
#define GIVEN(...) ((const char *const[GIVEN_MAX]){ __VA_ARGS__ })

static void keys_and_values_are_trimmed_and_keys_lower_cased(void **state)
{
	struct made made =
	    make(VERB(CONTAINERS), GIVEN(" LABEL = a=b ", "\tuntil=10\n", "", "label!=x"));

	(void)state;
	assert_int_equal(made.result, 0);
	assert_int_equal(made.set.count, 3);
	assert_string_equal(made.set.items[0].key, "label");
	assert_string_equal(made.set.items[0].value, "a=b");
	assert_string_equal(made.set.items[1].value, "10");
	assert_string_equal(filter_value(&made.set, "label!", 0), "x");
	assert_null(filter_value(&made.set, "label!", 1));
	filter_set_done(&made.set);
}

static void the_same_filter_counts_once(void **state)
{
	struct made made = make(VERB(IMAGES), GIVEN("until=1h", "until= 1h", "label=x", "label=x"));

	(void)state;
	assert_int_equal(made.result, 0);
	assert_int_equal(made.set.count, 2);
	assert_true(made.set.has_until);
	assert_true(made.set.until.seconds == 1000000 - 3600);
	filter_set_done(&made.set);
}

static void moment_before_that_of_the_command_is_past(void **state)
{
	static const char *const texts[] = { "1s", "999999", "0s", "1000001", "-1h" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char given[32];
		struct made made;

		(void)snprintf(given, sizeof(given), "until=%s", texts[i]);
		made = make(VERB(BUILDER), GIVEN(given));
		assert_int_equal(made.result, 0);
		assert_int_equal(filter_until_is_past(&made.set), i < 2);
		filter_set_done(&made.set);
	}
	assert_false(filter_until_is_past(NULL));
}

static void each_verb_takes_its_keys(void **state)
{
	static const char *const keys[] = { "label=x",       "label!=x",  "until=1h",
		                            "dangling=true", "all=1",     "unused-for=1h",
		                            "id=x",          "parent=x",  "type=x",
		                            "description=x", "inuse=",    "shared=1",
		                            "private=",      "mutable=1", "immutable=" };
	static const struct {
		enum filter_verb verb;
		const char *takes; /* a letter per key: + or - */
	} cases[] = {
		{ FILTER_CONTAINERS, "+++------------" }, { FILTER_IMAGES, "++++-----------" },
		{ FILTER_NETWORKS, "+++------------" },   { FILTER_VOLUMES, "++--+----------" },
		{ FILTER_BUILDER, "+++--++++++++++" },    { FILTER_SYSTEM, "+++------------" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			struct made made =
			    make((struct filter_request){ .verb = cases[i].verb }, GIVEN(keys[k]));

			if ((made.result == 0) != (cases[i].takes[k] == '+'))
				fail_msg("verb %d, %s: %s", (int)cases[i].verb, keys[k],
				         made.err.text);
			filter_set_done(&made.set);
		}
	}
}

static void assert_refused(struct filter_request request, const char *const given[GIVEN_MAX],
                           const char *words)
{
	struct made made = make(request, given);

	assert_int_equal(made.result, -1);
	assert_int_equal(made.err.kind, ERR_USAGE);
	assert_string_equal(made.err.text, words);
	assert_int_equal(made.set.count, 0);
}

static void errors_are_in_the_words_of_docker(void **state)
{
	const struct filter_request images_all = { .verb = FILTER_IMAGES, .has_all = true };
	const struct filter_request volumes_all = { .verb = FILTER_VOLUMES, .has_all = true };
	const struct filter_request with_volumes = { .verb = FILTER_SYSTEM, .has_volumes = true };

	(void)state;
	assert_refused(VERB(IMAGES), GIVEN("label"),
	               "invalid argument \"label\" for \"--filter\" flag: bad format of filter "
	               "(expected name=value)");
	assert_refused(VERB(IMAGES), GIVEN("bad=1"), "invalid filter 'bad'");
	assert_refused(VERB(IMAGES), GIVEN("=1"), "invalid filter");
	assert_refused(VERB(CONTAINERS), GIVEN("label=x", "dangling=true"),
	               "invalid filter 'dangling'");
	assert_refused(VERB(VOLUMES), GIVEN("until=1h"), "invalid filter 'until'");
	assert_refused(VERB(CONTAINERS), GIVEN("until=1h", "until=2h"),
	               "more than one until filter specified");
	assert_refused(VERB(SYSTEM), GIVEN("until=xyz"),
	               "failed to parse value as time or duration: \"xyz\"");
	assert_refused(with_volumes, GIVEN("until=1h"),
	               "ERROR: The \"until\" filter is not supported with \"--volumes\"");
	assert_refused(VERB(IMAGES), GIVEN("dangling=false"),
	               "invalid filter 'dangling=[false true]'");
	assert_refused(images_all, GIVEN("dangling=1"), "invalid filter 'dangling=[1 false]'");
	assert_refused(VERB(IMAGES), GIVEN("dangling=maybe"), "invalid filter 'dangling=[maybe]'");
	assert_refused(volumes_all, GIVEN("all=1"),
	               "conflicting options: cannot specify both --all and --filter all=1");
	assert_refused(VERB(VOLUMES), GIVEN("all=1", "all=true"),
	               "invalid filter 'all=[1 true]': only one value is expected");
	assert_refused(
	    VERB(VOLUMES), GIVEN("all=maybe"),
	    "invalid filter 'all': strconv.ParseBool: parsing \"maybe\": invalid syntax");
	assert_refused(VERB(BUILDER), GIVEN("id=a", "id=b"), "filters expect only one value");
	assert_refused(VERB(BUILDER), GIVEN("until=1h", "until=2h"),
	               "filters expect only one value");
	assert_refused(VERB(BUILDER), GIVEN("until=1h", "unused-for=2h"),
	               "conflicting filters: \"until\" and \"unused-for\"");
	assert_refused(VERB(BUILDER), GIVEN("unused-for=foo"),
	               "\"unused-for\" filter expects a duration (e.g., '24h') or a timestamp: "
	               "failed to parse value as time or duration: \"foo\"");
}

static void until_and_volumes_may_stand_apart(void **state)
{
	const struct filter_request with_volumes = { .verb = FILTER_SYSTEM, .has_volumes = true };
	const struct filter_request images_all = { .verb = FILTER_IMAGES, .has_all = true };
	struct made made = make(with_volumes, GIVEN("label=x"));

	(void)state;
	assert_int_equal(made.result, 0);
	filter_set_done(&made.set);
	made = make(images_all, GIVEN("dangling=false", "dangling=0"));
	assert_int_equal(made.result, 0);
	filter_set_done(&made.set);
	made = make(VERB(IMAGES), GIVEN("dangling=1"));
	assert_int_equal(made.result, 0);
	filter_set_done(&made.set);
}

/* ---- labels ---- */

static char key_a[] = "a";
static char key_b[] = "b";
static char value_1[] = "1";
static char value_2[] = "2=3";
static const struct image_label ab[] = { { key_a, value_1 }, { key_b, value_2 } };

static void labels_are_asked_as_match_kv_list_does(void **state)
{
	static const struct {
		const char *given[GIVEN_MAX];
		bool takes_ab, takes_none;
	} cases[] = {
		{ { NULL }, true, true },
		{ { "label=a" }, true, false },
		{ { "label=a=1" }, true, false },
		{ { "label=a=" }, false, false },
		{ { "label=a=2" }, false, false },
		{ { "label=b=2=3" }, true, false },
		{ { "label=c" }, false, false },
		{ { "label=" }, false, false }, /* a label without a name: nothing has it */
		{ { "label=A" }, false, false },
		{ { "label=a", "label=b" }, true, false },
		{ { "label=a", "label=c" }, false, false },
		{ { "label=a=1", "label=a=2" }, false, false },
		{ { "label!=a" }, false, true },
		{ { "label!=a=1" }, false, true },
		{ { "label!=a=2" }, true, true },
		{ { "label!=c" }, true, true },
		{ { "label!=" }, true, true },
		/* only what has all of them is left out */
		{ { "label!=a", "label!=b" }, false, true },
		{ { "label!=a", "label!=c" }, true, true },
		{ { "label=a", "label!=b" }, false, false },
		{ { "label=a", "label!=c" }, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made made = make(VERB(CONTAINERS), cases[i].given);

		assert_int_equal(made.result, 0);
		if (filter_takes_labels(&made.set, ab, 2) != cases[i].takes_ab ||
		    filter_takes_labels(&made.set, NULL, 0) != cases[i].takes_none)
			fail_msg("case %zu: %s", i, cases[i].given[0]);
		filter_set_done(&made.set);
	}
	assert_true(filter_takes_labels(NULL, ab, 2));
}

/* ---- until ---- */

static void what_is_younger_stays(void **state)
{
	struct made made = make(VERB(CONTAINERS), GIVEN("until=100.5"));
	int64_t ns = 0;

	(void)state;
	assert_true(filter_takes_created(&made.set, 99, 999999999, true));
	assert_true(filter_takes_created(&made.set, 100, 0, true));
	assert_true(filter_takes_created(&made.set, 100, 500000000, true));
	assert_false(filter_takes_created(&made.set, 100, 500000001, true));
	assert_false(filter_takes_created(&made.set, 101, 0, true));
	assert_true(filter_takes_created(&made.set, TIMESTAMP_ZERO, 0, true));
	assert_true(filter_until(&made.set, &ns));
	assert_true(ns == 100500000000);
	assert_true(filter_until(&made.set, NULL));
	filter_set_done(&made.set);
}

static void what_does_not_say_its_age_stays(void **state)
{
	struct made made = make(VERB(CONTAINERS), GIVEN("until=1h"));

	(void)state;
	assert_false(filter_takes_created(&made.set, 0, 0, false));
	assert_true(filter_takes_created(NULL, 0, 0, false));
	filter_set_done(&made.set);
	made = make(VERB(CONTAINERS), GIVEN("label=x"));
	assert_true(filter_takes_created(&made.set, 0, 0, false));
	assert_false(filter_until(&made.set, NULL));
	filter_set_done(&made.set);
}

/* The zero time is no filter at all for dockerd: everything would go. */
static void the_year_one_is_a_moment(void **state)
{
	struct made made = make(VERB(CONTAINERS), GIVEN("until=0001-01-01T00:00:00Z"));

	(void)state;
	assert_false(filter_takes_created(&made.set, 0, 0, true));
	filter_set_done(&made.set);
}

static void far_moments_are_cut_to_what_nanoseconds_hold(void **state)
{
	struct made made = make(VERB(BUILDER), GIVEN("until=9999-12-31Z"));
	int64_t ns = 0;

	(void)state;
	assert_true(filter_until(&made.set, &ns));
	assert_true(ns == INT64_MAX);
	filter_set_done(&made.set);
	made = make(VERB(BUILDER), GIVEN("unused-for=0001-01-01Z"));
	assert_true(filter_until(&made.set, &ns));
	assert_true(ns == INT64_MIN);
	filter_set_done(&made.set);
}

static void flags_are_read_as_go_reads_them(void **state)
{
	struct made made = make(VERB(VOLUMES), GIVEN("all=T"));

	(void)state;
	assert_true(filter_is_true(&made.set, "all"));
	assert_false(filter_is_true(NULL, "all"));
	filter_set_done(&made.set);
	made = make(VERB(VOLUMES), GIVEN("all=False"));
	assert_false(filter_is_true(&made.set, "all"));
	filter_set_done(&made.set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_values_are_trimmed_and_keys_lower_cased),
		cmocka_unit_test(the_same_filter_counts_once),
		cmocka_unit_test(moment_before_that_of_the_command_is_past),
		cmocka_unit_test(each_verb_takes_its_keys),
		cmocka_unit_test(errors_are_in_the_words_of_docker),
		cmocka_unit_test(until_and_volumes_may_stand_apart),
		cmocka_unit_test(labels_are_asked_as_match_kv_list_does),
		cmocka_unit_test(what_is_younger_stays),
		cmocka_unit_test(what_does_not_say_its_age_stays),
		cmocka_unit_test(the_year_one_is_a_moment),
		cmocka_unit_test(far_moments_are_cut_to_what_nanoseconds_hold),
		cmocka_unit_test(flags_are_read_as_go_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
