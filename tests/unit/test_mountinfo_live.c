/* test_mountinfo_live.c - mounts in another process's namespace, by the kernel's own /proc. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/mountinfo.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOP "1111111111111111111111111111111111111111111111111111111111111111"
#define BASE "3333333333333333333333333333333333333333333333333333333333333333"
#define LINK_TOP "AAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LINK_BASE "CCCCCCCCCCCCCCCCCCCCCCCCCC"

struct fixture {
	char *root; /* a data root with a blank, a comma and a colon in its name */
	int fd;
	pid_t child;
	struct mountinfo_list uses;
	struct err err;
};

/* Mounts in a namespace of its own, tells how that went, and waits to be killed. */
static void live(const char *root, int pipe_fd)
{
	AUTO(str) char *merged = mem_print("%s/overlay2/" TOP "/merged", root);
	AUTO(str) char *diff = mem_print("%s/overlay2/" BASE "/diff", root);
	AUTO(str) char *elsewhere = mem_print("%s/elsewhere", root);
	AUTO(str) char *overlay2 = mem_print("%s/overlay2", root);
	static const char options[] = "lowerdir=l/" LINK_TOP ":l/" LINK_BASE;
	char code = 0;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    chdir(overlay2) < 0 || mount("overlay", merged, "overlay", 0, options) < 0 ||
	    mount(diff, elsewhere, NULL, MS_BIND, NULL) < 0)
		code = (char)errno;
	(void)!write(pipe_fd, &code, 1);
	for (;;)
		(void)pause();
}

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->root = tree_new("live root, and: so on");
	tree_print(f->root, "overlay2/" TOP "/diff/file", "x");
	tree_print(f->root, "overlay2/" BASE "/diff/file", "x");
	tree_mkdir(f->root, "overlay2/" TOP "/merged");
	tree_link(f->root, "overlay2/l/" LINK_TOP, "../" TOP "/diff");
	tree_link(f->root, "overlay2/l/" LINK_BASE, "../" BASE "/diff");
	tree_mkdir(f->root, "elsewhere");
	f->fd = tree_open(f->root, "overlay2");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	if (f->child > 0) {
		(void)kill(f->child, SIGKILL);
		(void)waitpid(f->child, NULL, 0);
	}
	mountinfo_list_done(&f->uses);
	(void)close(f->fd);
	tree_remove(f->root);
	free(f);
	return 0;
}

static void load(struct fixture *f)
{
	assert_int_equal(mountinfo_load(&f->uses, "/proc", f->root, f->fd, &f->err), 0);
}

static void an_unused_root_has_no_uses(void **state)
{
	struct fixture *f = *state;

	load(f);
	assert_int_equal(f->uses.count, 0);
}

static void mounts_of_another_namespace_are_seen(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *merged = mem_print("%s/overlay2/" TOP "/merged", f->root);
	const struct mountinfo_use *use;
	int ends[2];
	char code = 1;

	assert_int_equal(pipe(ends), 0);
	f->child = fork();
	if (f->child == 0)
		live(f->root, ends[1]);
	assert_int_equal(read(ends[0], &code, 1), 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
	if (code != 0) {
		(void)printf("# no overlay mount is allowed here: %s\n", strerror(code));
		skip();
	}
	load(f);
	assert_int_equal(f->uses.count, 2);
	use = &f->uses.items[1];
	assert_int_equal(use->use, MOUNT_USE_OVERLAY);
	assert_int_equal(use->pid, f->child);
	assert_string_equal(use->mount_point, merged);
	assert_int_equal(use->dir_count, 2);
	assert_string_equal(use->dirs[0], TOP);
	assert_string_equal(use->dirs[1], BASE);
	use = &f->uses.items[0];
	assert_int_equal(use->use, MOUNT_USE_BIND);
	assert_int_equal(use->dir_count, 1);
	assert_string_equal(use->dirs[0], BASE);
}

static void a_process_that_is_ending_is_skipped(void **state)
{
	struct fixture *f = *state;
	pid_t pid = fork();
	siginfo_t info;

	if (pid == 0)
		_exit(0);
	/* a zombie, whose mountinfo cannot be opened, until it is waited for */
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	load(f);
	assert_int_equal(f->uses.count, 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_unused_root_has_no_uses, make, unmake),
		cmocka_unit_test_setup_teardown(a_process_that_is_ending_is_skipped, make, unmake),
		cmocka_unit_test_setup_teardown(mounts_of_another_namespace_are_seen, make, unmake),
	};

	return cmocka_run_group_tests_name("mountinfo live", tests, NULL, NULL);
}
