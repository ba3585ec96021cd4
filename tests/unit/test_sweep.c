/* test_sweep.c - a run from begin to end: what goes, what stays, in which order, what is told. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "tests/unit/drill.h"
#include "tests/unit/tree.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void what_is_planned_goes_and_the_rest_stays(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	assert_null(drill->run->note);
	assert_int_equal(run_count_state(drill->run, STEP_ERASED), drill->run->step_count);
	drill_expect_kept(drill);
	drill_expect_swept(drill);
}

static void the_second_run_finds_nothing(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, DRILL_SCOPE);
	yard_plan(drill->yard, DRILL_SCOPE);
	assert_int_equal(drill->yard->plan->count, 0);
	assert_false(drill_resume(drill));
}

static void a_plan_of_nothing_changes_nothing(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, "");
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->step_count, 0);
	assert_false(yard_has(drill->yard, ".drydock/1"));
	assert_true(yard_has_object(drill->yard, ACTION_CONTAINER, "job"));
	drill_expect_layer(drill, "lost", true);
}

static void overlay2_on_its_own_file_system_is_swept_too(void **state)
{
	struct drill *drill = *state;

	if (!drill_again_mounted(drill))
		skip();
	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	drill_expect_kept(drill);
	drill_expect_swept(drill);
	yard_unload(drill->yard);
	drill_unpin(drill, "overlay2");
}

static void the_new_tags_have_the_mode_and_owner_of_dockerd(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = mem_print("%s/image/overlay2/repositories.json", drill->yard->dir);
	struct stat st;

	if (chown(path, 1234, 5678) < 0)
		skip();
	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, 1234);
	assert_int_equal(st.st_gid, 5678);
	assert_int_equal(st.st_nlink, 1);
}

static void the_journal_tells_the_whole_run(void **state)
{
	struct drill *drill = *state;
	AUTO(run) struct run *run = NULL;

	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(journal_load(drill->journal, drill->run->id, &run, &drill->err), 0);
	assert_int_equal(run->state, RUN_DONE);
	assert_string_equal(run->command, "system prune --all");
	assert_true(run->scope.layers && run->scope.all_images);
	assert_string_equal(run->digest, drill->yard->plan->digest);
	assert_true(run->finished >= run->started && run->started > 0);
	assert_int_equal(run->step_count, drill->yard->plan->count);
	assert_int_equal(run->freed.inodes, drill->run->freed.inodes);
	for (size_t i = 0; i < run->step_count; i++) {
		assert_int_equal(run->steps[i].state, STEP_ERASED);
		assert_null(run->steps[i].error);
	}
}

static void what_is_freed_is_what_was_measured(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, DRILL_SCOPE);
	assert_true(drill->run->freed.inodes > 20);
	assert_int_equal(drill->run->freed.inodes, drill->yard->plan->freed.inodes);
	assert_int_equal(drill->run->freed.apparent_bytes, drill->yard->plan->freed.apparent_bytes);
	assert_int_equal(drill->run->freed.allocated_bytes,
	                 drill->yard->plan->freed.allocated_bytes);
}

/* Where the line is in the log of cuts, which must have it, behind byte FROM. */
static size_t log_at(const struct drill *drill, size_t from, const char *what, const char *path)
{
	AUTO(str) char *line = mem_print("%s %s\n", what, path);
	const char *found = strstr(drill->log.data + from, line);

	if (!found) {
		fail_msg("no %s in:\n%s", line, drill->log.data + from);
		return 0;
	}
	return (size_t)(found - drill->log.data);
}

static size_t log_of(const struct drill *drill, enum action_kind kind, const char *word)
{
	AUTO(str) char *path = yard_path(drill->yard, kind, word);

	return log_at(drill, 0, "rename", path);
}

