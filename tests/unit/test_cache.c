/* test_cache.c - where a snapshot is on disk, and the caches of real daemons. */
#include "tests/unit/cache_world.h"
#include "tests/unit/check.h"

#include <string.h>

#define BASE_LAYER "sha256:e9ad435da47ca5963e8d39d7f4c9f4411e5d26f99134c3160b0bef7d28980e25"
#define BASE "e9ad435da47ca5963e8d39d7f4c9f4411e5d26f99134c3160b0bef7d28980e25"

static void expect_place(const struct cache *cache, const char *id, const char *chain_id,
                         const char *dir)
{
	const struct cache_place place = cache_place(cache, id);

	if (chain_id)
		assert_string_equal(place.chain_id, chain_id);
	else
		assert_null(place.chain_id);
	if (dir)
		assert_string_equal(place.dir, dir);
	else
		assert_null(place.dir);
}

static void snapshot_is_a_layer_or_a_directory_or_nothing(void **state)
{
	struct cache_world world;

	(void)state;
	cache_world_init(&world);
	cache_world_snapshot(&world, ID_A, "parent", "");
	cache_world_snapshot(&world, ID_B, "committed", ID_A);
	cache_world_snapshot(&world, ID_C, "chainid", "sha256:" HEX_1);
	cache_world_snapshot(&world, ID_C, "committed", ID_D);
	cache_world_snapshot(&world, ID_D, "iscommitted", "");
	cache_world_snapshot(&world, "sha256:" HEX_2, NULL, NULL);
	cache_world_snapshot(&world, "odd", "size", "1");
	cache_world_load(&world);
	expect_place(&world.cache, ID_A, NULL, ID_A);
	expect_place(&world.cache, ID_B, NULL, ID_A);
	expect_place(&world.cache, ID_C, HEX_1, NULL);
	expect_place(&world.cache, ID_D, NULL, ID_D);
	expect_place(&world.cache, "sha256:" HEX_2, HEX_2, NULL);
	expect_place(&world.cache, "sha256:" HEX_1, HEX_1, NULL);
	expect_place(&world.cache, "odd", NULL, NULL);
	expect_place(&world.cache, "eeeeeeeeeeeeeeeeeeeeeeeee", NULL, NULL);
	cache_world_done(&world);
}

static void place_in_an_empty_cache_is_none(void **state)
{
	const struct cache cache = CACHE_INIT;

	(void)state;
	expect_place(&cache, ID_A, NULL, NULL);
	expect_place(&cache, "sha256:" HEX_1, HEX_1, NULL);
}

static struct cache_world load_real(const char *path)
{
	struct cache_world world;

	cache_world_init(&world);
	cache_world_drop(&world.records);
	cache_world_drop(&world.leases);
	cache_world_drop(&world.snapshots);
	cache_world_load_root(&world, path);
	assert_true(world.cache.exists);
	assert_false(world.cache.is_unreadable);
	assert_false(world.cache.is_old_format);
	assert_false(world.cache.is_snapshots_gone);
	assert_int_equal(world.findings.count, 0);
	return world;
}

/* What a real cache holds, as read from the same file with another reader. */
struct expected {
	const char *records[12]; /* up to the first NULL */
	const char *leases[12];
	const char *snapshots[12];
};

static const struct expected real_20_10 = {
	.records = { "53sbsetl7brzc2ep4w5lh8mpd", "90zkwnz4x4wvcekf5dcq3vxob",
	             "f130oohhh2ymk50jwb6fzdni0", "gyly75zze9wprgd6gjqurqxpt",
	             "iaqzs11eskco9tjkit4wdkrjk", "kff35apsnha204m7eqx3aydaz",
	             "rumjjuwc8lpp3z3buwrfhte24", "s72j1o4c3nvhm6elclcvlwhd4",
	             "slsuzhoi0fkilqw3r4k18y1sj", "y9e50rrttmp4rhf981fq6fr87" },
	.leases = { "53sbsetl7brzc2ep4w5lh8mpd", "f130oohhh2ymk50jwb6fzdni0",
	            "gyly75zze9wprgd6gjqurqxpt", "kff35apsnha204m7eqx3aydaz",
	            "s72j1o4c3nvhm6elclcvlwhd4", "slsuzhoi0fkilqw3r4k18y1sj",
	            "y9e50rrttmp4rhf981fq6fr87" },
	.snapshots = { "53sbsetl7brzc2ep4w5lh8mpd", "9u7sdx4tzcz36xc5muknz8ka8",
	               "f130oohhh2ymk50jwb6fzdni0", "gyly75zze9wprgd6gjqurqxpt",
	               "kff35apsnha204m7eqx3aydaz", "rgce0q7pu5mb16rkwolei7453",
	               "s72j1o4c3nvhm6elclcvlwhd4", BASE_LAYER, "slsuzhoi0fkilqw3r4k18y1sj",
	               "y9e50rrttmp4rhf981fq6fr87" },
};

