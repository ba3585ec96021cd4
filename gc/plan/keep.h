/* keep.h - keep rules: images that stay whatever a prune says. */
#ifndef GC_PLAN_KEEP_H
#define GC_PLAN_KEEP_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "metadata/state.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A pattern is
 * - REPOSITORY, REPOSITORY:TAG or REPOSITORY@DIGEST, each part with the wildcards of glob.h;
 * without a tag or digest all of the repository are meant. The parts are matched apart: no wildcard
 *   crosses the colon or the @ between them, but in a repository `*` crosses slashes. Repositories
 *   go by their short and by their full names: "busybox", "library/busybox" and
 *   "docker.io/library/busybox" are one;
 * - an image ID: "sha256:" and 12 to 64 hexadecimal digits, or just those, which are tried as a
 *   repository, too.
 * A pattern that is exactly a reference as Docker lists it always means that one.
 */
struct keep_pattern {
	char *text;                      /* owned; as given */
	char *source;                    /* owned; the file that it is from; NULL: --keep */
	size_t line;                     /* in that file */
	bool is_negated;                 /* takes back what the file keeps up to here */
	char *repository, *tag, *digest; /* owned; NULL: any */
	char *image;                     /* owned; first digits of an image ID; NULL: none */
};

struct keep_rules {
	struct keep_pattern *items; /* those of a file one after another, in its order */
	size_t count, capacity;
	unsigned last; /* --keep-last: so many images of each repository; 0: no such rule */
};

#define KEEP_RULES_INIT                                                                            \
	{                                                                                          \
		.items = NULL                                                                      \
	}

/* Adds a pattern (copied). Returns 0, or -1 with ERR_USAGE naming it: empty, an unfinished set,
 * characters that no reference has, a negation outside of a file. */
int keep_rules_add(struct keep_rules *rules, const char *text, struct err *err) MUST_USE;

/* Adds a copy of a pattern of other rules. */
void keep_rules_add_copy(struct keep_rules *rules, const struct keep_pattern *pattern);

/*
 * The same for a line of the file SOURCE, which may begin with "!": what it means is taken back,
 * unless a later line of the same file or another rule keeps it. The error names file and line.
 */
int keep_rules_add_line(struct keep_rules *rules, const char *source, size_t line, const char *text,
                        struct err *err) MUST_USE;

void keep_rules_done(struct keep_rules *rules);

static inline void keep_rules_cleanup(struct keep_rules *rules)
{
	keep_rules_done(rules);
}

/* "--keep 'app:*'", "--keep-from FILE line 3 'app:*'", "--keep-last 2". RULE is an index, or
 * KEEP_LAST. The caller frees. */
char *keep_rule_words(const struct keep_rules *rules, size_t rule) MUST_USE;

#define KEEP_LAST (SIZE_MAX - 1) /* the rule of --keep-last */
#define KEEP_NONE SIZE_MAX       /* no rule */

/* What the rules mean in a data root. */
struct keep_marks {
	size_t *ref_rule;   /* per state.refs: the first rule that keeps it, or KEEP_NONE */
	size_t *image_rule; /* per state.images: likewise */
	bool *is_matched;   /* per pattern: it means something that is there */
};

/*
 * Applies RULES to STATE. An image is kept with all its references when one of them is. The N
 * newest images of a repository (--keep-last) are those with a tag there that were created last;
 * images as new as the last of them stay, too, and those that do not say when they were created.
 * The caller frees. Never fails.
 */
struct keep_marks *keep_marks_make(const struct keep_rules *rules,
                                   const struct state *state) MUST_USE;

void keep_marks_free(struct keep_marks *marks);

OWN_DEFINE(keep_marks, struct keep_marks *, keep_marks_free)

#endif
