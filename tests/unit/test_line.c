/* test_line.c - the one-line files of layerdb. */
#include "tests/unit/check.h"

#include "metadata/line.h"

#include <string.h>

static void assert_text(const char *bytes, enum line_space space, const char *expected)
{
	struct err err = ERR_INIT;
	AUTO(str) char *text = line_parse(bytes, strlen(bytes), space, &err);

	assert_non_null(text);
	assert_string_equal(text, expected);
}

static void assert_none(const char *bytes, size_t len, enum line_space space, const char *words)
{
	struct err err = ERR_INIT;

	assert_null(line_parse(bytes, len, space, &err));
	assert_int_equal(err.kind, ERR_CORRUPT);
	assert_string_equal(err.text, words);
}

static void white_space_around_is_trimmed(void **state)
{
	(void)state;
	assert_text("a b", LINE_TRIMMED, "a b");
	assert_text(" \t\r\n\v\fa b\n\n", LINE_TRIMMED, "a b");
}

static void white_space_stays_where_dockerd_leaves_it(void **state)
{
	(void)state;
	assert_text("12\n", LINE_AS_IS, "12\n");
	assert_text(" 12", LINE_AS_IS, " 12");
}

static void nothing_is_no_text(void **state)
{
	(void)state;
	assert_none("", 0, LINE_TRIMMED, "is empty");
	assert_none("", 0, LINE_AS_IS, "is empty");
	assert_none(" \n", 2, LINE_TRIMMED, "is empty");
}

static void a_nul_is_told_with_its_place(void **state)
{
	(void)state;
	assert_none("ab\0", 3, LINE_TRIMMED, "has a NUL at byte 2");
	assert_none("\0ab", 3, LINE_AS_IS, "has a NUL at byte 0");
}

static void integers_are_read_as_go_does(void **state)
{
	static const struct {
		const char *text;
		int64_t number;
	} cases[] = { { "0", 0 },
		      { "-5", -5 },
		      { "+5", 5 },
		      { "007", 7 },
		      { "9223372036854775807", INT64_MAX },
		      { "-9223372036854775808", INT64_MIN } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t number = 1;

		assert_true(line_parse_integer(cases[i].text, &number));
		assert_true(number == cases[i].number);
	}
}

static void anything_else_is_no_integer(void **state)
{
	static const char *const wrong[] = { "",
		                             "-",
		                             "+",
		                             "--5",
		                             "5\n",
		                             " 5",
		                             "5 ",
		                             "0x5",
		                             "1_000",
		                             "5.0",
		                             "5e3",
		                             "9223372036854775808",
		                             "-9223372036854775809",
		                             "99999999999999999999999" };
	int64_t number = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (line_parse_integer(wrong[i], &number))
			fail_msg("accepted: %s", wrong[i]);
		assert_true(number == 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space_around_is_trimmed),
		cmocka_unit_test(white_space_stays_where_dockerd_leaves_it),
		cmocka_unit_test(nothing_is_no_text),
		cmocka_unit_test(a_nul_is_told_with_its_place),
		cmocka_unit_test(integers_are_read_as_go_does),
		cmocka_unit_test(anything_else_is_no_integer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