static const struct expected real_28_5 = {
	.records = { "6mnvzd1qwwg1vw4xsgg7b1tp7", "6qm12f2kranqha5jgya9wox1i",
	             "ish2qnz0u559wmdt9oz1w5rqa", "ktccv3dci97z908hr69pj3bjq",
	             "lhd4su20wkzhbc6zzum4cg6bp", "mracw8bvpgqbz6qnaiet3mku4",
	             "nnpiwssbg5x21ol9tb74jlaz8", "nvv9ampic6jdsogw1o54q38ik",
	             "omp505669vp4xmy9ix8476xr7", "py9kchqtthjrybjlldukp8e8v",
	             "r2kws9nr5w43pbrbdg06z1ji3" },
	.leases = { "6mnvzd1qwwg1vw4xsgg7b1tp7", "lhd4su20wkzhbc6zzum4cg6bp",
	            "mracw8bvpgqbz6qnaiet3mku4", "nnpiwssbg5x21ol9tb74jlaz8",
	            "nvv9ampic6jdsogw1o54q38ik", "py9kchqtthjrybjlldukp8e8v",
	            "r2kws9nr5w43pbrbdg06z1ji3" },
	.snapshots = { "6mnvzd1qwwg1vw4xsgg7b1tp7", "h74l8zx9yq4s86lfv4fdb6ecl",
	               "jb1f47m8sxudf24mfsqfu78kh", "lhd4su20wkzhbc6zzum4cg6bp",
	               "mracw8bvpgqbz6qnaiet3mku4", "nnpiwssbg5x21ol9tb74jlaz8",
	               "nvv9ampic6jdsogw1o54q38ik", "py9kchqtthjrybjlldukp8e8v",
	               "r2kws9nr5w43pbrbdg06z1ji3", BASE_LAYER },
};

static void expect_ids(const struct cache *cache, const struct expected *expected)
{
	size_t i;

	for (i = 0; expected->records[i]; i++) {
		assert_true(i < cache->record_count);
		assert_string_equal(cache->records[i].id, expected->records[i]);
	}
	assert_int_equal(cache->record_count, i);
	for (i = 0; expected->leases[i]; i++) {
		assert_true(i < cache->lease_count);
		assert_string_equal(cache->leases[i].id, expected->leases[i]);
		assert_int_equal(cache->leases[i].snapshot_count, 1);
		assert_false(cache->leases[i].is_temporary);
	}
	assert_int_equal(cache->lease_count, i);
	for (i = 0; expected->snapshots[i]; i++) {
		assert_true(i < cache->snapshot_count);
		assert_string_equal(cache->snapshots[i].id, expected->snapshots[i]);
	}
	assert_int_equal(cache->snapshot_count, i);
}

