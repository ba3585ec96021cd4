/* duration.c - lengths of time as Go writes them: "24h", "1h30m", "1.5s". */
#include "metadata/base/duration.h"

#include <stddef.h>
#include <string.h>

#define DURATION_MAX (UINT64_C(1) << 63) /* of the magnitude: the most negative one has it */

static const struct {
	const char *name;
	uint64_t nanoseconds;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 }, /* U+00B5, micro sign */
	{ "\xce\xbcs", 1000 }, /* U+03BC, Greek mu */
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", UINT64_C(60) * 1000000000 },
	{ "h", UINT64_C(3600) * 1000000000 },
};

static bool duration_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads the digits at *AT, if any, and moves it on; false if they are too many. */
static bool duration_whole(const char **at, uint64_t *value)
{
	*value = 0;
	for (; duration_is_digit(**at); ++*at) {
		if (*value > DURATION_MAX / 10)
			return false;
		*value = *value * 10 + (uint64_t)(**at - '0');
		if (*value > DURATION_MAX)
			return false;
	}
	return true;
}

/*
 * Reads the digits of a fraction: it is VALUE / SCALE. Those that no longer fit are passed over,
 * and it is a floating-point number, both as in Go.
 */
static void duration_fraction(const char **at, uint64_t *value, double *scale)
{
	bool is_full = false;

	*value = 0;
	*scale = 1;
	for (; duration_is_digit(**at); ++*at) {
		is_full = is_full || *value > (DURATION_MAX - 1) / 10;
		if (is_full)
			continue;
		*value = *value * 10 + (uint64_t)(**at - '0');
		*scale *= 10;
	}
}

/* The nanoseconds of the unit at *AT, which is moved on; 0 if it is none. */
static uint64_t duration_unit(const char **at)
{
	size_t len = strcspn(*at, ".0123456789");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == len && memcmp(units[i].name, *at, len) == 0) {
			*at += len;
			return units[i].nanoseconds;
		}
	}
	return 0;
}

/* Reads a number and its unit at *AT and adds them to *SUM. */
static bool duration_term(const char **at, uint64_t *sum)
{
	const char *first = *at;
	uint64_t fraction = 0;
	double scale = 1;
	uint64_t value;
	uint64_t unit;
	bool has_digits;

	if (!duration_whole(at, &value))
		return false;
	has_digits = *at > first;
	if (**at == '.') {
		first = ++*at;
		duration_fraction(at, &fraction, &scale);
		has_digits = has_digits || *at > first;
	}
	unit = has_digits ? duration_unit(at) : 0;
	if (unit == 0 || value > DURATION_MAX / unit)
		return false;
	value *= unit;
	if (fraction > 0)
		value += (uint64_t)((double)fraction * ((double)unit / scale));
	if (value > DURATION_MAX || *sum > DURATION_MAX - value)
		return false;
	*sum += value;
	return true;
}

bool duration_parse(const char *text, int64_t *nanoseconds)
{
	bool is_negative = *text == '-';
	uint64_t sum = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (strcmp(text, "0") == 0) {
		*nanoseconds = 0;
		return true;
	}
	if (*text == '\0')
		return false;
	while (*text) {
		if (!duration_term(&text, &sum))
			return false;
	}
	if (!is_negative && sum == DURATION_MAX)
		return false;
	/* without a step that 64 bits do not hold */
	*nanoseconds = is_negative ? -(int64_t)(sum / 2) - (int64_t)(sum - sum / 2) : (int64_t)sum;
	return true;
}
