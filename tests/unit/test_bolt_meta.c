/* test_bolt_meta.c - which meta page counts, and when none does. */
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

#define PAGE ((size_t)4096)

/* A file whose newer meta is page 1 (txid 7) and whose older is page 0 (txid 6). */
static unsigned char *make(size_t page_size, size_t *len)
{
	struct bolt_maker *maker = bolt_maker_new(page_size);
	unsigned char *bytes;

	bolt_maker_put(bolt_maker_bucket(maker, NULL, "b"), "key", "value");
	bytes = bolt_maker_build(maker, len);
	bolt_maker_free(maker);
	return bytes;
}

static void expect_txid(const void *bytes, size_t len, uint64_t txid)
{
	struct bolt *bolt = bolt_expect_whole(bytes, len);

	assert_int_equal(bolt_info(bolt)->txid, txid);
	bolt_close(bolt);
}

static void newer_of_two_valid_metas_counts(void **state)
{
	size_t len;
	unsigned char *bytes = make(PAGE, &len);

	(void)state;
	expect_txid(bytes, len, 7);
	bolt_maker_poke(bytes, 64, 8, 8);
	bolt_maker_seal(bytes, 0);
	expect_txid(bytes, len, 8);
	free(bytes);
}

static void older_meta_counts_when_the_newer_is_torn(void **state)
{
	size_t len;
	unsigned char *bytes = make(PAGE, &len);

	(void)state;
	bytes[PAGE + 40] ^= 1;
	expect_txid(bytes, len, 6);
	free(bytes);
}

static void second_meta_is_found_without_the_first_for_every_page_size(void **state)
{
	(void)state;
	for (size_t size = 1024; size <= 16U << 20; size *= 2) {
		size_t len;
		unsigned char *bytes = make(size, &len);

		(void)memset(bytes, 0, 80);
		expect_txid(bytes, len, 7);
		free(bytes);
	}
}

static void second_meta_must_lie_where_its_page_size_says(void **state)
{
	size_t len;
	unsigned char *bytes = make(PAGE, &len);

	(void)state;
	(void)memset(bytes, 0, 80);
	bolt_maker_poke(bytes, PAGE + 24, 4, 8192);
	bolt_maker_seal(bytes, PAGE);
	bolt_expect_corrupt(bytes, len, "no second one is found");
	free(bytes);
}