static void records_go_top_down(void **state)
{
	struct drill *drill = *state;
	size_t tags;
	size_t app;

	drill_sweep(drill, DRILL_SCOPE);
	tags = log_of(drill, ACTION_UNTAG, "");
	app = log_of(drill, ACTION_LAYER, "app");
	assert_true(log_at(drill, 0, "journal", "begin") < tags);
	assert_true(tags < log_of(drill, ACTION_CONTAINER, "job"));
	assert_true(log_of(drill, ACTION_CONTAINER, "job") < log_of(drill, ACTION_MOUNT, "job"));
	assert_true(log_of(drill, ACTION_IMAGE_METADATA, "app") <
	            log_of(drill, ACTION_IMAGE, "middle"));
	assert_true(log_of(drill, ACTION_IMAGE, "app") < log_of(drill, ACTION_IMAGE, "middle"));
	assert_true(log_of(drill, ACTION_IMAGE, "app") < app);
	assert_true(log_of(drill, ACTION_MOUNT, "job") < app);
	assert_true(app < log_of(drill, ACTION_LAYER, "middle"));
}

static void a_barrier_lies_between_records_and_directories(void **state)
{
	struct drill *drill = *state;
	size_t record;
	size_t barrier;

	drill_sweep(drill, DRILL_SCOPE);
	record = log_of(drill, ACTION_LAYER, "middle");
	barrier = log_at(drill, record, "sync", "");
	assert_true(barrier < log_of(drill, ACTION_LINK, "app"));
	assert_true(log_of(drill, ACTION_LINK, "app") < log_of(drill, ACTION_DIR, "app"));
}

static void nothing_is_erased_before_the_journal_says_detached(void **state)
{
	struct drill *drill = *state;
	size_t barrier;
	size_t detached;

	drill_sweep(drill, DRILL_SCOPE);
	barrier = log_at(drill, log_of(drill, ACTION_DIR, "app"), "sync", "");
	detached = log_at(drill, 0, "journal", "detached");
	assert_true(barrier < detached);
	assert_true(detached < log_at(drill, 0, "erase", "1"));
}

static void the_run_is_done_when_its_directory_is_gone_for_good(void **state)
{
	struct drill *drill = *state;
	size_t removed;
	size_t barrier;

	drill_sweep(drill, DRILL_SCOPE);
	removed = log_at(drill, log_at(drill, 0, "journal", "erased"), "rmdir", "1");
	barrier = log_at(drill, removed, "sync", "");
	assert_true(barrier < log_at(drill, 0, "journal", "done"));
}

static void the_tags_are_replaced_in_one_step(void **state)
{
	struct drill *drill = *state;
	size_t saved;
	size_t written;
	size_t renamed;

	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill->run->steps[0].kind, ACTION_UNTAG);
	assert_int_equal(drill->run->steps[1].kind, ACTION_UNTAG);
	saved = log_at(drill, 0, "link", "image/overlay2/repositories.json");
	written = log_at(drill, saved, "write", ".tmp-repositories.json1");
	renamed = log_at(drill, written, "rename", "image/overlay2/repositories.json");
	assert_null(
	    strstr(drill->log.data + renamed + 1, "rename image/overlay2/repositories.json"));
}

static void the_number_is_above_all_that_lie_in_the_trash(void **state)
{
	struct drill *drill = *state;

	tree_print(drill->yard->dir, "overlay2/.drydock/41/7/file", "of a lost journal");
	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill->run->id, 42);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_true(yard_has(drill->yard, "overlay2/.drydock/41/7/file"));
	assert_false(yard_has(drill->yard, ".drydock/42"));
}

static void what_is_gone_already_is_no_error(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *link = yard_path(drill->yard, ACTION_LINK, "old");
	AUTO(str) char *full = mem_print("%s/%s", drill->yard->dir, link);
	AUTO(str) char *line = mem_print("link image/overlay2/repositories.json");

	/* it vanishes between the plan and its step */
	drill->is_stop = true;
	drill->cut_line = TAKE(line, NULL);
	drill_sweep(drill, DRILL_SCOPE);
	drill->is_stop = false;
	drill->stop = false;
	assert_int_equal(unlink(full), 0);
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	assert_int_equal(drill_step(drill, ACTION_LINK, "old")->state, STEP_GONE);
	assert_int_equal(drill_step(drill, ACTION_LINK, "old")->freed.inodes, 0);
	drill_expect_kept(drill);
	drill_expect_swept(drill);
}

