/* test_bolt_write.c - databases written anew: what they hold, and how their pages look. */
#include "tests/unit/bolt_change.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_layout.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t page_sizes[] = { 1024, 4096, 16384, 65536 };

#define PAGE_SIZE_COUNT (sizeof(page_sizes) / sizeof(page_sizes[0]))

/* Writes OLD anew and returns how its pages look. */
static struct bolt_layout lay_out(const struct bolt *old, const struct bolt_edit *edit)
{
	AUTO(bolt_edit) struct bolt_edit *none = bolt_edit_new();
	AUTO(str) char *bytes = NULL;
	struct err err = ERR_INIT;
	size_t len = 0;

	assert_int_equal(bolt_write(&bytes, &len, old, edit ? edit : none, &err), 0);
	return bolt_layout_check((const unsigned char *)bytes, len);
}

/* Asserts that nothing is lost when the file is written anew; returns how its pages look. */
static struct bolt_layout expect_same(const struct bolt *old)
{
	AUTO(bolt) struct bolt *new = bolt_expect_rewritten(old, NULL);
	AUTO(text) struct text before = TEXT_INIT;
	AUTO(text) struct text after = TEXT_INIT;

	bolt_expect_dump(&before, old);
	bolt_expect_dump(&after, new);
	if (before.data || after.data)
		assert_string_equal(after.data, before.data);
	return lay_out(old, NULL);
}

/* The same for what MAKER builds, which is freed. */
static struct bolt_layout expect_made_same(struct bolt_maker *maker)
{
	AUTO(bolt) struct bolt *old = bolt_expect_made(maker);

	return expect_same(old);
}

static void real_databases_hold_the_same_after_it(void **state)
{
	static const char *const reals[] = {
		"20.10/buildkit/snapshots.db",      "20.10/buildkit/metadata_v2.db",
		"20.10/buildkit/containerdmeta.db", "20.10/network/files/local-kv.db",
		"20.10/volumes/metadata.db",        "28.5/buildkit/snapshots.db",
		"28.5/buildkit/metadata_v2.db",     "28.5/buildkit/containerdmeta.db",
		"28.5/network/files/local-kv.db",   "28.5/volumes/metadata.db",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
		AUTO(str) char *path = mem_print("fixtures/bolt/%s", reals[i]);
		AUTO(bolt) struct bolt *old = NULL;
		struct err err = ERR_INIT;
		struct bolt_layout layout;

		assert_int_equal(bolt_open(&old, AT_FDCWD, path, &err), 0);
		layout = expect_same(old);
		assert_true(layout.page_count < bolt_info(old)->page_count);
		assert_int_equal(layout.txid, bolt_info(old)->txid + 2);
	}
}

static void database_without_a_bucket_has_four_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAGE_SIZE_COUNT; i++) {
		struct bolt_layout layout = expect_made_same(bolt_maker_new(page_sizes[i]));

		assert_int_equal(layout.page_count, 4);
		assert_int_equal(layout.page_size, page_sizes[i]);
	}
}

static void transaction_is_the_second_after_the_old_one(void **state)
{
	(void)state;
	for (uint64_t txid = 1; txid < 4; txid++) {
		struct bolt_maker *maker = bolt_maker_new(4096);

		maker->txid = txid;
		assert_int_equal(expect_made_same(maker).txid, txid + 2);
	}
}

static void transaction_without_a_next_one_is_refused(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	struct bolt_maker *maker = bolt_maker_new(4096);
	AUTO(bolt) struct bolt *old = NULL;

	(void)state;
	maker->txid = UINT64_MAX - 2;
	old = bolt_expect_made(maker);
	change_drop(bolt_edit_root(edit), "x");
	change_put(change_enter(bolt_edit_root(edit), "y"), "k", "v");
	bolt_expect_refused(old, edit, "transaction 18446744073709551613 has no next one");
}

static void free_pages_are_gone_and_a_freelist_that_was_none_stays_none(void **state)
{
	(void)state;
	for (int has_none = 0; has_none < 2; has_none++) {
		struct bolt_maker *maker = bolt_maker_new(4096);
		AUTO(bolt) struct bolt *old = NULL;
		AUTO(bolt) struct bolt *new = NULL;

		bolt_maker_put(bolt_maker_bucket(maker, NULL, "a"), "k", "v");
		maker->has_no_freelist = has_none;
		maker->free_count = 10;
		old = bolt_expect_made(maker);
		new = bolt_expect_rewritten(old, NULL);
		assert_int_equal(bolt_info(new)->has_freelist, !has_none);
		assert_int_equal(bolt_info(new)->page_count, 4);
	}
}

