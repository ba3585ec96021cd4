/* bolt_expect.h - what the bolt reader says of a file, asserted. */
#ifndef TESTS_UNIT_BOLT_EXPECT_H
#define TESTS_UNIT_BOLT_EXPECT_H

#include "metadata/base/text.h"
#include "metadata/bolt.h"
#include "metadata/bolt_edit.h"
#include "tests/unit/bolt_maker.h"

/* Asserts that the file is refused as corrupt, in words that have WORDS in them. */
void bolt_expect_corrupt(const void *bytes, size_t len, const char *words);

/* Asserts that the file is whole; the caller closes. */
struct bolt *bolt_expect_whole(const void *bytes, size_t len) MUST_USE;

/* Writes OLD with EDIT (NULL: no change) anew and reads that again, asserting that it is whole and
 * bolt_compare() content; the caller closes. */
struct bolt *bolt_expect_rewritten(const struct bolt *old, const struct bolt_edit *edit) MUST_USE;

/* Asserts that OLD, written anew with EDIT, holds what DUMP says, as bolt_expect_dump() has it. */
void bolt_expect_edited(const struct bolt *old, const struct bolt_edit *edit, const char *dump);

/* Asserts that bolt_write() refuses EDIT in exactly these words. */
void bolt_expect_refused(const struct bolt *old, const struct bolt_edit *edit, const char *words);

/* Reads what MAKER builds, and frees it; the caller closes. */
struct bolt *bolt_expect_made(struct bolt_maker *maker) MUST_USE;

/* Appends every bucket, sequence, key and value, in order, so that equal texts mean equal contents.
 */
void bolt_expect_dump(struct text *out, const struct bolt *bolt);

#endif
