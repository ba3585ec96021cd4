/* own.h - who frees what: cleanup attributes and the move of ownership. */
#ifndef METADATA_BASE_OWN_H
#define METADATA_BASE_OWN_H

#include <stdlib.h>
#include <unistd.h>

/*
 * AUTO(x) before a declaration calls x_cleanup(&variable) when the variable
 * leaves its scope. The variable must be initialised where it is declared.
 */
#define AUTO(name) __attribute__((cleanup(name##_cleanup)))

/* Moves the value out of VAR, which becomes EMPTY; the caller owns the result. */
#define TAKE(var, empty)                                                                           \
	({                                                                                         \
		__typeof__(var) taken_ = (var);                                                    \
		(var) = (empty);                                                                   \
		taken_;                                                                            \
	})

#define MUST_USE __attribute__((warn_unused_result))

/* Defines name_cleanup() for AUTO(name): CALL is done on the variable's value. */
#define OWN_DEFINE(name, type, call)                                                               \
	static inline void name##_cleanup(type *var)                                               \
	{                                                                                          \
		call(*var);                                                                        \
	}

static inline void own_free_str(char *text)
{
	free(text);
}

static inline void own_close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd); /* whatever was written has been synced and closed by hand */
}

OWN_DEFINE(str, char *, own_free_str)
OWN_DEFINE(close, int, own_close_fd)

#endif
