/* test_verify.c - after a run everything that should be there is there, and what is not is told. */
#include "tests/unit/check.h"

#include "gc/verify/verify.h"
#include "metadata/base/mem.h"
#include "tests/unit/drill.h"
#include "tests/unit/tree.h"

#include <stdio.h>
#include <string.h>

/* Compares with the session that was read before the sweep. */
static void verify(struct drill *drill, struct lines *lines)
{
	if (verify_root(lines, &drill->yard->session, drill->run, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
}

static void expect_line(const struct lines *lines, const char *words)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (strstr(lines->items[i], words))
			return;
	}
	fail_msg("no line with: %s (of %zu, the first: %s)", words, lines->count,
	         lines->count > 0 ? lines->items[0] : "");
}

static void damage(const struct drill *drill, const char *path)
{
	AUTO(str) char *from = mem_print("%s/%s", drill->yard->dir, path);
	AUTO(str) char *to = mem_print("%s/damaged", drill->yard->dir);

	assert_int_equal(rename(from, to), 0);
}

static void a_good_run_has_no_lines(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;

	drill_sweep(drill, DRILL_SCOPE);
	verify(drill, &lines);
	assert_int_equal(lines.count, 0);
}

static void every_smaller_scope_has_no_lines(void **state)
{
	static const char *const scopes[] = { "", "c", "i", "a", "l", "ci", "ca", "cil" };
	struct drill *drill = *state;

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		AUTO(lines) struct lines lines = LINES_INIT;

		drill_again(drill);
		drill_sweep(drill, scopes[i]);
		verify(drill, &lines);
		if (lines.count > 0)
			fail_msg("scope %s: %s", scopes[i], lines.items[0]);
	}
}

static void a_run_with_failures_has_no_lines_for_what_stays(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;
	AUTO(str) char *path = yard_path(drill->yard, ACTION_LAYER, "app");

	if (!drill_pin(drill, path))
		skip();
	drill_sweep(drill, DRILL_SCOPE);
	drill_unpin(drill, path);
	assert_true(drill->run->problem_count > 0);
	verify(drill, &lines);
	assert_int_equal(lines.count, 0);
}

static void a_kept_thing_that_is_gone_is_told(void **state)
{
	static const struct {
		enum action_kind kind;
		const char *word;
		const char *words;
	} rows[] = {
		{ ACTION_CONTAINER, "web", "container " }, { ACTION_IMAGE, "keep", "image " },
		{ ACTION_MOUNT, "web", "mount " },         { ACTION_LAYER, "base", "layer " },
		{ ACTION_DIR, "base", "directory " },      { ACTION_LINK, "base", "link " },
	};
	struct drill *drill = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(lines) struct lines lines = LINES_INIT;
		AUTO(str) char *path = NULL;
		AUTO(str) char *words = NULL;

		drill_again(drill);
		drill_sweep(drill, DRILL_SCOPE);
		path = yard_path(drill->yard, rows[i].kind, rows[i].word);
		damage(drill, path);
		verify(drill, &lines);
		words = mem_print("%s%s is gone", rows[i].words, strrchr(path, '/') + 1);
		expect_line(&lines, words);
	}
}

static void a_kept_tag_that_is_gone_is_told(void **state)
{
	static const char *const tags[] = { "other:1", "keep", NULL };
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;

	drill_sweep(drill, DRILL_SCOPE);
	yard_tags(drill->yard, tags);
	verify(drill, &lines);
	expect_line(&lines, "tag keep:1 is gone");
}

static void a_kept_thing_that_has_changed_is_told(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;
	AUTO(str) char *layer = yard_path(drill->yard, ACTION_LAYER, "keep");
	AUTO(str) char *cache_id = mem_print("%s/cache-id", layer);
	AUTO(str) char *dir = yard_path(drill->yard, ACTION_DIR, "keep");
	AUTO(str) char *lower = mem_print("%s/lower", dir);
	AUTO(str) char *words = mem_print("layer %s is not what it was", strrchr(layer, '/') + 1);
	AUTO(str) char *other = mem_print("directory %s is not what it was", strrchr(dir, '/') + 1);

	drill_sweep(drill, DRILL_SCOPE);
	tree_print(drill->yard->dir, cache_id, "%064d", 5);
	damage(drill, lower);
	verify(drill, &lines);
	expect_line(&lines, words);
	expect_line(&lines, other);
}