static void cache_of_20_10_has_what_another_reader_sees(void **state)
{
	struct cache_world world = load_real("fixtures/bolt/20.10");
	const struct cache_record *record;

	(void)state;
	expect_ids(&world.cache, &real_20_10);
	record = cache_world_find_record(&world, "53sbsetl7brzc2ep4w5lh8mpd");
	assert_string_equal(record->snapshot_id, BASE_LAYER);
	assert_string_equal(record->chain_id, BASE);
	assert_string_equal(record->diff_id, BASE);
	assert_string_equal(record->description, "from local ");
	assert_true(record->created_ns == 1795503392948182863);
	assert_true(record->last_used_ns == 1795503393287370988);
	assert_int_equal(record->usage_count, 1);
	assert_true(record->is_blob_only && record->is_committed && record->is_retained);
	record = cache_world_find_record(&world, "rumjjuwc8lpp3z3buwrfhte24");
	assert_string_equal(record->equal_mutable, "kff35apsnha204m7eqx3aydaz");
	assert_int_equal(record->parent_count, 1);
	assert_string_equal(record->parents[0], "53sbsetl7brzc2ep4w5lh8mpd");
	record = cache_world_find_record(&world, "y9e50rrttmp4rhf981fq6fr87");
	assert_null(record->equal_mutable); /* cleared */
	record = cache_world_find_record(&world, "s72j1o4c3nvhm6elclcvlwhd4");
	assert_string_equal(record->type, "exec.cachemount");
	assert_false(record->is_committed);
	assert_string_equal(
	    cache_world_find_lease(&world, "53sbsetl7brzc2ep4w5lh8mpd")->snapshot_ids[0],
	    BASE_LAYER);
	cache_world_done(&world);
}

static void places_of_20_10_are_its_layers_and_directories(void **state)
{
	struct cache_world world = load_real("fixtures/bolt/20.10");
	const struct cache *cache = &world.cache;

	(void)state;
	expect_place(cache, "53sbsetl7brzc2ep4w5lh8mpd", BASE, NULL);
	expect_place(cache, BASE_LAYER, BASE, NULL);
	expect_place(cache, "f130oohhh2ymk50jwb6fzdni0",
	             "8159a96db3daa0c525d3b298109ee051e0d277564041a8165d1fb5bf94a141a9", NULL);
	expect_place(cache, "y9e50rrttmp4rhf981fq6fr87",
	             "5a90819ff0a5a48370c14342a9ee50c1db31de449607ffb583c23b2d531d187c", NULL);
	expect_place(cache, "kff35apsnha204m7eqx3aydaz", NULL, "kff35apsnha204m7eqx3aydaz");
	expect_place(cache, "9u7sdx4tzcz36xc5muknz8ka8", NULL, "9u7sdx4tzcz36xc5muknz8ka8");
	expect_place(cache, "rumjjuwc8lpp3z3buwrfhte24", NULL, NULL); /* its mutable has the data */
	cache_world_done(&world);
}

static void cache_of_28_5_has_what_another_reader_sees(void **state)
{
	struct cache_world world = load_real("fixtures/bolt/28.5");
	const struct cache_record *record;
	const struct cache_snapshot *snapshot;

	(void)state;
	expect_ids(&world.cache, &real_28_5);
	record = cache_world_find_record(&world, "6qm12f2kranqha5jgya9wox1i");
	assert_string_equal(record->snapshot_id, "6qm12f2kranqha5jgya9wox1i");
	assert_string_equal(record->equal_mutable, "r2kws9nr5w43pbrbdg06z1ji3");
	assert_int_equal(record->size_bytes, 29);
	assert_false(record->is_retained);
	snapshot = cache_world_find_snapshot(&world, "nvv9ampic6jdsogw1o54q38ik");
	assert_string_equal(snapshot->committed, "h74l8zx9yq4s86lfv4fdb6ecl");
	assert_string_equal(snapshot->chain_id,
	                    "cc9901313440410032d42655b66ccf453ef258a51e8b7422c4ff23955bccb845");
	snapshot = cache_world_find_snapshot(&world, "h74l8zx9yq4s86lfv4fdb6ecl");
	assert_true(snapshot->is_committed_elsewhere);
	assert_string_equal(snapshot->parent, BASE_LAYER);
	assert_int_equal(cache_world_find_snapshot(&world, "lhd4su20wkzhbc6zzum4cg6bp")->size_bytes,
	                 196);
	cache_world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(snapshot_is_a_layer_or_a_directory_or_nothing),
		cmocka_unit_test(place_in_an_empty_cache_is_none),
		cmocka_unit_test(cache_of_20_10_has_what_another_reader_sees),
		cmocka_unit_test(places_of_20_10_are_its_layers_and_directories),
		cmocka_unit_test(cache_of_28_5_has_what_another_reader_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
