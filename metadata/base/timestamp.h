/* timestamp.h - the times in Docker's JSON: RFC 3339, as Go's time.Time reads them. */
#ifndef METADATA_BASE_TIMESTAMP_H
#define METADATA_BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

/* Go's zero time, 0001-01-01T00:00:00Z, which Docker writes for "never". */
#define TIMESTAMP_ZERO ((int64_t)-62135596800)

/*
 * Reads TEXT, "2026-11-24T06:02:18.468137788Z" or with an offset like +02:00, as Unix seconds
 * (fractions are cut off). Returns false, *SECONDS untouched, for anything else.
 */
bool timestamp_parse(const char *text, int64_t *seconds);

#endif
