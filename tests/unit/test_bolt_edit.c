/* test_bolt_edit.c - sets of changes: what counts, and whether they are done. */
#include "tests/unit/bolt_change.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include <stdio.h>

/* a/ (x = 1, y = 2) and b/ with pages of its own for c/. */
static struct bolt *make(void)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct maker_bucket *a = bolt_maker_bucket(maker, NULL, "a");

	bolt_maker_put(a, "x", "1");
	bolt_maker_put(a, "y", "2");
	(void)bolt_maker_bucket(maker, bolt_maker_bucket(maker, NULL, "b"), "c");
	return bolt_expect_made(maker);
}

#define B "b/ seq=0\n  c/ seq=0\n"

static void the_last_of_drop_and_put_counts(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make();
	struct bolt_edit_bucket *a = change_enter(bolt_edit_root(edit), "a");

	(void)state;
	change_put(a, "x", "first");
	change_put(a, "x", "second");
	change_drop(a, "y");
	change_put(a, "y", "again");
	bolt_expect_edited(old, edit, "a/ seq=0\n  x = second\n  y = again\n" B);
	change_drop(a, "x");
	bolt_expect_edited(old, edit, "a/ seq=0\n  y = again\n" B);
}

static void dropped_bucket_goes_whatever_is_changed_in_it(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make();
	struct bolt_edit_bucket *root = bolt_edit_root(edit);

	(void)state;
	change_put(change_enter(root, "a"), "z", "before");
	change_drop(root, "a");
	change_put(change_enter(root, "a"), "z", "after");
	assert_false(bolt_edit_is_done(edit, old));
	bolt_expect_edited(old, edit, B);
}

static void changes_in_a_bucket_are_collected_wherever_they_come_from(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make();
	struct bolt_edit_bucket *root = bolt_edit_root(edit);

	(void)state;
	change_drop(change_enter(root, "a"), "x");
	change_drop(change_enter(root, "b"), "c");
	change_drop(change_enter(root, "a"), "y");
	assert_ptr_equal(change_enter(root, "a"), change_enter(root, "a"));
	bolt_expect_edited(old, edit, "a/ seq=0\nb/ seq=0\n");
}

static void keys_and_values_are_copied(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make();
	char bucket[] = "a";
	char key[] = "x";
	char value[] = "new";
	struct bolt_edit_bucket *a = bolt_edit_enter(bolt_edit_root(edit), bucket, 1);

	(void)state;
	bolt_edit_put(a, key, 1, value, 3);
	bucket[0] = key[0] = value[0] = '-';
	bolt_expect_edited(old, edit, "a/ seq=0\n  x = new\n  y = 2\n" B);
}

static void no_change_is_done_already(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = make();

	(void)state;
	assert_true(bolt_edit_is_done(edit, old));
	bolt_edit_free(NULL);
}

static void is_done_tells_every_change_that_is_not(void **state)
{
	static const struct {
		const char *bucket, *key, *value; /* value NULL: drop */
		bool is_done;
	} changes[] = {
		{ NULL, "absent", NULL, true }, { NULL, "a", NULL, false },
		{ "a", "absent", NULL, true },  { "a", "x", NULL, false },
		{ "a", "x", "1", true },        { "a", "x", "2", false },
		{ "a", "x", "", false },        { "a", "x", "11", false },
		{ "a", "z", "", false },        { "absent", "x", NULL, true },
		{ "absent", "x", "1", false },  { "b", "c", NULL, false },
		{ NULL, "a", "1", false },
	};
	AUTO(bolt) struct bolt *old = make();

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
		struct bolt_edit_bucket *bucket = bolt_edit_root(edit);

		if (changes[i].bucket)
			bucket = change_enter(bucket, changes[i].bucket);
		if (changes[i].value)
			change_put(bucket, changes[i].key, changes[i].value);
		else
			change_drop(bucket, changes[i].key);
		assert_int_equal(bolt_edit_is_done(edit, old), changes[i].is_done);
	}
}

static void a_hundred_thousand_changes_in_any_order_are_made(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct maker_bucket *many = bolt_maker_bucket(maker, NULL, "many");
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(bolt) struct bolt *new = NULL;
	struct bolt_bucket bucket;
	struct bolt_cursor cursor;
	struct bolt_entry entry;
	char key[16];
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		(void)snprintf(key, sizeof(key), "%07d", i * 2);
		bolt_maker_put(many, key, "old");
	}
	old = bolt_expect_made(maker);
	/* every other one goes, and one comes between each two of those that stay */
	for (int i = 0; i < 100000; i++) {
		const int at = (int)((long)i * 61987 % 100000);

		(void)snprintf(key, sizeof(key), "%07d", at * 2 + at % 2);
		if (at % 2 == 0)
			change_drop(change_enter(bolt_edit_root(edit), "many"), key);
		else
			change_put(change_enter(bolt_edit_root(edit), "many"), key, "new");
	}
	new = bolt_expect_rewritten(old, edit);
	bucket = bolt_root(new);
	assert_true(bolt_bucket_enter(&bucket, "many", &bucket));
	bolt_cursor_start(&cursor, &bucket);
	while (bolt_cursor_next(&cursor, &entry))
		count++;
	assert_int_equal(count, 100000);
	assert_false(bolt_bucket_find(&bucket, "0000000", &entry));
	assert_true(bolt_bucket_find(&bucket, "0000002", &entry));
	assert_true(bolt_bucket_find(&bucket, "0000003", &entry));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_of_drop_and_put_counts),
		cmocka_unit_test(dropped_bucket_goes_whatever_is_changed_in_it),
		cmocka_unit_test(changes_in_a_bucket_are_collected_wherever_they_come_from),
		cmocka_unit_test(keys_and_values_are_copied),
		cmocka_unit_test(no_change_is_done_already),
		cmocka_unit_test(is_done_tells_every_change_that_is_not),
		cmocka_unit_test(a_hundred_thousand_changes_in_any_order_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
