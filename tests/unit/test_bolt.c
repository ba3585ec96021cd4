/* test_bolt.c - opening bolt files: real ones, damaged ones, and what is none. */
#include "metadata/base/digest.h"
#include "metadata/base/file.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURES "fixtures/bolt/"

/*
 * Databases of real daemons (fixtures/bolt/README). The digest is that of the listing that
 * bolt_expect_dump() makes, computed from the same file by another reader.
 */
static const struct real {
	const char *path;
	const char *listing;
	uint64_t txid;
	uint64_t pages;
} reals[] = {
	{ FIXTURES "20.10/buildkit/snapshots.db",
	  "29cb6c10a8db8c99042b0ceefd8ae236731fe7a0482d8a4a5ea27e434b1717ba", 15, 6 },
	{ FIXTURES "20.10/buildkit/metadata_v2.db",
	  "5d0f0da7c6d7c95cc9d4217fbcbdcd3a3f44d35e3a303f06d32b121276cf814c", 68, 16 },
	{ FIXTURES "20.10/buildkit/containerdmeta.db",
	  "ae204970a0a85c3d88bd1d8a7b6177edf4819795b871c21d2d00ae27ba3a8c05", 29, 29 },
	{ FIXTURES "20.10/network/files/local-kv.db",
	  "e69481156911b913d2800dec9bd297d35f122ac0854a9e9c40b846ff70a380a1", 25, 11 },
	{ FIXTURES "20.10/volumes/metadata.db",
	  "4a195ad1aa1bb63ab75213365e78179bddbfe24266d18179da5d90b550932c49", 6, 6 },
	{ FIXTURES "28.5/buildkit/snapshots.db",
	  "2612e1de0958de928916fc44e9afa55b5f6ac1bc1b65f67a983d8d9582172cd2", 19, 6 },
	{ FIXTURES "28.5/buildkit/metadata_v2.db",
	  "227ec81897d8197787ff0781ba7c04023b5543691be569fe59e6adb6fb80f1bd", 66, 16 },
	{ FIXTURES "28.5/buildkit/containerdmeta.db",
	  "9cda923414f717ad6716a81451d844107f93e8aea75167851c998ec7da4f5296", 45, 41 },
	{ FIXTURES "28.5/network/files/local-kv.db",
	  "6cbdaf3e063f25ddb9db5bfb25839ecae6ec8da05fcdec8d64b92a14fccd36b2", 22, 12 },
	{ FIXTURES "28.5/volumes/metadata.db",
	  "f6d7abf820909c099d6fbbb3175ded04a970d5b067fe82021e5a781862cc79df", 6, 6 },
};

#define REAL_COUNT (sizeof(reals) / sizeof(reals[0]))

static char *read_real(const struct real *real, size_t *len)
{
	struct err err = ERR_INIT;
	char *bytes = NULL;

	assert_int_equal(file_read(AT_FDCWD, real->path, BOLT_SIZE_MAX, &bytes, len, &err), 0);
	return bytes;
}

/* Asserts that BYTES are refused, or read exactly as REAL is; says which. */
static bool is_refused_or_same(const struct real *real, const char *bytes, size_t len)
{
	AUTO(text) struct text listing = TEXT_INIT;
	AUTO(bolt) struct bolt *bolt = NULL;
	struct err err = ERR_INIT;
	char hex[DIGEST_HEX_SIZE];

	if (bolt_parse(&bolt, bytes, len, &err) < 0) {
		assert_int_equal(err.kind, ERR_CORRUPT);
		return true;
	}
	bolt_expect_dump(&listing, bolt);
	digest_sha256(listing.data, listing.len, hex);
	assert_string_equal(hex, real->listing);
	return false;
}

static void real_databases_are_read_as_by_another_reader(void **state)
{
	(void)state;
	for (size_t i = 0; i < REAL_COUNT; i++) {
		AUTO(bolt) struct bolt *bolt = NULL;
		AUTO(text) struct text listing = TEXT_INIT;
		struct err err = ERR_INIT;
		char hex[DIGEST_HEX_SIZE];

		assert_int_equal(bolt_open(&bolt, AT_FDCWD, reals[i].path, &err), 0);
		bolt_expect_dump(&listing, bolt);
		digest_sha256(listing.data, listing.len, hex);
		assert_string_equal(hex, reals[i].listing);
		assert_int_equal(bolt_info(bolt)->txid, reals[i].txid);
		assert_int_equal(bolt_info(bolt)->page_count, reals[i].pages);
		assert_int_equal(bolt_info(bolt)->page_size, 4096);
		assert_true(bolt_info(bolt)->has_freelist);
	}
}

