/* until.h - the moment that a filter `until=...` means, in all the ways that Docker takes it. */
#ifndef GC_PLAN_UNTIL_H
#define GC_PLAN_UNTIL_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "metadata/base/timestamp.h"

/* What a moment is told from. Read once per command, so that all of it means the same moment. */
struct until_clock {
	struct timestamp now;
	int zone_seconds; /* of the local zone at that moment, east of Greenwich */
};

/* The system's clock and zone. */
struct until_clock until_clock_now(void);

/*
 * Reads TEXT into *UNTIL, by the rules of moby's api/types/time GetTimestamp and ParseTimestamps:
 * - a duration ("24h", "1h30m", "-5m"): that long before the clock's moment, cut to whole seconds;
 * - RFC 3339 or its beginning ("2026-11-24T06:02:18.5Z", "2026-11-24T06:02", "2026-11-24"); without
 *   a zone the local one of *now* is meant, even for a date on the other side of a change to summer
 *   time;
 * - Unix seconds, with or without a fraction ("1795500138.468").
 * Returns 0, or -1 with ERR_USAGE and Docker's words. Seconds that Go's time.Time does not hold
 * are refused, too; Docker would go on with another moment.
 */
int until_parse(const char *text, const struct until_clock *clock, struct timestamp *until,
                struct err *err) MUST_USE;

#endif