static void file_with_two_bad_metas_is_corrupt(void **state)
{
	static const struct {
		size_t at;
		unsigned width;
		uint64_t value;
		const char *words;
	} damages[] = {
		{ 16, 4, 0xEDDA0CED, "the first comes from a machine of the other byte order" },
		{ 16, 4, 0, "the first has no magic number of bolt" },
		{ 20, 4, 3, "the first is not of version 2" },
		{ 28, 4, 1, "the first has a wrong checksum" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		size_t len;
		unsigned char *bytes = make(PAGE, &len);

		bolt_maker_poke(bytes, damages[i].at, damages[i].width, damages[i].value);
		bolt_maker_poke(bytes, PAGE + damages[i].at, damages[i].width, damages[i].value);
		bolt_expect_corrupt(bytes, len, damages[i].words);
		free(bytes);
	}
}

static void every_byte_of_a_meta_is_under_its_checksum(void **state)
{
	(void)state;
	for (size_t at = 16; at < 80; at++) {
		size_t len;
		unsigned char *bytes = make(PAGE, &len);

		bytes[PAGE + at] ^= 0x40;
		expect_txid(bytes, len, 6);
		free(bytes);
	}
}

static void missing_checksum_is_corrupt_since_releases_disagree_on_it(void **state)
{
	size_t len;
	unsigned char *bytes = make(PAGE, &len);

	(void)state;
	bolt_maker_poke(bytes, PAGE + 72, 8, 0);
	bolt_expect_corrupt(bytes, len, "a meta page has no checksum");
	free(bytes);
}

/* Pokes the newer meta (page 1), whose checksum is right afterwards. */
static void expect_refused(size_t at, unsigned width, uint64_t value, const char *words)
{
	size_t len;
	unsigned char *bytes = make(PAGE, &len);

	bolt_maker_poke(bytes, PAGE + at, width, value);
	bolt_maker_seal(bytes, PAGE);
	bolt_expect_corrupt(bytes, len, words);
	free(bytes);
}

static void metas_of_different_page_sizes_are_corrupt(void **state)
{
	(void)state;
	expect_refused(24, 4, 8192, "page 0 says pages of 4096 bytes, page 1 of 8192");
}

static void page_size_must_be_a_power_of_two_in_bounds(void **state)
{
	static const uint64_t sizes[] = { 0, 256, 4095, 6144, 32U << 20, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t len;
		unsigned char *bytes = make(PAGE, &len);

		bolt_maker_poke(bytes, 24, 4, sizes[i]);
		bolt_maker_seal(bytes, 0);
		bolt_expect_corrupt(bytes, len, sizes[i] ? "page size of" : "no meta page");
		free(bytes);
	}
}

static void root_page_must_be_in_use(void **state)
{
	(void)state;
	expect_refused(32, 8, 0, "page 1: root page 0 of 4");
	expect_refused(32, 8, 1, "page 1: root page 1 of 4");
	expect_refused(32, 8, 4, "page 1: root page 4 of 4");
	expect_refused(32, 8, UINT64_MAX, "page 1: root page");
}

static void freelist_page_must_be_in_use(void **state)
{
	(void)state;
	expect_refused(48, 8, 0, "page 1: freelist page 0 of 4");
	expect_refused(48, 8, 4, "page 1: freelist page 4 of 4");
	expect_refused(48, 8, UINT64_MAX - 1, "page 1: freelist page");
}

static void high_water_mark_must_be_possible(void **state)
{
	(void)state;
	expect_refused(56, 8, UINT64_MAX, "pages");
	expect_refused(56, 8, (uint64_t)1 << 52, "pages");
	expect_refused(56, 8, (uint64_t)1 << 51, "are neither used nor free");
	expect_refused(56, 8, 3, "root page 3 of 3");
}

static void file_must_hold_two_pages(void **state)
{
	size_t len;
	unsigned char *bytes = make(PAGE, &len);

	(void)state;
	bolt_expect_corrupt(bytes, 1, "no meta page");
	bolt_expect_corrupt(bytes, 79, "the first lies behind the end of the file");
	bolt_expect_corrupt(bytes, 80, "has 80 bytes, less than two pages of 4096");
	bolt_expect_corrupt(bytes, 2 * PAGE - 1, "less than two pages");
	bolt_expect_corrupt(bytes, 2 * PAGE, "page 3, byte 12288: the file ends after 2 pages");
	free(bytes);
}

static void garbage_is_corrupt(void **state)
{
	unsigned char *bytes = malloc(4 * PAGE);

	(void)state;
	assert_non_null(bytes);
	(void)memset(bytes, 'x', 4 * PAGE);
	bolt_expect_corrupt(bytes, 4 * PAGE, "no meta page");
	(void)memset(bytes, 0, 4 * PAGE);
	bolt_expect_corrupt(bytes, 4 * PAGE, "no meta page");
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newer_of_two_valid_metas_counts),
		cmocka_unit_test(older_meta_counts_when_the_newer_is_torn),
		cmocka_unit_test(second_meta_is_found_without_the_first_for_every_page_size),
		cmocka_unit_test(second_meta_must_lie_where_its_page_size_says),
		cmocka_unit_test(file_with_two_bad_metas_is_corrupt),
		cmocka_unit_test(every_byte_of_a_meta_is_under_its_checksum),
		cmocka_unit_test(missing_checksum_is_corrupt_since_releases_disagree_on_it),
		cmocka_unit_test(metas_of_different_page_sizes_are_corrupt),
		cmocka_unit_test(page_size_must_be_a_power_of_two_in_bounds),
		cmocka_unit_test(root_page_must_be_in_use),
		cmocka_unit_test(freelist_page_must_be_in_use),
		cmocka_unit_test(high_water_mark_must_be_possible),
		cmocka_unit_test(file_must_hold_two_pages),
		cmocka_unit_test(garbage_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
