/* test_amend.c - a database changed in place: the old one counts until the new one does. */
#include "gc/back/restore.h"
#include "gc/edit/amend.h"
#include "tests/unit/bolt_change.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"
#include "tests/unit/drill_restore.h"
#include "tests/unit/tree.h"
#include "tests/unit/yard_networks.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "some.db"

/* ---- the database ---- */

/* COUNT values, and a bucket. */
static void make_some(const char *dir, size_t page_size, size_t count, bool has_no_freelist)
{
	struct bolt_maker *maker = bolt_maker_new(page_size);
	struct maker_bucket *volumes = bolt_maker_bucket(maker, NULL, "volumes");

	maker->has_no_freelist = has_no_freelist;
	maker->free_count = 3;
	for (size_t i = 0; i < count; i++) {
		AUTO(str) char *key = mem_print("volume-%05zu", i);

		bolt_maker_put(volumes, key, "{\"Driver\":\"local\"}");
	}
	bolt_maker_sequence(bolt_maker_bucket(maker, NULL, "other"), 7);
	bolt_maker_save(maker, dir, NAME);
}

static struct bolt *read_some(const char *dir)
{
	AUTO(close) int fd = tree_open(dir, "");
	struct bolt *bolt = NULL;
	struct err err = ERR_INIT;

	if (bolt_open(&bolt, fd, NAME, &err) < 0)
		fail_msg("%s", err.text);
	return bolt;
}

static struct bolt_edit *some_edit(const char *word)
{
	struct bolt_edit *edit = bolt_edit_new();
	struct bolt_edit_bucket *volumes = change_enter(bolt_edit_root(edit), "volumes");

	change_put(volumes, word, "{\"Labels\":{\"a\":\"b\"}}");
	change_put(volumes, "volume-00000", "another");
	change_drop(volumes, "volume-00001");
	return edit;
}

struct cutter {
	const char *what; /* where a kill is; NULL: nowhere */
};

static void cut_some(void *context, const char *what, const char *path)
{
	const struct cutter *cutter = context;

	(void)path;
	if (cutter->what && strcmp(what, cutter->what) == 0)
		_exit(42);
}

static int amend_some(const char *dir, const struct bolt *old, const struct bolt_edit *edit,
                      struct cutter *cutter, struct err *err)
{
	const struct cut cut = { cut_some, cutter };
	AUTO(close) int fd = tree_open(dir, "");

	return amend(fd, NAME, old, edit, &cut, err);
}

static void values_are_added_and_nothing_is_lost(void **state)
{
	static const struct {
		size_t page_size, count;
		bool has_no_freelist;
	} rows[] = { { 4096, 3, false },
		     { 4096, 2000, false },
		     { 4096, 40, true },
		     { 1024, 300, false },
		     { 65536, 5, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(str) char *dir = tree_new("amend");
		struct cutter cutter = { NULL };
		struct err err = ERR_INIT;

		make_some(dir, rows[i].page_size, rows[i].count, rows[i].has_no_freelist);
		for (int again = 0; again < 5; again++) { /* each begins where the last one ended */
			AUTO(str) char *word = mem_print("new-%d", again);
			AUTO(bolt) struct bolt *old = read_some(dir);
			AUTO(bolt) struct bolt *new = NULL;
			AUTO(bolt_edit) struct bolt_edit *edit = some_edit(word);

			if (amend_some(dir, old, edit, &cutter, &err) < 0)
				fail_msg("%s", err.text);
			new = read_some(dir);
			assert_int_equal(bolt_info(new)->txid, bolt_info(old)->txid + 1);
			assert_int_equal(bolt_info(new)->has_freelist, !rows[i].has_no_freelist);
			if (bolt_compare_content(new, old, edit, &err) < 0)
				fail_msg("%s", err.text);
		}
		tree_remove(TAKE(dir, NULL));
	}
}

static void a_kill_leaves_the_old_one(void **state)
{
	static const char *const at[] = { "pages", "meta" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(str) char *dir = tree_new("amend");
		AUTO(bolt_edit) struct bolt_edit *edit = some_edit("new");
		AUTO(bolt_edit) struct bolt_edit *none = bolt_edit_new();
		AUTO(bolt) struct bolt *old = NULL;
		AUTO(bolt) struct bolt *now = NULL;
		struct cutter cutter = { at[i] };
		struct err err = ERR_INIT;
		int status = 0;
		pid_t child;

		make_some(dir, 4096, 30, false);
		old = read_some(dir);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			(void)!amend_some(dir, old, edit, &cutter, &err);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(WEXITSTATUS(status), 42);
		now = read_some(dir);
		assert_int_equal(bolt_info(now)->txid, bolt_info(old)->txid);
		assert_int_equal(bolt_compare_content(now, old, none, &err), 0);
		cutter.what = NULL; /* and the next one works */
		assert_int_equal(amend_some(dir, now, edit, &cutter, &err), 0);
		tree_remove(TAKE(dir, NULL));
	}
}

/* Half of the meta page is on the disk: its checksum says so. */
static void a_torn_meta_page_leaves_the_old_one(void **state)
{
	AUTO(str) char *dir = tree_new("amend");
	AUTO(str) char *path = mem_print("%s/" NAME, dir);
	AUTO(bolt_edit) struct bolt_edit *edit = some_edit("new");
	AUTO(bolt_edit) struct bolt_edit *none = bolt_edit_new();
	AUTO(bolt_addition) struct bolt_addition addition = BOLT_ADDITION_INIT;
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(bolt) struct bolt *now = NULL;
	AUTO(close) int fd = -1;
	struct err err = ERR_INIT;

	(void)state;
	make_some(dir, 4096, 30, false);
	old = read_some(dir);
	assert_int_equal(bolt_append(&addition, old, edit, &err), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, addition.pages, addition.pages_len, (off_t)addition.pages_at),
	                 addition.pages_len);
	assert_int_equal(pwrite(fd, addition.meta, 60, (off_t)addition.meta_at), 60);
	now = read_some(dir);
	assert_int_equal(bolt_info(now)->txid, bolt_info(old)->txid);
	assert_int_equal(bolt_compare_content(now, old, none, &err), 0);
	tree_remove(TAKE(dir, NULL));
}

