/* tree.h - small directory trees for tests: made below $TMPDIR or /tmp, removed with all they hold.
 */
#ifndef TESTS_UNIT_TREE_H
#define TESTS_UNIT_TREE_H

#include <stddef.h>

/* Makes an empty directory with NAME in its name; returns its path, which tree_remove frees. */
char *tree_new(const char *name);

/* Writes LEN bytes to the file PATH below DIR, whose parent directories are made; what was there is
 * replaced. */
void tree_write(const char *dir, const char *path, const void *bytes, size_t len);

/* Writes what printf would print. */
void tree_print(const char *dir, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Makes the directory PATH below DIR, and its parents. */
void tree_mkdir(const char *dir, const char *path);

/* Makes the symbolic link PATH below DIR, and its parents. */
void tree_link(const char *dir, const char *path, const char *target);

/* Opens DIR (PATH "") or a directory below it; the caller closes. */
int tree_open(const char *dir, const char *path);

/* Removes DIR with all that is in it, and frees its path. */
void tree_remove(char *dir);

#endif
