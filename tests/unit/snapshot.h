/* snapshot.h - a whole directory tree as text, so that two states of it can be compared. */
#ifndef TESTS_UNIT_SNAPSHOT_H
#define TESTS_UNIT_SNAPSHOT_H

/*
 * Everything below DIR but what is in directories .drydock, one line each, sorted: path, type and
 * mode, owner, size and hash of the contents or target. The caller frees.
 */
char *snapshot_new(const char *dir);

#endif
