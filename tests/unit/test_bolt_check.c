/* test_bolt_check.c - every way in which the pages of a file can contradict each other. */
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE ((size_t)1024)
#define AT(page, byte) ((page)*PAGE + (byte))
#define ELEMENT(page, at) AT(page, 16 + 16 * (at))

/*
 * Pages: 2 freelist (9 to 11); 3 and 4 leaves of bucket "a" ("k1" to "k4"), 5 its branch; 6 leaf of
 * bucket "b"; 7 leaf of the root bucket; 8 to 10 free.
 */
static unsigned char *make(size_t *len)
{
	struct bolt_maker *maker = bolt_maker_new(PAGE);
	struct maker_bucket *a = bolt_maker_bucket(maker, NULL, "a");
	struct maker_bucket *b = bolt_maker_bucket(maker, NULL, "b");
	unsigned char *bytes;

	maker->element_max = 2;
	maker->has_inline = false;
	maker->free_count = 3;
	bolt_maker_put(a, "k1", "1");
	bolt_maker_put(a, "k2", "2");
	bolt_maker_put(a, "k3", "3");
	bolt_maker_put(a, "k4", "4");
	bolt_maker_put(b, "key", "value");
	bytes = bolt_maker_build(maker, len);
	bolt_maker_free(maker);
	assert_int_equal(*len, 11 * PAGE);
	return bytes;
}

/* Asserts that the file is refused once the bytes at AT are VALUE. */
static void expect(size_t at, unsigned width, uint64_t value, const char *words)
{
	size_t len;
	unsigned char *bytes = make(&len);

	bolt_maker_poke(bytes, at, width, value);
	bolt_expect_corrupt(bytes, len, words);
	free(bytes);
}

/* The byte where the value of element 0 of page 7, the bucket "a", begins. */
#define BUCKET_A AT(7, 16 + 2 * 16 + 1)

static void file_is_whole_before_it_is_damaged(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_close(bolt_expect_whole(bytes, len));
	free(bytes);
}

static void circle_of_pages_is_corrupt(void **state)
{
	(void)state;
	expect(ELEMENT(5, 0) + 8, 8, 5, "page 5, byte 5120: page 5 is used twice");
	expect(ELEMENT(5, 0) + 8, 8, 7, "page 7, byte 7168: page 7 is used twice");
}

static void page_of_two_parents_is_corrupt(void **state)
{
	(void)state;
	expect(ELEMENT(5, 1) + 8, 8, 3, "page 3, byte 3072: page 3 is used twice");
	expect(BUCKET_A, 8, 6, "page 6, byte 6144: page 6 is used twice");
	expect(BUCKET_A, 8, 7, "page 7, byte 7168: page 7 is used twice");
}

static void page_that_is_another_ones_overflow_is_corrupt(void **state)
{
	(void)state;
	expect(AT(3, 12), 4, 1, "page 3, byte 3072: the bytes after the last element are not");
	expect(AT(6, 12), 4, 1, "page 6, byte 6144: page 7 is used twice");
}

static void freelist_as_a_tree_page_is_corrupt(void **state)
{
	(void)state;
	expect(BUCKET_A, 8, 2, "page 2, byte 2048: flags 0x10, neither leaf nor branch");
}

static void keys_must_grow_from_page_to_page(void **state)
{
	(void)state;
	/* the data of a leaf with two elements begin at byte 48 with the key of element 0 */
	expect(AT(4, 48 + 1), 1, '2', "page 4, byte 4096: element 0: key less than the branch");
	expect(AT(3, 48 + 3 + 1), 1, '3', "page 3, byte 3072: element 1: key greater than the");
	expect(AT(5, 48 + 3), 1, '2', "page 3, byte 3072: element 1: key greater than the branch");
}

static void branch_key_below_the_first_of_its_child_is_right(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bytes[AT(5, 48 + 1)] = '0';
	bolt_close(bolt_expect_whole(bytes, len));
	free(bytes);
}

static void lost_child_is_noticed_by_its_page(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	/* a branch with one child, laid out as bbolt would: page 4 is lost */
	bolt_maker_poke(bytes, AT(5, 10), 2, 1);
	bolt_maker_poke(bytes, ELEMENT(5, 0), 4, 16);
	(void)memset(bytes + ELEMENT(5, 1), 0, PAGE - 32);
	bytes[ELEMENT(5, 1)] = 'k';
	bytes[ELEMENT(5, 1) + 1] = '1';
	bolt_expect_corrupt(bytes, len, "1 of 11 pages are neither used nor free");
	free(bytes);
}

/* Buckets in buckets, DEPTH of them, each with a page of its own. */
static unsigned char *make_deep(int depth, size_t *len)
{
	struct bolt_maker *maker = bolt_maker_new(PAGE);
	struct maker_bucket *bucket = maker->root;
	unsigned char *bytes;

	maker->has_inline = false;
	for (int i = 0; i < depth; i++)
		bucket = bolt_maker_bucket(maker, bucket, "b");
	bytes = bolt_maker_build(maker, len);
	bolt_maker_free(maker);
	return bytes;
}

static void more_than_64_pages_above_a_page_are_corrupt(void **state)
{
	size_t len;
	unsigned char *bytes = make_deep(63, &len);

	(void)state;
	bolt_close(bolt_expect_whole(bytes, len));
	free(bytes);
	bytes = make_deep(64, &len);
	bolt_expect_corrupt(bytes, len, "page 3, byte 3072: more than 64 pages above it");
	free(bytes);
}

