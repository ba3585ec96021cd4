/* timestamp.h - the times in Docker's JSON: RFC 3339, as Go's time.Time reads them. */
#ifndef METADATA_BASE_TIMESTAMP_H
#define METADATA_BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Go's zero time, 0001-01-01T00:00:00Z, which Docker writes for "never". */
#define TIMESTAMP_ZERO ((int64_t)-62135596800)

/* A moment. The nanoseconds, 0 to 999,999,999, count up from the second, before 1970, too. */
struct timestamp {
	int64_t seconds; /* Unix */
	uint32_t nanoseconds;
};

/*
 * Reads TEXT, "2026-11-24T06:02:18.468137788Z" or with an offset like +02:00. Returns false, *TIME
 * untouched, for anything else.
 */
bool timestamp_read(const char *text, struct timestamp *time);

/* The same as whole Unix seconds (fractions are cut off). */
bool timestamp_parse(const char *text, int64_t *seconds);

/* Less than, equal to or greater than 0, like strcmp. */
int timestamp_compare(const struct timestamp *a, const struct timestamp *b);

/* Days from 1970-01-01 in the Gregorian calendar, which Go applies to all years. MONTH is 1 to 12;
 * DAY may be any. */
int64_t timestamp_days(int year, int month, int day);

int timestamp_month_days(int year, int month);

#endif