static void file_truncated_anywhere_is_refused_or_has_lost_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < REAL_COUNT; i++) {
		size_t refused = 0;
		size_t len;
		AUTO(str) char *bytes = read_real(&reals[i], &len);

		for (size_t cut = 4096; cut < len; cut += 4096) {
			refused += is_refused_or_same(&reals[i], bytes, cut);
			refused += is_refused_or_same(&reals[i], bytes, cut - 1);
		}
		assert_true(refused >= 4); /* two bytes around two pages, for each file */
	}
}

/* Flips every bit of LEN bytes from AT in turn; returns how many flips were refused. */
static size_t flip_bits(const struct real *real, char *bytes, size_t file_len, size_t at,
                        size_t len)
{
	size_t refused = 0;

	for (size_t bit = 0; bit < len * 8; bit++) {
		unsigned char *byte = (unsigned char *)bytes + at + bit / 8;

		*byte ^= (unsigned char)(1U << bit % 8);
		refused += is_refused_or_same(real, bytes, file_len);
		*byte ^= (unsigned char)(1U << bit % 8);
	}
	return refused;
}

/*
 * Flips the bits of the header and elements of the page at AT, but for what the file cannot tell:
 * whether an element is a bucket (whoever wants one sees that), and the sizes of the last element,
 * whose data may run into the zeros that follow it.
 */
static size_t flip_page(const struct real *real, char *bytes, size_t file_len, size_t at)
{
	const unsigned char *header = (unsigned char *)bytes + at;
	const size_t count = header[10] + 256U * header[11];
	size_t refused = 0;

	if (header[8] != 1 && header[8] != 2)
		return flip_bits(real, bytes, file_len, at, 80);
	refused += flip_bits(real, bytes, file_len, at, 16);
	for (size_t i = 0; i < count && header[8] == 1; i++)
		refused += flip_bits(real, bytes, file_len, at + 16 + 16 * i, 16);
	for (size_t i = 0; i < count && header[8] == 2; i++)
		refused +=
		    flip_bits(real, bytes, file_len, at + 16 + 16 * i + 1, i + 1 < count ? 15 : 7);
	return refused;
}

static void flipped_bit_in_the_frame_of_a_page_never_changes_the_answer(void **state)
{
	static const size_t chosen[] = { 0, 4, 5, 9 }; /* the small ones, for time */

	(void)state;
	for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
		const struct real *real = &reals[chosen[i]];
		size_t refused = 0;
		size_t len;
		AUTO(str) char *bytes = read_real(real, &len);

		for (size_t page = 2; page < real->pages;
		     page++) /* with a bad meta the other counts */
			refused += flip_page(real, bytes, len, page * 4096);
		assert_true(refused > 200);
	}
}

static void random_damage_is_refused_or_read_without_harm(void **state)
{
	uint64_t seed = 20241124;

	(void)state;
	for (size_t i = 0; i < REAL_COUNT; i++) {
		size_t len;
		AUTO(str) char *bytes = read_real(&reals[i], &len);
		const size_t in_use = (size_t)reals[i].pages * 4096;

		for (int round = 0; round < 300; round++) {
			AUTO(text) struct text listing = TEXT_INIT;
			AUTO(str) char *copy = malloc(len);
			AUTO(bolt) struct bolt *bolt = NULL;
			struct err err = ERR_INIT;

			assert_non_null(copy);
			(void)memcpy(copy, bytes, len);
			for (int change = 0; change <= round % 8; change++) {
				seed = seed * 6364136223846793005U + 1442695040888963407U;
				copy[(seed >> 32) % in_use] = (char)(seed >> 24);
			}
			if (bolt_parse(&bolt, copy, len, &err) == 0)
				bolt_expect_dump(&listing, bolt);
			else
				assert_int_equal(err.kind, ERR_CORRUPT);
		}
	}
}

static void every_page_size_is_read(void **state)
{
	(void)state;
	for (size_t size = 512; size <= 16U << 20; size *= 2) {
		struct bolt_maker *maker = bolt_maker_new(size);
		struct bolt_bucket bucket;
		struct bolt_entry entry;
		struct bolt *bolt;
		unsigned char *bytes;
		size_t len;

		bolt_maker_sequence(maker->root, 5);
		bolt_maker_put(bolt_maker_bucket(maker, NULL, "b"), "key", "value");
		bytes = bolt_maker_build(maker, &len);
		bolt_maker_free(maker);
		bolt = bolt_expect_whole(bytes, len);
		bucket = bolt_root(bolt);
		assert_true(bolt_bucket_enter(&bucket, "b", &bucket));
		assert_true(bolt_bucket_find(&bucket, "key", &entry));
		assert_memory_equal(entry.value, "value", 5);
		assert_int_equal(bolt_info(bolt)->page_size, size);
		assert_int_equal(bolt_info(bolt)->sequence, 5);
		bolt_close(bolt);
		free(bytes);
	}
}

