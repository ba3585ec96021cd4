/* test_root_default.c - the data root that daemon.json names. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/root.h"
#include "tests/unit/tree.h"

#include <string.h>

static int make(void **state)
{
	*state = tree_new("daemon");
	return 0;
}

static int unmake(void **state)
{
	tree_remove(*state);
	return 0;
}

static void assert_path(const char *dir, const char *text, const char *expected)
{
	AUTO(str) char *file = mem_print("%s/daemon.json", dir);
	AUTO(str) char *path = NULL;
	struct err err = ERR_INIT;

	if (text)
		tree_write(dir, "daemon.json", text, strlen(text));
	path = root_default_path(file, &err);
	if (!path)
		fail_msg("%s", err.text);
	assert_string_equal(path, expected);
}

static void assert_refused(const char *dir, const char *text, const char *words)
{
	AUTO(str) char *file = mem_print("%s/daemon.json", dir);
	struct err err = ERR_INIT;

	tree_write(dir, "daemon.json", text, strlen(text));
	assert_null(root_default_path(file, &err));
	assert_int_equal(err.kind, ERR_CORRUPT);
	assert_non_null(strstr(err.text, "daemon.json: "));
	if (!strstr(err.text, words))
		fail_msg("\"%s\" lacks \"%s\"", err.text, words);
}

static void without_a_file_it_is_the_usual_place(void **state)
{
	assert_path(*state, NULL, "/var/lib/docker");
}

static void a_file_that_says_nothing_leaves_the_usual_place(void **state)
{
	static const char *const texts[] = { "",
		                             " \n\t",
		                             "{}",
		                             "{\"debug\":true}",
		                             "{\"data-root\":null}",
		                             "{\"data-root\":\"\"}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_path(*state, texts[i], "/var/lib/docker");
}

static void data_root_is_taken(void **state)
{
	assert_path(*state, "{\"debug\":true,\"data-root\":\"/srv/docker\"}\n", "/srv/docker");
}

static void its_older_name_is_taken_too(void **state)
{
	assert_path(*state, "{\"graph\":\"/srv/old\"}", "/srv/old");
}

static void a_link_to_the_file_is_followed(void **state)
{
	tree_print(*state, "real.json", "{\"data-root\":\"/srv/docker\"}");
	tree_link(*state, "daemon.json", "real.json");
	assert_path(*state, NULL, "/srv/docker");
}

static void what_dockerd_refuses_is_refused(void **state)
{
	assert_refused(*state, "garbage", "line 1, column 7");
	assert_refused(*state, "{\"data-root\":\"/srv\"", "line 1");
	assert_refused(*state, "[]", "is not a JSON object");
	assert_refused(*state, "{\"data-root\":5}", "data-root is no path");
	assert_refused(*state, "{\"data-root\":\"/srv\\u0000\"}", "data-root is no path");
	assert_refused(*state, "{\"data-root\":\"/a\",\"graph\":\"/b\"}", "has both");
}

static void a_relative_path_is_refused(void **state)
{
	assert_refused(*state, "{\"data-root\":\"docker\"}",
	               "data-root is no absolute path: \"docker\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_file_it_is_the_usual_place),
		TEST(a_file_that_says_nothing_leaves_the_usual_place),
		TEST(data_root_is_taken),
		TEST(its_older_name_is_taken_too),
		TEST(a_link_to_the_file_is_followed),
		TEST(what_dockerd_refuses_is_refused),
		TEST(a_relative_path_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
