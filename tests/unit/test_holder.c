/* test_holder.c - the process behind a lock, in texts of /proc/locks. */
#include "tests/unit/check.h"

#include "gc/session/holder.h"
#include "metadata/base/mem.h"
#include "tests/unit/tree.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct fixture {
	char *dir; /* in place of /proc */
	int fd;    /* of the file that is locked */
	struct stat st;
	struct holder holder;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("holder");
	tree_print(f->dir, "file", "x");
	f->fd = tree_open(f->dir, "");
	assert_int_equal(fstat(f->fd, &f->st), 0);
	tree_print(f->dir, "12/comm", "dockerd\n");
	tree_print(f->dir, "34/comm", "drydock\n");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

/* Writes the file of locks: lines with the pid, the device and the inode of the one that is meant,
 * between two of others. */
static void write_locks(const struct fixture *f, const char *type, int pid, dev_t device)
{
	tree_print(f->dir, "locks",
	           "1: POSIX  ADVISORY  WRITE 34 00:01:7 0 EOF\n"
	           "2: %s WRITE %d %02x:%02x:%ju 0 EOF\n"
	           "3: OFDLCK ADVISORY  READ -1 00:06:3 0 EOF\n",
	           type, pid, major(device), minor(device), (uintmax_t)f->st.st_ino);
}

static void the_holder_is_named(void **state)
{
	struct fixture *f = *state;

	write_locks(f, "FLOCK  ADVISORY ", 12, f->st.st_dev);
	assert_true(holder_find(&f->holder, f->fd, f->dir));
	assert_int_equal(f->holder.pid, 12);
	assert_string_equal(f->holder.command, "dockerd");
}

static void one_who_waits_is_no_holder(void **state)
{
	struct fixture *f = *state;

	write_locks(f, "-> FLOCK  ADVISORY ", 12, f->st.st_dev);
	assert_false(holder_find(&f->holder, f->fd, f->dir));
}

static void a_lock_of_another_sort_is_none(void **state)
{
	struct fixture *f = *state;

	write_locks(f, "POSIX  ADVISORY ", 12, f->st.st_dev);
	assert_false(holder_find(&f->holder, f->fd, f->dir));
}

static void the_device_may_be_that_of_the_disk_below(void **state)
{
	struct fixture *f = *state;

	write_locks(f, "FLOCK  ADVISORY ", 12, makedev(99, 88));
	assert_true(holder_find(&f->holder, f->fd, f->dir));
	assert_int_equal(f->holder.pid, 12);
}

static void a_process_that_cannot_be_seen_is_nobody(void **state)
{
	struct fixture *f = *state;

	write_locks(f, "FLOCK  ADVISORY ", 0, f->st.st_dev);
	assert_false(holder_find(&f->holder, f->fd, f->dir));
	write_locks(f, "FLOCK  ADVISORY ", 56, f->st.st_dev);
	assert_false(holder_find(&f->holder, f->fd, f->dir));
}

static void garbage_and_no_file_are_nobody(void **state)
{
	struct fixture *f = *state;

	assert_false(holder_find(&f->holder, f->fd, f->dir));
	tree_print(f->dir, "locks", "%0300d\nFLOCK\n1: FLOCK a b c d\n", 1);
	assert_false(holder_find(&f->holder, f->fd, f->dir));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(the_holder_is_named),
		TEST(one_who_waits_is_no_holder),
		TEST(a_lock_of_another_sort_is_none),
		TEST(the_device_may_be_that_of_the_disk_below),
		TEST(a_process_that_cannot_be_seen_is_nobody),
		TEST(garbage_and_no_file_are_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
