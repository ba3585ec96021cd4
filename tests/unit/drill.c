/* drill.c - running and cutting off sweeps on the story of yard.h. */
#include "tests/unit/drill.h"

#include "gc/run/run_scope.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "tests/unit/check.h"
#include "tests/unit/portrait.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void drill_make(struct drill *drill)
{
	drill->yard = yard_new();
	drill->yard->rules = &drill->rules;
	drill->story(drill->yard);
	drill->cut_at = -1;
}

static void drill_unmake(struct drill *drill)
{
	run_free(TAKE(drill->run, NULL));
	journal_close(TAKE(drill->journal, NULL));
	yard_free(TAKE(drill->yard, NULL));
	text_done(&drill->log);
	free(TAKE(drill->cut_line, NULL));
	drill->stop = false;
	drill->is_stop = false;
}

int drill_setup(void **state)
{
	struct drill *drill = mem_zalloc(1, sizeof(*drill));

	drill->story = yard_story;
	drill->scope = DRILL_SCOPE;
	drill_make(drill);
	*state = drill;
	return 0;
}

int drill_teardown(void **state)
{
	struct drill *drill = *state;

	drill_unmake(drill);
	rules_done(&drill->rules);
	free(drill->archive);
	free(drill);
	return 0;
}

int drill_unshare(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) == 0)
		assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	return 0;
}

char *drill_portrait(struct drill *drill)
{
	tree_mkdir(drill->yard->dir, ".drydock"); /* or making it changes the time of the root */
	yard_load(drill->yard);
	yard_unload(drill->yard);
	return portrait_root(drill->yard->dir);
}

void drill_again(struct drill *drill)
{
	drill_unmake(drill);
	drill_make(drill);
}

bool drill_again_mounted(struct drill *drill)
{
	AUTO(str) char *path = NULL;

	drill_unmake(drill);
	drill->yard = yard_new();
	drill->yard->rules = &drill->rules;
	drill->cut_at = -1;
	path = mem_print("%s/overlay2", drill->yard->dir);
	if (mount("tmpfs", path, "tmpfs", 0, "size=8m") < 0)
		return false;
	drill->story(drill->yard);
	return true;
}

void drill_cut(void *context, const char *what, const char *path)
{
	struct drill *drill = context;
	AUTO(str) char *line = mem_print("%s %s", what, path);
	bool is_hit = drill->cut_line ? strcmp(line, drill->cut_line) == 0 : drill->cut_at == 0;

	text_print(&drill->log, "%s\n", line);
	if (drill->cut_at >= 0)
		drill->cut_at--;
	if (!is_hit)
		return;
	if (!drill->is_stop)
		_exit(DRILL_KILLED);
	drill->stop = true;
}

struct sweep_options drill_options(struct drill *drill)
{
	drill->archiving = (struct archiving){ .path = drill->archive };
	return (struct sweep_options){ .jobs = 1,
		                       .stop = &drill->stop,
		                       .archiving = drill->archive ? &drill->archiving : NULL,
		                       .cut = { drill_cut, drill } };
}

static void drill_open_journal(struct drill *drill)
{
	journal_close(TAKE(drill->journal, NULL));
	if (journal_open(&drill->journal, drill->yard->session.root, NULL, JOURNAL_WRITE,
	                 &drill->err) < 0)
		fail_msg("%s", drill->err.text);
}

void drill_reopen(struct drill *drill)
{
	yard_load(drill->yard);
	drill_open_journal(drill);
}

/* Plans what drill->run was asked for, and goes on with it. */
static int drill_finish(struct drill *drill)
{
	struct sweep_options options = drill_options(drill);
	AUTO(map) struct map decided = MAP_INIT;
	const struct selection_scope scope = run_scope_again(drill->run, &decided);

	yard_decide(drill->yard, &scope);
	return sweep_resume(drill->run, drill->journal, &drill->yard->session, drill->yard->plan,
	                    &options, &drill->err);
}