static void sequences_stay_those_of_emptied_buckets_too(void **state)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct maker_bucket *outer = bolt_maker_bucket(maker, NULL, "outer");
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(bolt) struct bolt *new = NULL;

	(void)state;
	bolt_maker_sequence(maker->root, 77);
	bolt_maker_sequence(outer, UINT64_MAX);
	bolt_maker_sequence(bolt_maker_bucket(maker, outer, "inner"), 5);
	bolt_maker_put(bolt_maker_bucket(maker, outer, "inner"), "k", "v");
	old = bolt_expect_made(maker);
	change_drop(change_enter(change_enter(bolt_edit_root(edit), "outer"), "inner"), "k");
	bolt_expect_edited(old, edit, "outer/ seq=18446744073709551615\n  inner/ seq=5\n");
	new = bolt_expect_rewritten(old, edit);
	assert_int_equal(bolt_info(new)->sequence, 77);
}

static void values_of_every_length_stay_whole(void **state)
{
	static unsigned char value[131072];

	(void)state;
	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (unsigned char)(' ' + (i * 7 + i / 251) % 90);
	for (size_t i = 0; i < PAGE_SIZE_COUNT; i++) {
		const size_t page = page_sizes[i];
		const size_t lens[] = { 0,         1,         page / 4 - 49, page / 4 - 48,
			                page - 49, page - 48, page - 33,     page - 32,
			                page,      2 * page,  65536,         70001 };

		for (size_t j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
			struct bolt_maker *maker = bolt_maker_new(page);

			bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "one"), "k", 1, value,
			                     lens[j]);
			for (size_t k = 0; k < 7; k++)
				bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "more"),
				                     &"abcdefg"[k], 1, value, lens[j]);
			(void)expect_made_same(maker);
		}
	}
}

static void page_with_one_value_grows_as_far_as_it_needs(void **state)
{
	static const char value[8192];

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		struct bolt_maker *maker = bolt_maker_new(4096);

		/* header, element and key of one byte take 33 */
		bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "a"), "k", 1, value,
		                     8192 - 33 + more);
		assert_int_equal(expect_made_same(maker).overflow_count, 1 + more);
	}
}

static void long_keys_stay_whole_in_leaves_and_branches(void **state)
{
	static char key[32768];

	(void)state;
	for (size_t i = 0; i < PAGE_SIZE_COUNT; i++) {
		for (unsigned count = 1; count < 12; count++) {
			struct bolt_maker *maker = bolt_maker_new(page_sizes[i]);
			struct maker_bucket *bucket = bolt_maker_bucket(maker, NULL, "long");
			struct bolt_layout layout;

			(void)memset(key, 'x', sizeof(key));
			for (unsigned j = 0; j < count; j++) {
				key[sizeof(key) - 1] = (char)('a' + j);
				bolt_maker_put_bytes(bucket, key, sizeof(key), "v", 1);
				bolt_maker_put_bytes(bucket, key, 3000 + j, "w", 1);
			}
			layout = expect_made_same(maker);
			assert_true(page_sizes[i] == 65536 || count == 1 ||
			            layout.branch_count > 0);
		}
	}
}

static void bucket_is_inline_up_to_a_quarter_of_a_page(void **state)
{
	static const char value[65536];

	(void)state;
	for (size_t i = 0; i < PAGE_SIZE_COUNT; i++) {
		for (size_t more = 0; more < 2; more++) {
			struct bolt_maker *maker = bolt_maker_new(page_sizes[i]);

			maker->has_inline = false; /* the writer decides anew */
			bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "a"), "k", 1, value,
			                     page_sizes[i] / 4 - 33 + more);
			assert_int_equal(expect_made_same(maker).inline_count, 1 - more);
		}
	}
}

static void empty_bucket_is_inline_and_one_with_a_bucket_is_not(void **state)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct bolt_layout layout;

	(void)state;
	maker->has_inline = false;
	(void)bolt_maker_bucket(maker, bolt_maker_bucket(maker, NULL, "outer"), "inner");
	layout = expect_made_same(maker);
	assert_int_equal(layout.inline_count, 1);
	assert_int_equal(layout.leaf_count, 2);
}

