/* test_mountinfo.c - which mounts use a data root, seen through the mounts of real processes. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/mountinfo.h"
#include "overlay2/mountline.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LINK "AAAAAAAAAAAAAAAAAAAAAAAAAA"

/* A root with one layer directory and its link. */
static int setup(void **state)
{
	char *dir = tree_new("mounts");
	AUTO(str) char *link = mem_print("%s/overlay2/l/" LINK, dir);

	tree_print(dir, "overlay2/" ID "/diff/file", "content");
	tree_print(dir, "overlay2/" ID "/work/work/x", "x");
	tree_print(dir, "overlay2/" ID "/merged/x", "x");
	tree_print(dir, "overlay2/l/x", "x");
	tree_print(dir, "volumes/v/_data/x", "x");
	assert_int_equal(symlink("../" ID "/diff", link), 0);
	*state = dir;
	return 0;
}

static int teardown(void **state)
{
	tree_remove(*state);
	return 0;
}

/* A child with mounts of its own: it does what MAKE says, then waits until it is told to end. */
struct child {
	pid_t pid;
	int end;
};

static struct child child_start(const char *dir, int (*make)(const char *dir))
{
	int ready[2];
	int end[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(end[1]);
		byte = unshare(CLONE_NEWNS) == 0 &&
		               mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		               make(dir) == 0
		           ? 'y'
		           : 'n';
		(void)!write(ready[1], &byte, 1);
		(void)!read(end[0], &byte, 1);
		_exit(0);
	}
	(void)close(ready[1]);
	(void)close(end[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	(void)close(ready[0]);
	return (struct child){ pid, end[1] };
}

static void child_end(struct child child)
{
	(void)close(child.end);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
}

static void load(struct mountinfo_list *uses, const char *dir)
{
	AUTO(close) int overlay2_fd = tree_open(dir, "overlay2");
	struct err err = ERR_INIT;

	if (mountinfo_load(uses, "/proc", dir, overlay2_fd, &err) < 0)
		fail_msg("%s", err.text);
}

static void unused_root_has_no_use(void **state)
{
	struct mountinfo_list uses = MOUNTINFO_LIST_INIT;

	load(&uses, *state);
	assert_int_equal(uses.count, 0);
	mountinfo_list_done(&uses);
}

static int make_tmpfs(const char *dir)
{
	AUTO(str) char *path = mem_print("%s/overlay2/" ID "/merged", dir);

	return mount("tmpfs", path, "tmpfs", 0, NULL);
}

static void mount_of_another_process_below_the_root_is_a_use(void **state)
{
	struct mountinfo_list uses = MOUNTINFO_LIST_INIT;
	struct child child = child_start(*state, make_tmpfs);

	load(&uses, *state);
	child_end(child);
	assert_int_equal(uses.count, 1);
	assert_int_equal(uses.items[0].use, MOUNT_USE_BELOW);
	assert_int_equal(uses.items[0].pid, child.pid);
	assert_string_equal(uses.items[0].command, "test_mountinfo");
	assert_int_equal(uses.items[0].dir_count, 1);
	assert_string_equal(uses.items[0].dirs[0], ID);
	mountinfo_list_done(&uses);
}

static int make_overlay(const char *dir)
{
	AUTO(str) char *home = mem_print("%s/overlay2", dir);

	/* as dockerd does when the options get long: relative to overlay2 */
	return chdir(home) == 0 && mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0
	           ? mount("overlay", "/mnt", "overlay", MS_RDONLY, "lowerdir=l/" LINK ":l")
	           : -1;
}

static void overlay_of_relative_links_is_a_use_of_their_directory(void **state)
{
	struct mountinfo_list uses = MOUNTINFO_LIST_INIT;
	struct child child = child_start(*state, make_overlay);

	load(&uses, *state);
	child_end(child);
	assert_int_equal(uses.count, 1);
	assert_int_equal(uses.items[0].use, MOUNT_USE_OVERLAY);
	assert_string_equal(uses.items[0].mount_point, "/mnt");
	assert_int_equal(uses.items[0].dir_count, 1);
	assert_string_equal(uses.items[0].dirs[0], ID);
	mountinfo_list_done(&uses);
}

static int make_bind(const char *dir)
{
	AUTO(str) char *path = mem_print("%s/overlay2/" ID "/diff", dir);

	return mount(path, "/mnt", NULL, MS_BIND, NULL);
}

static void bind_mount_elsewhere_is_a_use(void **state)
{
	struct mountinfo_list uses = MOUNTINFO_LIST_INIT;
	struct child child = child_start(*state, make_bind);

	load(&uses, *state);
	child_end(child);
	assert_int_equal(uses.count, 1);
	assert_int_equal(uses.items[0].use, MOUNT_USE_BIND);
	assert_string_equal(uses.items[0].dirs[0], ID);
	mountinfo_list_done(&uses);
}

static int make_harmless(const char *dir)
{
	AUTO(str) char *volume = mem_print("%s/volumes/v/_data", dir);
	AUTO(str) char *part = mem_print("%s/overlay2", dir);

	return mount(dir, dir, NULL, MS_BIND, NULL) == 0 &&
	               mount("tmpfs", volume, "tmpfs", 0, NULL) == 0 &&
	               mount(part, part, NULL, MS_BIND, NULL) == 0
	           ? 0
	           : -1;
}

static void root_parts_and_volumes_as_mount_points_are_no_use(void **state)
{
	struct mountinfo_list uses = MOUNTINFO_LIST_INIT;
	struct child child = child_start(*state, make_harmless);

	load(&uses, *state);
	child_end(child);
	assert_int_equal(uses.count, 0);
	mountinfo_list_done(&uses);
}

static void process_that_is_ending_is_skipped(void **state)
{
	struct mountinfo_list uses = MOUNTINFO_LIST_INIT;
	pid_t pid = fork();
	siginfo_t info;

	if (pid == 0)
		_exit(0);
	/* it stays a zombie, whose mountinfo cannot be opened, until waitpid() */
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	load(&uses, *state);
	assert_int_equal(uses.count, 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	mountinfo_list_done(&uses);
}

static void line_is_taken_apart(void **state)
{
	char line[] =
	    "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw";
	struct mountline mount;

	(void)state;
	assert_true(mountline_parse(&mount, line));
	assert_string_equal(mount.id, "36");
	assert_string_equal(mount.parent, "35");
	assert_string_equal(mount.device, "98:0");
	assert_string_equal(mount.root, "/mnt1");
	assert_string_equal(mount.point, "/mnt 2");
	assert_string_equal(mount.type, "ext3");
	assert_string_equal(mount.options, "rw");
}

static void line_without_a_dash_is_refused(void **state)
{
	char line[] = "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1";
	struct mountline mount;

	(void)state;
	assert_false(mountline_parse(&mount, line));
}

static void paths_are_separated_by_colons_that_are_not_escaped(void **state)
{
	char text[] = "/a\\:b:/c";
	char *list = text;

	(void)state;
	assert_string_equal(mountline_next_path(&list), "/a:b");
	assert_string_equal(mountline_next_path(&list), "/c");
	assert_null(list);
}

static void path_is_below_whole_components_only(void **state)
{
	(void)state;
	assert_string_equal(mountline_below("/a", "/a/b/c"), "b/c");
	assert_string_equal(mountline_below("/", "/a"), "a");
	assert_string_equal(mountline_below("/a", "/a"), "");
	assert_null(mountline_below("/a", "/ab"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest root_tests[] = {
		TEST(unused_root_has_no_use),
		TEST(mount_of_another_process_below_the_root_is_a_use),
		TEST(overlay_of_relative_links_is_a_use_of_their_directory),
		TEST(bind_mount_elsewhere_is_a_use),
		TEST(root_parts_and_volumes_as_mount_points_are_no_use),
		TEST(process_that_is_ending_is_skipped),
		TEST(line_is_taken_apart),
		TEST(line_without_a_dash_is_refused),
		TEST(paths_are_separated_by_colons_that_are_not_escaped),
		TEST(path_is_below_whole_components_only),
	};

	return cmocka_run_group_tests(root_tests, NULL, NULL);
}
