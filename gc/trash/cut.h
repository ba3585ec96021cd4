/* cut.h - a seam for tests: a call before everything that changes something on disk. */
#ifndef GC_TRASH_CUT_H
#define GC_TRASH_CUT_H

#include <stddef.h>

/* CALL, when it is not NULL, gets what is done ("rename", "sync", ...) and to what. A test may end
 * the process there. */
struct cut {
	void (*call)(void *context, const char *what, const char *path);
	void *context;
};

static inline void cut_here(const struct cut *cut, const char *what, const char *path)
{
	if (cut && cut->call)
		cut->call(cut->context, what, path);
}

#endif
