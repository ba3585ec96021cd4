/* test_duration.c - lengths of time as Go reads them. */
#include "tests/unit/check.h"

#include "metadata/base/duration.h"

#define SECOND INT64_C(1000000000)

static void durations_of_go_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t nanoseconds;
	} cases[] = {
		{ "0", 0 },
		{ "+0", 0 },
		{ "-0", 0 },
		{ "0s", 0 },
		{ "24h", 86400 * SECOND },
		{ "1h30m", 5400 * SECOND },
		{ "1h1h", 7200 * SECOND },
		{ "-5m", -300 * SECOND },
		{ "+5m", 300 * SECOND },
		{ "1.5h", 5400 * SECOND },
		{ ".5h", 1800 * SECOND },
		{ "5.h", 18000 * SECOND },
		{ "1ns", 1 },
		{ "3us", 3000 },
		{ "3\xc2\xb5s", 3000 },
		{ "3\xce\xbcs", 3000 },
		{ "7ms", 7000000 },
		{ "1h2m3s4ms5us6ns", 3723 * SECOND + 4005006 },
		{ "0.33333333333333333333h", 1200 * SECOND },
		{ "1.9ns", 1 },
		{ "9223372036854775807ns", INT64_MAX },
		{ "-9223372036854775808ns", INT64_MIN },
		{ "2562047h47m16.854775807s", INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t found = -1;

		if (!duration_parse(cases[i].text, &found) || found != cases[i].nanoseconds)
			fail_msg("%s: %jd", cases[i].text, (intmax_t)found);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"-",
		"+",
		"1",
		"1.5",
		"10",
		".",
		".h",
		"h",
		"1d",
		"1w",
		"1H",
		"1 h",
		" 1h",
		"1h ",
		"1h1",
		"1h-5m",
		"--5m",
		"1e3s",
		"0x1s",
		"1,5h",
		"\xc2s",
		"9223372036854775808ns",
		"-9223372036854775809ns",
		"9223372036854775807ns1ns",
		"2562048h",
		"99999999999999999999ns",
		"100000000000000000h",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int64_t found = 42;

		if (duration_parse(wrong[i], &found))
			fail_msg("accepted: %s", wrong[i]);
		assert_true(found == 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_of_go_are_read),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
