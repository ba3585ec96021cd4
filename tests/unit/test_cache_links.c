/* test_cache_links.c - build cache that comes back after a dockerd has run is found by builds. */
#include "gc/edit/cache_links.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"
#include "tests/unit/drill_restore.h"
#include "tests/unit/drill_rollback.h"
#include "tests/unit/tree.h"
#include "tests/unit/yard_cache.h"

#include "metadata/base/mem.h"
#include "metadata/bolt.h"

#include <stdlib.h>
#include <string.h>

/* cache.db with the vertices that WORDS name: each has a result and a link. */
static void make_links(const struct drill *drill, const char *const *words)
{
	struct bolt_maker *maker = bolt_maker_new(4096);
	struct maker_bucket *results = bolt_maker_bucket(maker, NULL, "_result");
	struct maker_bucket *links = bolt_maker_bucket(maker, NULL, "_links");

	for (size_t i = 0; words[i]; i++) {
		bolt_maker_put(bolt_maker_bucket(maker, results, words[i]), "record", words[i]);
		bolt_maker_put(bolt_maker_bucket(maker, links, words[i]), "to", "");
	}
	bolt_maker_save(maker, drill->yard->dir, CACHE_LINKS_FILE);
}

static bool has_link(const struct drill *drill, const char *word)
{
	AUTO(close) int fd = tree_open(drill->yard->dir, "");
	AUTO(bolt) struct bolt *bolt = NULL;
	struct err err = ERR_INIT;
	struct bolt_entry entry;
	struct bolt_bucket results;
	struct bolt_bucket links;

	if (bolt_open(&bolt, fd, CACHE_LINKS_FILE, &err) < 0)
		fail_msg("%s", err.text);
	results = bolt_root(bolt);
	links = bolt_root(bolt);
	if (!bolt_bucket_enter(&results, "_result", &results) ||
	    !bolt_bucket_enter(&results, word, &results))
		return false;
	assert_true(bolt_bucket_find(&results, "record", &entry));
	assert_true(bolt_bucket_enter(&links, "_links", &links));
	assert_true(bolt_bucket_enter(&links, word, &links));
	return bolt_bucket_find(&links, "to", &entry);
}

static const char *const before[] = { "kept", "lost", NULL };
/* a dockerd has dropped one, and a build has made another */
static const char *const between[] = { "kept", "made", NULL };

static void start(struct drill *drill)
{
	drill->story = yard_cache_story;
	drill_again(drill);
	drill_forget_archive(drill);
	make_links(drill, before);
	drill_archive_and_sweep(drill, "b");
	assert_true(has_link(drill, "lost")); /* drydock leaves the file alone */
}

static void what_a_dockerd_has_dropped_comes_back(void **state)
{
	struct drill *drill = *state;
	bool is_killed = true;

	for (int at = 0; is_killed; at += 2) {
		start(drill);
		make_links(drill, between);
		is_killed = drill_kill_restore_at(drill, at);
		if (!drill_resume_restore(drill) && is_killed && !has_link(drill, "lost"))
			drill_must_restore(drill);
		assert_true(has_link(drill, "kept"));
		assert_true(has_link(drill, "lost"));
		assert_true(has_link(drill, "made"));
		assert_false(yard_has(drill->yard, ".drydock/2"));
	}
}

static void what_a_dockerd_has_dropped_comes_back_from_quarantine(void **state)
{
	struct drill *drill = *state;
	bool is_killed = true;

	for (int at = 0; is_killed; at += 2) {
		drill->story = yard_cache_story;
		drill_again(drill);
		drill_forget_archive(drill);
		make_links(drill, before);
		drill_quarantine(drill, "b");
		assert_true(yard_has(drill->yard, ".drydock/1/cache.db"));
		make_links(drill, between);
		is_killed = drill_kill_rollback_at(drill, at);
		(void)drill_rollback(drill);
		assert_true(has_link(drill, "kept"));
		assert_true(has_link(drill, "lost"));
		assert_true(has_link(drill, "made"));
		assert_false(yard_has(drill->yard, ".drydock/1"));
	}
}

/* Nothing of it is left when the quarantine ends. */
static void a_commit_erases_the_copy(void **state)
{
	struct drill *drill = *state;

	drill->story = yard_cache_story;
	drill_again(drill);
	make_links(drill, before);
	drill_quarantine(drill, "b");
	drill_must_commit(drill);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_false(yard_has(drill->yard, ".drydock/1"));
	assert_true(has_link(drill, "lost")); /* a dockerd will drop it */
}

/* The records come back in any case, and what they lack is said. */
static void a_damaged_file_is_left_alone_and_said(void **state)
{
	struct drill *drill = *state;
	size_t told = 0;

	start(drill);
	tree_print(drill->yard->dir, CACHE_LINKS_FILE, "no database at all, but long enough %4096s",
	           "");
	drill_must_restore(drill);
	for (size_t i = 0; i < drill->run->step_count; i++) {
		const struct run_step *step = &drill->run->steps[i];

		assert_int_equal(step->state, STEP_RESTORED);
		told += step->error && strstr(step->error, "without its place in builds: ");
	}
	assert_true(told > 0);
	assert_int_equal(drill->run->state, RUN_DONE);
}

static void no_file_is_no_problem(void **state)
{
	struct drill *drill = *state;

	drill->story = yard_cache_story;
	drill_again(drill);
	drill_archive_and_sweep(drill, "b");
	make_links(drill, between);
	drill_must_restore(drill);
	assert_int_equal(drill->run->problem_count, 0);
	assert_true(has_link(drill, "made"));
}

int main(void)
{
#define DRILL(name)                                                                                \
	cmocka_unit_test_setup_teardown(name, drill_restore_setup, drill_restore_teardown)
	const struct CMUnitTest tests[] = {
		DRILL(what_a_dockerd_has_dropped_comes_back),
		DRILL(what_a_dockerd_has_dropped_comes_back_from_quarantine),
		DRILL(a_commit_erases_the_copy),
		DRILL(a_damaged_file_is_left_alone_and_said),
		DRILL(no_file_is_no_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
