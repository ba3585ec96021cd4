/* test_bolt_page.c - every way in which one page can be wrong. */
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

#define PAGE ((size_t)1024)
#define AT(page, byte) ((page)*PAGE + (byte))
#define ELEMENT(page, at) AT(page, 16 + 16 * (at))

/*
 * Pages: 2 freelist; 3 and 4 leaves of bucket "big" ("k1" to "k4" with 2 keys each), 5 its branch;
 * 6 and 7: leaf with an overflow page, bucket "long"; 8 the root leaf: big, long, small, value.
 */
static unsigned char *make(size_t *len)
{
	struct bolt_maker *maker = bolt_maker_new(PAGE);
	struct maker_bucket *big = bolt_maker_bucket(maker, NULL, "big");
	static const char large[900];
	unsigned char *bytes;

	maker->element_max = 4;
	for (int i = 1; i <= 8; i++) {
		const char key[3] = { 'k', (char)('0' + i), '\0' };

		bolt_maker_put_bytes(big, key, 2, large, 100);
	}
	bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "long"), "a", 1, large, 900);
	bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "long"), "b", 1, large, 900);
	bolt_maker_put(bolt_maker_bucket(maker, NULL, "small"), "key", "value");
	bolt_maker_put(maker->root, "value", "plain");
	bytes = bolt_maker_build(maker, len);
	bolt_maker_free(maker);
	assert_int_equal(*len, 9 * PAGE);
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

static void file_is_whole_before_it_is_damaged(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_close(bolt_expect_whole(bytes, len));
	free(bytes);
}

static void header_must_have_the_number_of_the_page(void **state)
{
	(void)state;
	expect(AT(3, 0), 8, 4, "page 3, byte 3072: its header says page 4");
	expect(AT(8, 0), 8, 0, "page 8, byte 8192: its header says page 0");
}

static void child_must_be_a_page_in_use(void **state)
{
	(void)state;
	expect(ELEMENT(5, 0) + 8, 8, 0, "page 0, byte 0: there is no such page: 2 to 8 are");
	expect(ELEMENT(5, 0) + 8, 8, 1, "page 1, byte 1024: there is no such page");
	expect(ELEMENT(5, 0) + 8, 8, 9, "page 9, byte 9216: there is no such page");
	expect(ELEMENT(5, 0) + 8, 8, UINT64_MAX, "page 18446744073709551615: there is no such");
}

static void page_must_lie_in_the_file(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_expect_corrupt(bytes, AT(8, 1023), "page 8, byte 8192: the file ends after 8 pages");
	free(bytes);
}

static void overflow_pages_must_be_in_use_and_in_the_file(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_maker_poke(bytes, AT(6, 12), 4, 3);
	bolt_expect_corrupt(bytes, len, "page 6, byte 6144: its 3 overflow pages pass the end");
	bolt_maker_poke(bytes, AT(6, 12), 4, UINT32_MAX);
	bolt_expect_corrupt(bytes, len, "page 6, byte 6144: its 4294967295 overflow pages pass");
	free(bytes);
}

static void page_must_be_a_leaf_or_a_branch(void **state)
{
	(void)state;
	expect(AT(3, 8), 2, 0x00, "page 3, byte 3072: flags 0x00, neither leaf nor branch");
	expect(AT(3, 8), 2, 0x03, "page 3, byte 3072: flags 0x03, neither leaf nor branch");
	expect(AT(3, 8), 2, 0x04, "page 3, byte 3072: flags 0x04, neither leaf nor branch");
	expect(AT(3, 8), 2, 0x10, "page 3, byte 3072: flags 0x10, neither leaf nor branch");
	expect(AT(3, 8), 2, 0x102, "page 3, byte 3072: flags 0x102, neither leaf nor branch");
}

static void elements_must_fit_the_page(void **state)
{
	(void)state;
	expect(AT(3, 10), 2, 64, "page 3, byte 3072: has no room for its 64 elements");
	expect(AT(3, 10), 2, 0xFFFF, "page 3, byte 3072: has no room for its 65535 elements");
	expect(AT(5, 10), 2, 64, "page 5, byte 5120: has no room for its 64 elements");
}

static void count_that_hides_a_key_is_seen(void **state)
{
	(void)state;
	expect(AT(3, 10), 2, 3, "page 3, byte 3072: element 0: its data begin at byte 80");
	expect(AT(3, 10), 2, 0, "page 3, byte 3072: leaf without a key below a branch");
	expect(AT(8, 10), 2, 0, "page 8, byte 8192: the bytes after the last element are not zero");
	expect(AT(5, 10), 2, 1, "page 5, byte 5120: element 0: its data begin at byte 48");
	expect(AT(5, 10), 2, 0, "page 5, byte 5120: branch without a child");
}

static void element_is_a_value_or_a_bucket(void **state)
{
	(void)state;
	expect(ELEMENT(3, 1), 4, 2, "page 3, byte 3072: element 1: flags 0x02");
	expect(ELEMENT(3, 1), 4, 0x80000001, "page 3, byte 3072: element 1: flags 0x80000001");
}

static void data_of_an_element_follow_those_before(void **state)
{
	(void)state;
	expect(ELEMENT(3, 0) + 4, 4, 0, "page 3, byte 3072: element 0: its data begin at byte 16");
	expect(ELEMENT(3, 1) + 4, 4, UINT32_MAX, "element 1: its data begin at byte 4294967327");
	expect(ELEMENT(5, 1), 4, 15, "page 5, byte 5120: element 1: its data begin at byte 47");
}

