/* test_keep.c - what keep rules mean. */
#include "tests/unit/check.h"
#include "tests/unit/tree.h"
#include "tests/unit/world.h"

#include "gc/plan/keep_file.h"
#include "metadata/base/mem.h"

#include <string.h>

#define DIGEST "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Whether RULES keep a reference of that name. */
static bool keeps(const struct keep_rules *rules, const char *name)
{
	struct world *world = world_new();
	AUTO(keep_marks) struct keep_marks *marks = NULL;
	bool is_kept;

	world_image(world, "image", NULL, NULL);
	world_ref(world, name, "image");
	world_seal(world);
	marks = keep_marks_make(rules, &world->state);
	is_kept = marks->ref_rule[0] != KEEP_NONE;
	assert_true(is_kept == (marks->image_rule[0] != KEEP_NONE));
	world_free(world);
	return is_kept;
}

static bool pattern_keeps(const char *pattern, const char *name)
{
	AUTO(keep_rules) struct keep_rules rules = KEEP_RULES_INIT;
	struct err err = ERR_INIT;

	if (keep_rules_add(&rules, pattern, &err) < 0)
		fail_msg("%s", err.text);
	return keeps(&rules, name);
}

static const struct {
	const char *pattern;
	const char *name;
	bool is_meant;
} meanings[] = {
	/* a repository is all of its tags and digests */
	{ "busybox", "busybox:latest", true },
	{ "busybox", "busybox:1.36", true },
	{ "busybox", "busybox" DIGEST, true },
	{ "busybox", "busybox2:1", false },
	{ "busybox", "team/busybox:1", false },
	{ "busybox:latest", "busybox:latest", true },
	{ "busybox:latest", "busybox:1.36", false },
	{ "busybox:latest", "busybox" DIGEST, false },
	{ "busybox" DIGEST, "busybox" DIGEST, true },
	{ "busybox" DIGEST, "busybox:latest", false },
	{ "busybox@sha256:aaaa*", "busybox" DIGEST, true },
	{ "busybox@sha256:bbbb*", "busybox" DIGEST, false },
	{ "busybox:1" DIGEST, "busybox" DIGEST, true },
	/* short and full names are one */
	{ "library/busybox", "busybox:1", true },
	{ "docker.io/library/busybox", "busybox:1", true },
	{ "docker.io/library/busybox:1", "busybox:1", true },
	{ "index.docker.io/library/busybox", "busybox:1", true },
	{ "docker.io/busybox", "busybox:1", false },
	{ "docker.io/team/x", "team/x:1", true },
	{ "index.docker.io/team/x:1", "team/x:1", true },
	{ "library/team/x", "team/x:1", false },
	{ "docker.io/*", "team/x:1", true },
	{ "docker.io/*", "quay.io/team/x:1", false },
	/* registries, ports */
	{ "host:5000/x", "host:5000/x:1", true },
	{ "host:5000/x:1", "host:5000/x:1", true },
	{ "host:5000/x:2", "host:5000/x:1", false },
	{ "host:5000/x/*:v1.*", "host:5000/x/y:v1.2", true },
	{ "host:5000/x/*:v1.*", "host:5000/x/y/z:v1.2", true },
	{ "host:5000/x/*:v1.*", "host:5000/x/y:v2.1", false },
	{ "host:5000/x/*:v1.*", "host:5000/x:v1.2", false },
	{ "host:5000/*", "host:5000/a/b/c:1", true },
	{ "*/x", "host:5000/x:1", true },
	/* wildcards do not cross from the name into the tag, or back */
	{ "*", "host:5000/a/b:1", true },
	{ "*", "busybox" DIGEST, true },
	{ "*:1", "host:5000/a/b:1", true },
	{ "*:1", "host:5000/a/b:2", false },
	{ "app*1", "app:1", false },
	{ "app*1", "app-v1:7", true },
	{ "app?1", "app:1", false },
	{ "*:*", "busybox:1", true },
	{ "*:*", "busybox" DIGEST, false },
	{ "*@*", "busybox" DIGEST, true },
	{ "app:v[0-9]", "app:v1", true },
	{ "app:v[0-9]", "app:vx", false },
	{ "app[:/]x", "app:x", false },
	{ "a\\pp:1", "app:1", true },
	{ "App", "app:1", false },
	/* exactly a reference, brackets or not */
	{ "[::1]:5000/x:1", "[::1]:5000/x:1", true },
	{ "\\[::1\\]:5000/x", "[::1]:5000/x:1", true },
};

