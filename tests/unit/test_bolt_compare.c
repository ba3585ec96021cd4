/* test_bolt_compare.c - any difference between a new database and what was meant is told. */
#include "tests/unit/bolt_change.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <stdlib.h>

/* What differs from the usual. */
struct story {
	const char *x_value;     /* NULL: no x */
	bool has_extra, has_new; /* a/z = 3; n/m/ (k = v) */
	bool is_y_bucket;        /* a/y is a bucket */
	bool is_inner_value;     /* b/c is a value */
	uint64_t sequence;       /* of b/c */
	uint64_t root_sequence;
	uint64_t txid;    /* 0: the usual */
	size_t page_size; /* 0: 4096 */
	bool has_no_freelist;
};

static const struct story usual = { .x_value = "1" };

/* a/ (x = 1, y = 2), b/c/ (k = v). */
static struct bolt *make(const struct story *story)
{
	struct bolt_maker *maker = bolt_maker_new(story->page_size ? story->page_size : 4096);
	struct maker_bucket *a = bolt_maker_bucket(maker, NULL, "a");
	struct maker_bucket *b = bolt_maker_bucket(maker, NULL, "b");

	if (story->txid)
		maker->txid = story->txid;
	maker->has_no_freelist = story->has_no_freelist;
	bolt_maker_sequence(maker->root, story->root_sequence);
	if (story->x_value)
		bolt_maker_put(a, "x", story->x_value);
	if (story->is_y_bucket)
		(void)bolt_maker_bucket(maker, a, "y");
	else
		bolt_maker_put(a, "y", "2");
	if (story->has_extra)
		bolt_maker_put(a, "z", "3");
	if (story->is_inner_value) {
		bolt_maker_put(b, "c", "v");
	} else {
		struct maker_bucket *c = bolt_maker_bucket(maker, b, "c");

		bolt_maker_put(c, "k", "v");
		bolt_maker_sequence(c, story->sequence);
	}
	if (story->has_new)
		bolt_maker_put(bolt_maker_bucket(maker, bolt_maker_bucket(maker, NULL, "n"), "m"),
		               "k", "v");
	return bolt_expect_made(maker);
}

/* Asserts that NEW is (WORDS is NULL) or is not what the usual story changed by EDIT is. The
 * transaction of a new file is a later one unless the story says something else. */
static void expect(const struct story *new_story, const struct bolt_edit *edit, const char *words)
{
	AUTO(bolt_edit) struct bolt_edit *none = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make(&usual);
	struct story later = *new_story;
	AUTO(bolt) struct bolt *new = NULL;
	struct err err = ERR_INIT;
	int result;

	if (!later.txid)
		later.txid = 9;
	new = make(&later);
	result = bolt_compare(new, old, edit ? edit : none, &err);
	assert_string_equal(err.text, words ? words : "");
	assert_int_equal(result, words ? -1 : 0);
	assert_int_equal(err.kind, words ? ERR_CORRUPT : ERR_NONE);
}

/* A change of the story: in bucket A if IN_A, KEY is set to VALUE, or goes. */
static struct bolt_edit *change(bool in_a, const char *key, const char *value)
{
	struct bolt_edit *edit = bolt_edit_new();
	struct bolt_edit_bucket *bucket = bolt_edit_root(edit);

	if (in_a)
		bucket = change_enter(bucket, "a");
	if (value)
		change_put(bucket, key, value);
	else
		change_drop(bucket, key);
	return edit;
}

static void expect_changed(const struct story *new, bool in_a, const char *key, const char *value,
                           const char *words)
{
	AUTO(bolt_edit) struct bolt_edit *edit = change(in_a, key, value);

	expect(new, edit, words);
}

static void the_same_is_the_same(void **state)
{
	(void)state;
	expect(&usual, NULL, NULL);
}

static void what_nobody_has_changed_must_be_as_it_was(void **state)
{
	(void)state;
	expect(&(struct story){ 0 }, NULL, "bucket a: key x: is missing");
	expect(&(struct story){ .x_value = "2" }, NULL, "bucket a: key x: has another value");
	expect(&(struct story){ .x_value = "" }, NULL, "bucket a: key x: has another value");
	expect(&(struct story){ .x_value = "12" }, NULL, "bucket a: key x: has another value");
	expect(&(struct story){ .x_value = "1", .has_extra = true }, NULL,
	       "bucket a: key z: nobody has put it there");
	expect(&(struct story){ .x_value = "1", .has_new = true }, NULL,
	       "key n: nobody has put it there");
	expect(&(struct story){ .x_value = "1", .is_y_bucket = true }, NULL,
	       "bucket a: key y: was a value and is a bucket");
	expect(&(struct story){ .x_value = "1", .is_inner_value = true }, NULL,
	       "bucket b: key c: was a bucket and is a value");
	expect(&(struct story){ .x_value = "1", .sequence = 4 }, NULL,
	       "bucket b: bucket c: sequence 4 in place of 0");
	expect(&(struct story){ .x_value = "1", .root_sequence = 4 }, NULL,
	       "sequence 4 in place of 0");
}

