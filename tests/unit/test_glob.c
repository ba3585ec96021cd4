/* test_glob.c - what patterns with wildcards mean. */
#include "tests/unit/check.h"

#include "gc/plan/glob.h"

#include <string.h>

static void patterns_mean_the_whole_of_a_text(void **state)
{
	static const struct {
		const char *pattern;
		const char *text;
		bool is_meant;
	} cases[] = {
		{ "app", "app", true },
		{ "app", "apps", false },
		{ "app", "ap", false },
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "a/b/c", true },
		{ "a*", "a", true },
		{ "a*c", "abbbc", true },
		{ "a*c", "abbbd", false },
		{ "*b*b", "abcb", true },
		{ "*ab", "aaab", true },
		{ "a**b", "ab", true },
		{ "team/*", "team/a/b", true },
		{ "?", "a", true },
		{ "?", "/", true },
		{ "?", "", false },
		{ "a?c", "abc", true },
		{ "v[0-9]", "v7", true },
		{ "v[0-9]", "vx", false },
		{ "v[!0-9]", "vx", true },
		{ "v[^0-9]", "v7", false },
		{ "v[]x]", "v]", true },
		{ "v[]x]", "vx", true },
		{ "v[!]x]", "vy", true },
		{ "v[!]x]", "v]", false },
		{ "v[a-]", "v-", true },
		{ "v[a-]", "vb", false },
		{ "v[z-a]", "vm", false },
		{ "v[\\]]", "v]", true },
		{ "v[a\\-c]", "vb", false },
		{ "v[a\\-c]", "v-", true },
		{ "[abc]*", "cdef", true },
		{ "*[0-9]", "v1.2", true },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "a\\[b", "a[b", true },
		{ "[[]", "[", true },
		{ "[*]", "*", true },
		{ "[*]", "a", false },
		{ "v1.*", "v1.2", true },
		{ "v1.*", "v1x2", false },
		{ "*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (glob_fault(cases[i].pattern))
			fail_msg("%s: %s", cases[i].pattern, glob_fault(cases[i].pattern));
		if (glob_matches(cases[i].pattern, cases[i].text) != cases[i].is_meant)
			fail_msg("%s, %s", cases[i].pattern, cases[i].text);
	}
}

static void unfinished_patterns_have_a_fault(void **state)
{
	static const char *const wrong[] = {
		"[", "a[b", "a[]", "a[!]", "a[\\]", "a\\", "\\", "[a-"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (!glob_fault(wrong[i]))
			fail_msg("no fault: %s", wrong[i]);
	}
}

static void a_step_is_what_stands_for_one_character(void **state)
{
	(void)state;
	assert_int_equal(glob_step(""), 0);
	assert_int_equal(glob_step("abc"), 1);
	assert_int_equal(glob_step("\\:x"), 2);
	assert_int_equal(glob_step("[:/@]x"), 5);
	assert_int_equal(glob_step("[x"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_mean_the_whole_of_a_text),
		cmocka_unit_test(unfinished_patterns_have_a_fault),
		cmocka_unit_test(a_step_is_what_stands_for_one_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
