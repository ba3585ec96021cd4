/* portrait.h - everything about a tree that a faithful copy must have, as text. */
#ifndef TESTS_UNIT_PORTRAIT_H
#define TESTS_UNIT_PORTRAIT_H

/*
 * NAME under DIR and all below it, one line each, sorted: path, type and mode, owner, size, device
 * number, times of change and access, all attributes, flags and project, target, hash of the
 * content and where its holes are, and for hard links the first of the names. Read in the simplest
 * way, and with nothing of what is tested. The caller frees.
 */
char *portrait_new(const char *dir, const char *name);

/* The same for a whole data root: without directories .drydock, and without the atimes of symlinks,
 * which reading a root changes. The caller frees. */
char *portrait_root(const char *dir);

/* Fails with the first line that differs. */
void portrait_expect_same(const char *before, const char *after);

#endif
