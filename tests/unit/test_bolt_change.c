/* test_bolt_change.c - databases written anew with changes: what goes, what comes, what stays. */
#include "tests/unit/bolt_change.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <stdlib.h>
#include <string.h>

/* a/ (x = 1, y = 2), b/c/ (k = v), and one with pages of its own, long/. */
static struct bolt *make_story(void)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct maker_bucket *a = bolt_maker_bucket(maker, NULL, "a");
	struct maker_bucket *b = bolt_maker_bucket(maker, NULL, "b");

	bolt_maker_put(a, "x", "1");
	bolt_maker_put(a, "y", "2");
	bolt_maker_sequence(a, 3);
	bolt_maker_put(bolt_maker_bucket(maker, b, "c"), "k", "v");
	return bolt_expect_made(maker);
}

#define STORY_A "a/ seq=3\n  x = 1\n  y = 2\n"
#define STORY_B "b/ seq=0\n  c/ seq=0\n    k = v\n"

static void a_change_of_nothing_changes_nothing(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make_story();

	(void)state;
	change_drop(bolt_edit_root(edit), "absent");
	change_drop(change_enter(bolt_edit_root(edit), "a"), "absent");
	change_drop(change_enter(change_enter(bolt_edit_root(edit), "absent"), "absent"), "absent");
	change_drop(change_enter(change_enter(bolt_edit_root(edit), "a"), "x"), "is a value");
	(void)change_enter(change_enter(bolt_edit_root(edit), "b"), "absent");
	change_put(change_enter(bolt_edit_root(edit), "a"), "y", "2");
	assert_true(bolt_edit_is_done(edit, old));
	bolt_expect_edited(old, edit, STORY_A STORY_B);
}

static void keys_and_buckets_are_dropped(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make_story();

	(void)state;
	change_drop(change_enter(bolt_edit_root(edit), "a"), "x");
	assert_false(bolt_edit_is_done(edit, old));
	bolt_expect_edited(old, edit, "a/ seq=3\n  y = 2\n" STORY_B);
	change_drop(change_enter(bolt_edit_root(edit), "b"), "c");
	bolt_expect_edited(old, edit, "a/ seq=3\n  y = 2\nb/ seq=0\n");
	change_drop(bolt_edit_root(edit), "a");
	bolt_expect_edited(old, edit, "b/ seq=0\n");
	change_drop(bolt_edit_root(edit), "b");
	bolt_expect_edited(old, edit, "");
}

static void values_are_put(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make_story();
	struct bolt_edit_bucket *a = change_enter(bolt_edit_root(edit), "a");

	(void)state;
	change_put(a, "x", "another, longer");
	change_put(a, "xx", "between");
	change_put(a, "A", "first");
	change_put(a, "z", "");
	assert_false(bolt_edit_is_done(edit, old));
	bolt_expect_edited(old, edit,
	                   "a/ seq=3\n  A = first\n  x = another, longer\n  xx = between\n"
	                   "  y = 2\n  z = \n" STORY_B);
}

static void buckets_are_made_for_values_that_are_put_in_them(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make_story();
	struct bolt_edit_bucket *made =
	    change_enter(change_enter(bolt_edit_root(edit), "ab"), "new");

	(void)state;
	change_put(made, "k", "v");
	change_drop(made, "absent");
	assert_false(bolt_edit_is_done(edit, old));
	bolt_expect_edited(old, edit, STORY_A "ab/ seq=0\n  new/ seq=0\n    k = v\n" STORY_B);
}

static void a_change_that_cannot_be_made_is_refused(void **state)
{
	static char key[32769];
	AUTO(bolt) struct bolt *old = make_story();

	(void)state;
	(void)memset(key, 'k', sizeof(key));
	for (int i = 0; i < 6; i++) {
		static const char *const words[] = {
			"key b: is a bucket and shall become a value",
			"bucket b: key c: is a bucket and shall become a value",
			"bucket a: key x: is a value and shall become a bucket",
			"bucket a: key y: is a bucket and shall become a value",
			"bucket a: key : a key of 0 bytes",
			NULL,
		};
		AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
		AUTO(str) char *long_words = mem_print("key %.128s: a key of 32769 bytes", key);
		struct bolt_edit_bucket *root = bolt_edit_root(edit);

		if (i == 0)
			change_put(root, "b", "v");
		else if (i == 1)
			change_put(change_enter(root, "b"), "c", "v");
		else if (i == 2)
			change_put(change_enter(change_enter(root, "a"), "x"), "k", "v");
		else if (i == 3) {
			change_put(change_enter(root, "a"), "y", "2"); /* as it is */
			change_put(change_enter(change_enter(root, "a"), "y"), "k", "v");
		} else if (i == 4)
			change_put(change_enter(root, "a"), "", "v");
		else
			change_put(bolt_edit_enter(root, key, sizeof(key)), "k", "v");
		bolt_expect_refused(old, edit, words[i] ? words[i] : long_words);
	}
}

static void a_key_may_have_any_bytes(void **state)
{
	static const char zeros[3];
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make_story();
	struct bolt_edit_bucket *a = change_enter(bolt_edit_root(edit), "a");

	(void)state;
	for (size_t len = 3; len > 0; len--)
		bolt_edit_put(a, zeros, len, zeros, len - 1);
	change_put(a, "\xff", "last");
	bolt_edit_drop(a, zeros, 2);
	bolt_expect_edited(old, edit,
	                   "a/ seq=3\n  \\x00 = \n  \\x00\\x00\\x00 = \\x00\\x00\n"
	                   "  x = 1\n  y = 2\n  \\xff = last\n" STORY_B);
}

static void empty_file_stays_empty_and_takes_no_value(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = bolt_expect_whole("", 0);
	AUTO(bolt) struct bolt *new = NULL;

	(void)state;
	change_drop(bolt_edit_root(edit), "a");
	change_drop(change_enter(bolt_edit_root(edit), "b"), "k");
	assert_true(bolt_edit_is_done(edit, old));
	new = bolt_expect_rewritten(old, edit);
	assert_int_equal(bolt_info(new)->page_count, 0);
	change_put(change_enter(bolt_edit_root(edit), "b"), "k", "v");
	bolt_expect_refused(old, edit, "an empty file, into which a value shall be put");
}

static void what_was_written_anew_comes_out_the_same_again(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *none = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make_story();
	AUTO(bolt) struct bolt *again = NULL;
	AUTO(str) char *first = NULL;
	AUTO(str) char *second = NULL;
	struct err err = ERR_INIT;
	size_t first_len, second_len;

	(void)state;
	assert_int_equal(bolt_write(&first, &first_len, old, none, &err), 0);
	again = bolt_expect_whole(first, first_len);
	assert_int_equal(bolt_write(&second, &second_len, again, none, &err), 0);
	assert_int_equal(first_len, second_len);
	/* all but transaction and checksum of the metas */
	for (size_t at = 0; at < first_len; at++) {
		if (at / 4096 > 1 || at % 4096 < 64 || at % 4096 >= 80)
			assert_int_equal(first[at], second[at]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_nothing_changes_nothing),
		cmocka_unit_test(keys_and_buckets_are_dropped),
		cmocka_unit_test(values_are_put),
		cmocka_unit_test(buckets_are_made_for_values_that_are_put_in_them),
		cmocka_unit_test(a_change_that_cannot_be_made_is_refused),
		cmocka_unit_test(a_key_may_have_any_bytes),
		cmocka_unit_test(empty_file_stays_empty_and_takes_no_value),
		cmocka_unit_test(what_was_written_anew_comes_out_the_same_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