static void the_file_must_be_of_the_same_kind(void **state)
{
	(void)state;
	expect(&(struct story){ .x_value = "1", .page_size = 16384 }, NULL,
	       "pages of 16384 bytes in place of 4096");
	expect(&(struct story){ .x_value = "1", .has_no_freelist = true }, NULL,
	       "without a freelist");
	expect(&(struct story){ .x_value = "1", .txid = 7 }, NULL, "transaction 7 in place of 9");
	expect(&(struct story){ .x_value = "1", .txid = 10 }, NULL, "transaction 10 in place of 9");
}

static void what_is_dropped_must_be_gone(void **state)
{
	(void)state;
	expect_changed(&(struct story){ 0 }, true, "x", NULL, NULL);
	expect_changed(&usual, true, "x", NULL, "bucket a: key x: is still there");
	expect_changed(&usual, false, "b", NULL, "key b: is still there");
	expect_changed(&usual, true, "absent", NULL, NULL);
	expect_changed(&(struct story){ 0 }, true, "y", NULL, "bucket a: key x: is missing");
}

static void what_is_put_must_be_there(void **state)
{
	static const char *const words = "bucket a: key x: has not got its new value";

	(void)state;
	expect_changed(&(struct story){ .x_value = "2" }, true, "x", "2", NULL);
	expect_changed(&usual, true, "x", "2", words);
	expect_changed(&(struct story){ 0 }, true, "x", "2", words);
	expect_changed(&(struct story){ .x_value = "3" }, true, "x", "2", words);
	expect_changed(&(struct story){ .x_value = "1", .has_extra = true }, true, "z", "3", NULL);
	expect_changed(&usual, true, "z", "3", "bucket a: key z: has not got its new value");
	expect_changed(&(struct story){ .x_value = "1", .is_y_bucket = true }, true, "y", "",
	               "bucket a: key y: has not got its new value");
}

static void a_bucket_that_is_added_must_be_there_with_no_more_than_was_put(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	struct bolt_edit_bucket *n = change_enter(bolt_edit_root(edit), "n");
	const struct story new = { .x_value = "1", .has_new = true };

	(void)state;
	change_drop(n, "absent");
	expect(&usual, edit, NULL);
	expect(&new, edit, "key n: nobody has put it there");
	change_put(change_enter(n, "m"), "k", "v");
	expect(&new, edit, NULL);
	expect(&usual, edit, "key n: is missing");
	change_put(change_enter(n, "m"), "k2", "v");
	expect(&new, edit, "bucket n: bucket m: key k2: has not got its new value");
	change_drop(change_enter(n, "m"), "k2");
	change_drop(change_enter(n, "m"), "k");
	change_put(n, "o", "v");
	expect(&new, edit, "bucket n: key m: nobody has put it there");
}

/* Every key of a real database, gone or changed in the new one, is told by its path. */
static void each_key_is_compared(void **state)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	AUTO(bolt_edit) struct bolt_edit *none = bolt_edit_new();
	AUTO(bolt) struct bolt *old = NULL;

	(void)state;
	for (int i = 0; i < 300; i++) {
		AUTO(str) char *key = mem_print("key%d", i);

		bolt_maker_put(bolt_maker_bucket(maker, NULL, i % 2 ? "odd" : "even"), key, key);
	}
	old = bolt_expect_made(maker);
	for (int i = 0; i < 600; i++) {
		AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
		AUTO(str) char *key = mem_print("key%d", i / 2);
		const char *bucket = i / 2 % 2 ? "odd" : "even";
		AUTO(str) char *words = NULL;
		AUTO(bolt) struct bolt *new = NULL;
		struct err err = ERR_INIT;

		words = mem_print("bucket %s: key %s: %s", bucket, key,
		                  i % 2 ? "has another value" : "is missing");
		if (i % 2)
			change_put(change_enter(bolt_edit_root(edit), bucket), key, "changed");
		else
			change_drop(change_enter(bolt_edit_root(edit), bucket), key);
		new = bolt_expect_rewritten(old, edit);
		assert_int_equal(bolt_compare(new, old, none, &err), -1);
		assert_string_equal(err.text, words);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_is_the_same),
		cmocka_unit_test(what_nobody_has_changed_must_be_as_it_was),
		cmocka_unit_test(the_file_must_be_of_the_same_kind),
		cmocka_unit_test(what_is_dropped_must_be_gone),
		cmocka_unit_test(what_is_put_must_be_there),
		cmocka_unit_test(a_bucket_that_is_added_must_be_there_with_no_more_than_was_put),
		cmocka_unit_test(each_key_is_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
