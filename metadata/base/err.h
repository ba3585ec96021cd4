/* err.h - one error: what kind, and one line of text that names what failed. */
#ifndef METADATA_BASE_ERR_H
#define METADATA_BASE_ERR_H

#include <stdbool.h>
#include <stdarg.h>

#define ERR_TEXT_MAX 1024

enum err_kind {
	ERR_NONE,
	ERR_SYSTEM,  /* a system call failed, no space, no permission */
	ERR_CORRUPT, /* a record on disk cannot be understood */
	ERR_ROOT,    /* the directory is no data root that drydock handles */
	ERR_BUSY,    /* someone else uses the data root */
	ERR_USAGE,   /* the command line is wrong */
	ERR_STATE,   /* the data root is not in the state that the operation needs */
};

/*
 * Filled where the failure is seen, wrapped by callers, printed by main only.
 * `code` is the errno of an ERR_SYSTEM, else 0. The text has no newline and
 * no trailing full stop; bytes that would upset a terminal are escaped.
 */
struct err {
	enum err_kind kind;
	int code;
	char text[ERR_TEXT_MAX];
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		ERR_NONE, 0, ""                                                                    \
	}

/*
 * Describes a failure: sets *ERR (which must be empty: asserted) and returns
 * -1, so that `return err_set(...)` is one line. ERR may be NULL: nobody asks.
 */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: appends ": " and the text of errno. Kind ERR_SYSTEM. */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "WHERE: " before the text of an error that is set. Returns -1. */
int err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says whether an error is set. */
bool err_is_set(const struct err *err);

/* Says whether *ERR is a failed system call with this errno. */
bool err_has_code(const struct err *err, int code);

/* Empties *ERR: the failure was an expected outcome, or has been reported. */
void err_clear(struct err *err);

#endif
