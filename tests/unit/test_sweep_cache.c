/* test_sweep_cache.c - the build cache on disk: what goes, what stays, and runs that are killed. */
#include "tests/unit/check.h"

#include "gc/verify/verify.h"
#include "metadata/base/mem.h"
#include "metadata/bolt.h"
#include "tests/unit/drill.h"
#include "tests/unit/snapshot.h"
#include "tests/unit/yard_cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int setup(void **state)
{
	struct drill *drill;

	(void)drill_setup(state);
	drill = *state;
	drill->story = yard_cache_story;
	drill_again(drill);
	return 0;
}

/* Reads the root, and says what is there. */
static const struct cache *cache_of(struct drill *drill)
{
	yard_load(drill->yard);
	return &drill->yard->session.state->cache;
}

static void expect_record(struct drill *drill, const char *id, bool is_there)
{
	const struct cache *cache = &drill->yard->session.state->cache;

	if (map_get(&cache->record_by_id, id, NULL) != is_there)
		fail_msg("record %s is %s there", id, is_there ? "not" : "still");
	if (strcmp(id, YARD_TWIN) != 0) {
		assert_int_equal(map_get(&cache->lease_by_id, id, NULL), is_there);
		assert_int_equal(map_get(&cache->snapshot_by_id, id, NULL), is_there);
	}
}

static void expect_dir(const struct drill *drill, const char *word, bool is_there)
{
	if (yard_has_object(drill->yard, ACTION_DIR, word) != is_there)
		fail_msg("directory %s is %s there", word, is_there ? "not" : "still");
	assert_int_equal(yard_has_object(drill->yard, ACTION_LINK, word), is_there);
}

/* What `builder prune` leaves of the story. */
static void expect_pruned(struct drill *drill)
{
	assert_false(cache_of(drill)->is_unreadable);
	expect_record(drill, YARD_KEPT, true);
	expect_record(drill, YARD_INNER, true);
	expect_record(drill, YARD_BELOW, true);
	expect_record(drill, YARD_LOST, false);
	expect_record(drill, YARD_HEAD, false);
	expect_record(drill, YARD_TWIN, false);
	expect_record(drill, YARD_LOWER, false);
	expect_record(drill, YARD_UPPER, false);
	expect_dir(drill, "inner-dir", true);
	expect_dir(drill, "below-dir", true);
	expect_dir(drill, "head", false);
	expect_dir(drill, "lower-dir", false);
	expect_dir(drill, "upper-dir", false);
	drill_expect_layer(drill, "lost", false);
	drill_expect_layer(drill, "keep", true);
	drill_expect_kept(drill);
}

static void only_dangling_build_cache_goes(void **state)
{
	struct drill *drill = *state;
	const struct cache *cache;

	drill_sweep(drill, "b");
	assert_int_equal(drill->run->problem_count, 0);
	expect_pruned(drill);
	cache = &drill->yard->session.state->cache;
	assert_int_equal(cache->record_count, 3);
	/* garbage is not what was asked for */
	assert_true(map_get(&cache->lease_by_id, YARD_FORGOT, NULL));
	expect_dir(drill, "forgot-dir", true);
}

