/* test_mountinfo.c - mounts that use a data root, by a made-up /proc. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "overlay2/mountinfo.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT "/var/lib/docker"
#define TOP "1111111111111111111111111111111111111111111111111111111111111111"
#define BASE "3333333333333333333333333333333333333333333333333333333333333333"
#define GONE "9999999999999999999999999999999999999999999999999999999999999999"
#define LINK_TOP "AAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LINK_BASE "CCCCCCCCCCCCCCCCCCCCCCCCCC"
#define LINK_GONE "ZZZZZZZZZZZZZZZZZZZZZZZZZZ"

/* The mounts of a host: the data root is on its root file system, 8:1. */
#define HOST                                                                                       \
	"20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"                                           \
	"21 20 0:5 / /proc rw - proc proc rw\n"
/* An overlay mount of dockerd in that namespace, and its options. */
#define OPTIONS                                                                                    \
	"rw,lowerdir=" ROOT "/overlay2/l/" LINK_BASE ",upperdir=" ROOT "/overlay2/" TOP            \
	"/diff,workdir=" ROOT "/overlay2/" TOP "/work"
#define MERGED "30 20 0:50 / " ROOT "/overlay2/" TOP "/merged rw - overlay overlay " OPTIONS "\n"

struct fixture {
	char *dir; /* overlay2/ and proc/ */
	char *proc;
	int fd;
	struct mountinfo_list uses;
	struct err err;
};

/* A process PID in mount namespace SPACE. */
static void write_process(const struct fixture *f, const char *pid, const char *space,
                          const char *root, const char *mounts)
{
	AUTO(str) char *mountinfo = mem_print("proc/%s/mountinfo", pid);
	AUTO(str) char *comm = mem_print("proc/%s/comm", pid);
	AUTO(str) char *ns = mem_print("proc/%s/ns/mnt", pid);
	AUTO(str) char *root_link = mem_print("proc/%s/root", pid);

	tree_print(f->dir, mountinfo, "%s", mounts);
	tree_print(f->dir, comm, "command-%s\n", pid);
	tree_link(f->dir, ns, space);
	tree_link(f->dir, root_link, root);
}

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("mountinfo");
	f->proc = mem_print("%s/proc", f->dir);
	tree_mkdir(f->dir, "overlay2/" TOP);
	tree_mkdir(f->dir, "overlay2/" BASE);
	tree_link(f->dir, "overlay2/l/" LINK_TOP, "../" TOP "/diff");
	tree_link(f->dir, "overlay2/l/" LINK_BASE, "../" BASE "/diff");
	f->fd = tree_open(f->dir, "overlay2");
	write_process(f, "self", "mnt:[1]", "/", HOST);
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	mountinfo_list_done(&f->uses);
	(void)close(f->fd);
	free(f->proc);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void load(struct fixture *f)
{
	assert_int_equal(mountinfo_load(&f->uses, f->proc, ROOT, f->fd, &f->err), 0);
	assert_false(err_is_set(&f->err));
}

/* Use number AT is of process PID at POINT, and is of DIRS, joined by blanks. */
static void assert_use(const struct fixture *f, size_t at, enum mount_use kind, int pid,
                       const char *point, const char *dirs)
{
	AUTO(text) struct text text = TEXT_INIT;
	const struct mountinfo_use *use;

	assert_true(at < f->uses.count);
	use = &f->uses.items[at];
	assert_int_equal(use->use, kind);
	assert_int_equal(use->pid, pid);
	assert_string_equal(use->mount_point, point);
	for (size_t i = 0; i < use->dir_count; i++)
		text_print(&text, "%s%s", i > 0 ? " " : "", use->dirs[i]);
	assert_string_equal(text.data ? text.data : "", dirs);
}

static void a_host_at_rest_uses_nothing(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/", HOST);
	load(f);
	assert_int_equal(f->uses.count, 0);
}

static void a_container_uses_all_its_layers(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/", HOST MERGED);
	write_process(f, "77", "mnt:[2]", "/", "99 1 0:50 / / rw - overlay overlay " OPTIONS "\n");
	load(f);
	assert_int_equal(f->uses.count, 2);
	assert_use(f, 0, MOUNT_USE_OVERLAY, 1, ROOT "/overlay2/" TOP "/merged", TOP " " BASE);
	assert_use(f, 1, MOUNT_USE_OVERLAY, 77, "/", TOP " " BASE);
	assert_string_equal(f->uses.items[1].command, "command-77");
}

