/* lines.h - texts for the user, one line each. */
#ifndef GC_VERIFY_LINES_H
#define GC_VERIFY_LINES_H

#include <stddef.h>

struct lines {
	char **items; /* owned; no newline at the end, escaped for a terminal by who prints them */
	size_t count, capacity;
};

#define LINES_INIT                                                                                 \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Appends what printf would print. */
void lines_add(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

void lines_done(struct lines *lines);

static inline void lines_cleanup(struct lines *lines)
{
	lines_done(lines);
}

#endif