static void patterns_mean_references(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (pattern_keeps(meanings[i].pattern, meanings[i].name) != meanings[i].is_meant)
			fail_msg("%s, %s", meanings[i].pattern, meanings[i].name);
	}
}

static void ids_mean_images(void **state)
{
	const char *id = world_id("image");
	AUTO(str) char *short_id = mem_copy(id, 12);
	AUTO(str) char *short_digest = mem_print("sha256:%s", short_id);
	AUTO(str) char *digest = mem_print("sha256:%s", id);
	AUTO(str) char *other = mem_print("%sx", short_id);
	AUTO(str) char *too_short = mem_copy(id, 11);

	(void)state;
	other[12] = id[12] == '0' ? '1' : '0';
	assert_true(pattern_keeps(short_id, "app:1"));
	assert_true(pattern_keeps(short_digest, "app:1"));
	assert_true(pattern_keeps(digest, "app:1"));
	assert_true(pattern_keeps(id, "app:1"));
	assert_false(pattern_keeps(other, "app:1"));
	assert_false(pattern_keeps(too_short, "app:1"));
	/* a repository may be called so */
	assert_true(pattern_keeps("deadbeefcafe", "deadbeefcafe:1"));
}

static void what_is_no_pattern_is_refused(void **state)
{
	static const struct {
		const char *pattern;
		const char *words;
	} cases[] = {
		{ "", "--keep '': it is empty" },
		{ "app[", "--keep 'app[': a set without its ']'" },
		{ "app\\", "--keep 'app\\\\': a backslash at its end" },
		{ "a b", "--keep 'a b': it holds a blank" },
		{ "a\tb", "--keep 'a\\tb': it holds a character that no reference has" },
		{ "\xc3\xa4pp", "--keep '\xc3\xa4pp': it holds a character that no reference has" },
		{ ":1", "--keep ':1': it has no repository" },
		{ "@sha256:x", "--keep '@sha256:x': it has no repository" },
		{ "app:", "--keep 'app:': its tag is empty" },
		{ "app@", "--keep 'app@': its digest is empty" },
		{ "!app", "--keep '!app': a line of a --keep-from file can take back what that "
		          "file keeps, an option cannot" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct keep_rules rules = KEEP_RULES_INIT;
		struct err err = ERR_INIT;

		if (keep_rules_add(&rules, cases[i].pattern, &err) == 0)
			fail_msg("accepted: %s", cases[i].pattern);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_string_equal(err.text, cases[i].words);
		assert_int_equal(rules.count, 0);
	}
}

/* ---- files ---- */

/* Reads TEXT (of LEN bytes) as a list. */
static int read_list(struct keep_rules *rules, const char *text, size_t len, struct err *err)
{
	char *dir = tree_new("keep");
	AUTO(str) char *path = mem_print("%s/list", dir);
	int result;

	tree_write(dir, "list", text, len);
	result = keep_file_read(rules, path, err);
	tree_remove(dir);
	return result;
}

static void a_list_has_a_pattern_a_line(void **state)
{
	static const char text[] = "# what stays\n\n  app:*  \r\n\tbase\n  # more\nhost:5000/x";
	AUTO(keep_rules) struct keep_rules rules = KEEP_RULES_INIT;
	AUTO(str) char *words = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(read_list(&rules, text, strlen(text), &err), 0);
	assert_int_equal(rules.count, 3);
	assert_string_equal(rules.items[0].text, "app:*");
	assert_string_equal(rules.items[1].text, "base");
	assert_string_equal(rules.items[2].text, "host:5000/x"); /* no newline at the end */
	assert_int_equal(rules.items[2].line, 6);
	words = keep_rule_words(&rules, 0);
	assert_non_null(strstr(words, "--keep-from /"));
	assert_non_null(strstr(words, "/list line 3 'app:*'"));
	assert_true(keeps(&rules, "app:1"));
	assert_false(keeps(&rules, "other:1"));
}

static void the_last_line_that_means_it_decides(void **state)
{
	static const char text[] = "app:*\n!app:test-*\napp:test-1\n!base\n";
	AUTO(keep_rules) struct keep_rules rules = KEEP_RULES_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(keep_rules_add(&rules, "base:1", &err), 0);
	assert_int_equal(read_list(&rules, text, strlen(text), &err), 0);
	assert_true(keeps(&rules, "app:1"));
	assert_false(keeps(&rules, "app:test-2"));
	assert_true(keeps(&rules, "app:test-1"));
	/* a file does not undo an option */
	assert_true(keeps(&rules, "base:1"));
	assert_false(keeps(&rules, "base:2"));
}

static void files_do_not_undo_each_other(void **state)
{
	static const char keeping[] = "app\n";
	static const char undoing[] = "!app\n";
	AUTO(keep_rules) struct keep_rules rules = KEEP_RULES_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(read_list(&rules, keeping, strlen(keeping), &err), 0);
	assert_int_equal(read_list(&rules, undoing, strlen(undoing), &err), 0);
	assert_true(keeps(&rules, "app:1"));
}

static void a_list_of_comments_keeps_nothing(void **state)
{
	static const char text[] = "# nothing yet\n";
	AUTO(keep_rules) struct keep_rules rules = KEEP_RULES_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(read_list(&rules, text, strlen(text), &err), 0);
	assert_int_equal(rules.count, 0);
}

static void assert_list_refused(const char *text, size_t len, const char *words)
{
	AUTO(keep_rules) struct keep_rules rules = KEEP_RULES_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(read_list(&rules, text, len, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_ptr_equal(strstr(err.text, "--keep-from /"), err.text);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
	assert_null(strchr(err.text, '\n'));
}

static void bad_lists_are_refused(void **state)
{
	AUTO(str) char *huge = mem_zalloc(KEEP_FILE_MAX + 1, 1);

	(void)state;
	(void)memset(huge, '\n', KEEP_FILE_MAX + 1);
	assert_list_refused("", 0, "/list: is empty");
	assert_list_refused("\n \n", 3, "/list: is empty");
	assert_list_refused("app\0b\n", 6, "/list: is no text: it holds NUL bytes");
	assert_list_refused("app\n\x1b[1m\n", 9, "/list: line 2: '");
	assert_list_refused("app # mine\n", 11, "/list: line 1: 'app # mine': it holds a blank");
	assert_list_refused("app\n!\n", 6, "/list: line 2: '!': it is empty");
	assert_list_refused("a[\n", 3, "/list: line 1: 'a[': a set without its ']'");
	assert_list_refused(huge, KEEP_FILE_MAX + 1, "/list: is larger than 1 MiB");
}

static void a_list_that_is_not_there_is_refused(void **state)
{
	AUTO(keep_rules) struct keep_rules rules = KEEP_RULES_INIT;
	char *dir = tree_new("keep");
	AUTO(str) char *path = mem_print("%s/none", dir);
	AUTO(str) char *words = mem_print("--keep-from %s: No such file or directory", path);
	AUTO(str) char *dir_words = mem_print("--keep-from %s: is a directory", dir);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(keep_file_read(&rules, path, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, words);
	err_clear(&err);
	assert_int_equal(keep_file_read(&rules, dir, &err), -1);
	assert_string_equal(err.text, dir_words);
	tree_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_mean_references),
		cmocka_unit_test(ids_mean_images),
		cmocka_unit_test(what_is_no_pattern_is_refused),
		cmocka_unit_test(a_list_has_a_pattern_a_line),
		cmocka_unit_test(the_last_line_that_means_it_decides),
		cmocka_unit_test(files_do_not_undo_each_other),
		cmocka_unit_test(a_list_of_comments_keeps_nothing),
		cmocka_unit_test(bad_lists_are_refused),
		cmocka_unit_test(a_list_that_is_not_there_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
