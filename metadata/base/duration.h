/* duration.h - lengths of time as Go writes them: "24h", "1h30m", "1.5s". */
#ifndef METADATA_BASE_DURATION_H
#define METADATA_BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads TEXT as Go's time.ParseDuration does: a sign if any, then numbers with or without a
 * fraction, each with its unit (ns, us, ms, s, m, h), or just "0". Returns false, *NANOSECONDS
 * untouched, for anything else and for what 64 bits do not hold.
 */
bool duration_parse(const char *text, int64_t *nanoseconds);

#endif
