/* filter.h - the filters of a prune command, `--filter key=value`, as dockerd understands them. */
#ifndef GC_PLAN_FILTER_H
#define GC_PLAN_FILTER_H

#include "gc/plan/until.h"
#include "metadata/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which prune the filters are for: each takes other keys. */
enum filter_verb {
	FILTER_CONTAINERS, /* label, label!, until */
	FILTER_IMAGES,     /* and dangling */
	FILTER_NETWORKS,   /* as containers */
	FILTER_VOLUMES,    /* label, label!, all */
	FILTER_BUILDER,    /* until or unused-for, id, parent, type, description, inuse, ... */
	FILTER_SYSTEM,     /* what all of its prunes take: label, label!, until */
	FILTER_VERB_COUNT
};

struct filter {
	char *key, *value; /* owned */
};

/* A set, as in Docker: each value of a key is there once. */
struct filter_set {
	struct filter *items; /* in the order in which they were given */
	size_t count, capacity;
	bool has_until; /* until or unused-for is among them */
	bool is_until_past;
	struct timestamp until;
};

#define FILTER_SET_INIT                                                                            \
	{                                                                                          \
		.items = NULL                                                                      \
	}

/* The command that the filters are for. */
struct filter_request {
	enum filter_verb verb;
	const char *const *given; /* the values of --filter, as typed */
	size_t given_count;
	bool has_all;     /* --all */
	bool has_volumes; /* --volumes */
	struct until_clock clock;
};

/*
 * Reads the filters of REQUEST into *SET (empty; the caller frees with filter_set_done). Keys are
 * lower-cased, keys and values lose the white space around them, an empty filter is none. Returns
 * 0, or -1 with ERR_USAGE and the words of Docker 28: no `=`, a key that the verb does not take,
 * a value that means nothing, more than one until, until with --volumes. Stricter than Docker:
 * `dangling` that contradicts --all or is neither true nor false is an error (20.10 lets
 * --filter dangling=false stand for -a, 28 refuses that).
 */
int filter_set_make(struct filter_set *set, const struct filter_request *request,
                    struct err *err) MUST_USE;

void filter_set_done(struct filter_set *set);

static inline void filter_set_cleanup(struct filter_set *set)
{
	filter_set_done(set);
}

/* Adds KEY=VALUE (copied) unless it is there; a moment is not read. For those who store sets. */
void filter_set_add(struct filter_set *set, const char *key, const char *value);

/*
 * In all that follow SET may be NULL: no filters.
 *
 * Says whether `label` and `label!` take an object with COUNT LABELS, sorted by key: it must have
 * all of `label` (key, or key=value), and must not have all of `label!`, as MatchKVList has it.
 */
bool filter_takes_labels(const struct filter_set *set, const struct image_label *labels,
                         size_t count);

/*
 * Says whether `until` takes an object that was created then: not if after that moment. One that
 * does not say when it was created stays, as in 28 (20.10 takes it for older than everything).
 */
bool filter_takes_created(const struct filter_set *set, int64_t seconds, uint32_t nanoseconds,
                          bool has_created);

/* Says whether there is `until` (or `unused-for`), and which moment it is in *UNIX_NS (may be
 * NULL), cut to what 64 bits hold: years 1677 to 2262. */
bool filter_until(const struct filter_set *set, int64_t *unix_ns);

/* Says whether there is `until` (or `unused-for`), a moment before that of the command. */
bool filter_until_is_past(const struct filter_set *set);

/* The value at place AT of those that KEY has, or NULL when there are no more. Borrowed. */
const char *filter_value(const struct filter_set *set, const char *key, size_t at);

/* Says whether the value of KEY is a true one in Go's eyes: 1, t, T, true, TRUE, True. */
bool filter_is_true(const struct filter_set *set, const char *key);

#endif
