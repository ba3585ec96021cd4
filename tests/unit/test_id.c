/* test_id.c - names read from disk that may become part of a path. */
#include "tests/unit/check.h"

#include "metadata/base/id.h"

#include <string.h>

#define HEX "232ea45e6450c94dc39000da0234cbcfe9244bff51597d974257fbd6b8168184"

static void hex_is_64_lower_case_digits(void **state)
{
	static const char *const wrong[] = { "", HEX "0", HEX "\n", " " HEX, "A" HEX };
	char text[] = HEX;

	(void)state;
	assert_true(id_is_hex(HEX));
	assert_true(id_is_hex("0000000000000000000000000000000000000000000000000000000000000000"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(id_is_hex(wrong[i]));
	text[5] = 'A';
	assert_false(id_is_hex(text));
	text[5] = 'g';
	assert_false(id_is_hex(text));
	text[63] = '\0';
	assert_false(id_is_hex(text));
}

static void cache_id_is_25_of_base_36(void **state)
{
	(void)state;
	assert_true(id_is_cache("0az9k1n2m3b4v5c6x7z8l9k0j"));
	assert_false(id_is_cache("0az9k1n2m3b4v5c6x7z8l9k0"));
	assert_false(id_is_cache("0az9k1n2m3b4v5c6x7z8l9k0j1"));
	assert_false(id_is_cache("0az9k1n2m3b4v5c6x7z8l9k0J"));
	assert_false(id_is_cache("0az9k1n2m3b4v5c6x7z8l9k/."));
}

static void link_is_26_of_base_32(void **state)
{
	(void)state;
	assert_true(id_is_link("ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
	assert_true(id_is_link("22222333334444455555666677"));
	assert_false(id_is_link("ABCDEFGHIJKLMNOPQRSTUVWXY1"));
	assert_false(id_is_link("ABCDEFGHIJKLMNOPQRSTUVWXYa"));
	assert_false(id_is_link("ABCDEFGHIJKLMNOPQRSTUVWXY"));
}

static void dir_is_hex_or_init_or_cache(void **state)
{
	(void)state;
	assert_true(id_is_dir(HEX));
	assert_true(id_is_dir(HEX "-init"));
	assert_true(id_is_dir("0az9k1n2m3b4v5c6x7z8l9k0j"));
}

static void dir_is_never_a_path(void **state)
{
	static const char *const wrong[] = {
		"",          ".",         "..",    "../victim",     "l", HEX "-init/..",
		HEX "-Init", HEX "/diff", "-init", HEX "-init-init"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(id_is_dir(wrong[i]));
}

static void digest_gives_its_hex_part(void **state)
{
	static const char digest[] = "sha256:" HEX;

	(void)state;
	assert_ptr_equal(id_digest_hex(digest), digest + 7);
	assert_null(id_digest_hex(HEX));
	assert_null(id_digest_hex("sha256:"));
	assert_null(id_digest_hex("SHA256:" HEX));
	assert_null(id_digest_hex("sha256:" HEX "\n"));
	assert_null(id_digest_hex("sha512:" HEX));
	assert_null(id_digest_hex(""));
}

static void name_is_one_component(void **state)
{
	char longest[257];

	(void)state;
	assert_true(id_is_name("a"));
	assert_true(id_is_name("..."));
	assert_true(id_is_name("new\nline \xff"));
	assert_false(id_is_name(""));
	assert_false(id_is_name("."));
	assert_false(id_is_name(".."));
	assert_false(id_is_name("a/b"));
	assert_false(id_is_name("/"));
	(void)memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	assert_false(id_is_name(longest));
	longest[255] = '\0';
	assert_true(id_is_name(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_is_64_lower_case_digits),
		cmocka_unit_test(cache_id_is_25_of_base_36),
		cmocka_unit_test(link_is_26_of_base_32),
		cmocka_unit_test(dir_is_hex_or_init_or_cache),
		cmocka_unit_test(dir_is_never_a_path),
		cmocka_unit_test(digest_gives_its_hex_part),
		cmocka_unit_test(name_is_one_component),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
