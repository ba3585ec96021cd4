/* archive_option.h - what --archive means: a file that is not there yet, or standard output. */
#ifndef GC_ARCHIVE_OPTION_H
#define GC_ARCHIVE_OPTION_H

#include "gc/command.h"
#include "gc/session/settings.h"
#include "metadata/base/err.h"

#include <stdbool.h>

/* Says whether the archive goes to standard output. */
bool archive_option_is_stdout(const struct settings *settings);

/*
 * Finds before anything is read, and before anybody is asked, what would stop the archive: a
 * terminal (ERR_USAGE), a file that exists (ERR_STATE; `run resume` may replace its own). 0 or -1.
 */
int archive_option_check(const struct command *command, const struct settings *settings,
                         struct err *err) MUST_USE;

/* FILE as an absolute path, which means the same later and elsewhere; standard output stays as it
 * is. *PATH is the caller's. 0 or -1. */
int archive_option_path(char **path, const char *file, struct err *err) MUST_USE;

#endif
