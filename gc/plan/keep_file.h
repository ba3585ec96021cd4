/* keep_file.h - keep rules: the lists that users keep in files. */
#ifndef GC_PLAN_KEEP_FILE_H
#define GC_PLAN_KEEP_FILE_H

#include "gc/plan/keep.h"

#define KEEP_FILE_MAX ((size_t)1 << 20) /* bytes */

/*
 * Adds the patterns of the file PATH, one a line: white space around them, empty lines and those
 * that begin with # do not count; a line !PATTERN takes back what the lines before it keep. PATH
 * may be a pipe. Nothing else is taken: a list that is not understood must not pass for a short
 * one. Returns 0, or -1 with ERR_USAGE, one line naming the file: not there, a directory, larger
 * than KEEP_FILE_MAX, no text, a line that is no pattern, empty (a full disk makes such ones).
 */
int keep_file_read(struct keep_rules *rules, const char *path, struct err *err) MUST_USE;

#endif