struct watch {
	enum sweep_phase phase;
	size_t calls, done, total;
	uint64_t inodes;
};

static void watch_progress(void *context, enum sweep_phase phase, size_t done_count,
                           size_t total_count, const struct usage *freed)
{
	struct watch *watch = context;

	assert_true(phase >= watch->phase);
	assert_true(phase > watch->phase || done_count >= watch->done);
	assert_true(freed->inodes >= watch->inodes);
	assert_true(done_count <= total_count);
	watch->phase = phase;
	watch->done = done_count;
	watch->total = total_count;
	watch->inodes = freed->inodes;
	watch->calls++;
}

static void progress_only_grows(void **state)
{
	struct drill *drill = *state;
	struct watch watch = { .phase = SWEEP_DETACH };
	struct sweep_options options = { .progress = watch_progress, .context = &watch };
	struct sweep_request request = { .command = "" };

	yard_plan(drill->yard, DRILL_SCOPE);
	request.plan = drill->yard->plan;
	assert_int_equal(journal_open(&drill->journal, drill->yard->session.root, NULL,
	                              JOURNAL_WRITE, &drill->err),
	                 0);
	assert_int_equal(sweep_run(&drill->run, drill->journal, &drill->yard->session, &request,
	                           &options, &drill->err),
	                 0);
	assert_true(watch.calls >= drill->run->step_count - 2);
}

static void a_path_that_no_action_has_is_refused_before_anything(void **state)
{
	static const char *const paths[] = { "overlay2/../volumes", "/etc", "overlay2/l", "",
		                             ".drydock/journal.db" };
	struct drill *drill = *state;
	struct action action = { .kind = ACTION_DIR,
		                 .object = mem_text("x"),
		                 .detail = mem_text("") };
	const struct plan plan = { .actions = &action, .count = 1 };
	const struct sweep_request request = { .plan = &plan, .command = "" };
	const struct sweep_options options = { .jobs = 1 };

	yard_load(drill->yard);
	assert_int_equal(journal_open(&drill->journal, drill->yard->session.root, NULL,
	                              JOURNAL_WRITE, &drill->err),
	                 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		action.path = mem_text(paths[i]);
		assert_int_equal(sweep_run(&drill->run, drill->journal, &drill->yard->session,
		                           &request, &options, &drill->err),
		                 -1);
		assert_int_equal(drill->err.kind, ERR_CORRUPT);
		assert_null(drill->run);
		err_clear(&drill->err);
		free(action.path);
	}
	assert_true(yard_has(drill->yard, "volumes"));
	assert_false(yard_has(drill->yard, ".drydock/1"));
	free(action.object);
	free(action.detail);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, drill_setup, drill_teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_planned_goes_and_the_rest_stays),
		TEST(the_second_run_finds_nothing),
		TEST(a_plan_of_nothing_changes_nothing),
		TEST(overlay2_on_its_own_file_system_is_swept_too),
		TEST(the_new_tags_have_the_mode_and_owner_of_dockerd),
		TEST(the_journal_tells_the_whole_run),
		TEST(what_is_freed_is_what_was_measured),
		TEST(records_go_top_down),
		TEST(a_barrier_lies_between_records_and_directories),
		TEST(nothing_is_erased_before_the_journal_says_detached),
		TEST(the_run_is_done_when_its_directory_is_gone_for_good),
		TEST(the_tags_are_replaced_in_one_step),
		TEST(the_number_is_above_all_that_lie_in_the_trash),
		TEST(what_is_gone_already_is_no_error),
		TEST(progress_only_grows),
		TEST(a_path_that_no_action_has_is_refused_before_anything),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
