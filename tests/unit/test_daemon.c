/* test_daemon.c - a pid file is believed when its process is a dockerd of this data root. */
#include "tests/unit/check.h"

#include "gc/session/daemon.h"
#include "metadata/base/mem.h"
#include "metadata/base/own.h"
#include "tests/unit/tree.h"

#include <string.h>
#include <unistd.h>

struct fixture {
	char *dir;  /* proc/, etc/, run/ and the data roots are in it */
	char *root; /* the data root */
	int root_fd;
	struct daemon_paths paths;
	struct holder holder;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("daemon");
	f->root = mem_print("%s/data", f->dir);
	tree_mkdir(f->dir, "data/165536.165536");
	tree_mkdir(f->dir, "other");
	f->root_fd = tree_open(f->root, "");
	f->paths.proc = mem_print("%s/proc", f->dir);
	f->paths.config = mem_print("%s/etc/daemon.json", f->dir);
	f->paths.pidfile = mem_print("%s/run/docker.pid", f->dir);
	tree_print(f->dir, "run/docker.pid", "12");
	tree_print(f->dir, "proc/12/comm", "dockerd\n");
	tree_link(f->dir, "proc/12/root", "/");
	tree_link(f->dir, "proc/12/cwd", "../..");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	(void)close(f->root_fd);
	free(f->root);
	/* made by mem_print() in make() */
	free((void *)(uintptr_t)f->paths.proc);
	free((void *)(uintptr_t)f->paths.config);
	free((void *)(uintptr_t)f->paths.pidfile);
	tree_remove(f->dir);
	free(f);
	return 0;
}

/* Writes the command line: dockerd with two more words. */
static void command(const struct fixture *f, const char *first, const char *second)
{
	char words[600];
	size_t len = 0;
	const char *const all[] = { "/usr/bin/dockerd", "-H", "fd://", first, second };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && all[i]; i++) {
		(void)strcpy(words + len, all[i]);
		len += strlen(all[i]) + 1;
	}
	tree_write(f->dir, "proc/12/cmdline", words, len);
}

static bool found(struct fixture *f)
{
	return daemon_find(&f->holder, &f->paths, f->root_fd, f->root);
}

static void every_way_to_name_the_root_is_understood(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *equals = mem_print("--data-root=%s", f->root);

	command(f, "--data-root", f->root);
	assert_true(found(f));
	assert_int_equal(f->holder.pid, 12);
	assert_string_equal(f->holder.command, "dockerd");
	command(f, equals, NULL);
	assert_true(found(f));
	command(f, "-g", f->root);
	assert_true(found(f));
	command(f, "--graph", f->root);
	assert_true(found(f));
	command(f, "--data-root", "data"); /* relative to its directory */
	assert_true(found(f));
}

static void another_root_is_not_meant(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *other = mem_print("%s/other", f->dir);

	command(f, "--data-root", other);
	assert_false(found(f));
	command(f, "--data-root-not", f->root);
	assert_false(found(f));
	command(f, NULL, NULL); /* the default, /var/lib/docker */
	assert_false(found(f));
}

static void daemon_json_names_root_and_pid_file(void **state)
{
	struct fixture *f = *state;

	command(f, NULL, NULL);
	tree_print(f->dir, "etc/daemon.json", "{\"data-root\":\"%s\"}", f->root);
	assert_true(found(f));
	tree_print(f->dir, "etc/daemon.json", "{\"graph\":\"%s\"}", f->root);
	assert_true(found(f));
	tree_print(f->dir, "etc/daemon.json", "{\"data-root\":\"%s\",\"pidfile\":\"%s/none\"}",
	           f->root, f->dir);
	assert_false(found(f));
	tree_print(f->dir, "none", "12\n");
	assert_true(found(f));
}

static void the_command_line_overrides_daemon_json(void **state)
{
	struct fixture *f = *state;

	command(f, "--data-root", f->root);
	tree_print(f->dir, "etc/daemon.json", "{\"data-root\":\"%s/other\"}", f->dir);
	assert_true(found(f));
}

static void a_userns_root_is_used_by_the_daemon_of_its_parent(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *userns = mem_print("%s/165536.165536", f->root);
	int fd = tree_open(userns, "");

	command(f, "--data-root", f->root);
	assert_true(daemon_find(&f->holder, &f->paths, fd, userns));
	(void)close(fd);
}

static void a_pid_that_another_program_has_now_is_no_hint(void **state)
{
	struct fixture *f = *state;

	command(f, "--data-root", f->root);
	tree_print(f->dir, "proc/12/comm", "bash\n");
	assert_false(found(f));
}

static void a_dead_process_is_no_hint(void **state)
{
	struct fixture *f = *state;

	command(f, "--data-root", f->root);
	tree_print(f->dir, "run/docker.pid", "13");
	assert_false(found(f));
}

static void an_unreadable_pid_file_is_no_hint(void **state)
{
	static const char *const texts[] = { "", "x", "-12", "0", "99999999999999999999", "12x" };
	struct fixture *f = *state;

	command(f, "--data-root", f->root);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tree_print(f->dir, "run/docker.pid", "%s", texts[i]);
		assert_false(found(f));
	}
	tree_print(f->dir, "run/docker.pid", "12\n");
	assert_true(found(f));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(every_way_to_name_the_root_is_understood),
		TEST(another_root_is_not_meant),
		TEST(daemon_json_names_root_and_pid_file),
		TEST(the_command_line_overrides_daemon_json),
		TEST(a_userns_root_is_used_by_the_daemon_of_its_parent),
		TEST(a_pid_that_another_program_has_now_is_no_hint),
		TEST(a_dead_process_is_no_hint),
		TEST(an_unreadable_pid_file_is_no_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