/* Every key of the records that stay is there as it was, and none of the others. */
static void no_key_of_a_record_is_left(void **state)
{
	struct drill *drill = *state;
	AUTO(bolt) struct bolt *bolt = NULL;
	struct bolt_cursor cursor;
	struct bolt_bucket bucket;
	struct bolt_entry entry;
	size_t count = 0;

	drill_sweep(drill, "b");
	yard_load(drill->yard);
	if (bolt_open(&bolt, drill->yard->session.root->fd, "buildkit/metadata_v2.db",
	              &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	bucket = bolt_root(bolt);
	assert_true(bolt_bucket_enter(&bucket, "_index", &bucket));
	bolt_cursor_start(&cursor, &bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		const char *id = entry.key + entry.key_len - strlen(YARD_KEPT);

		assert_true(strncmp(id, YARD_KEPT, strlen(YARD_KEPT)) == 0 ||
		            strncmp(id, YARD_INNER, strlen(YARD_INNER)) == 0 ||
		            strncmp(id, YARD_BELOW, strlen(YARD_BELOW)) == 0);
		count++;
	}
	assert_int_equal(count, 3);
	bucket = bolt_root(bolt);
	assert_true(bolt_bucket_enter(&bucket, "_external", &bucket));
	assert_true(bolt_bucket_find(&bucket, YARD_KEPT, &entry));
	assert_false(bolt_bucket_find(&bucket, YARD_LOWER, &entry));
	bucket = bolt_root(bolt);
	assert_true(bolt_bucket_enter(&bucket, "_main", &bucket));
	assert_true(bolt_bucket_enter(&bucket, YARD_KEPT, &bucket));
	assert_false(bolt_bucket_find(&bucket, "cache.deleted", &entry));
	assert_true(bolt_bucket_find(&bucket, "cache.createdAt", &entry));
}

static void a_second_run_finds_nothing(void **state)
{
	static const char *const scopes[] = { "b", "B", "cailB" };
	struct drill *drill = *state;

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		drill_again(drill);
		drill_sweep(drill, scopes[i]);
		assert_int_equal(drill->run->problem_count, 0);
		yard_plan(drill->yard, scopes[i]);
		assert_int_equal(drill->yard->plan->count, 0);
	}
}

static void all_of_it_goes_with_its_directory(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, "Bl");
	assert_int_equal(drill->run->problem_count, 0);
	assert_false(yard_has(drill->yard, "buildkit"));
	expect_dir(drill, "inner-dir", false);
	expect_dir(drill, "forgot-dir", false);
	drill_expect_layer(drill, "lost", false);
	drill_expect_layer(drill, "keep", true);
	drill_expect_kept(drill);
}

static void garbage_that_stays_keeps_the_databases(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, "B");
	assert_true(yard_has(drill->yard, "buildkit"));
	assert_int_equal(cache_of(drill)->record_count, 0);
	assert_int_equal(drill->yard->session.state->cache.lease_count, 1);
	expect_dir(drill, "forgot-dir", true);
	expect_dir(drill, "inner-dir", false);
}

static void a_search_for_garbage_takes_what_has_no_record(void **state)
{
	struct drill *drill = *state;
	const struct cache *cache;

	drill_sweep(drill, "l");
	cache = cache_of(drill);
	assert_int_equal(cache->record_count, 8);
	assert_int_equal(cache->lease_count, 7);
	assert_false(map_get(&cache->lease_by_id, YARD_FORGOT, NULL));
	assert_false(map_get(&cache->snapshot_by_id, YARD_FORGOT, NULL));
	expect_dir(drill, "forgot-dir", false);
	expect_dir(drill, "head", true);
	drill_expect_layer(drill, "lost", true);
}

static void a_run_leaves_what_verify_expects(void **state)
{
	static const char *const scopes[] = { "b", "B", "Bl", "cailb", "l" };
	struct drill *drill = *state;

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		AUTO(lines) struct lines lines = LINES_INIT;

		drill_again(drill);
		drill_sweep(drill, scopes[i]);
		if (verify_root(&lines, &drill->yard->session, drill->run, &drill->err) < 0)
			fail_msg("%s", drill->err.text);
		if (lines.count > 0)
			fail_msg("scope %s: %s", scopes[i], lines.items[0]);
	}
}