static void freelist_must_be_one(void **state)
{
	(void)state;
	expect(AT(2, 8), 2, 2, "page 2, byte 2048: flags 0x02, not a freelist");
	expect(AT(2, 0), 8, 3, "page 2, byte 2048: its header says page 3");
}

static void freelist_must_not_be_a_page_of_a_tree(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_maker_poke(bytes, AT(1, 48), 8, 6);
	bolt_maker_seal(bytes, AT(1, 0));
	bolt_expect_corrupt(bytes, len, "page 6, byte 6144: page 6 is used twice");
	free(bytes);
}

static void freelist_must_have_room_for_its_pages(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_maker_poke(bytes, AT(2, 10), 2, 127);
	bolt_expect_corrupt(bytes, len, "page 2, byte 2048: has no room for its 127 free pages");
	bolt_maker_poke(bytes, AT(2, 10), 2, 0xFFFF);
	bolt_maker_poke(bytes, AT(2, 16), 8, 126);
	bolt_expect_corrupt(bytes, len, "page 2, byte 2048: has no room for its 126 free pages");
	bolt_maker_poke(bytes, AT(2, 16), 8, UINT64_MAX);
	bolt_expect_corrupt(bytes, len, "has no room for its 18446744073709551615 free pages");
	free(bytes);
}

static void free_pages_must_be_in_order_and_in_use(void **state)
{
	(void)state;
	expect(AT(2, 24), 8, 8, "page 2, byte 2048: free page 8 out of order or bounds");
	expect(AT(2, 16), 8, 0, "page 2, byte 2048: free page 0 out of order or bounds");
	expect(AT(2, 16), 8, 1, "page 2, byte 2048: free page 1 out of order or bounds");
	expect(AT(2, 32), 8, 11, "page 2, byte 2048: free page 11 out of order or bounds");
	expect(AT(2, 32), 8, UINT64_MAX, "free page 18446744073709551615 out of order");
}

static void page_must_not_be_free_and_used(void **state)
{
	(void)state;
	expect(AT(2, 16), 8, 6, "page 2, byte 2048: page 6 is free and used");
	expect(AT(2, 16), 8, 2, "page 2, byte 2048: page 2 is free and used");
}

static void page_must_be_free_or_used(void **state)
{
	(void)state;
	expect(AT(2, 10), 2, 2, "1 of 11 pages are neither used nor free");
}

static void free_pages_behind_the_end_of_the_file_are_right(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_close(bolt_expect_whole(bytes, AT(8, 0)));
	bolt_expect_corrupt(bytes, AT(7, 0), "the file ends after 7 pages");
	free(bytes);
}

static void tail_behind_the_pages_in_use_is_ignored(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);
	unsigned char *longer = calloc(2, len);

	(void)state;
	assert_non_null(longer);
	(void)memcpy(longer, bytes, len);
	(void)memset(longer + len, 'x', len);
	bolt_close(bolt_expect_whole(longer, 2 * len));
	free(longer);
	free(bytes);
}

static void file_without_a_freelist_is_whole(void **state)
{
	struct bolt_maker *maker = bolt_maker_new(PAGE);
	struct bolt *bolt;
	size_t len;
	unsigned char *bytes;

	(void)state;
	maker->has_no_freelist = true;
	bolt_maker_put(bolt_maker_bucket(maker, NULL, "b"), "key", "value");
	bytes = bolt_maker_build(maker, &len);
	bolt_maker_free(maker);
	bolt = bolt_expect_whole(bytes, len);
	assert_false(bolt_info(bolt)->has_freelist);
	bolt_close(bolt);
	free(bytes);
}

static void freelist_of_more_than_65534_pages_is_read(void **state)
{
	struct bolt_maker *maker = bolt_maker_new(PAGE);
	struct bolt *bolt;
	size_t len;
	unsigned char *bytes;

	(void)state;
	maker->free_count = 70000;
	bytes = bolt_maker_build(maker, &len);
	bolt_maker_free(maker);
	bolt = bolt_expect_whole(bytes, len);
	assert_int_equal(bolt_info(bolt)->page_count, len / PAGE);
	bolt_close(bolt);
	bolt_maker_poke(bytes, AT(2, 16), 8, 69999);
	bolt_expect_corrupt(bytes, len, "pages are neither used nor free");
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_whole_before_it_is_damaged),
		cmocka_unit_test(circle_of_pages_is_corrupt),
		cmocka_unit_test(page_of_two_parents_is_corrupt),
		cmocka_unit_test(page_that_is_another_ones_overflow_is_corrupt),
		cmocka_unit_test(freelist_as_a_tree_page_is_corrupt),
		cmocka_unit_test(keys_must_grow_from_page_to_page),
		cmocka_unit_test(branch_key_below_the_first_of_its_child_is_right),
		cmocka_unit_test(lost_child_is_noticed_by_its_page),
		cmocka_unit_test(more_than_64_pages_above_a_page_are_corrupt),
		cmocka_unit_test(freelist_must_be_one),
		cmocka_unit_test(freelist_must_not_be_a_page_of_a_tree),
		cmocka_unit_test(freelist_must_have_room_for_its_pages),
		cmocka_unit_test(free_pages_must_be_in_order_and_in_use),
		cmocka_unit_test(page_must_not_be_free_and_used),
		cmocka_unit_test(page_must_be_free_or_used),
		cmocka_unit_test(free_pages_behind_the_end_of_the_file_are_right),
		cmocka_unit_test(tail_behind_the_pages_in_use_is_ignored),
		cmocka_unit_test(file_without_a_freelist_is_whole),
		cmocka_unit_test(freelist_of_more_than_65534_pages_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