static void key_has_1_to_32768_bytes(void **state)
{
	(void)state;
	expect(ELEMENT(3, 0) + 8, 4, 0, "page 3, byte 3072: element 0: key of 0 bytes");
	expect(ELEMENT(3, 0) + 8, 4, 32769, "element 0: key of 32769 bytes");
	expect(ELEMENT(5, 1) + 4, 4, 0, "page 5, byte 5120: element 1: key of 0 bytes");
	expect(ELEMENT(5, 1) + 4, 4, UINT32_MAX, "element 1: key of 4294967295 bytes");
}

static void key_and_value_end_in_the_page(void **state)
{
	(void)state;
	expect(ELEMENT(3, 3) + 8, 4, 900, "element 3: key of 900 and value of 100 bytes pass");
	expect(ELEMENT(3, 3) + 12, 4, 900, "element 3: key of 2 and value of 900 bytes pass");
	expect(ELEMENT(3, 3) + 12, 4, UINT32_MAX, "value of 4294967295 bytes pass the end");
	expect(ELEMENT(5, 1) + 4, 4, 1024, "element 1: key of 1024 and value of 0 bytes pass");
}

static void sizes_that_move_a_border_are_seen(void **state)
{
	(void)state;
	expect(ELEMENT(3, 0) + 12, 4, 99, "element 1: its data begin at byte");
	expect(ELEMENT(8, 3) + 12, 4, 4, "the bytes after the last element are not zero");
}

static void keys_of_a_page_must_grow(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bytes[AT(3, 80 + 1)] = '2'; /* k2, k2, k3, k4 */
	bytes[AT(5, 48 + 1)] = '0';
	bolt_expect_corrupt(bytes, len, "page 3, byte 3072: element 1: key not greater");
	bytes[AT(3, 80 + 1)] = '3'; /* k3, k2, k3, k4 */
	bolt_expect_corrupt(bytes, len, "page 3, byte 3072: element 1: key not greater");
	free(bytes);
}

/* The place of the value of the root leaf's element AT. */
static size_t value_at(const unsigned char *bytes, size_t at)
{
	const size_t element = ELEMENT(8, at);

	return element + bytes[element + 4] + (size_t)256 * bytes[element + 5] + bytes[element + 8];
}

static void inline_bucket_must_be_one_leaf(void **state)
{
	static const struct {
		size_t at;
		unsigned width;
		uint64_t value;
		const char *words;
	} damages[] = {
		{ 16, 8, 3, "element 2: inline bucket: id 3, flags 0x02, overflow 0" },
		{ 24, 2, 1, "element 2: inline bucket: id 0, flags 0x01, overflow 0" },
		{ 28, 4, 1, "element 2: inline bucket: id 0, flags 0x02, overflow 1" },
		{ 26, 2, 2, "element 2: inline bucket: has no room for its 2 elements" },
		{ 26, 2, 0, "element 2: inline bucket: 24 bytes after the last element" },
		{ 26, 2, 0xFFFF, "element 2: inline bucket: has no room for its 65535 elements" },
		{ 32, 4, 1, "inline bucket: element 0: a bucket in an inline bucket" },
		{ 36, 4, 17, "element 2: inline bucket: element 0: its data begin at byte 33" },
		{ 40, 4, 0, "element 2: inline bucket: element 0: key of 0 bytes" },
		{ 44, 4, 6, "inline bucket: element 0: key of 3 and value of 6 bytes pass" },
		{ 44, 4, 4, "element 2: inline bucket: 1 bytes after the last element" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		size_t len;
		unsigned char *bytes = make(&len);

		bolt_maker_poke(bytes, value_at(bytes, 2) + damages[i].at, damages[i].width,
		                damages[i].value);
		bolt_expect_corrupt(bytes, len, damages[i].words);
		free(bytes);
	}
}

static void bucket_must_have_a_header(void **state)
{
	(void)state;
	/* the last element's value, "plain", becomes a bucket of 5 bytes */
	expect(ELEMENT(8, 3), 4, 1, "element 3: bucket of 5 bytes: has no room for its header");
}

static void bucket_with_a_page_has_nothing_but_its_header(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_maker_poke(bytes, value_at(bytes, 2), 8, 3);
	bolt_expect_corrupt(bytes, len, "page 8, byte 8192: element 2: bucket with page 3 and 56");
	free(bytes);
}

static void bucket_without_a_page_must_have_one_inline(void **state)
{
	size_t len;
	unsigned char *bytes = make(&len);

	(void)state;
	bolt_maker_poke(bytes, value_at(bytes, 0), 8, 0);
	bolt_expect_corrupt(bytes, len, "page 8, byte 8192: element 0: inline bucket of 16 bytes");
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_whole_before_it_is_damaged),
		cmocka_unit_test(header_must_have_the_number_of_the_page),
		cmocka_unit_test(child_must_be_a_page_in_use),
		cmocka_unit_test(page_must_lie_in_the_file),
		cmocka_unit_test(overflow_pages_must_be_in_use_and_in_the_file),
		cmocka_unit_test(page_must_be_a_leaf_or_a_branch),
		cmocka_unit_test(elements_must_fit_the_page),
		cmocka_unit_test(count_that_hides_a_key_is_seen),
		cmocka_unit_test(element_is_a_value_or_a_bucket),
		cmocka_unit_test(data_of_an_element_follow_those_before),
		cmocka_unit_test(key_has_1_to_32768_bytes),
		cmocka_unit_test(key_and_value_end_in_the_page),
		cmocka_unit_test(sizes_that_move_a_border_are_seen),
		cmocka_unit_test(keys_of_a_page_must_grow),
		cmocka_unit_test(inline_bucket_must_be_one_leaf),
		cmocka_unit_test(bucket_must_have_a_header),
		cmocka_unit_test(bucket_with_a_page_has_nothing_but_its_header),
		cmocka_unit_test(bucket_without_a_page_must_have_one_inline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
