/* size_text.c - sizes in Docker's words: 0B, 95B, 102.7kB, 1.982MB. */
#include "gc/show/size_text.h"

#include <stdio.h>

const char *size_text(char text[SIZE_TEXT_MAX], uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double size = (double)bytes;
	size_t unit = 0;

	/* go-units chooses the unit before it rounds: 999999 is "1000kB" there, too */
	while (size >= 1000.0 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		size /= 1000.0;
		unit++;
	}
	(void)snprintf(text, SIZE_TEXT_MAX, "%.4g%s", size, units[unit]);
	return text;
}