static void a_thing_that_should_be_gone_is_told(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;
	AUTO(str) char *record = yard_path(drill->yard, ACTION_LAYER, "app");
	AUTO(str) char *file = mem_print("%s/size", record);
	AUTO(str) char *words = mem_print("layer %s is still there", strrchr(record, '/') + 1);

	drill_sweep(drill, DRILL_SCOPE);
	tree_print(drill->yard->dir, file, "1");
	verify(drill, &lines);
	expect_line(&lines, words);
}

/* A run that was cut off may have moved its directory before the root was read. */
static void a_volume_of_which_only_the_record_is_left_has_gone(void **state)
{
	char name[] = "old";
	char driver[] = "local";
	char path[] = "volumes/old";
	struct volume volume = { .name = name, .driver = driver, .has_record = true };
	struct state records = { .volumes = { .items = &volume, .count = 1, .by_name = MAP_INIT } };
	struct inventory inventory = { .dir_count = 0 };
	struct finding_list findings = FINDING_LIST_INIT;
	const struct verify_view view = { &records, &inventory, &findings };
	struct run_step step = {
		.kind = ACTION_VOLUME, .object = name, .path = path, .state = STEP_DETACHED
	};
	const struct run run = { .steps = &step, .step_count = 1 };
	AUTO(lines) struct lines lines = LINES_INIT;

	(void)map_set(&records.volumes.by_name, name, 0);
	verify_compare(&lines, &view, &view, &run);
	assert_int_equal(lines.count, 0);
	volume.has_dir = true;
	verify_compare(&lines, &view, &view, &run);
	expect_line(&lines, "volume old is still there");
	map_done(&records.volumes.by_name);
	(void)state;
}

static void a_new_leftover_is_told(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;

	drill_sweep(drill, DRILL_SCOPE);
	tree_print(drill->yard->dir, "image/overlay2/.tmp-repositories.json7", "{");
	verify(drill, &lines);
	assert_int_equal(lines.count, 1);
	expect_line(&lines, "image/overlay2/.tmp-repositories.json7 was left behind");
}

static void new_damage_is_told_and_old_is_not(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;
	AUTO(str) char *container = yard_path(drill->yard, ACTION_CONTAINER, "web");
	AUTO(str) char *config = mem_print("%s/config.v2.json", container);

	tree_print(drill->yard->dir, "overlay2/l/BBBBBBBBBBBBBBBBBBBBBBBBBB", "damaged before");
	drill_sweep(drill, DRILL_SCOPE);
	verify(drill, &lines);
	assert_int_equal(lines.count, 0);
	tree_print(drill->yard->dir, config, "{");
	verify(drill, &lines);
	expect_line(&lines, "config cannot be read");
}

static void trash_that_nobody_will_empty_is_told(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;

	drill_sweep(drill, DRILL_SCOPE);
	tree_print(drill->yard->dir, ".drydock/1/1", "brought back by a power cut");
	tree_print(drill->yard->dir, "overlay2/.drydock/77/1", "of a lost journal");
	assert_int_equal(
	    verify_trash(&lines, drill->journal, drill->yard->session.root, &drill->err), 0);
	assert_int_equal(lines.count, 2);
	expect_line(&lines, ".drydock/1: run 1 is done, yet something is left of it");
	expect_line(&lines, "overlay2/.drydock/77: the journal does not know this run");
}

static void the_trash_of_an_unfinished_run_is_not_told(void **state)
{
	struct drill *drill = *state;
	AUTO(lines) struct lines lines = LINES_INIT;

	drill->is_stop = true;
	drill->cut_at = 15;
	drill_sweep(drill, DRILL_SCOPE);
	assert_true(yard_has(drill->yard, ".drydock/1"));
	assert_int_equal(
	    verify_trash(&lines, drill->journal, drill->yard->session.root, &drill->err), 0);
	assert_int_equal(lines.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, drill_setup, drill_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_good_run_has_no_lines),
		TEST(every_smaller_scope_has_no_lines),
		TEST(a_run_with_failures_has_no_lines_for_what_stays),
		TEST(a_kept_thing_that_is_gone_is_told),
		TEST(a_kept_tag_that_is_gone_is_told),
		TEST(a_kept_thing_that_has_changed_is_told),
		TEST(a_thing_that_should_be_gone_is_told),
		TEST(a_volume_of_which_only_the_record_is_left_has_gone),
		TEST(a_new_leftover_is_told),
		TEST(new_damage_is_told_and_old_is_not),
		TEST(trash_that_nobody_will_empty_is_told),
		TEST(the_trash_of_an_unfinished_run_is_not_told),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
