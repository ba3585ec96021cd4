/* test_guard.c - who else uses a data root is found, named, and kept out. */
#include "tests/unit/check.h"

#include "gc/session/guard.h"
#include "metadata/base/mem.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	char *dir;
	int fd;
	struct guard *guard;
	pid_t child; /* holds a lock until it is released; 0: none */
	int release; /* closing it releases */
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("guard");
	f->fd = tree_open(f->dir, "");
	tree_write(f->dir, "volumes/metadata.db", "x", 1);
	tree_write(f->dir, "buildkit/cache.db", "x", 1);
	*state = f;
	return 0;
}

static void release_child(struct fixture *f)
{
	if (f->child == 0)
		return;
	(void)close(f->release);
	assert_int_equal(waitpid(f->child, NULL, 0), f->child);
	f->child = 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	guard_release(f->guard);
	release_child(f);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

/* Another process locks the file as dockerd does, and keeps the lock. */
static void lock_elsewhere(struct fixture *f, const char *path, int operation)
{
	int ready[2];
	int release[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(release), 0);
	f->child = fork();
	assert_true(f->child >= 0);
	if (f->child == 0) {
		int fd = openat(f->fd, path, O_RDONLY);

		(void)close(release[1]);
		if (fd < 0 || flock(fd, operation) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(release[0], &byte, 1) == 0 ? 0 : 1);
	}
	(void)close(ready[1]);
	(void)close(release[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	f->release = release[1];
}

static int acquire(struct fixture *f, enum guard_mode mode, bool *is_alive)
{
	return guard_acquire(&f->guard, f->fd, f->dir, mode, is_alive, &f->err);
}

static void expect_busy(struct fixture *f, enum guard_mode mode, const char *words)
{
	assert_int_equal(acquire(f, mode, NULL), -1);
	assert_int_equal(f->err.kind, ERR_BUSY);
	if (!strstr(f->err.text, words))
		fail_msg("no '%s' in: %s", words, f->err.text);
	assert_null(f->guard);
	err_clear(&f->err);
}

/* Says whether somebody else could lock the file now. */
static bool can_lock(const struct fixture *f, const char *path)
{
	int fd = openat(f->fd, path, O_RDONLY | O_CLOEXEC);
	bool can = flock(fd, LOCK_EX | LOCK_NB) == 0;

	assert_true(fd >= 0);
	(void)close(fd);
	return can;
}

static void a_lock_of_the_daemon_refuses_and_names_it(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *pid = NULL;

	lock_elsewhere(f, "volumes/metadata.db", LOCK_EX);
	pid = mem_print("test_guard (pid %d), which has locked volumes/metadata.db", f->child);
	expect_busy(f, GUARD_HOLD, pid);
	expect_busy(f, GUARD_WRITE, f->dir);
	release_child(f);
	assert_int_equal(acquire(f, GUARD_HOLD, NULL), 0);
}

static void every_database_is_looked_at(void **state)
{
	static const char *const paths[] = {
		"buildkit/snapshots.db",
		"buildkit/metadata_v2.db",
		"buildkit/containerdmeta.db",
		"buildkit/history.db",
		"buildkit/history_c8d.db",
		"buildkit/metadata.db",
		"network/files/local-kv.db",
		"swarm/worker/tasks.db",
		"containerd/daemon/io.containerd.metadata.v1.bolt/meta.db",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		tree_write(f->dir, paths[i], "x", 1);
		lock_elsewhere(f, paths[i], LOCK_EX);
		expect_busy(f, GUARD_HOLD, paths[i]);
		release_child(f);
	}
}

static void a_reader_of_a_database_is_enough(void **state)
{
	struct fixture *f = *state;

	lock_elsewhere(f, "buildkit/cache.db", LOCK_SH);
	expect_busy(f, GUARD_HOLD, "buildkit/cache.db");
}

static void locks_are_held_until_they_are_released(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(acquire(f, GUARD_HOLD, NULL), 0);
	assert_false(can_lock(f, "volumes/metadata.db"));
	assert_false(can_lock(f, "buildkit/cache.db"));
	guard_release(TAKE(f->guard, NULL));
	assert_true(can_lock(f, "volumes/metadata.db"));
	assert_true(can_lock(f, "buildkit/cache.db"));
}

static void a_refusal_keeps_no_lock(void **state)
{
	struct fixture *f = *state;

	lock_elsewhere(f, "buildkit/cache.db", LOCK_EX);
	expect_busy(f, GUARD_WRITE, "buildkit/cache.db");
	assert_true(can_lock(f, "volumes/metadata.db"));
	assert_int_equal(faccessat(f->fd, ".drydock", F_OK, AT_SYMLINK_NOFOLLOW), -1);
}

static void a_refusal_keeps_no_own_lock(void **state)
{
	struct fixture *f = *state;

	lock_elsewhere(f, "buildkit/cache.db", LOCK_EX);
	expect_busy(f, GUARD_WRITE, "buildkit/cache.db");
	assert_true(can_lock(f, "."));
}

static void looking_says_who_is_alive_and_keeps_nothing(void **state)
{
	struct fixture *f = *state;
	bool is_alive = true;

	assert_int_equal(acquire(f, GUARD_LOOK, &is_alive), 0);
	assert_false(is_alive);
	assert_true(can_lock(f, "volumes/metadata.db"));
	guard_release(TAKE(f->guard, NULL));
	lock_elsewhere(f, "volumes/metadata.db", LOCK_EX);
	assert_int_equal(acquire(f, GUARD_LOOK, &is_alive), 0);
	assert_true(is_alive);
}

static void nothing_is_made(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(unlinkat(f->fd, "volumes/metadata.db", 0), 0);
	assert_int_equal(acquire(f, GUARD_LOOK, NULL), 0);
	guard_release(TAKE(f->guard, NULL));
	assert_int_equal(acquire(f, GUARD_HOLD, NULL), 0);
	guard_release(TAKE(f->guard, NULL));
	assert_int_equal(fstatat(f->fd, "volumes/metadata.db", &st, 0), -1);
	assert_int_equal(fstatat(f->fd, ".drydock", &st, 0), -1);
	assert_int_equal(acquire(f, GUARD_WRITE, NULL), 0);
	assert_int_equal(fstatat(f->fd, "volumes/metadata.db", &st, 0), -1);
	assert_int_equal(fstatat(f->fd, ".drydock", &st, 0), -1);
	assert_false(can_lock(f, "."));
}

static void a_second_drydock_is_refused(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *words = NULL;

	lock_elsewhere(f, ".", LOCK_EX);
	words = mem_print("another drydock (pid %d) is at work on %s", f->child, f->dir);
	expect_busy(f, GUARD_WRITE, words);
	assert_int_equal(acquire(f, GUARD_HOLD, NULL), 0); /* it holds none of dockerd's locks */
}

static void a_lock_of_a_killed_process_is_free(void **state)
{
	struct fixture *f = *state;

	lock_elsewhere(f, "volumes/metadata.db", LOCK_EX);
	assert_int_equal(kill(f->child, SIGKILL), 0);
	assert_int_equal(waitpid(f->child, NULL, 0), f->child);
	(void)close(f->release);
	f->child = 0;
	assert_int_equal(acquire(f, GUARD_HOLD, NULL), 0);
}

static void a_database_that_is_no_file_is_an_error(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "buildkit/snapshots.db");
	assert_int_equal(acquire(f, GUARD_HOLD, NULL), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_non_null(strstr(f->err.text, "buildkit/snapshots.db: is not a regular file"));
}

static void mounts_refuse_and_the_first_is_named(void **state)
{
	struct fixture *f = *state;
	char command[] = "containerd-shim";
	char point[] = "/var/lib/docker/overlay2/abc/merged";
	struct mountinfo_use uses[] = {
		{ .use = MOUNT_USE_OVERLAY, .pid = 7, .command = command, .mount_point = point },
		{ .use = MOUNT_USE_BIND, .pid = 8, .command = command, .mount_point = point },
		{ .use = MOUNT_USE_BIND, .pid = 9, .command = command, .mount_point = point },
	};
	struct mountinfo_list list = { uses, 0, 3 };

	assert_int_equal(guard_check_mounts(&list, &f->err), 0);
	list.count = 1;
	assert_int_equal(guard_check_mounts(&list, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_BUSY);
	assert_string_equal(f->err.text, "containerd-shim (pid 7) has "
	                                 "/var/lib/docker/overlay2/abc/merged mounted");
	err_clear(&f->err);
	list.count = 3;
	assert_int_equal(guard_check_mounts(&list, &f->err), -1);
	assert_non_null(strstr(f->err.text, "and 2 more mounts are in use"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_lock_of_the_daemon_refuses_and_names_it),
		TEST(every_database_is_looked_at),
		TEST(a_reader_of_a_database_is_enough),
		TEST(locks_are_held_until_they_are_released),
		TEST(a_refusal_keeps_no_lock),
		TEST(a_refusal_keeps_no_own_lock),
		TEST(looking_says_who_is_alive_and_keeps_nothing),
		TEST(nothing_is_made),
		TEST(a_second_drydock_is_refused),
		TEST(a_lock_of_a_killed_process_is_free),
		TEST(a_database_that_is_no_file_is_an_error),
		TEST(mounts_refuse_and_the_first_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
