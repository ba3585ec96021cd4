/* test_ref.c - repositories.json: every way in which it can be, and writing it back. */
#include "tests/unit/check.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/ref.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define HEX_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define ID_1 "sha256:" HEX_1
#define ID_2 "sha256:" HEX_2

struct fixture {
	char *dir;
	int fd;
	struct ref_list refs;
	struct finding_list findings;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("ref");
	f->fd = tree_open(f->dir, "");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	ref_list_done(&f->refs);
	finding_list_done(&f->findings);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void load(struct fixture *f)
{
	ref_list_done(&f->refs);
	finding_list_done(&f->findings);
	if (ref_list_load(&f->refs, f->fd, &f->findings, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static void load_text(struct fixture *f, const char *text)
{
	tree_write(f->dir, "repositories.json", text, strlen(text));
	load(f);
}

static void assert_ref(const struct fixture *f, size_t at, const char *name, const char *image_id,
                       enum ref_kind kind)
{
	assert_true(at < f->refs.count);
	assert_string_equal(f->refs.items[at].name, name);
	if (image_id)
		assert_string_equal(f->refs.items[at].image_id, image_id);
	else
		assert_null(f->refs.items[at].image_id);
	assert_int_equal(f->refs.items[at].kind, kind);
}

static void assert_unreadable(const struct fixture *f, const char *words)
{
	assert_true(f->refs.is_unreadable);
	assert_false(f->refs.is_missing);
	assert_int_equal(f->refs.count, 0);
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, FINDING_REFS_UNREADABLE);
	assert_string_equal(f->findings.items[0].path, "image/overlay2/repositories.json");
	if (!strstr(f->findings.items[0].detail, words))
		fail_msg("\"%s\" lacks \"%s\"", f->findings.items[0].detail, words);
}

static void assert_readable(const struct fixture *f, size_t count)
{
	assert_false(f->refs.is_unreadable);
	assert_false(f->refs.is_missing);
	assert_int_equal(f->refs.count, count);
	assert_int_equal(f->findings.count, 0);
}

static void tags_and_digests_are_read_sorted(void **state)
{
	struct fixture *f = *state;

	load_text(f, "{\"Repositories\":{\"b\":{\"b:1\":\"" ID_1 "\"},\"a/x\":{\"a/x@" ID_1
	             "\":\"" ID_2 "\",\"a/x:2\":\"" ID_2 "\"}}}");
	assert_readable(f, 3);
	assert_ref(f, 0, "a/x:2", HEX_2, REF_TAG);
	assert_ref(f, 1, "a/x@" ID_1, HEX_2, REF_DIGEST);
	assert_ref(f, 2, "b:1", HEX_1, REF_TAG);
	assert_string_equal(f->refs.items[0].repository, "a/x");
	assert_string_equal(f->refs.items[2].value, ID_1);
}

static void a_missing_file_is_told(void **state)
{
	struct fixture *f = *state;

	load(f);
	assert_true(f->refs.is_missing);
	assert_false(f->refs.is_unreadable);
	assert_int_equal(f->refs.count, 0);
	assert_int_equal(f->findings.count, 0);
}

static void what_drydock_has_emptied_is_not_lost(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = mem_print("%s/repositories.json", f->dir);

	load_text(f, "{\"Repositories\":{}}");
	assert_false(f->refs.is_emptied);
	if (setxattr(path, REF_EMPTIED_ATTRIBUTE, "1", 1, 0) < 0)
		skip(); /* only root may */
	load(f);
	assert_true(f->refs.is_emptied);
}

static void no_repository_is_readable(void **state)
{
	static const char *const texts[] = { "{}", "{\"Repositories\":{}}", "{\"Other\":5}",
		                             "{\"Repositories\":{\"a\":{},\"b\":null}}" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		load_text(f, texts[i]);
		assert_readable(f, 0);
	}
}

static void what_dockerd_does_not_start_from_is_unreadable(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "is empty" },
		{ "\n", "line " },
		{ "garbage", "line 1, column 7, byte 7" },
		{ "{\"Repositories\":{", "line 1" },
		{ "null", "line 1" },
		{ "[]", "not a JSON object" },
		{ "{\"Repositories\":null}", "\"Repositories\" is null" },
		{ "{\"Repositories\":{},\"repositories\":null}", "\"Repositories\" is null" },
		{ "{\"Repositories\":5}", "\"Repositories\" is no object" },
		{ "{\"Repositories\":[]}", "\"Repositories\" is no object" },
		{ "{\"Repositories\":{\"a\":5}}", "repository \"a\" is no object" },
		{ "{\"Repositories\":{\"a\":{\"a:1\":5}}}", "the value of \"a:1\" is no string" },
		{ "{\"Repositories\":{\"a\":{\"a:1\":\"x\\u0000\"}}}", "NUL character" },
		{ "{\"Repositories\":{\"a\":{}},\"Repositories\":{}}", "stands twice" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		load_text(f, cases[i].text);
		assert_unreadable(f, cases[i].words);
	}
}

static void every_truncation_is_unreadable(void **state)
{
	static const char text[] = "{\"Repositories\":{\"a\":{\"a:1\":\"" ID_1 "\"}}}";
	struct fixture *f = *state;

	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		tree_write(f->dir, "repositories.json", text, len);
		load(f);
		assert_unreadable(f, "");
	}
}

static void a_nul_byte_is_unreadable(void **state)
{
	struct fixture *f = *state;

	tree_write(f->dir, "repositories.json", "{\"Repositories\0\":{}}", 20);
	load(f);
	assert_unreadable(f, "line 1");
}

static void an_oversized_file_is_unreadable(void **state)
{
	struct fixture *f = *state;
	AUTO(close)
	int fd = openat(f->fd, "repositories.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(ftruncate(fd, (off_t)FILE_RECORD_MAX + 1), 0);
	load(f);
	assert_unreadable(f, "more than the");
}

static void what_is_no_file_is_unreadable(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "repositories.json");
	load(f);
	assert_unreadable(f, "is not a regular file");
	assert_int_equal(unlinkat(f->fd, "repositories.json", AT_REMOVEDIR), 0);
	tree_link(f->dir, "repositories.json", "elsewhere");
	load(f);
	assert_unreadable(f, "is a symbolic link");
}

static void bytes_after_the_first_value_are_ignored(void **state)
{
	struct fixture *f = *state;

	load_text(f, "{\"Repositories\":{\"a\":{\"a:1\":\"" ID_1 "\"}}}garbage\n{");
	assert_readable(f, 1);
}

static void the_key_may_be_spelled_in_any_case(void **state)
{
	struct fixture *f = *state;

	load_text(f, "{\"x\":[1],\"rEPOSITORIE\xc5\xbf\":{\"a\":{\"a:1\":\"" ID_1 "\"}}}");
	assert_readable(f, 1);
}

static void case_variants_merge_and_the_last_repository_wins(void **state)
{
	struct fixture *f = *state;

	load_text(f, "{\"Repositories\":{\"a\":{\"a:1\":\"" ID_1 "\",\"a:2\":\"" ID_1
	             "\"},\"b\":{\"b:1\":\"" ID_1 "\"}},"
	             "\"repositories\":{\"a\":{\"a:1\":\"" ID_2 "\"}}}");
	assert_readable(f, 2);
	assert_ref(f, 0, "a:1", HEX_2, REF_TAG);
	assert_ref(f, 1, "b:1", HEX_1, REF_TAG);
}

static void null_empties_what_came_before(void **state)
{
	struct fixture *f = *state;

	load_text(f, "{\"Repositories\":{\"a\":{\"a:1\":\"" ID_1 "\"}},\"REPOSITORIES\":null,"
	             "\"repositories\":{\"b\":{\"b:1\":\"" ID_1 "\"}}}");
	assert_readable(f, 1);
	assert_ref(f, 0, "b:1", HEX_1, REF_TAG);
}

static void the_last_of_doubled_tags_wins(void **state)
{
	struct fixture *f = *state;

	load_text(f, "{\"Repositories\":{\"a\":{\"a:1\":\"" ID_1 "\",\"a:1\":\"" ID_2 "\"}}}");
	assert_readable(f, 1);
	assert_ref(f, 0, "a:1", HEX_2, REF_TAG);
}

static void entries_that_are_no_references_stay_and_are_told(void **state)
{
	static const struct {
		const char *repository, *name, *value, *words;
	} cases[] = {
		{ "a", "a:-", ID_1, "its tag is none" },
		{ "a", "b:1", ID_1, "it does not begin with its repository" },
		{ "docker.io/library/a", "docker.io/library/a:1", ID_1, "no name that dockerd" },
		{ "a", "a:1", "busybox", "its value is no image ID" },
		{ "a", "a:1", "", "its value is no image ID" },
		{ "a", "a:1", "sha256:../../x", "its value is no image ID" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(str)
		char *text = mem_print("{\"Repositories\":{\"%s\":{\"%s\":\"%s\"}}}",
		                       cases[i].repository, cases[i].name, cases[i].value);
		bool is_id = strcmp(cases[i].value, ID_1) == 0;

		load_text(f, text);
		assert_int_equal(f->refs.count, 1);
		assert_ref(f, 0, cases[i].name, is_id ? HEX_1 : NULL, REF_INVALID);
		assert_string_equal(f->refs.items[0].value, cases[i].value);
		assert_int_equal(f->findings.count, 1);
		assert_int_equal(f->findings.items[0].code, FINDING_REF_INVALID);
		assert_non_null(strstr(f->findings.items[0].detail, cases[i].words));
	}
}

static void assert_formats(const struct fixture *f, const bool *drop, const char *expected)
{
	size_t len = 0;
	AUTO(str) char *text = ref_list_format(&f->refs, drop, &len);

	assert_string_equal(text, expected);
	assert_int_equal(len, strlen(expected));
}

static void dropped_entries_leave_and_empty_repositories_too(void **state)
{
	const bool first[] = { true, false, false };
	const bool repository[] = { false, false, true };
	const bool all[] = { true, true, true };
	struct fixture *f = *state;

	load_text(f, "{\"Repositories\":{\"a\":{\"a:1\":\"" ID_1 "\",\"a:2\":\"" ID_2
	             "\"},\"b\":{\"b:1\":\"" ID_1 "\"}}}");
	assert_formats(f, first,
	               "{\"Repositories\":{\"a\":{\"a:2\":\"" ID_2 "\"},\"b\":{\"b:1\":\"" ID_1
	               "\"}}}");
	assert_formats(f, repository,
	               "{\"Repositories\":{\"a\":{\"a:1\":\"" ID_1 "\",\"a:2\":\"" ID_2 "\"}}}");
	assert_formats(f, all, "{\"Repositories\":{}}");
}

static void strings_are_escaped_as_go_does(void **state)
{
	const bool drop[] = { false };
	struct fixture *f = *state;

	load_text(f, "{\"Repositories\":{\"r\":{\"<>&\\\"\\\\\\/\\n\\r\\t\\b\\u001f\\u007f\xe2\x80"
	             "\xa8\xe2\x80\xa9\xe2\x80\xaa\xc3\xb6\xff\":\"\"}}}");
	assert_formats(f, drop,
	               "{\"Repositories\":{\"r\":{\"\\u003c\\u003e\\u0026\\\"\\\\/\\n\\r\\t\\u0008"
	               "\\u001f\x7f\\u2028\\u2029\xe2\x80\xaa\xc3\xb6\xef\xbf\xbd\":\"\"}}}");
}

static void repositories_are_sorted_by_bytes_not_by_their_tags(void **state)
{
	const bool drop[] = { false, false, false };
	struct fixture *f = *state;

	/* "a-b:1" < "a:1" as names, "a" < "a-b" as repositories */
	load_text(f, "{\"Repositories\":{\"a-b\":{\"a-b:1\":\"\"},\"a\":{\"a:1\":\"\"},"
	             "\"Z\":{\"Z:1\":\"\"}}}");
	assert_formats(f, drop,
	               "{\"Repositories\":{\"Z\":{\"Z:1\":\"\"},\"a\":{\"a:1\":\"\"},"
	               "\"a-b\":{\"a-b:1\":\"\"}}}");
}

static void the_file_of_a_real_dockerd_comes_back_byte_for_byte(void **state)
{
	struct fixture *f = *state;
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	AUTO(str) char *text = NULL;
	AUTO(str) char *drop = NULL;
	size_t len = 0;

	assert_int_equal(file_read_record(AT_FDCWD, "fixtures/records/repositories.json",
	                                  FILE_RECORD_MAX, &bytes, &f->err),
	                 FILE_READ);
	tree_write(f->dir, "repositories.json", bytes.data, bytes.len);
	load(f);
	assert_readable(f, 23);
	drop = mem_zalloc(f->refs.count, sizeof(bool));
	text = ref_list_format(&f->refs, (const bool *)drop, &len);
	assert_int_equal(len, bytes.len);
	assert_memory_equal(text, bytes.data, len);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tags_and_digests_are_read_sorted),
		TEST(a_missing_file_is_told),
		TEST(what_drydock_has_emptied_is_not_lost),
		TEST(no_repository_is_readable),
		TEST(what_dockerd_does_not_start_from_is_unreadable),
		TEST(every_truncation_is_unreadable),
		TEST(a_nul_byte_is_unreadable),
		TEST(an_oversized_file_is_unreadable),
		TEST(what_is_no_file_is_unreadable),
		TEST(bytes_after_the_first_value_are_ignored),
		TEST(the_key_may_be_spelled_in_any_case),
		TEST(case_variants_merge_and_the_last_repository_wins),
		TEST(null_empties_what_came_before),
		TEST(the_last_of_doubled_tags_wins),
		TEST(entries_that_are_no_references_stay_and_are_told),
		TEST(dropped_entries_leave_and_empty_repositories_too),
		TEST(strings_are_escaped_as_go_does),
		TEST(repositories_are_sorted_by_bytes_not_by_their_tags),
		TEST(the_file_of_a_real_dockerd_comes_back_byte_for_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