static void verify_tells_what_is_gone_from_a_database(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;
	AUTO(str) char *path = mem_print("%s/buildkit/containerdmeta.db", drill->yard->dir);
	bool is_told = false;

	drill_sweep(drill, "b");
	assert_int_equal(truncate(path, 0), 0);
	if (verify_root(&lines, &drill->yard->session, drill->run, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	for (size_t i = 0; i < lines.count; i++)
		is_told |= strcmp(lines.items[i], "build cache lease " YARD_KEPT " is gone") == 0;
	assert_true(is_told);
}

/* ---- killed at every step ---- */

/* Nothing that is left needs what is gone: no record that is not marked has lost its data. */
static void expect_usable(struct drill *drill)
{
	const struct cache *cache = cache_of(drill);

	drill_expect_startable(drill);
	for (size_t i = 0; i < cache->record_count; i++) {
		const struct cache_record *record = &cache->records[i];
		struct cache_place place =
		    cache_place(cache, record->equal_mutable ? record->equal_mutable : record->id);

		if (record->is_deleted)
			continue;
		assert_true(place.dir || place.chain_id);
		assert_true(!place.dir ||
		            map_get(&drill->yard->session.inventory->dir_by_name, place.dir, NULL));
		assert_true(
		    !place.chain_id ||
		    map_get(&drill->yard->session.state->layers.by_chain_id, place.chain_id, NULL));
	}
}

static void kill_at_every_step(struct drill *drill, const char *scope)
{
	AUTO(str) char *expected = NULL;
	int at = 0;

	drill_sweep(drill, scope);
	expected = snapshot_new(drill->yard->dir);
	drill->scope = scope;
	drill_again(drill);
	for (at = 0; drill_kill_at(drill, at, false); at++) {
		AUTO(str) char *found = NULL;

		expect_usable(drill);
		if (!drill_resume(drill)) /* before it began, or after its end */
			drill_sweep(drill, scope);
		assert_int_equal(drill->run->state, RUN_DONE);
		assert_int_equal(drill->run->problem_count, 0);
		assert_int_equal(run_count_state(drill->run, STEP_DROPPED), 0);
		found = snapshot_new(drill->yard->dir);
		assert_string_equal(found, expected);
		assert_false(drill_resume(drill));
		drill_again(drill);
	}
	assert_true(at > 20);
}

static void a_killed_prune_resumes_to_the_same_end(void **state)
{
	kill_at_every_step(*state, "b");
}

static void a_killed_prune_of_all_resumes_to_the_same_end(void **state)
{
	kill_at_every_step(*state, "Bl");
}

/* ---- failures ---- */

/* Makes the new file of a database impossible: there is a directory of its name. */
static void block(struct drill *drill, const char *database)
{
	AUTO(str)
	char *path = mem_print("%s/buildkit/%s.new-drydock1", drill->yard->dir, database);

	assert_int_equal(mkdir(path, 0700), 0);
	free(path);
	path = mem_print("%s/buildkit/%s.new-drydock1/x", drill->yard->dir, database);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void marks_that_fail_hold_everything(void **state)
{
	struct drill *drill = *state;

	block(drill, "metadata_v2.db");
	drill_sweep(drill, "b");
	assert_true(drill->run->problem_count > 0);
	assert_int_equal(cache_of(drill)->record_count, 8);
	expect_record(drill, YARD_LOWER, true);
	expect_dir(drill, "lower-dir", true);
	expect_dir(drill, "head", true);
	drill_expect_layer(drill, "lost", true);
}

static void leases_that_fail_hold_their_records(void **state)
{
	struct drill *drill = *state;
	const struct cache *cache;
	size_t item = 0;

	block(drill, "containerdmeta.db");
	drill_sweep(drill, "b");
	assert_true(drill->run->problem_count > 0);
	cache = cache_of(drill);
	/* BuildKit finishes that when it starts */
	assert_true(map_get(&cache->record_by_id, YARD_LOST, &item));
	assert_true(cache->records[item].is_deleted);
	drill_expect_layer(drill, "lost", true);
	assert_true(map_get(&cache->record_by_id, YARD_LOWER, &item));
	assert_true(cache->records[item].is_deleted);
	expect_record(drill, YARD_KEPT, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, drill_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_dangling_build_cache_goes),
		TEST(no_key_of_a_record_is_left),
		TEST(a_second_run_finds_nothing),
		TEST(all_of_it_goes_with_its_directory),
		TEST(garbage_that_stays_keeps_the_databases),
		TEST(a_search_for_garbage_takes_what_has_no_record),
		TEST(a_run_leaves_what_verify_expects),
		TEST(verify_tells_what_is_gone_from_a_database),
		TEST(a_killed_prune_resumes_to_the_same_end),
		TEST(a_killed_prune_of_all_resumes_to_the_same_end),
		TEST(marks_that_fail_hold_everything),
		TEST(leases_that_fail_hold_their_records),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
