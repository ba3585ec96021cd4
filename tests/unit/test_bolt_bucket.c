/* test_bolt_bucket.c - finding and iterating what is in a bolt file. */
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 2000

/* "many": k0000 to k1999 (only even numbers) on three levels of pages; "nest/one/two": inline. */
static struct bolt *make(void)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct maker_bucket *many = bolt_maker_bucket(maker, NULL, "many");
	struct maker_bucket *nest = bolt_maker_bucket(maker, NULL, "nest");
	struct maker_bucket *one = bolt_maker_bucket(maker, nest, "one");
	struct maker_bucket *two = bolt_maker_bucket(maker, one, "two");
	struct bolt *bolt;
	unsigned char *bytes;
	size_t len;

	maker->element_max = 16;
	for (int i = 0; i < MANY; i += 2) {
		char key[16];

		(void)snprintf(key, sizeof(key), "k%04d", i);
		bolt_maker_put(many, key, key + 1);
	}
	(void)bolt_maker_bucket(maker, NULL, "empty");
	bolt_maker_put(one, "plain", "1");
	bolt_maker_put(two, "deep", "2");
	bolt_maker_sequence(two, 42);
	bolt_maker_sequence(many, 43);
	bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "odd"), "\0\xff", 2, "\0", 1);
	bolt_maker_put(bolt_maker_bucket(maker, NULL, "odd"), "none", "");
	bytes = bolt_maker_build(maker, &len);
	bolt_maker_free(maker);
	bolt = bolt_expect_whole(bytes, len);
	free(bytes);
	return bolt;
}

static struct bolt_bucket enter(const struct bolt *bolt, const char *name)
{
	struct bolt_bucket bucket = bolt_root(bolt);

	assert_true(bolt_bucket_enter(&bucket, name, &bucket));
	return bucket;
}

static void cursor_yields_every_key_in_order(void **state)
{
	struct bolt *bolt = make();
	const struct bolt_bucket many = enter(bolt, "many");
	struct bolt_cursor cursor;
	struct bolt_entry entry;
	char key[16];

	(void)state;
	bolt_cursor_start(&cursor, &many);
	for (int i = 0; i < MANY; i += 2) {
		(void)snprintf(key, sizeof(key), "k%04d", i);
		assert_true(bolt_cursor_next(&cursor, &entry));
		assert_int_equal(entry.key_len, 5);
		assert_memory_equal(entry.key, key, 5);
		assert_int_equal(entry.value_len, 4);
		assert_memory_equal(entry.value, key + 1, 4);
		assert_false(entry.is_bucket);
	}
	assert_false(bolt_cursor_next(&cursor, &entry));
	assert_false(bolt_cursor_next(&cursor, &entry));
	bolt_close(bolt);
}

static void seek_stops_at_the_first_key_not_less(void **state)
{
	struct bolt *bolt = make();
	const struct bolt_bucket many = enter(bolt, "many");

	(void)state;
	for (int i = 0; i < MANY - 1; i++) {
		struct bolt_cursor cursor;
		struct bolt_entry entry;
		char key[16];
		char found[16];

		(void)snprintf(key, sizeof(key), "k%04d", i);
		(void)snprintf(found, sizeof(found), "k%04d", i + i % 2);
		bolt_cursor_seek(&cursor, &many, key, 5);
		assert_true(bolt_cursor_next(&cursor, &entry));
		assert_memory_equal(entry.key, found, 5);
	}
	bolt_close(bolt);
}

static void seek_works_before_the_first_and_after_the_last_key(void **state)
{
	struct bolt *bolt = make();
	const struct bolt_bucket many = enter(bolt, "many");
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	(void)state;
	bolt_cursor_seek(&cursor, &many, "a", 1);
	assert_true(bolt_cursor_next(&cursor, &entry));
	assert_memory_equal(entry.key, "k0000", 5);
	bolt_cursor_seek(&cursor, &many, "", 0);
	assert_true(bolt_cursor_next(&cursor, &entry));
	assert_memory_equal(entry.key, "k0000", 5);
	bolt_cursor_seek(&cursor, &many, "k19981", 6);
	assert_false(bolt_cursor_next(&cursor, &entry));
	bolt_close(bolt);
}

static void find_needs_the_whole_key(void **state)
{
	struct bolt *bolt = make();
	const struct bolt_bucket many = enter(bolt, "many");
	struct bolt_entry entry = { .key_len = 99 };

	(void)state;
	assert_false(bolt_bucket_find(&many, "k0001", &entry));
	assert_false(bolt_bucket_find(&many, "k000", &entry));
	assert_false(bolt_bucket_find(&many, "k00000", &entry));
	assert_int_equal(entry.key_len, 99);
	assert_true(bolt_bucket_find(&many, "k1998", &entry));
	assert_memory_equal(entry.value, "1998", 4);
	bolt_close(bolt);
}

