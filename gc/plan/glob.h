/* glob.h - patterns with wildcards. */
#ifndef GC_PLAN_GLOB_H
#define GC_PLAN_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * `*` stands for any characters or none, `?` for any one, a slash included; `[a-z0-9]` for one of
 * the set, `[!...]` and `[^...]` for one outside of it (a `]` right at the beginning of a set is of
 * it); a backslash takes the meaning off the next character. Everything else stands for itself.
 */

/* Says why PATTERN is none, or returns NULL when it is one. */
const char *glob_fault(const char *pattern);

/* Says whether the pattern, which has no fault, means the whole of TEXT. */
bool glob_matches(const char *pattern, const char *text);

/* The length of what stands for one character at the beginning of PATTERN: "x", "\\x", "[a-z]". 0
 * at its end. For those who look for what separates its parts. */
size_t glob_step(const char *pattern);

#endif
