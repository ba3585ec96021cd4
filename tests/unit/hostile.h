/* hostile.h - trees with everything in them that is hard to measure or to remove. */
#ifndef TESTS_UNIT_HOSTILE_H
#define TESTS_UNIT_HOSTILE_H

#include "overlay2/usage.h"

#include <stdbool.h>

/*
 * Makes the directory PATH below DIR with files, links, FIFOs, sockets, (as root) devices and
 * whiteouts, sparse and empty files, names that are long, no UTF-8 or have newlines, empty
 * directories and (as root) ones of mode 000. A symlink in it leads to DIR/outside.
 */
void hostile_make(const char *dir, const char *path);

/* Makes DEPTH directories inside each other in DIR/PATH, each with a file, named with LEN bytes. */
void hostile_make_deep(const char *dir, const char *path, unsigned depth, unsigned len);

/* Removes what hostile_make_deep() made with names of 255 bytes, which is too deep for others. */
void hostile_remove_deep(const char *dir, const char *path);

/* What DIR/PATH takes, counted in the simplest way: one thread, a list of hard links. */
struct usage hostile_count(const char *dir, const char *path);

/* Says whether DIR/PATH exists, without following a symlink. */
bool hostile_exists(const char *dir, const char *path);

/* Mounts an empty tmpfs with one file ("inside") on DIR/PATH; false: this process may not. */
bool hostile_mount(const char *dir, const char *path);

/* Takes that mount away. */
void hostile_unmount(const char *dir, const char *path);

#endif
