/* test_gojson.c - JSON by the rules of Go's encoding/json. */
#include "tests/unit/check.h"

#include "metadata/base/gojson.h"

#include <string.h>

/* Parses TEXT, which must be readable. */
static struct gojson parse(const char *text)
{
	struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;

	if (gojson_parse(&json, text, strlen(text), GOJSON_WHOLE_TEXT, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return json;
}

static void assert_refused(const char *text, size_t len, enum gojson_extent extent,
                           const char *words)
{
	struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;

	if (gojson_parse(&json, text, len, extent, &err) == 0)
		fail_msg("accepted: %s", text);
	assert_int_equal(err.kind, ERR_CORRUPT);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" lacks \"%s\"", err.text, words);
}

static void only_objects_are_documents(void **state)
{
	static const char *const wrong[] = { "null", "5", "\"x\"", "[]", "true" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refused(wrong[i], strlen(wrong[i]), GOJSON_WHOLE_TEXT, "");
	assert_refused("", 0, GOJSON_WHOLE_TEXT, "is empty");
	assert_refused(" \n", 2, GOJSON_WHOLE_TEXT, "line 2");
}

static void the_place_of_a_mistake_is_told(void **state)
{
	(void)state;
	assert_refused("{\"a\":1,\n\"b\":x}", 14, GOJSON_WHOLE_TEXT, "line 2, column 5, byte 13: ");
}

static void truncated_text_is_refused(void **state)
{
	static const char text[] = "{\"a\":[1,{\"b\":\"c\"}]}";

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_refused(text, len, GOJSON_FIRST_VALUE, "");
}

static void a_nul_byte_is_no_json(void **state)
{
	(void)state;
	assert_refused("{}\0", 3, GOJSON_WHOLE_TEXT, "");
	assert_refused("{\"a\0b\":1}", 9, GOJSON_WHOLE_TEXT, "");
}

static void trailing_bytes_matter_only_for_the_whole_text(void **state)
{
	struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_refused("{} x", 4, GOJSON_WHOLE_TEXT, "");
	assert_int_equal(gojson_parse(&json, "{} x", 4, GOJSON_FIRST_VALUE, &err), 0);
	gojson_done(&json);
	assert_int_equal(gojson_parse(&json, "{}\n", 3, GOJSON_WHOLE_TEXT, &err), 0);
	gojson_done(&json);
}

static void deep_nesting_is_refused_not_followed(void **state)
{
	char text[10000];

	(void)state;
	(void)strcpy(text, "{\"a\":");
	(void)memset(text + 5, '[', sizeof(text) - 5);
	assert_refused(text, sizeof(text), GOJSON_WHOLE_TEXT, "maximum parsing depth");
}

static void keys_ignore_case_and_the_last_wins(void **state)
{
	AUTO(gojson) struct gojson json = parse("{\"STATE\":1,\"state\":2,\"Stat\":3}");
	int64_t number = 0;

	(void)state;
	assert_true(gojson_integer(gojson_field(json.root, "State"), &number));
	assert_int_equal(number, 2);
	assert_int_equal(gojson_count(json.root, "State"), 2);
	assert_false(gojson_has(json.root, "States"));
}

static void keys_fold_the_long_s_and_the_kelvin_sign(void **state)
{
	AUTO(gojson)
	struct gojson json = parse("{\"Repo\xc5\xbfitorie\xc5\xbf\":1,\"Networ\xe2\x84\xaas\":2}");

	(void)state;
	assert_true(gojson_has(json.root, "Repositories"));
	assert_true(gojson_has(json.root, "Networks"));
	assert_false(gojson_has(json.root, "Repo\xc5\xbf"));
}

static void null_is_as_good_as_absent(void **state)
{
	AUTO(gojson) struct gojson json = parse("{\"a\":null}");

	(void)state;
	assert_null(gojson_field(json.root, "a"));
	assert_null(gojson_field(json.root, "b"));
	assert_true(gojson_has(json.root, "a"));
	assert_false(gojson_has(json.root, "b"));
	assert_int_equal(gojson_kind(gojson_field(json.root, "a")), GOJSON_NONE);
}

static void invalid_utf8_becomes_the_replacement_character(void **state)
{
	AUTO(gojson)
	struct gojson json =
	    parse("{\"a\":\"x\xff\xc3\",\"b\":\"\\ud800\",\"c\":\"\\ud83d\\udc33\"}");

	(void)state;
	assert_string_equal(gojson_text(gojson_field(json.root, "a")), "x\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(gojson_text(gojson_field(json.root, "b")), "\xef\xbf\xbd");
	assert_string_equal(gojson_text(gojson_field(json.root, "c")), "\xf0\x9f\x90\xb3");
}

static void an_escape_needs_real_hex_digits(void **state)
{
	(void)state;
	assert_refused("{\"a\":\"\\ud8\x10\x10\"}", 13, GOJSON_WHOLE_TEXT, "");
	assert_refused("{\"a\":\"\\u12g4\"}", 14, GOJSON_WHOLE_TEXT, "");
}

static void a_nul_character_shows_in_the_length(void **state)
{
	AUTO(gojson) struct gojson json = parse("{\"a\":\"x\\u0000y\"}");

	(void)state;
	assert_string_equal(gojson_text(gojson_field(json.root, "a")), "x");
	assert_int_equal(gojson_text_len(gojson_field(json.root, "a")), 3);
	assert_int_equal(gojson_text_len(NULL), 0);
}

static void kinds_are_told_apart(void **state)
{
	AUTO(gojson)
	struct gojson json = parse("{\"o\":{},\"a\":[1,null],\"t\":\"\",\"n\":1.5,\"b\":true}");
	const struct json_t *array = gojson_field(json.root, "a");

	(void)state;
	assert_int_equal(gojson_kind(json.root), GOJSON_OBJECT);
	assert_int_equal(gojson_kind(gojson_field(json.root, "o")), GOJSON_OBJECT);
	assert_int_equal(gojson_kind(array), GOJSON_ARRAY);
	assert_int_equal(gojson_kind(gojson_field(json.root, "t")), GOJSON_TEXT);
	assert_int_equal(gojson_kind(gojson_field(json.root, "n")), GOJSON_NUMBER);
	assert_int_equal(gojson_kind(gojson_field(json.root, "b")), GOJSON_BOOL);
	assert_true(gojson_is_true(gojson_field(json.root, "b")));
	assert_false(gojson_is_true(gojson_field(json.root, "t")));
	assert_int_equal(gojson_array_len(array), 2);
	assert_non_null(gojson_array_item(array, 0));
	assert_null(gojson_array_item(array, 1));
	assert_null(gojson_array_item(array, 2));
	assert_int_equal(gojson_array_len(json.root), 0);
}

static void integers_are_whole_and_fit(void **state)
{
	AUTO(gojson)
	struct gojson json = parse("{\"a\":-9223372036854775808,\"b\":1.0,\"c\":\"1\"}");
	int64_t number = 7;

	(void)state;
	assert_true(gojson_integer(gojson_field(json.root, "a"), &number));
	assert_true(number == INT64_MIN);
	assert_false(gojson_integer(gojson_field(json.root, "b"), &number));
	assert_false(gojson_integer(gojson_field(json.root, "c"), &number));
	assert_false(gojson_integer(NULL, &number));
	assert_true(number == INT64_MIN);
	assert_refused("{\"a\":9223372036854775808}", 25, GOJSON_WHOLE_TEXT, "too big integer");
}

static void maps_keep_case_and_order(void **state)
{
	AUTO(gojson) struct gojson json = parse("{\"m\":{\"b\":1,\"B\":null,\"a\":2}}");
	const struct json_t *map = gojson_field(json.root, "m");
	const struct json_t *value;
	const char *key;
	void *at = NULL;

	(void)state;
	assert_true(gojson_next(map, &at, &key, &value));
	assert_string_equal(key, "b");
	assert_non_null(value);
	assert_true(gojson_next(map, &at, &key, &value));
	assert_string_equal(key, "B");
	assert_null(value);
	assert_true(gojson_next(map, &at, &key, &value));
	assert_string_equal(key, "a");
	assert_false(gojson_next(map, &at, &key, &value));
}

static void duplicates_in_a_map_leave_the_last(void **state)
{
	AUTO(gojson) struct gojson json = parse("{\"m\":{\"a\":\"1\",\"a\":\"2\"}}");

	(void)state;
	assert_true(json.has_duplicates);
	assert_string_equal(gojson_text(gojson_field(gojson_field(json.root, "m"), "a")), "2");
}

static void a_doubled_field_is_ambiguous(void **state)
{
	static const char *const doubled[] = {
		"{\"State\":{},\"State\":{}}",
		"{\"State\":{},\"state\":{}}",
		"{\"State\" : {},\"\\u0053TATE\"\n:{}}",
		"{\"State\":{},\"\\u017ftate\":{}}",
		"{\"x\":{\"State\":1,\"y\":[{}],\"state\":2}}",
		"{\"x\":\"\\\"\",\"State\":null,\"STATE\":{}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(doubled) / sizeof(doubled[0]); i++) {
		AUTO(gojson) struct gojson json = parse(doubled[i]);

		if (!gojson_is_ambiguous(&json, "State"))
			fail_msg("not ambiguous: %s", doubled[i]);
	}
}

static void the_same_word_elsewhere_is_not_ambiguous(void **state)
{
	static const char *const single[] = {
		"{}",
		"{\"State\":{}}",
		"{\"State\":{\"State\":1},\"x\":{\"State\":2}}",
		"{\"State\":\"State\",\"x\":[\"State\",\"State\"]}",
		"{\"x\":{\"Labels\":{\"State\":\"1\",\"state\":\"2\"}}}",
		"{\"State\":\"\\\",\\\"State\\\":\",\"States\":1}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		AUTO(gojson) struct gojson json = parse(single[i]);

		if (gojson_is_ambiguous(&json, "State"))
			fail_msg("ambiguous: %s", single[i]);
	}
}

static void what_follows_the_first_value_is_not_ambiguous(void **state)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;
	const char *text = "{\"State\":1} {\"State\":1,\"State\":1}";

	(void)state;
	assert_int_equal(gojson_parse(&json, text, strlen(text), GOJSON_FIRST_VALUE, &err), 0);
	assert_false(gojson_is_ambiguous(&json, "State"));
}

static void types_are_checked_as_go_does(void **state)
{
	static const struct gojson_rule rules[] = { { "T", GOJSON_TEXT },
		                                    { "N", GOJSON_NUMBER },
		                                    { "B", GOJSON_BOOL } };
	AUTO(gojson) struct gojson good = parse("{\"t\":\"\",\"N\":null,\"b\":false,\"x\":[]}");
	AUTO(gojson) struct gojson text = parse("{\"T\":5}");
	AUTO(gojson) struct gojson real = parse("{\"N\":5.0}");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(gojson_check(good.root, "", rules, 3, &err), 0);
	assert_int_equal(gojson_check(text.root, "", rules, 3, &err), -1);
	assert_string_equal(err.text, "T is no string");
	err_clear(&err);
	assert_int_equal(gojson_check(real.root, "State", rules, 3, &err), -1);
	assert_string_equal(err.text, "State.N is no integer");
	assert_int_equal(gojson_check(NULL, "", rules, 3, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_objects_are_documents),
		cmocka_unit_test(the_place_of_a_mistake_is_told),
		cmocka_unit_test(truncated_text_is_refused),
		cmocka_unit_test(a_nul_byte_is_no_json),
		cmocka_unit_test(trailing_bytes_matter_only_for_the_whole_text),
		cmocka_unit_test(deep_nesting_is_refused_not_followed),
		cmocka_unit_test(keys_ignore_case_and_the_last_wins),
		cmocka_unit_test(keys_fold_the_long_s_and_the_kelvin_sign),
		cmocka_unit_test(null_is_as_good_as_absent),
		cmocka_unit_test(invalid_utf8_becomes_the_replacement_character),
		cmocka_unit_test(an_escape_needs_real_hex_digits),
		cmocka_unit_test(a_nul_character_shows_in_the_length),
		cmocka_unit_test(kinds_are_told_apart),
		cmocka_unit_test(integers_are_whole_and_fit),
		cmocka_unit_test(maps_keep_case_and_order),
		cmocka_unit_test(duplicates_in_a_map_leave_the_last),
		cmocka_unit_test(a_doubled_field_is_ambiguous),
		cmocka_unit_test(the_same_word_elsewhere_is_not_ambiguous),
		cmocka_unit_test(what_follows_the_first_value_is_not_ambiguous),
		cmocka_unit_test(types_are_checked_as_go_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
