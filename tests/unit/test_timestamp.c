/* test_timestamp.c - RFC 3339 times as Go reads them. */
#include "tests/unit/check.h"

#include "metadata/base/timestamp.h"

static void assert_seconds(const char *text, int64_t expected)
{
	int64_t seconds = -1;

	assert_true(timestamp_parse(text, &seconds));
	assert_true(seconds == expected);
}

static void times_of_docker_are_read(void **state)
{
	(void)state;
	assert_seconds("1970-01-01T00:00:00Z", 0);
	assert_seconds("2026-11-24T06:02:18.468137788Z", 1795500138);
	assert_seconds("2000-02-29T23:59:59Z", 951868799);
	assert_seconds("1969-12-31T23:59:59.9Z", -1);
	assert_seconds("9999-12-31T23:59:59Z", 253402300799);
}

static void zero_time_is_known(void **state)
{
	(void)state;
	assert_seconds("0001-01-01T00:00:00Z", TIMESTAMP_ZERO);
}

static void offsets_are_taken_off(void **state)
{
	(void)state;
	assert_seconds("1970-01-01T02:00:00+02:00", 0);
	assert_seconds("1969-12-31T18:30:00-05:30", 0);
}

static void anything_else_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"now",
		"2026-11-24",
		"2026-11-24T06:02:18",
		"2026-11-24 06:02:18Z",
		"2026-11-24T06:02:18.Z",
		"2026-11-24T06:02:18,5Z",
		"2026-11-24T6:02:18Z",
		"2026-11-24T24:00:00Z",
		"2026-11-24T23:60:00Z",
		"2026-11-24T23:59:60Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-04-00T00:00:00Z",
		"26-04-01T00:00:00Z",
		"2026-04-01T00:00:00z",
		"2026-04-01T00:00:00Z ",
		"2026-04-01T00:00:00+2:00",
		"2026-04-01T00:00:00+24:00",
		"2026-04-01T00:00:00+02:60",
		"2026-04-01T00:00:00+02:00Z",
		"-026-04-01T00:00:00Z",
	};
	int64_t seconds = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (timestamp_parse(wrong[i], &seconds))
			fail_msg("accepted: %s", wrong[i]);
		assert_true(seconds == 42);
	}
}

static void nanoseconds_count_up_from_the_second(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
		uint32_t nanoseconds;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, 0 },
		{ "1970-01-01T00:00:00.5Z", 0, 500000000 },
		{ "1969-12-31T23:59:59.9Z", -1, 900000000 },
		{ "2026-11-24T06:02:18.468137788Z", 1795500138, 468137788 },
		{ "2026-11-24T06:02:18.4681377889Z", 1795500138, 468137788 },
		{ "1970-01-01T00:00:00.000000001+00:00", 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct timestamp time = { -1, 0 };

		assert_true(timestamp_read(cases[i].text, &time));
		assert_true(time.seconds == cases[i].seconds);
		assert_int_equal(time.nanoseconds, cases[i].nanoseconds);
	}
}

static void moments_are_compared_to_the_nanosecond(void **state)
{
	const struct timestamp a = { -1, 900000000 };
	const struct timestamp b = { 0, 0 };
	const struct timestamp c = { 0, 1 };

	(void)state;
	assert_true(timestamp_compare(&a, &b) < 0);
	assert_true(timestamp_compare(&b, &c) < 0);
	assert_true(timestamp_compare(&c, &a) > 0);
	assert_int_equal(timestamp_compare(&c, &c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_of_docker_are_read),
		cmocka_unit_test(zero_time_is_known),
		cmocka_unit_test(offsets_are_taken_off),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(nanoseconds_count_up_from_the_second),
		cmocka_unit_test(moments_are_compared_to_the_nanosecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
