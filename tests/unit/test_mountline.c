/* test_mountline.c - lines of mountinfo, their escapes and options. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/mountline.h"

#include <string.h>

static void every_field_is_found(void **state)
{
	char line[] = "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root "
		      "rw,errors=continue";
	struct mountline mount;

	(void)state;
	assert_true(mountline_parse(&mount, line));
	assert_string_equal(mount.id, "36");
	assert_string_equal(mount.parent, "35");
	assert_string_equal(mount.device, "98:0");
	assert_string_equal(mount.root, "/mnt1");
	assert_string_equal(mount.point, "/mnt2");
	assert_string_equal(mount.type, "ext3");
	assert_string_equal(mount.options, "rw,errors=continue");
}

static void optional_fields_may_be_missing(void **state)
{
	char line[] = "22 27 0:21 / /proc rw,relatime - proc proc rw";
	struct mountline mount;

	(void)state;
	assert_true(mountline_parse(&mount, line));
	assert_string_equal(mount.type, "proc");
}

static void escapes_are_undone(void **state)
{
	char line[] = "1 2 0:3 /a\\040b /c\\011d\\012e\\134f\\04 rw - tmpfs none rw";
	struct mountline mount;

	(void)state;
	assert_true(mountline_parse(&mount, line));
	assert_string_equal(mount.root, "/a b");
	assert_string_equal(mount.point, "/c\td\ne\\f\\04");
}

static void a_name_space_is_a_mount_too(void **state)
{
	char line[] = "1 2 0:4 net:[4026531992] /run/netns/x rw - nsfs nsfs rw";
	struct mountline mount;

	(void)state;
	assert_true(mountline_parse(&mount, line));
	assert_string_equal(mount.root, "net:[4026531992]");
}

static void anything_else_is_no_line(void **state)
{
	static const char *const lines[] = {
		"",
		"x",
		"36 35 98:0 /mnt1 /mnt2 rw",
		"36 35 98:0 /mnt1 /mnt2 rw shared:1",
		"36 35 98:0 /mnt1 /mnt2 rw - ext3",
		"36 35 98:0 mnt1 /mnt2 rw - ext3 none rw",
		"36 35 98 /mnt1 /mnt2 rw - ext3 none rw",
		"a 35 98:0 /mnt1 /mnt2 rw - ext3 none rw",
		"36  35 98:0 /mnt1 /mnt2 rw - ext3 none rw",
		"-1 35 98:0 /mnt1 /mnt2 rw - ext3 none rw",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		AUTO(str) char *line = mem_text(lines[i]);
		struct mountline mount;

		assert_false(mountline_parse(&mount, line));
	}
}

static void options_are_split_before_they_are_unescaped(void **state)
{
	char text[] = "rw,lowerdir=/a\\054b\\040c:/d,index=off,upperdir=,x=y=z";
	char *rest = text;
	char *value;

	(void)state;
	assert_string_equal(mountline_next_option(&rest, &value), "rw");
	assert_string_equal(value, "");
	assert_string_equal(mountline_next_option(&rest, &value), "lowerdir");
	assert_string_equal(value, "/a,b c:/d");
	assert_string_equal(mountline_next_option(&rest, &value), "index");
	assert_string_equal(value, "off");
	assert_string_equal(mountline_next_option(&rest, &value), "upperdir");
	assert_string_equal(value, "");
	assert_string_equal(mountline_next_option(&rest, &value), "x");
	assert_string_equal(value, "y=z");
	assert_null(mountline_next_option(&rest, &value));
	assert_null(mountline_next_option(&rest, &value));
}

static void lists_of_paths_have_escaped_colons(void **state)
{
	char text[] = "/a\\:b:c\\\\d::/e\\";
	char *list = text;

	(void)state;
	assert_string_equal(mountline_next_path(&list), "/a:b");
	assert_string_equal(mountline_next_path(&list), "c\\d");
	assert_string_equal(mountline_next_path(&list), "");
	assert_string_equal(mountline_next_path(&list), "/e\\");
	assert_null(list);
}

static void below_goes_by_whole_components(void **state)
{
	(void)state;
	assert_string_equal(mountline_below("/a/b", "/a/b/c/d"), "c/d");
	assert_string_equal(mountline_below("/a/b", "/a/b"), "");
	assert_string_equal(mountline_below("/", "/a"), "a");
	assert_string_equal(mountline_below("/", "/"), "");
	assert_null(mountline_below("/a/b", "/a/bc"));
	assert_null(mountline_below("/a/b", "/a"));
	assert_null(mountline_below("/a/b", "/c/b/d"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_found),
		cmocka_unit_test(optional_fields_may_be_missing),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(a_name_space_is_a_mount_too),
		cmocka_unit_test(anything_else_is_no_line),
		cmocka_unit_test(options_are_split_before_they_are_unescaped),
		cmocka_unit_test(lists_of_paths_have_escaped_colons),
		cmocka_unit_test(below_goes_by_whole_components),
	};

	return cmocka_run_group_tests_name("mountline", tests, NULL, NULL);
}
