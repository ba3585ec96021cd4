/* bolt_edit.h - changes to a database: which keys and buckets go, which values are set. */
#ifndef METADATA_BOLT_EDIT_H
#define METADATA_BOLT_EDIT_H

#include "metadata/base/own.h"
#include "metadata/bolt.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Changes are collected in any order and then carried out by bolt_write(). A key has one change:
 * the last call of bolt_edit_drop() and bolt_edit_put() for it counts. A bucket that is dropped
 * goes whole, whatever is changed inside of it. Keys and values are copied.
 */
struct bolt_edit;

/* The changes in one bucket; the edit's, good as long as it. */
struct bolt_edit_bucket;

/* No change yet. The caller frees. */
struct bolt_edit *bolt_edit_new(void) MUST_USE;

void bolt_edit_free(struct bolt_edit *edit);

OWN_DEFINE(bolt_edit, struct bolt_edit *, bolt_edit_free)

/* The changes in the bucket that holds all others. */
struct bolt_edit_bucket *bolt_edit_root(struct bolt_edit *edit);

/*
 * The changes in the bucket KEY of BUCKET. Where the database has no such bucket it is made if
 * there is a value to put inside; if things are only dropped there, nothing happens. Logarithmic,
 * as the others.
 */
struct bolt_edit_bucket *bolt_edit_enter(struct bolt_edit_bucket *bucket, const char *key,
                                         size_t key_len);

/* KEY goes, be it a value or a bucket with all that is in it. That it is absent is no error. */
void bolt_edit_drop(struct bolt_edit_bucket *bucket, const char *key, size_t key_len);

/*
 * KEY gets a value, or another one. Where the database has a bucket of that name bolt_write()
 * refuses, as it does for a key that is empty or has more than 32768 bytes.
 */
void bolt_edit_put(struct bolt_edit_bucket *bucket, const char *key, size_t key_len,
                   const char *value, size_t value_len);

/*
 * Says whether OLD is already as EDIT wants it: what is dropped is not there, what is put has that
 * value. False also for what bolt_write() would refuse.
 */
bool bolt_edit_is_done(const struct bolt_edit *edit, const struct bolt *old);

#endif
