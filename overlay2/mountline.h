/* mountline.h - one line of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)). */
#ifndef OVERLAY2_MOUNTLINE_H
#define OVERLAY2_MOUNTLINE_H

#include "metadata/base/own.h"

#include <stdbool.h>

/* Its fields; all texts point into the line. Octal escapes are undone but in `options`. */
struct mountline {
	char *id;      /* of the mount */
	char *parent;  /* of the mount that it is mounted on */
	char *device;  /* "major:minor" */
	char *root;    /* what of the file system is mounted: a path in it */
	char *point;   /* where, as the process sees it */
	char *type;    /* of the file system */
	char *options; /* of the file system, for mountline_next_option(); "" if there are none */
};

/* Takes LINE (without its newline) apart, in place. Returns false when it is no such line. */
bool mountline_parse(struct mountline *mount, char *line) MUST_USE;

/*
 * Takes the next option off *OPTIONS, which moves on. Returns its name, NULL after the last, and
 * in *VALUE its value, "" if it has none; escapes are undone in place.
 */
char *mountline_next_option(char **options, char **value);

/*
 * What of PATH comes after the directory BASE: "" for BASE itself, "a/b" for BASE/a/b; NULL when
 * PATH is not in BASE. Borrowed from PATH.
 */
const char *mountline_below(const char *base, const char *path);

/*
 * Takes the next path off a list as in lowerdir=: up to a colon, which a backslash
 * escapes. *LIST moves on, NULL after the last. The path is unescaped in place.
 */
char *mountline_next_path(char **list);

#endif