static void no_room_leaves_the_old_one(void **state)
{
	AUTO(str) char *dir = tree_new("amend");
	AUTO(bolt_edit) struct bolt_edit *edit = some_edit("new");
	AUTO(bolt_edit) struct bolt_edit *none = bolt_edit_new();
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(bolt) struct bolt *now = NULL;
	struct cutter cutter = { NULL };
	struct err err = ERR_INIT;
	struct rlimit before;
	struct rlimit small;

	(void)state;
	make_some(dir, 4096, 30, false);
	old = read_some(dir);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = bolt_info(old)->page_count * 4096 + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(amend_some(dir, old, edit, &cutter, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(err_has_code(&err, EFBIG));
	assert_non_null(strstr(err.text, NAME ": write"));
	now = read_some(dir);
	assert_int_equal(bolt_compare_content(now, old, none, &err), 0);
	tree_remove(TAKE(dir, NULL));
}

/* ---- records of volumes ---- */

static void story_with_volumes(struct yard *yard)
{
	yard_story(yard);
	yard_networks_story(yard);
	tree_print(yard->dir, "volumes/free/_data/precious", "data");
}

static char *record_of(struct drill *drill, const char *name)
{
	size_t at;
	const struct volume_list *volumes;
	char *record = NULL;

	yard_load(drill->yard);
	volumes = &drill->yard->session.state->volumes;
	if (map_get(&volumes->by_name, name, &at) && volumes->items[at].record)
		record = mem_text(volumes->items[at].record);
	yard_unload(drill->yard);
	return record;
}

/* What a dockerd does that starts without the directory. */
static void forget_volume(const struct drill *drill, const char *name)
{
	AUTO(close) int fd = tree_open(drill->yard->dir, "");
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = NULL;
	const struct cut none = { NULL, NULL };
	struct err err = ERR_INIT;

	change_drop(change_enter(bolt_edit_root(edit), "volumes"), name);
	assert_int_equal(bolt_open(&old, fd, YARD_VOLUMES, &err), 0);
	assert_int_equal(amend(fd, YARD_VOLUMES, old, edit, &none, &err), 0);
}

static void what_dockerd_has_forgotten_of_a_volume_comes_back(void **state)
{
	struct drill *drill = *state;
	bool is_killed = true;

	drill->story = story_with_volumes;
	for (int at = 0; is_killed; at++) {
		AUTO(str) char *before = NULL;
		AUTO(str) char *other = NULL;
		AUTO(str) char *gone = NULL;
		AUTO(str) char *after = NULL;
		AUTO(str) char *other_after = NULL;

		drill_again(drill);
		drill_forget_archive(drill);
		before = record_of(drill, "free");
		other = record_of(drill, "kept");
		assert_non_null(before);
		drill_archive_and_sweep(drill, "V");
		forget_volume(drill, "free");
		gone = record_of(drill, "free");
		assert_null(gone);
		is_killed = drill_kill_restore_at(drill, at);
		if (!drill_resume_restore(drill) && is_killed &&
		    !yard_has(drill->yard, "volumes/free"))
			drill_must_restore(drill);
		after = record_of(drill, "free");
		other_after = record_of(drill, "kept");
		assert_non_null(after);
		assert_string_equal(after, before);
		assert_string_equal(other_after, other);
	}
}

/* A user has made another volume of that name, with other labels. */
static void a_record_that_is_there_stays(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *before = NULL;
	AUTO(str) char *after = NULL;

	drill->story = story_with_volumes;
	drill_again(drill);
	drill_archive_and_sweep(drill, "V");
	before = record_of(drill, "free"); /* no dockerd has run */
	drill_must_restore(drill);
	after = record_of(drill, "free");
	assert_non_null(before);
	assert_string_equal(after, before);
}

int main(void)
{
#define DRILL(name)                                                                                \
	cmocka_unit_test_setup_teardown(name, drill_restore_setup, drill_restore_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_added_and_nothing_is_lost),
		cmocka_unit_test(a_kill_leaves_the_old_one),
		cmocka_unit_test(a_torn_meta_page_leaves_the_old_one),
		cmocka_unit_test(no_room_leaves_the_old_one),
		DRILL(what_dockerd_has_forgotten_of_a_volume_comes_back),
		DRILL(a_record_that_is_there_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
