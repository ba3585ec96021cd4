/* timestamp.c - the times in Docker's JSON: RFC 3339, as Go's time.Time reads them. */
#include "metadata/base/timestamp.h"

#include <stddef.h>

/* Reads COUNT digits at *AT and moves it on; -1 if they are none. */
static int timestamp_digits(const char **at, int count)
{
	int value = 0;

	for (; count > 0; count--, ++*at) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

/* Reads SEPARATOR and two digits of at most MAX; -1 if they are none. */
static int timestamp_part(const char **at, char separator, int max)
{
	int value;

	if (**at != separator)
		return -1;
	++*at;
	value = timestamp_digits(at, 2);
	return value <= max ? value : -1;
}

int timestamp_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

int64_t timestamp_days(int year, int month, int day)
{
	int64_t y =
	    month > 2 ? year : year - 1; /* years that begin with March end with the leap day */
	int64_t m = (month + 9) % 12;
	int64_t era = y >= 0 ? y / 400 : (y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * m + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

/* Reads "Z" or "+hh:mm" into *OFFSET, in seconds; it must end the text. */
static bool timestamp_offset(const char *at, int *offset)
{
	char sign = *at;
	int hours;
	int minutes;

	*offset = 0;
	if (sign == 'Z')
		return at[1] == '\0';
	if (sign != '+' && sign != '-')
		return false;
	hours = timestamp_part(&at, sign, 23);
	if (hours < 0)
		return false;
	minutes = timestamp_part(&at, ':', 59);
	*offset = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
	return minutes >= 0 && *at == '\0';
}

/* Reads the date at *AT and moves it on. */
static bool timestamp_date(const char **at, int64_t *days)
{
	int year = timestamp_digits(at, 4);
	int month = year < 0 ? -1 : timestamp_part(at, '-', 12);
	int day = month < 1 ? -1 : timestamp_part(at, '-', 31);

	if (day < 1 || day > timestamp_month_days(year, month))
		return false;
	*days = timestamp_days(year, month, day);
	return true;
}

/* Reads the fraction at *AT, as far as nanoseconds, and moves it on. */
static bool timestamp_fraction(const char **at, uint32_t *nanoseconds)
{
	uint32_t unit = 100000000; /* what the next digit counts */
	const char *first = *at;

	for (; **at >= '0' && **at <= '9'; ++*at) {
		*nanoseconds += unit * (uint32_t)(**at - '0');
		unit /= 10; /* 0 after nine digits */
	}
	return *at > first;
}

bool timestamp_read(const char *text, struct timestamp *time)
{
	uint32_t nanoseconds = 0;
	int64_t days;
	int hour;
	int minute;
	int second;
	int offset;

	if (!timestamp_date(&text, &days))
		return false;
	hour = timestamp_part(&text, 'T', 23);
	minute = hour < 0 ? -1 : timestamp_part(&text, ':', 59);
	second = minute < 0 ? -1 : timestamp_part(&text, ':', 59);
	if (second < 0)
		return false;
	if (*text == '.') {
		text++;
		if (!timestamp_fraction(&text, &nanoseconds))
			return false;
	}
	if (!timestamp_offset(text, &offset))
		return false;
	time->seconds =
	    days * 86400 + (int64_t)hour * 3600 + (int64_t)minute * 60 + second - offset;
	time->nanoseconds = nanoseconds;
	return true;
}

bool timestamp_parse(const char *text, int64_t *seconds)
{
	struct timestamp time;

	if (!timestamp_read(text, &time))
		return false;
	*seconds = time.seconds;
	return true;
}

int timestamp_compare(const struct timestamp *a, const struct timestamp *b)
{
	if (a->seconds != b->seconds)
		return a->seconds < b->seconds ? -1 : 1;
	return (a->nanoseconds > b->nanoseconds) - (a->nanoseconds < b->nanoseconds);
}
