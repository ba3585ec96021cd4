/* timelayout.h - times that people type, read by a layout as Go's time.Parse does. */
#ifndef METADATA_BASE_TIMELAYOUT_H
#define METADATA_BASE_TIMELAYOUT_H

#include "metadata/base/timestamp.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads TEXT by LAYOUT into *TIME. A layout is Go's reference time in one of the forms that Docker
 * uses: "2006-01-02T15:04:05.999999999Z07:00" or a part of that which begins with the date; any
 * other character stands for itself. Without a zone in the layout ZONE_SECONDS (east of Greenwich)
 * is meant. As in Go the hour may have one digit, and a fraction may follow the seconds although
 * the layout has none. Returns false, *TIME untouched, with Go's words in WHY (of SIZE bytes):
 * `parsing time "x" as "2006-01-02": cannot parse "x" as "2006"`.
 */
bool timelayout_parse(const char *layout, const char *text, int zone_seconds,
                      struct timestamp *time, char *why, size_t size);

#endif
