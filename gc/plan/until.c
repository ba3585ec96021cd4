/* until.c - the moment that a filter `until=...` means, in all the ways that Docker takes it. */
#include "gc/plan/until.h"

#include "metadata/base/duration.h"
#include "metadata/base/timelayout.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NANOSECONDS 1000000000 /* in a second */
#define FRACTION_DIGITS 9
/* Go counts seconds from the year 1 in 64 bits. */
#define GO_SECONDS_MAX (INT64_MAX + TIMESTAMP_ZERO)

struct until_clock until_clock_now(void)
{
	struct until_clock clock = { .zone_seconds = 0 };
	struct timespec now = { 0, 0 };
	struct tm local;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	clock.now.seconds = now.tv_sec;
	clock.now.nanoseconds = (uint32_t)now.tv_nsec;
	if (localtime_r(&now.tv_sec, &local))
		clock.zone_seconds = (int)local.tm_gmtoff;
	return clock;
}

static size_t until_count(const char *text, char c)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == c;
	return count;
}

/* The layout that Docker takes TEXT for; it looks at nothing but which characters are there. */
static const char *until_layout(const char *text)
{
	static const char *const times[2][3] = {
		{ "2006-01-02T15", "2006-01-02T15:04", "2006-01-02T15:04:05" },
		{ "2006-01-02T15Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00" },
	};
	bool has_zone = strpbrk(text, "zZ+") || until_count(text, '-') == 3;
	size_t colons = until_count(text, ':');

	if (strchr(text, '.'))
		return has_zone ? "2006-01-02T15:04:05.999999999Z07:00"
		                : "2006-01-02T15:04:05.999999999";
	if (!strchr(text, 'T'))
		return has_zone ? "2006-01-02Z07:00" : "2006-01-02";
	if (has_zone && !strpbrk(text, "zZ") && colons > 0)
		colons--; /* that of the offset */
	return times[has_zone][colons > 2 ? 2 : colons];
}

/* Reads LEN bytes as Go's ParseInt(..., 10, 64) does: a sign if any, and digits. */
static bool until_integer(const char *text, size_t len, int64_t *value)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && end == text + len;
}

/* Unix seconds, "1795500138" or "1795500138.468"; digits after nanoseconds are cut off. */
static bool until_unix(const char *text, struct timestamp *until)
{
	size_t len = strcspn(text, ".");
	const char *fraction = text[len] ? text + len + 1 : NULL;
	int64_t nanoseconds = 0;
	int64_t seconds;

	if (!until_integer(text, len, &seconds) || seconds > GO_SECONDS_MAX)
		return false;
	if (fraction) {
		size_t digits = strlen(fraction); /* a plus counts, as for Docker */

		if (!until_integer(fraction, digits, &nanoseconds))
			return false;
		for (; digits < FRACTION_DIGITS; digits++)
			nanoseconds *= 10;
		for (; digits > FRACTION_DIGITS; digits--)
			nanoseconds /= 10;
	}
	/* neither is negative: what holds a dash is no Unix time */
	*until = (struct timestamp){ seconds, (uint32_t)nanoseconds };
	return true;
}

/* The whole second DURATION before the clock's moment. */
static struct timestamp until_before(const struct until_clock *clock, int64_t duration)
{
	int64_t seconds = clock->now.seconds - duration / NANOSECONDS;
	int64_t nanoseconds = (int64_t)clock->now.nanoseconds - duration % NANOSECONDS;

	if (nanoseconds < 0)
		seconds--;
	else if (nanoseconds >= NANOSECONDS)
		seconds++;
	return (struct timestamp){ seconds, 0 };
}

int until_parse(const char *text, const struct until_clock *clock, struct timestamp *until,
                struct err *err)
{
	char why[ERR_TEXT_MAX];
	int64_t duration;

	if (strcmp(text, "0") != 0 && duration_parse(text, &duration)) {
		/* the most negative one cannot be negated: Go goes back with it, too */
		*until = until_before(clock, duration == INT64_MIN ? INT64_MAX : duration);
		return 0;
	}
	if (timelayout_parse(until_layout(text), text, clock->zone_seconds, until, why,
	                     sizeof(why)))
		return 0;
	if (strchr(text, '-'))
		return err_set(err, ERR_USAGE, "%s", why);
	if (until_unix(text, until))
		return 0;
	return err_set(err, ERR_USAGE, "failed to parse value as time or duration: \"%s\"", text);
}