static void relative_options_are_links_here(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/",
	              HOST "30 20 0:50 / /mnt rw - overlay overlay rw,lowerdir=l/" LINK_TOP
	                   ":l/" LINK_BASE "\n");
	write_process(f, "2", "mnt:[2]", "/",
	              HOST "30 20 0:51 / /mnt rw - overlay overlay rw,lowerdir=l/" LINK_GONE
	                   ":" GONE "/diff:lower:l:l/\n");
	write_process(f, "3", "mnt:[3]", "/",
	              HOST "30 20 0:52 / /mnt rw - overlay overlay rw,lowerdir+=" TOP
	                   "/diff,lowerdir+=x,datadir+=" BASE "/diff\n");
	load(f);
	assert_int_equal(f->uses.count, 2);
	assert_use(f, 0, MOUNT_USE_OVERLAY, 1, "/mnt", TOP " " BASE);
	assert_use(f, 1, MOUNT_USE_OVERLAY, 3, "/mnt", TOP " " BASE);
}

static void another_data_root_of_the_same_name_is_not_this_one(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/", HOST);
	write_process(f, "5", "mnt:[2]", "/",
	              "40 1 0:60 / / rw - overlay overlay rw,lowerdir=/elsewhere\n"
	              "41 40 8:1 /pods/x/docker " ROOT " rw - ext4 /dev/sda1 rw\n"
	              "42 41 0:61 / " ROOT "/overlay2/" GONE "/merged rw - overlay overlay "
	              "rw,lowerdir=" ROOT "/overlay2/l/" LINK_GONE ",upperdir=" ROOT
	              "/overlay2/" GONE "/diff\n");
	load(f);
	assert_int_equal(f->uses.count, 0);
}

static void another_name_of_this_data_root_is_known(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/", HOST);
	write_process(f, "5", "mnt:[2]", "/",
	              "40 1 0:60 / / rw - tmpfs none rw\n"
	              "41 40 8:1 /var /host\\040var rw - ext4 /dev/sda1 rw\n"
	              "42 41 0:61 / /host\\040var/lib/docker/overlay2/" TOP
	              "/merged rw - overlay overlay rw\n");
	write_process(f, "6", "mnt:[3]", "/",
	              "50 1 0:62 / / rw - overlay overlay "
	              "rw,lowerdir=/host\\040var/lib/docker/overlay2/l/" LINK_BASE "\n");
	load(f);
	assert_int_equal(f->uses.count, 2);
	assert_use(f, 0, MOUNT_USE_BELOW, 5, "/host var/lib/docker/overlay2/" TOP "/merged", TOP);
	assert_use(f, 1, MOUNT_USE_OVERLAY, 6, "/", BASE);
}

static void mounts_below_are_uses(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/",
	              HOST "30 20 0:50 / " ROOT "/containers/x/mounts/shm rw - tmpfs shm rw\n"
	                   "31 20 0:51 / " ROOT "/buildkit/executor/y/rootfs rw - tmpfs none rw\n"
	                   "32 20 0:52 / " ROOT "/overlay2/" TOP "/merged rw - tmpfs none rw\n");
	load(f);
	assert_int_equal(f->uses.count, 3);
	assert_use(f, 0, MOUNT_USE_BELOW, 1, ROOT "/buildkit/executor/y/rootfs", "");
	assert_use(f, 1, MOUNT_USE_BELOW, 1, ROOT "/containers/x/mounts/shm", "");
	assert_use(f, 2, MOUNT_USE_BELOW, 1, ROOT "/overlay2/" TOP "/merged", TOP);
}

static void bind_mounts_elsewhere_are_uses(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/",
	              HOST "30 20 8:1 " ROOT "/containers/x/hostname /etc/hostname rw - ext4 x rw\n"
	                   "31 20 8:1 " ROOT "/overlay2/" BASE "/diff /mnt rw - ext4 x rw\n"
	                   "32 20 8:2 " ROOT "/overlay2/" BASE "/diff /other-disk rw - ext4 x rw\n"
	                   "33 20 8:1 " ROOT "-old/overlay2/" BASE " /other-dir rw - ext4 x rw\n");
	load(f);
	assert_int_equal(f->uses.count, 2);
	assert_use(f, 0, MOUNT_USE_BIND, 1, "/etc/hostname", "");
	assert_use(f, 1, MOUNT_USE_BIND, 1, "/mnt", BASE);
}

static void the_normal_layout_is_no_use(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/",
	              HOST "30 20 8:1 " ROOT " " ROOT " rw - ext4 /dev/sda1 rw\n"
	                   "31 30 0:50 / " ROOT "/tmp rw - tmpfs none rw\n"
	                   "32 30 8:3 / " ROOT "/volumes/data/_data rw - ext4 /dev/sdc rw\n"
	                   "33 30 0:51 / " ROOT "/plugins/x/rootfs rw - tmpfs none rw\n"
	                   "34 20 8:1 " ROOT "/volumes/v/_data /data rw - ext4 /dev/sda1 rw\n"
	                   "35 20 8:1 " ROOT " /again rw - ext4 /dev/sda1 rw\n");
	load(f);
	assert_int_equal(f->uses.count, 0);
}