static void file_without_bytes_is_an_empty_database(void **state)
{
	struct bolt *bolt = bolt_expect_whole("", 0);
	const struct bolt_bucket root = bolt_root(bolt);
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	(void)state;
	bolt_cursor_start(&cursor, &root);
	assert_false(bolt_cursor_next(&cursor, &entry));
	assert_false(bolt_bucket_find(&root, "a", &entry));
	assert_int_equal(bolt_info(bolt)->page_size, 0);
	bolt_close(bolt);
}

static void missing_file_is_told_by_its_errno(void **state)
{
	struct err err = ERR_INIT;
	struct bolt *bolt = NULL;

	(void)state;
	assert_int_equal(bolt_open(&bolt, AT_FDCWD, FIXTURES "none.db", &err), -1);
	assert_true(err_has_code(&err, ENOENT));
}

static void error_names_the_file_and_the_page(void **state)
{
	char *dir = tree_new("bolt");
	const int fd = tree_open(dir, "");
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct err err = ERR_INIT;
	struct bolt *bolt = NULL;
	unsigned char *bytes;
	size_t len;

	(void)state;
	bytes = bolt_maker_build(maker, &len);
	bolt_maker_free(maker);
	bytes[3 * 4096 + 8] = 9;
	tree_write(dir, "x.db", bytes, len);
	free(bytes);
	assert_int_equal(bolt_open(&bolt, fd, "x.db", &err), -1);
	assert_string_equal(err.text,
	                    "x.db: page 3, byte 12288: flags 0x09, neither leaf nor branch");
	(void)close(fd);
	tree_remove(dir);
}

/* Asserts what loading x.db below DIR comes to, and with WORDS, what its one finding says. */
static void expect_load(const char *dir, enum bolt_outcome outcome, const char *words)
{
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	AUTO(bolt) struct bolt *bolt = NULL;
	AUTO(close) int fd = tree_open(dir, "");
	const struct bolt_source source = { fd, "x.db", "volumes/x.db", FINDING_VOLUMES_UNREADABLE,
		                            &findings };
	struct err err = ERR_INIT;

	assert_int_equal(bolt_load(&bolt, &source, &err), outcome);
	assert_false(err_is_set(&err));
	assert_int_equal(bolt != NULL, outcome == BOLT_READ);
	assert_int_equal(findings.count, words != NULL);
	if (!words)
		return;
	assert_string_equal(findings.items[0].path, "volumes/x.db");
	assert_int_equal(findings.items[0].code, FINDING_VOLUMES_UNREADABLE);
	assert_non_null(strstr(findings.items[0].detail, words));
	assert_null(strstr(findings.items[0].detail, "x.db")); /* the finding has the path */
}

static void loader_tells_absent_from_broken_from_read(void **state)
{
	char *dir = tree_new("bolt");

	(void)state;
	expect_load(dir, BOLT_ABSENT, NULL);
	tree_write(dir, "x.db", "garbage", 7);
	expect_load(dir, BOLT_BROKEN, "no meta page");
	tree_write(dir, "x.db", "", 0);
	expect_load(dir, BOLT_READ, NULL);
	tree_remove(dir);
}

static void link_is_broken(void **state)
{
	char *dir = tree_new("bolt");

	(void)state;
	tree_link(dir, "x.db", "/dev/null");
	expect_load(dir, BOLT_BROKEN, "is a symbolic link");
	tree_remove(dir);
}

static void directory_is_broken(void **state)
{
	char *dir = tree_new("bolt");

	(void)state;
	tree_mkdir(dir, "x.db");
	expect_load(dir, BOLT_BROKEN, "is not a regular file");
	tree_remove(dir);
}

static void oversized_file_is_broken_and_not_read(void **state)
{
	char *dir = tree_new("bolt");
	AUTO(close) int fd = tree_open(dir, "");
	AUTO(close) int file = -1;

	(void)state;
	tree_write(dir, "x.db", "", 0);
	file = openat(fd, "x.db", O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(file, (off_t)BOLT_SIZE_MAX + 1), 0);
	expect_load(dir, BOLT_BROKEN, "more than the 1073741824 allowed");
	tree_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_databases_are_read_as_by_another_reader),
		cmocka_unit_test(file_truncated_anywhere_is_refused_or_has_lost_nothing),
		cmocka_unit_test(flipped_bit_in_the_frame_of_a_page_never_changes_the_answer),
		cmocka_unit_test(random_damage_is_refused_or_read_without_harm),
		cmocka_unit_test(every_page_size_is_read),
		cmocka_unit_test(file_without_bytes_is_an_empty_database),
		cmocka_unit_test(missing_file_is_told_by_its_errno),
		cmocka_unit_test(error_names_the_file_and_the_page),
		cmocka_unit_test(loader_tells_absent_from_broken_from_read),
		cmocka_unit_test(link_is_broken),
		cmocka_unit_test(directory_is_broken),
		cmocka_unit_test(oversized_file_is_broken_and_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
