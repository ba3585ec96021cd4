/* test_until.c - the moments of `until=...`, as dockerd reads them. */
#include "tests/unit/check.h"

#include "gc/plan/until.h"

#include <string.h>

#define NOW 1795500138 /* 2026-11-24T06:02:18Z */
#define ZONE 19800     /* +05:30 */

/* Results of moby's GetTimestamp and ParseTimestamps at that moment in that zone. */
static const struct until_clock clock_here = { { NOW, 468137788 }, ZONE };

static const struct {
	const char *text;
	int64_t seconds;
	uint32_t nanoseconds;
} moments[] = {
	/* durations, cut to whole seconds */
	{ "24h", NOW - 86400, 0 },
	{ "1h30m", NOW - 5400, 0 },
	{ "0s", NOW, 0 },
	{ "1ns", NOW, 0 },
	{ "469ms", NOW - 1, 0 },
	{ "-5m", NOW + 300, 0 },
	{ "-600ms", NOW + 1, 0 },
	{ "+1h", NOW - 3600, 0 },
	{ "-9223372036854775808ns", -7427871899, 0 },
	/* RFC 3339 and its beginnings */
	{ "2026-11-24T06:02:18.468137788Z", NOW, 468137788 },
	{ "2026-11-24T06:02:18.4681377889Z", NOW, 468137788 },
	{ "2026-11-24T06:02:18Z", NOW, 0 },
	{ "2026-11-24T08:02:18+02:00", NOW, 0 },
	{ "2026-11-24T04:02:18-02:00", NOW, 0 },
	{ "2026-11-24T06:02:18,5Z", NOW, 500000000 },
	{ "2026-11-24T06:02:18.5", NOW - ZONE, 500000000 },
	{ "2026-11-24T06:02:18", NOW - ZONE, 0 },
	{ "2026-11-24T06:02", NOW - 18 - ZONE, 0 },
	{ "2026-11-24T6:02", NOW - 18 - ZONE, 0 },
	{ "2026-11-24T06", NOW - 138 - ZONE, 0 },
	{ "2026-11-24T06:02Z", NOW - 18, 0 },
	{ "2026-11-24T06Z", NOW - 138, 0 },
	{ "2026-11-24T06+06:00", NOW - 138 - 21600, 0 },
	{ "2026-11-24", 1795478400 - ZONE, 0 },
	{ "2026-11-24Z", 1795478400, 0 },
	{ "2026-11-24+05:30", 1795478400 - ZONE, 0 },
	{ "2026-11-24-05:30", 1795478400 + ZONE, 0 },
	{ "2024-02-29Z", 1709164800, 0 },
	{ "0001-01-01T00:00:00Z", TIMESTAMP_ZERO, 0 },
	{ "9999-12-31T23:59:59Z", 253402300799, 0 },
	{ "2026-11-24T06:02:18+24:00", NOW - 86400, 0 },
	/* Unix */
	{ "0", 0, 0 },
	{ "10", 10, 0 },
	{ "1795500138", NOW, 0 },
	{ "+1795500138", NOW, 0 },
	{ "1795500138.468", NOW, 468000000 },
	{ "1.5", 1, 500000000 },
	{ "1.000000001", 1, 1 },
	{ "1.1234567899", 1, 123456789 },
	{ "1.+5", 1, 50000000 },
};

static void moments_are_what_dockerd_takes_them_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		struct err err = ERR_INIT;
		struct timestamp found = { 1, 2 };

		if (until_parse(moments[i].text, &clock_here, &found, &err) < 0)
			fail_msg("%s: %s", moments[i].text, err.text);
		if (found.seconds != moments[i].seconds ||
		    found.nanoseconds != moments[i].nanoseconds)
			fail_msg("%s: %jd.%09u", moments[i].text, (intmax_t)found.seconds,
			         found.nanoseconds);
	}
}

static void errors_are_in_the_words_of_docker(void **state)
{
#define UNKNOWN(text) text, "failed to parse value as time or duration: \"" text "\""
	static const struct {
		const char *text;
		const char *words;
	} cases[] = {
		{ UNKNOWN("") },
		{ UNKNOWN("xyz") },
		{ UNKNOWN("10 h") },
		{ UNKNOWN("1d") },
		{ UNKNOWN("1h1") },
		{ UNKNOWN("1e3") },
		{ UNKNOWN("99999999999999999999") },
		{ UNKNOWN("1.") },
		{ UNKNOWN("1.x") },
		{ UNKNOWN("1.5.5") },
		{ UNKNOWN("0x10") },
		{ UNKNOWN("9223372036854775807") }, /* Go would wrap around with it */
		{ "-5", "parsing time \"-5\" as \"2006-01-02\": cannot parse \"-5\" as \"2006\"" },
		{ "2006-13-02", "parsing time \"2006-13-02\": month out of range" },
		{ "2006-00-02", "parsing time \"2006-00-02\": month out of range" },
		{ "2026-02-29", "parsing time \"2026-02-29\": day out of range" },
		{ "2026-04-31", "parsing time \"2026-04-31\": day out of range" },
		{ "2026-04-00", "parsing time \"2026-04-00\": day out of range" },
		{ "2026-11-24T24:00", "parsing time \"2026-11-24T24:00\": hour out of range" },
		{ "2026-11-24T23:60", "parsing time \"2026-11-24T23:60\": minute out of range" },
		{ "2026-11-24T23:59:60Z",
		  "parsing time \"2026-11-24T23:59:60Z\": second out of range" },
		{ "2026-11-24T06:02:18+25:00", "parsing time \"2026-11-24T06:02:18+25:00\": time "
		                               "zone offset hour out of range" },
		{ "2026-11-24T06:02:18+02:61", "parsing time \"2026-11-24T06:02:18+02:61\": time "
		                               "zone offset minute out of range" },
		{ "2006-01-02T15:04:05+0100",
		  "parsing time \"2006-01-02T15:04:05+0100\" as \"2006-01-02T15:04Z07:00\": cannot "
		  "parse \":05+0100\" as \"Z07:00\"" },
		{ "2026-11-24T06:02:18:19", "parsing time \"2026-11-24T06:02:18:19\": extra text: "
		                            "\":19\"" },
		{ "2026-1-2",
		  "parsing time \"2026-1-2\" as \"2006-01-02\": cannot parse \"1-2\" as "
		  "\"01\"" },
		{ "10000-01-01", "parsing time \"10000-01-01\" as \"2006-01-02\": cannot parse "
		                 "\"0-01-01\" as \"-\"" },
		{ "2026-11-24T06:02:18.Z",
		  "parsing time \"2026-11-24T06:02:18.Z\" as "
		  "\"2006-01-02T15:04:05.999999999Z07:00\": cannot parse \".Z\" as \"Z07:00\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct timestamp found = { 1, 2 };

		if (until_parse(cases[i].text, &clock_here, &found, &err) == 0)
			fail_msg("accepted: %s", cases[i].text);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_string_equal(err.text, cases[i].words);
		assert_true(found.seconds == 1 && found.nanoseconds == 2);
	}
}

static void the_systems_clock_is_near(void **state)
{
	struct until_clock clock = until_clock_now();

	(void)state;
	assert_true(clock.now.seconds > 1700000000);
	assert_true(clock.now.nanoseconds < 1000000000);
	assert_true(clock.zone_seconds >= -86400 && clock.zone_seconds <= 86400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_what_dockerd_takes_them_for),
		cmocka_unit_test(errors_are_in_the_words_of_docker),
		cmocka_unit_test(the_systems_clock_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
