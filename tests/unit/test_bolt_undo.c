/* test_bolt_undo.c - changes to a database that are taken back. */
#include "tests/unit/bolt_change.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/bolt_undo.h"

#include <stdio.h>
#include <string.h>

/* Buckets records/{a,b}/sub, values; the bucket index. */
static struct bolt *make_old(void)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct maker_bucket *records = bolt_maker_bucket(maker, NULL, "records");
	static const char *const names[] = { "a", "b", "c" };

	bolt_maker_put(bolt_maker_bucket(maker, NULL, "index"), "x::a", "");
	for (size_t i = 0; i < 3; i++) {
		struct maker_bucket *record = bolt_maker_bucket(maker, records, names[i]);

		bolt_maker_put(record, "size", names[i]);
		bolt_maker_put(record, "empty", "");
		bolt_maker_put(bolt_maker_bucket(maker, record, "labels"), "key", "value");
	}
	return bolt_expect_made(maker);
}

static void assert_same(const struct bolt *a, const struct bolt *b)
{
	AUTO(text) struct text before = TEXT_INIT;
	AUTO(text) struct text after = TEXT_INIT;

	bolt_expect_dump(&before, a);
	bolt_expect_dump(&after, b);
	assert_string_equal(after.data, before.data);
}

static void what_was_dropped_and_put_comes_back(void **state)
{
	AUTO(bolt) struct bolt *old = make_old();
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt_edit) struct bolt_edit *undo = bolt_edit_new();
	AUTO(bolt) struct bolt *now = NULL;
	AUTO(bolt) struct bolt *again = NULL;
	struct bolt_edit_bucket *records = change_enter(bolt_edit_root(edit), "records");

	(void)state;
	change_drop(records, "a");
	change_drop(records, "unknown");
	change_drop(change_enter(bolt_edit_root(edit), "index"), "x::a");
	change_put(change_enter(records, "b"), "deleted", "true");
	change_put(change_enter(records, "c"), "size", "another");
	change_drop(change_enter(records, "c"), "labels");
	change_drop(change_enter(change_enter(bolt_edit_root(edit), "nowhere"), "at"), "all");
	now = bolt_expect_rewritten(old, edit);
	assert_true(bolt_undo(undo, edit, old, now));
	again = bolt_expect_rewritten(now, undo);
	assert_same(old, again);
}

static void what_is_back_already_needs_nothing(void **state)
{
	AUTO(bolt) struct bolt *old = make_old();
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt_edit) struct bolt_edit *undo = bolt_edit_new();
	struct bolt_edit_bucket *records = change_enter(bolt_edit_root(edit), "records");

	(void)state;
	change_drop(records, "a");
	change_put(change_enter(records, "b"), "deleted", "true");
	assert_true(bolt_undo(undo, edit, old, old));
	assert_true(bolt_edit_is_done(undo, old));
}

static void what_is_something_else_now_is_left_alone(void **state)
{
	AUTO(bolt) struct bolt *old = make_old();
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt_edit) struct bolt_edit *since = bolt_edit_new();
	AUTO(bolt_edit) struct bolt_edit *undo = bolt_edit_new();
	AUTO(bolt) struct bolt *now = NULL;
	AUTO(bolt) struct bolt *again = NULL;
	struct bolt_edit_bucket *records = change_enter(bolt_edit_root(edit), "records");
	struct bolt_bucket bucket;
	struct bolt_entry entry;

	(void)state;
	change_drop(records, "a");
	change_drop(records, "b");
	change_put(change_enter(records, "c"), "size", "smaller");
	/* dockerd has made another "a" since, and given "c" another value */
	records = change_enter(bolt_edit_root(since), "records");
	change_put(change_enter(records, "a"), "size", "made since");
	change_put(change_enter(records, "c"), "size", "set since");
	change_drop(records, "b");
	now = bolt_expect_rewritten(old, since);
	assert_false(bolt_undo(undo, edit, old, now));
	again = bolt_expect_rewritten(now, undo);
	bucket = bolt_root(again);
	assert_true(bolt_bucket_enter(&bucket, "records", &bucket));
	for (int i = 0; i < 3; i++) {
		static const char *const expected[] = { "made since", "b", "set since" };
		struct bolt_bucket record;

		assert_true(bolt_bucket_enter(&bucket, i == 0 ? "a" : i == 1 ? "b" : "c", &record));
		assert_true(bolt_bucket_find(&record, "size", &entry));
		assert_int_equal(entry.value_len, strlen(expected[i]));
		assert_memory_equal(entry.value, expected[i], entry.value_len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_dropped_and_put_comes_back),
		cmocka_unit_test(what_is_back_already_needs_nothing),
		cmocka_unit_test(what_is_something_else_now_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