static void buckets_in_buckets_stay_as_deep_as_they_are(void **state)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct maker_bucket *bucket = NULL;

	(void)state;
	for (int i = 0; i < 62; i++) {
		bucket = bolt_maker_bucket(maker, bucket, "down");
		bolt_maker_put(bucket, "k", "v");
		bolt_maker_sequence(bucket, (uint64_t)i);
	}
	assert_int_equal(expect_made_same(maker).leaf_count, 62);
}

static void more_than_the_reader_takes_is_refused(void **state)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	struct bolt_edit_bucket *bucket = bolt_edit_root(edit);
	AUTO(bolt) struct bolt *old = bolt_expect_made(bolt_maker_new(4096));

	(void)state;
	for (int i = 0; i < BOLT_DEPTH_MAX; i++)
		bucket = change_enter(bucket, "d");
	change_put(bucket, "k", "v"); /* the last one is inline: 64 pages above the value */
	bolt_close(bolt_expect_rewritten(old, edit));
	change_put(change_enter(bucket, "d"), "k", "v");
	bolt_expect_refused(old, edit, "more than 64 pages above a key");
	change_put(change_enter(change_enter(bucket, "d"), "d"), "k", "v");
	bolt_expect_refused(old, edit, "bucket d: more than 64 pages above a key");
}

static void thousands_of_keys_get_levels_of_branches(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct bolt_maker *maker = bolt_maker_new(page_sizes[i]);
		struct maker_bucket *bucket = bolt_maker_bucket(maker, NULL, "many");
		struct bolt_layout layout;

		maker->element_max = 3; /* as thin as can be */
		for (int j = 0; j < 20000; j++) {
			char key[64];
			int len = snprintf(key, sizeof(key), "%032d", j * 7919 % 20000);

			bolt_maker_put_bytes(bucket, key, (size_t)len, key, (size_t)j % 40);
		}
		layout = expect_made_same(maker);
		assert_int_equal(layout.level_max, i == 0 ? 4 : 3);
	}
}

static void many_small_keys_stay_below_what_a_page_can_count(void **state)
{
	struct bolt_maker *maker = bolt_maker_new(16U << 20);
	struct maker_bucket *bucket = bolt_maker_bucket(maker, NULL, "many");
	struct bolt_layout layout;

	(void)state;
	maker->has_inline = false;
	maker->element_max = 60000;
	for (unsigned i = 0; i < 65535 + 65534; i++) {
		const unsigned char key[3] = { (unsigned char)(i >> 16), (unsigned char)(i >> 8),
			                       (unsigned char)i };

		bolt_maker_put_bytes(bucket, key, sizeof(key), "", 0);
	}
	layout = expect_made_same(maker);
	assert_int_equal(layout.leaf_count, 1 + 3); /* 65534, 65533 and 2 */
	assert_int_equal(layout.branch_count, 1);
}

static void no_page_is_left_with_a_single_entry(void **state)
{
	static const char value[2000];

	(void)state;
	for (unsigned count = 1; count < 12; count++) {
		struct bolt_maker *maker = bolt_maker_new(4096);

		/* two fit a page; lay_out() asserts that the last one is never alone */
		for (unsigned i = 0; i < count; i++)
			bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "a"),
			                     &"0123456789AB"[i], 1, value, sizeof(value));
		assert_int_equal(expect_made_same(maker).leaf_count,
		                 1 + (count < 2 ? 1 : count / 2));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_databases_hold_the_same_after_it),
		cmocka_unit_test(database_without_a_bucket_has_four_pages),
		cmocka_unit_test(transaction_is_the_second_after_the_old_one),
		cmocka_unit_test(transaction_without_a_next_one_is_refused),
		cmocka_unit_test(free_pages_are_gone_and_a_freelist_that_was_none_stays_none),
		cmocka_unit_test(sequences_stay_those_of_emptied_buckets_too),
		cmocka_unit_test(values_of_every_length_stay_whole),
		cmocka_unit_test(page_with_one_value_grows_as_far_as_it_needs),
		cmocka_unit_test(long_keys_stay_whole_in_leaves_and_branches),
		cmocka_unit_test(bucket_is_inline_up_to_a_quarter_of_a_page),
		cmocka_unit_test(empty_bucket_is_inline_and_one_with_a_bucket_is_not),
		cmocka_unit_test(buckets_in_buckets_stay_as_deep_as_they_are),
		cmocka_unit_test(more_than_the_reader_takes_is_refused),
		cmocka_unit_test(thousands_of_keys_get_levels_of_branches),
		cmocka_unit_test(many_small_keys_stay_below_what_a_page_can_count),
		cmocka_unit_test(no_page_is_left_with_a_single_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