static void buckets_in_buckets_are_entered_by_name(void **state)
{
	struct bolt *bolt = make();
	struct bolt_bucket bucket = enter(bolt, "nest");
	struct bolt_entry entry;

	(void)state;
	assert_true(bolt_bucket_enter(&bucket, "one", &bucket));
	assert_true(bolt_bucket_enter(&bucket, "two", &bucket));
	assert_true(bolt_bucket_find(&bucket, "deep", &entry));
	assert_int_equal(entry.value_len, 1);
	assert_memory_equal(entry.value, "2", 1);
	bolt_close(bolt);
}

static void sequence_of_a_bucket_is_kept(void **state)
{
	struct bolt *bolt = make();
	struct bolt_bucket bucket = enter(bolt, "nest");

	(void)state;
	assert_int_equal(enter(bolt, "many").sequence, 43);
	assert_int_equal(bucket.sequence, 0);
	assert_true(bolt_bucket_enter(&bucket, "one", &bucket));
	assert_true(bolt_bucket_enter(&bucket, "two", &bucket));
	assert_int_equal(bucket.sequence, 42);
	bolt_close(bolt);
}

static void value_is_no_bucket_to_enter(void **state)
{
	struct bolt *bolt = make();
	const struct bolt_bucket nest = enter(bolt, "nest");
	struct bolt_bucket one = enter(bolt, "many");
	struct bolt_bucket child = one;

	(void)state;
	assert_true(bolt_bucket_enter(&nest, "one", &one));
	assert_false(bolt_bucket_enter(&one, "plain", &child));
	assert_false(bolt_bucket_enter(&one, "absent", &child));
	assert_int_equal(child.sequence, 43);
	bolt_close(bolt);
}

static void empty_bucket_has_no_entry(void **state)
{
	struct bolt *bolt = make();
	const struct bolt_bucket empty = enter(bolt, "empty");
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	(void)state;
	bolt_cursor_start(&cursor, &empty);
	assert_false(bolt_cursor_next(&cursor, &entry));
	assert_false(bolt_bucket_find(&empty, "a", &entry));
	bolt_close(bolt);
}

static void keys_and_values_may_have_any_bytes(void **state)
{
	struct bolt *bolt = make();
	const struct bolt_bucket odd = enter(bolt, "odd");
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	(void)state;
	bolt_cursor_start(&cursor, &odd);
	assert_true(bolt_cursor_next(&cursor, &entry));
	assert_int_equal(entry.key_len, 2);
	assert_memory_equal(entry.key, "\0\xff", 2);
	assert_int_equal(entry.value_len, 1);
	assert_memory_equal(entry.value, "\0", 1);
	assert_true(bolt_cursor_next(&cursor, &entry));
	assert_memory_equal(entry.key, "none", 4);
	assert_int_equal(entry.value_len, 0);
	bolt_close(bolt);
}

static void buckets_are_entries_of_their_parent(void **state)
{
	static const char *const names[] = { "empty", "many", "nest", "odd" };
	struct bolt *bolt = make();
	const struct bolt_bucket root = bolt_root(bolt);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	(void)state;
	bolt_cursor_start(&cursor, &root);
	for (size_t i = 0; i < 4; i++) {
		assert_true(bolt_cursor_next(&cursor, &entry));
		assert_true(entry.is_bucket);
		assert_int_equal(entry.key_len, strlen(names[i]));
		assert_memory_equal(entry.key, names[i], entry.key_len);
	}
	assert_false(bolt_cursor_next(&cursor, &entry));
	bolt_close(bolt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_yields_every_key_in_order),
		cmocka_unit_test(seek_stops_at_the_first_key_not_less),
		cmocka_unit_test(seek_works_before_the_first_and_after_the_last_key),
		cmocka_unit_test(find_needs_the_whole_key),
		cmocka_unit_test(buckets_in_buckets_are_entered_by_name),
		cmocka_unit_test(sequence_of_a_bucket_is_kept),
		cmocka_unit_test(value_is_no_bucket_to_enter),
		cmocka_unit_test(empty_bucket_has_no_entry),
		cmocka_unit_test(keys_and_values_may_have_any_bytes),
		cmocka_unit_test(buckets_are_entries_of_their_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