static void overlay2_may_be_a_file_system_of_its_own(void **state)
{
	struct fixture *f = *state;
	static const char own[] = HOST "25 20 8:9 / " ROOT "/overlay2 rw - xfs /dev/sdd rw\n";
	AUTO(str)
	char *used =
	    mem_print("%s30 25 0:50 / " ROOT "/overlay2/" TOP "/merged rw - tmpfs none rw\n"
	              "31 20 8:9 /" BASE "/diff /mnt rw - xfs /dev/sdd rw\n"
	              "32 20 8:9 / /disk rw - xfs /dev/sdd rw\n"
	              "33 20 0:51 / /view rw - overlay overlay rw,lowerdir=/disk/l/" LINK_BASE "\n",
	              own);

	tree_print(f->dir, "proc/self/mountinfo", "%s", own);
	write_process(f, "1", "mnt:[1]", "/", used);
	load(f);
	assert_int_equal(f->uses.count, 3);
	assert_use(f, 0, MOUNT_USE_BIND, 1, "/mnt", BASE);
	assert_use(f, 1, MOUNT_USE_BELOW, 1, ROOT "/overlay2/" TOP "/merged", TOP);
	assert_use(f, 2, MOUNT_USE_OVERLAY, 1, "/view", BASE);
}

static void a_namespace_is_read_once_by_its_first_process(void **state)
{
	struct fixture *f = *state;

	write_process(f, "10", "mnt:[1]", "/", HOST MERGED);
	write_process(f, "9", "mnt:[1]", "/", HOST MERGED);
	load(f);
	assert_int_equal(f->uses.count, 1);
	assert_int_equal(f->uses.items[0].pid, 9);
}

static void a_chroot_hides_nothing_from_others(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/var/empty", "");
	write_process(f, "2", "mnt:[1]", "/", HOST MERGED);
	load(f);
	assert_int_equal(f->uses.count, 1);
	assert_int_equal(f->uses.items[0].pid, 2);
}

static void threads_are_looked_at(void **state)
{
	struct fixture *f = *state;

	write_process(f, "1", "mnt:[1]", "/", HOST);
	write_process(f, "1/task/1", "mnt:[1]", "/", HOST);
	write_process(f, "1/task/8", "mnt:[2]", "/", HOST MERGED);
	load(f);
	assert_int_equal(f->uses.count, 1);
	assert_int_equal(f->uses.items[0].pid, 1);
}

static void processes_that_vanish_are_skipped(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "proc/3");
	tree_mkdir(f->dir, "proc/4/task/4");
	tree_mkdir(f->dir, "proc/sys");
	write_process(f, "5", "mnt:[1]", "/", HOST MERGED);
	assert_int_equal(unlinkat(f->fd, "../proc/5/comm", 0), 0);
	load(f);
	assert_int_equal(f->uses.count, 1);
	assert_string_equal(f->uses.items[0].command, "?");
}

static void a_line_that_is_none_is_an_error(void **state)
{
	struct fixture *f = *state;

	write_process(f, "7", "mnt:[2]", "/", HOST "garbage\n");
	assert_int_equal(mountinfo_load(&f->uses, f->proc, ROOT, f->fd, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_non_null(strstr(f->err.text, "7/mountinfo: line 3: "));
}

static void without_proc_there_is_no_answer(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mountinfo_load(&f->uses, "/nonexistent", ROOT, f->fd, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_SYSTEM);
	err_clear(&f->err);
	assert_int_equal(unlinkat(f->fd, "../proc/self/mountinfo", 0), 0);
	assert_int_equal(mountinfo_load(&f->uses, f->proc, ROOT, f->fd, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_SYSTEM);
}

static void without_overlay2_no_option_can_be_meant(void **state)
{
	struct fixture *f = *state;

	write_process(f, "77", "mnt:[2]", "/", "99 1 0:50 / / rw - overlay overlay " OPTIONS "\n");
	assert_int_equal(mountinfo_load(&f->uses, f->proc, ROOT, -1, &f->err), 0);
	assert_int_equal(f->uses.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_host_at_rest_uses_nothing),
		TEST(a_container_uses_all_its_layers),
		TEST(relative_options_are_links_here),
		TEST(another_data_root_of_the_same_name_is_not_this_one),
		TEST(another_name_of_this_data_root_is_known),
		TEST(mounts_below_are_uses),
		TEST(bind_mounts_elsewhere_are_uses),
		TEST(the_normal_layout_is_no_use),
		TEST(overlay2_may_be_a_file_system_of_its_own),
		TEST(a_namespace_is_read_once_by_its_first_process),
		TEST(a_chroot_hides_nothing_from_others),
		TEST(threads_are_looked_at),
		TEST(processes_that_vanish_are_skipped),
		TEST(a_line_that_is_none_is_an_error),
		TEST(without_proc_there_is_no_answer),
		TEST(without_overlay2_no_option_can_be_meant),
	};

	return cmocka_run_group_tests_name("mountinfo", tests, NULL, NULL);
}
