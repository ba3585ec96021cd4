/* bolt_change.h - changes to databases by keys that are strings. */
#ifndef TESTS_UNIT_BOLT_CHANGE_H
#define TESTS_UNIT_BOLT_CHANGE_H

#include "metadata/bolt_edit.h"

#include <string.h>

static inline struct bolt_edit_bucket *change_enter(struct bolt_edit_bucket *bucket,
                                                    const char *key)
{
	return bolt_edit_enter(bucket, key, strlen(key));
}

static inline void change_put(struct bolt_edit_bucket *bucket, const char *key, const char *value)
{
	bolt_edit_put(bucket, key, strlen(key), value, strlen(value));
}

static inline void change_drop(struct bolt_edit_bucket *bucket, const char *key)
{
	bolt_edit_drop(bucket, key, strlen(key));
}

#endif
