/* lines.c - texts for the user, one line each. */
#include "gc/verify/lines.h"

#include "metadata/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void lines_add(struct lines *lines, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		abort(); /* no memory */
	lines->items =
	    mem_grow(lines->items, lines->count, &lines->capacity, sizeof(*lines->items));
	lines->items[lines->count++] = text;
}

void lines_done(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i]);
	free(lines->items);
	*lines = (struct lines)LINES_INIT;
}
