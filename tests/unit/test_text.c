/* test_text.c - growing strings, and bytes made fit for a terminal. */
#include "tests/unit/check.h"

#include "metadata/base/text.h"

#include <string.h>

static void assert_escaped(const char *bytes, size_t len, const char *expected)
{
	char out[256];

	assert_int_equal(text_escape(out, sizeof(out), bytes, len), strlen(expected));
	assert_string_equal(out, expected);
}

static void escape_leaves_text_alone(void **state)
{
	(void)state;
	assert_escaped("plain 'text' größe 日本語 🐳", strlen("plain 'text' größe 日本語 🐳"),
	               "plain 'text' größe 日本語 🐳");
}

static void escape_names_control_bytes(void **state)
{
	(void)state;
	assert_escaped("a\nb\tc\rd\\e\x1b[0m\x7f", 14, "a\\nb\\tc\\rd\\\\e\\x1b[0m\\x7f");
}

static void escape_shows_a_nul_byte(void **state)
{
	(void)state;
	assert_escaped("a\0b", 3, "a\\x00b");
}

static void escape_shows_bytes_that_are_no_utf8(void **state)
{
	(void)state;
	assert_escaped("\xff\xfe-\xc3(", 5, "\\xff\\xfe-\\xc3(");
}

static void escape_disarms_c1_controls(void **state)
{
	(void)state;
	assert_escaped("\xc2\x9b"
	               "2J\xc2\xa0",
	               6, "\\xc2\\x9b2J\xc2\xa0");
}

static void escape_disarms_bidirectional_overrides(void **state)
{
	(void)state;
	assert_escaped("a\xe2\x80\xae"
	               "b",
	               5, "a\\xe2\\x80\\xaeb");
}

static void escape_cuts_between_pieces_only(void **state)
{
	char out[6];

	(void)state;
	assert_int_equal(text_escape(out, sizeof(out), "ab\xe6\x97\xa5\xe6\x97\xa5", 8), 5);
	assert_string_equal(out, "ab\xe6\x97\xa5");
	assert_int_equal(text_escape(out, sizeof(out), "abc\x01", 4), 3);
	assert_string_equal(out, "abc");
}

static void escape_of_nothing_is_empty(void **state)
{
	char out[1] = { 'x' };

	(void)state;
	assert_int_equal(text_escape(out, sizeof(out), "abc", 3), 0);
	assert_int_equal(out[0], '\0');
}

static void utf8_length_refuses_overlong_and_surrogates(void **state)
{
	(void)state;
	assert_int_equal(text_utf8_len((const unsigned char *)"\xc0\x80", 2), 0);
	assert_int_equal(text_utf8_len((const unsigned char *)"\xe0\x80\xaf", 3), 0);
	assert_int_equal(text_utf8_len((const unsigned char *)"\xf0\x80\x80\xaf", 4), 0);
	assert_int_equal(text_utf8_len((const unsigned char *)"\xed\xa0\x80", 3), 0);
	assert_int_equal(text_utf8_len((const unsigned char *)"\xf4\x90\x80\x80", 4), 0);
	assert_int_equal(text_utf8_len((const unsigned char *)"\x80", 1), 0);
}

static void utf8_length_counts_whole_sequences(void **state)
{
	(void)state;
	assert_int_equal(text_utf8_len((const unsigned char *)"a", 1), 1);
	assert_int_equal(text_utf8_len((const unsigned char *)"\xc3\xb6", 2), 2);
	assert_int_equal(text_utf8_len((const unsigned char *)"\xe6\x97\xa5", 3), 3);
	assert_int_equal(text_utf8_len((const unsigned char *)"\xf0\x9f\x90\xb3", 4), 4);
	assert_int_equal(text_utf8_len((const unsigned char *)"\xf0\x9f\x90\xb3", 3), 0);
	assert_int_equal(text_utf8_len((const unsigned char *)"", 0), 0);
}

static void text_grows_by_bytes_and_print(void **state)
{
	AUTO(text) struct text text = TEXT_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		text_print(&text, "%03d", i);
	text_add(&text, "\0end", 4);
	assert_int_equal(text.len, 3004);
	assert_memory_equal(text.data, "000001002", 9);
	assert_memory_equal(text.data + 2997, "999\0end", 8);
}

static void taking_an_empty_text_gives_an_empty_string(void **state)
{
	struct text text = TEXT_INIT;
	AUTO(str) char *taken = text_take(&text);

	(void)state;
	assert_string_equal(taken, "");
}

static void number_is_read_up_to_the_maximum(void **state)
{
	uint64_t value = 1;

	(void)state;
	assert_true(text_parse_u64("0", 0, &value));
	assert_int_equal(value, 0);
	assert_true(text_parse_u64("18446744073709551615", UINT64_MAX, &value));
	assert_int_equal(value, UINT64_MAX);
	assert_true(text_parse_u64("007", 7, &value));
	assert_int_equal(value, 7);
}

static void no_number_leaves_the_value_alone(void **state)
{
	static const char *const wrong[] = { "",
		                             "-1",
		                             "+1",
		                             " 1",
		                             "1 ",
		                             "1\n",
		                             "0x1",
		                             "1.0",
		                             "8",
		                             "18446744073709551616",
		                             "99999999999999999999999" };
	uint64_t value = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(text_parse_u64(wrong[i], i > 8 ? UINT64_MAX : 7, &value));
		assert_int_equal(value, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escape_leaves_text_alone),
		cmocka_unit_test(escape_names_control_bytes),
		cmocka_unit_test(escape_shows_a_nul_byte),
		cmocka_unit_test(escape_shows_bytes_that_are_no_utf8),
		cmocka_unit_test(escape_disarms_c1_controls),
		cmocka_unit_test(escape_disarms_bidirectional_overrides),
		cmocka_unit_test(escape_cuts_between_pieces_only),
		cmocka_unit_test(escape_of_nothing_is_empty),
		cmocka_unit_test(utf8_length_refuses_overlong_and_surrogates),
		cmocka_unit_test(utf8_length_counts_whole_sequences),
		cmocka_unit_test(text_grows_by_bytes_and_print),
		cmocka_unit_test(taking_an_empty_text_gives_an_empty_string),
		cmocka_unit_test(number_is_read_up_to_the_maximum),
		cmocka_unit_test(no_number_leaves_the_value_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
