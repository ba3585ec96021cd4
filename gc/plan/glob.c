/* glob.c - patterns with wildcards. */
#include "gc/plan/glob.h"

#include <string.h>

/* The length of the set at PATTERN, "[...]"; 0 if it has no end. */
static size_t glob_set_len(const char *pattern)
{
	const char *at = pattern + 1;

	if (*at == '!' || *at == '^')
		at++;
	if (*at == ']') /* at the beginning it is a member */
		at++;
	while (*at && *at != ']') {
		if (*at == '\\' && at[1])
			at++;
		at++;
	}
	return *at ? (size_t)(at - pattern) + 1 : 0;
}

size_t glob_step(const char *pattern)
{
	size_t len = 1;

	if (*pattern == '\0')
		return 0;
	if (*pattern == '\\' && pattern[1])
		return 2;
	if (*pattern == '[')
		len = glob_set_len(pattern);
	return len > 0 ? len : 1;
}

const char *glob_fault(const char *pattern)
{
	while (*pattern) {
		if (*pattern == '\\' && !pattern[1])
			return "a backslash at its end";
		if (*pattern == '[' && glob_set_len(pattern) == 0)
			return "a set without its ']'";
		pattern += glob_step(pattern);
	}
	return NULL;
}

/* Reads a member at *AT of a set and moves on. */
static unsigned char glob_member(const char **at)
{
	if (**at == '\\')
		++*at;
	return (unsigned char)*(*at)++;
}

static bool glob_set_has(const char *set, char c)
{
	const char *end = set + glob_set_len(set) - 1;
	const char *at = set + 1;
	bool is_negated = *at == '!' || *at == '^';
	bool is_in = false;

	at += is_negated;
	while (at < end) {
		unsigned char first = glob_member(&at);
		unsigned char last = first;

		if (*at == '-' && at + 1 < end) {
			at++;
			last = glob_member(&at);
		}
		is_in = is_in || (first <= (unsigned char)c && (unsigned char)c <= last);
	}
	return is_in != is_negated;
}

/* Says whether the first step of PATTERN, which is no `*`, means the character. */
static bool glob_step_matches(const char *pattern, char c)
{
	switch (*pattern) {
	case '?':
		return true;
	case '[':
		return glob_set_has(pattern, c);
	case '\\':
		return pattern[1] == c;
	default:
		return *pattern == c;
	}
}

bool glob_matches(const char *pattern, const char *text)
{
	/* after the last `*`, and where the text that it stands for ends: only the last one needs
	 * to be tried again */
	const char *star = NULL;
	const char *resume = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = text;
		} else if (*pattern && glob_step_matches(pattern, *text)) {
			pattern += glob_step(pattern);
			text++;
		} else if (star) {
			pattern = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