int drill_start(struct drill *drill, const char *scope)
{
	struct sweep_options options = drill_options(drill);
	struct sweep_request request = { .command = "system prune --all" };

	yard_plan(drill->yard, scope);
	drill_open_journal(drill);
	request.plan = drill->yard->plan;
	request.scope = drill->yard->scope;
	request.is_quarantine = drill->is_quarantine;
	run_free(TAKE(drill->run, NULL));
	return sweep_run(&drill->run, drill->journal, &drill->yard->session, &request, &options,
	                 &drill->err);
}

void drill_sweep(struct drill *drill, const char *scope)
{
	if (drill_start(drill, scope) < 0)
		fail_msg("%s", drill->err.text);
}

bool drill_resume(struct drill *drill)
{
	drill_reopen(drill);
	run_free(TAKE(drill->run, NULL));
	if (journal_unfinished(drill->journal, &drill->run, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	if (!drill->run)
		return false;
	if (drill_finish(drill) < 0)
		fail_msg("%s", drill->err.text);
	return true;
}

int drill_resume_run(struct drill *drill)
{
	drill_reopen(drill);
	return drill_finish(drill);
}

void drill_stop_at(struct drill *drill, int at)
{
	drill->is_stop = true;
	drill->cut_at = at;
}

bool drill_go_on(struct drill *drill)
{
	bool was_stopped = drill->stop;

	drill->stop = false;
	drill->cut_at = -1;
	drill->is_stop = false;
	return was_stopped;
}

bool drill_was_killed(pid_t child)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == DRILL_KILLED);
	return WEXITSTATUS(status) == DRILL_KILLED;
}

bool drill_kill(struct drill *drill, bool is_resume)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (is_resume)
			(void)drill_resume(drill);
		else
			drill_sweep(drill, drill->scope);
		_exit(0);
	}
	return drill_was_killed(child);
}

bool drill_kill_at(struct drill *drill, int at, bool is_resume)
{
	bool is_killed;

	drill->cut_at = at;
	is_killed = drill_kill(drill, is_resume);
	drill->cut_at = -1;
	return is_killed;
}

void drill_kill_before(struct drill *drill, enum action_kind kind, const char *word)
{
	AUTO(str) char *path = yard_path(drill->yard, kind, word);

	drill->cut_line = mem_print("rename %s", path);
	assert_true(drill_kill(drill, false));
	free(TAKE(drill->cut_line, NULL));
}

struct run_step *drill_step(const struct drill *drill, enum action_kind kind, const char *word)
{
	AUTO(str) char *path = yard_path(drill->yard, kind, word);

	for (size_t i = 0; i < drill->run->step_count; i++) {
		if (drill->run->steps[i].kind == kind &&
		    strcmp(drill->run->steps[i].path, path) == 0)
			return &drill->run->steps[i];
	}
	fail_msg("there is no step %s", path);
	return NULL;
}

const struct run_step *drill_expect_step(const struct drill *drill, enum action_kind kind,
                                         const char *word, enum step_state expected)
{
	const struct run_step *step = drill_step(drill, kind, word);

	if (step->state != expected)
		fail_msg("%s is %s: %s", word, step_state_name(step->state),
		         step->error ? step->error : "");
	return step;
}

char *drill_tags(const struct drill *drill)
{
	AUTO(str) char *path = mem_print("%s/image/overlay2/repositories.json", drill->yard->dir);
	char *bytes = NULL;
	size_t len;
	struct err err = ERR_INIT;

	if (file_read(AT_FDCWD, path, 10000, &bytes, &len, &err) < 0)
		fail_msg("%s", err.text);
	return bytes;
}

