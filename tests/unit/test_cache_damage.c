/* test_cache_damage.c - a flipped bit in the databases of a real cache never hides what it needs.
 */
#include "metadata/base/file.h"
#include "metadata/base/text.h"
#include "metadata/cache_load.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <string.h>

#define ROOT "fixtures/bolt/20.10/buildkit/"

struct database {
	const char *path;
	void (*read)(struct cache_loader *loader, const struct bolt *bolt);
};

/* What decides about liveness, as text. */
static void describe(struct text *out, const struct cache *cache)
{
	for (size_t i = 0; i < cache->record_count; i++) {
		const struct cache_record *record = &cache->records[i];

		text_print(out, "record %s %s %s %d %d %d", record->id, record->snapshot_id,
		           record->equal_mutable ? record->equal_mutable : "-",
		           record->is_committed, record->is_blob_only, record->is_deleted);
		for (size_t k = 0; k < record->parent_count; k++)
			text_print(out, " %s", record->parents[k]);
		text_print(out, "\n");
	}
	for (size_t i = 0; i < cache->lease_count; i++) {
		text_print(out, "lease %s", cache->leases[i].id);
		for (size_t k = 0; k < cache->leases[i].snapshot_count; k++)
			text_print(out, " %s", cache->leases[i].snapshot_ids[k]);
		text_print(out, "\n");
	}
	for (size_t i = 0; i < cache->snapshot_count; i++) {
		const struct cache_snapshot *snapshot = &cache->snapshots[i];

		text_print(out, "snapshot %s %s %s %s\n", snapshot->id,
		           snapshot->parent ? snapshot->parent : "-",
		           snapshot->committed ? snapshot->committed : "-",
		           snapshot->chain_id ? snapshot->chain_id : "-");
	}
}

/* Reads the database; returns false when it, or anything in it, cannot be understood. */
static bool understand(const struct database *database, const char *bytes, size_t len,
                       struct text *out)
{
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	AUTO(cache) struct cache cache = CACHE_INIT;
	AUTO(bolt) struct bolt *bolt = NULL;
	struct cache_loader loader = { &cache, -1, &findings, database->path, 0 };
	struct err err = ERR_INIT;

	if (bolt_parse(&bolt, bytes, len, &err) < 0)
		return false;
	database->read(&loader, bolt);
	assert_int_equal(cache.is_unreadable, findings.count > 0);
	describe(out, &cache);
	return !cache.is_unreadable;
}

/* Flips each bit of LEN bytes from AT: the database is not understood, or says the same. */
static size_t flip_bits(const struct database *database, unsigned char *bytes, size_t file_len,
                        size_t at, size_t len)
{
	AUTO(text) struct text before = TEXT_INIT;
	size_t refused = 0;

	assert_true(understand(database, (char *)bytes, file_len, &before));
	for (size_t bit = 0; bit < len * 8; bit++) {
		const unsigned char mask = (unsigned char)(1U << bit % 8);
		AUTO(text) struct text after = TEXT_INIT;

		bytes[at + bit / 8] ^= mask;
		if (!understand(database, (char *)bytes, file_len, &after))
			refused++;
		else
			assert_string_equal(after.data, before.data);
		bytes[at + bit / 8] ^= mask;
	}
	return refused;
}

static void expect_safe(const struct database *database, size_t pages)
{
	AUTO(str) char *read = NULL;
	struct err err = ERR_INIT;
	size_t refused = 0;
	unsigned char *bytes;
	size_t len;

	assert_int_equal(file_read(AT_FDCWD, database->path, BOLT_SIZE_MAX, &read, &len, &err), 0);
	bytes = (unsigned char *)read;
	for (size_t page = 2; page < pages; page++) {
		const size_t at = page * 4096;
		const bool has_elements = bytes[at + 8] == 1 || bytes[at + 8] == 2;
		const size_t count =
		    has_elements ? bytes[at + 10] + (size_t)256 * bytes[at + 11] : 0;

		refused += flip_bits(database, bytes, len, at, 16 + 16 * count);
	}
	assert_true(refused > 200);
}

static void flipped_bit_in_a_frame_of_snapshots_db_is_seen(void **state)
{
	static const struct database database = { ROOT "snapshots.db", cache_snapshots_read };

	(void)state;
	expect_safe(&database, 6);
}

static void flipped_bit_in_a_frame_of_containerdmeta_db_is_seen(void **state)
{
	static const struct database database = { ROOT "containerdmeta.db", cache_leases_read };

	(void)state;
	expect_safe(&database, 29);
}

static void flipped_bit_in_a_frame_of_metadata_v2_db_is_seen(void **state)
{
	static const struct database database = { ROOT "metadata_v2.db", cache_records_read };

	(void)state;
	expect_safe(&database, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flipped_bit_in_a_frame_of_snapshots_db_is_seen),
		cmocka_unit_test(flipped_bit_in_a_frame_of_containerdmeta_db_is_seen),
		cmocka_unit_test(flipped_bit_in_a_frame_of_metadata_v2_db_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
