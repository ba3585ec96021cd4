/* timelayout.c - times that people type, read by a layout as Go's time.Parse does. */
#include "metadata/base/timelayout.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FRACTION_DIGITS 9 /* more are passed over */

/* What has been read so far, and what is left. */
struct timelayout_walk {
	const char *rest;
	int year, month, day, hour, minute, second;
	int zone_seconds;
	uint32_t nanoseconds;
	const char *out_of_range; /* which part is, in Go's words; NULL: none */
};

typedef bool timelayout_reader(struct timelayout_walk *walk);

static bool timelayout_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads a number of two digits, or of one if it need not be FIXED, and moves *AT on. */
static bool timelayout_number(const char **at, bool is_fixed, int *number)
{
	const char *text = *at;

	if (!timelayout_is_digit(text[0]) || (is_fixed && !timelayout_is_digit(text[1])))
		return false;
	*number = text[0] - '0';
	if (timelayout_is_digit(text[1]))
		*number = *number * 10 + text[1] - '0';
	*at += timelayout_is_digit(text[1]) ? 2 : 1;
	return true;
}

/* The same for a part of the walk, which may be from MIN to MAX. */
static bool timelayout_part(struct timelayout_walk *walk, bool is_fixed, int *part, int max,
                            const char *name)
{
	if (!timelayout_number(&walk->rest, is_fixed, part))
		return false;
	if (*part > max)
		walk->out_of_range = name;
	return true;
}

static bool timelayout_year(struct timelayout_walk *walk)
{
	walk->year = 0;
	for (int i = 0; i < 4; i++) {
		if (!timelayout_is_digit(walk->rest[i]))
			return false;
		walk->year = walk->year * 10 + walk->rest[i] - '0';
	}
	walk->rest += 4;
	return true;
}

static bool timelayout_month(struct timelayout_walk *walk)
{
	if (!timelayout_part(walk, true, &walk->month, 12, "month"))
		return false;
	if (walk->month == 0)
		walk->out_of_range = "month";
	return true;
}

/* Whether the month has that day is asked at the end. */
static bool timelayout_day(struct timelayout_walk *walk)
{
	return timelayout_part(walk, true, &walk->day, 99, "day");
}

static bool timelayout_hour(struct timelayout_walk *walk)
{
	return timelayout_part(walk, false, &walk->hour, 23, "hour");
}

static bool timelayout_minute(struct timelayout_walk *walk)
{
	return timelayout_part(walk, true, &walk->minute, 59, "minute");
}

/* Passes over a fraction in a layout: it has been read with the seconds, as any fraction is. */
static bool timelayout_fraction(struct timelayout_walk *walk)
{
	(void)walk;
	return true;
}

/* A point or comma and digits; nothing is no fraction. */
static void timelayout_nanoseconds(struct timelayout_walk *walk)
{
	const char *at = walk->rest;
	int count = 0;

	if ((*at != '.' && *at != ',') || !timelayout_is_digit(at[1]))
		return;
	for (at++; timelayout_is_digit(*at); at++, count++) {
		if (count < FRACTION_DIGITS)
			walk->nanoseconds = walk->nanoseconds * 10 + (uint32_t)(*at - '0');
	}
	for (; count < FRACTION_DIGITS; count++)
		walk->nanoseconds *= 10;
	walk->rest = at;
}

static bool timelayout_second(struct timelayout_walk *walk)
{
	if (!timelayout_part(walk, true, &walk->second, 59, "second"))
		return false;
	timelayout_nanoseconds(walk);
	return true;
}

/* "Z" or "+hh:mm"; Go takes offsets of 24 hours and of 60 minutes, too. */
static bool timelayout_zone(struct timelayout_walk *walk)
{
	const char *at = walk->rest;
	int hours = 0;
	int minutes = 0;

	walk->zone_seconds = 0;
	if (*at == 'Z') {
		walk->rest++;
		return true;
	}
	if (strlen(at) < 6 || at[3] != ':' || (*at != '+' && *at != '-'))
		return false;
	walk->rest = at + 1;
	if (!timelayout_number(&walk->rest, true, &hours))
		return false;
	walk->rest++;
	if (!timelayout_number(&walk->rest, true, &minutes))
		return false;
	if (hours > 24)
		walk->out_of_range = "time zone offset hour";
	if (minutes > 60)
		walk->out_of_range = "time zone offset minute";
	walk->zone_seconds = (hours * 60 + minutes) * (*at == '-' ? -60 : 60);
	return true;
}

/* The parts of layouts, by how they are written; no two begin alike. */
static const struct timelayout_element {
	const char *name;
	timelayout_reader *read;
} elements[] = {
	{ "2006", timelayout_year },   { "01", timelayout_month },
	{ "02", timelayout_day },      { "15", timelayout_hour },
	{ "04", timelayout_minute },   { "05", timelayout_second },
	{ "Z07:00", timelayout_zone }, { ".999999999", timelayout_fraction },
};

static const struct timelayout_element *timelayout_element(const char *layout)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (strncmp(layout, elements[i].name, strlen(elements[i].name)) == 0)
			return &elements[i];
	}
	return NULL;
}

static bool timelayout_refuse(char *why, size_t size, const char *layout, const char *text,
                              const char *value, const char *element)
{
	(void)snprintf(why, size, "parsing time \"%s\" as \"%s\": cannot parse \"%s\" as \"%s\"",
	               text, layout, value, element);
	return false;
}

static bool timelayout_refuse_range(char *why, size_t size, const char *text, const char *part)
{
	(void)snprintf(why, size, "parsing time \"%s\": %s out of range", text, part);
	return false;
}

bool timelayout_parse(const char *layout, const char *text, int zone_seconds,
                      struct timestamp *time, char *why, size_t size)
{
	struct timelayout_walk walk = { .rest = text, .zone_seconds = zone_seconds };

	for (const char *at = layout; *at;) {
		const struct timelayout_element *element = timelayout_element(at);
		char literal[2] = { *at, '\0' };
		const char *held = walk.rest;

		if (!element && *walk.rest != *at)
			return timelayout_refuse(why, size, layout, text, walk.rest, literal);
		if (!element)
			walk.rest++;
		else if (!element->read(&walk))
			return timelayout_refuse(why, size, layout, text, held, element->name);
		if (walk.out_of_range)
			return timelayout_refuse_range(why, size, text, walk.out_of_range);
		at += element ? strlen(element->name) : 1;
	}
	if (*walk.rest) {
		(void)snprintf(why, size, "parsing time \"%s\": extra text: \"%s\"", text,
		               walk.rest);
		return false;
	}
	if (walk.day < 1 || walk.day > timestamp_month_days(walk.year, walk.month))
		return timelayout_refuse_range(why, size, text, "day");
	time->seconds = timestamp_days(walk.year, walk.month, walk.day) * 86400 +
	                (int64_t)walk.hour * 3600 + (int64_t)walk.minute * 60 + walk.second -
	                walk.zone_seconds;
	time->nanoseconds = walk.nanoseconds;
	return true;
}