void drill_expect_layer(const struct drill *drill, const char *word, bool is_there)
{
	assert_int_equal(yard_has_object(drill->yard, ACTION_LAYER, word), is_there);
	assert_int_equal(yard_has_object(drill->yard, ACTION_DIR, word), is_there);
	assert_int_equal(yard_has_object(drill->yard, ACTION_LINK, word), is_there);
}

void drill_expect_kept(const struct drill *drill)
{
	AUTO(str) char *tags = drill_tags(drill);

	assert_non_null(strstr(tags, "\"keep:1\""));
	drill_expect_layer(drill, "base", true);
	drill_expect_layer(drill, "keep", true);
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "keep"));
	assert_true(yard_has_object(drill->yard, ACTION_CONTAINER, "web"));
	assert_true(yard_has_object(drill->yard, ACTION_MOUNT, "web"));
}

void drill_expect_swept(const struct drill *drill)
{
	static const char *const layers[] = { "middle", "app", "old", "lower", "lost" };
	const struct yard *yard = drill->yard;
	AUTO(str) char *tags = drill_tags(drill);

	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		drill_expect_layer(drill, layers[i], false);
	assert_null(strstr(tags, "app:1"));
	assert_null(strstr(tags, "old:1"));
	assert_false(yard_has_object(yard, ACTION_DIR, "stray"));
	assert_false(yard_has_object(yard, ACTION_LINK, "stray"));
	assert_false(yard_has_object(yard, ACTION_IMAGE, "app"));
	assert_false(yard_has_object(yard, ACTION_IMAGE, "middle"));
	assert_false(yard_has_object(yard, ACTION_IMAGE_METADATA, "app"));
	assert_false(yard_has_object(yard, ACTION_CONTAINER, "job"));
	assert_false(yard_has_object(yard, ACTION_MOUNT, "job"));
	assert_false(yard_has(yard, "overlay2/l/AAAAAAAAAAAAAAAAAAAAAAAAAA"));
	assert_false(yard_has(yard, "image/overlay2/layerdb/tmp/write-set-12"));
	assert_false(yard_has(yard, "image/overlay2/.tmp-repositories.json99"));
	assert_false(yard_has(yard, "image/overlay2/.tmp-repositories.json1"));
	assert_false(yard_has(yard, ".drydock/1"));
	assert_false(yard_has(yard, "overlay2/.drydock"));
}

void drill_expect_startable(const struct drill *drill)
{
	static const char *const layers[] = { "middle", "app", "old", "lost", "lower" };
	const struct yard *yard = drill->yard;

	drill_expect_kept(drill);
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		if (yard_has_object(yard, ACTION_LAYER, layers[i]))
			drill_expect_layer(drill, layers[i], true);
	}
	if (yard_has_object(yard, ACTION_LAYER, "app"))
		drill_expect_layer(drill, "middle", true);
	if (yard_has_object(yard, ACTION_LAYER, "lost"))
		drill_expect_layer(drill, "lower", true);
	if (yard_has_object(yard, ACTION_CONTAINER, "job"))
		assert_true(yard_has_object(yard, ACTION_MOUNT, "job"));
	if (yard_has_object(yard, ACTION_MOUNT, "job"))
		drill_expect_layer(drill, "app", true);
	if (yard_has_object(yard, ACTION_IMAGE, "app"))
		drill_expect_layer(drill, "app", true);
}

bool drill_pin(const struct drill *drill, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s", drill->yard->dir, path);

	return mount(full, full, NULL, MS_BIND, NULL) == 0;
}

void drill_unpin(const struct drill *drill, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s", drill->yard->dir, path);

	assert_int_equal(umount2(full, MNT_DETACH), 0);
}

void drill_expect_all_restored(const struct drill *drill)
{
	for (size_t i = 0; i < drill->run->step_count; i++) {
		const struct run_step *step = &drill->run->steps[i];

		if (step->state != STEP_RESTORED)
			fail_msg("%s %s: %s", action_kind_name(step->kind), step->object,
			         step->error ? step->error : step_state_name(step->state));
	}
}
