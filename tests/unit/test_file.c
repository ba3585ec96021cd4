/* test_file.c - reading small files and directories without changing anything. */
#include "tests/unit/check.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "tests/unit/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

struct fixture {
	char *dir;
	int fd;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("file");
	f->fd = tree_open(f->dir, "");
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

static void assert_read(const struct fixture *f, const char *path, const char *bytes, size_t len)
{
	AUTO(file_bytes) struct file_bytes read = FILE_BYTES_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(file_read_record(f->fd, path, FILE_LINE_MAX, &read, &err), FILE_READ);
	assert_int_equal(read.len, len);
	assert_memory_equal(read.data, bytes, len);
	assert_int_equal(read.data[len], '\0');
}

static void assert_broken(const struct fixture *f, const char *path, const char *words)
{
	AUTO(file_bytes) struct file_bytes read = FILE_BYTES_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(file_read_record(f->fd, path, 8, &read, &err), FILE_BROKEN);
	assert_int_equal(err.kind, ERR_CORRUPT);
	assert_string_equal(err.text, words);
	assert_null(read.data);
}

static void a_file_is_read_whole(void **state)
{
	const struct fixture *f = *state;

	tree_write(f->dir, "text", "line\n", 5);
	assert_read(f, "text", "line\n", 5);
}

static void nul_bytes_count(void **state)
{
	const struct fixture *f = *state;

	tree_write(f->dir, "nul", "a\0b", 3);
	assert_read(f, "nul", "a\0b", 3);
}

static void an_empty_file_has_no_bytes(void **state)
{
	const struct fixture *f = *state;

	tree_write(f->dir, "empty", "", 0);
	assert_read(f, "empty", "", 0);
}

static void a_file_below_is_read(void **state)
{
	const struct fixture *f = *state;

	tree_write(f->dir, "a/b", "x", 1);
	assert_read(f, "a/b", "x", 1);
}

static void no_file_is_an_outcome_of_its_own(void **state)
{
	const struct fixture *f = *state;
	struct file_bytes read = FILE_BYTES_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(file_read_record(f->fd, "none", 8, &read, &err), FILE_ABSENT);
	assert_false(err_is_set(&err));
}

static void the_maximum_is_allowed_and_no_byte_more(void **state)
{
	const struct fixture *f = *state;

	tree_write(f->dir, "eight", "12345678", 8);
	tree_write(f->dir, "nine", "123456789", 9);
	assert_read(f, "eight", "12345678", 8);
	assert_broken(f, "nine", "nine: has 9 bytes, more than the 8 allowed");
}

static void an_oversized_file_is_never_allocated(void **state)
{
	const struct fixture *f = *state;
	AUTO(close) int fd = openat(f->fd, "huge", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(ftruncate(fd, (off_t)1 << 42), 0); /* sparse: 4 TiB */
	assert_broken(f, "huge", "huge: has 4398046511104 bytes, more than the 8 allowed");
}

static void what_is_no_file_is_broken(void **state)
{
	const struct fixture *f = *state;
	AUTO(close) int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/sock", f->dir);
	assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof(address)), 0);
	tree_mkdir(f->dir, "dir");
	assert_int_equal(mkfifoat(f->fd, "fifo", 0600), 0);
	tree_write(f->dir, "file", "x", 1);
	tree_link(f->dir, "link", "file");
	tree_link(f->dir, "dangling", "nowhere");
	assert_broken(f, "dir", "dir: is not a regular file");
	assert_broken(f, "fifo", "fifo: is not a regular file");
	assert_broken(f, "sock", "sock: is not a regular file");
	assert_broken(f, "link", "link: is a symbolic link");
	assert_broken(f, "dangling", "dangling: is a symbolic link");
}

static void reading_leaves_the_atime(void **state)
{
	const struct fixture *f = *state;
	const struct timespec old[2] = { { 1000, 0 }, { 2000, 0 } };
	struct stat st;

	tree_write(f->dir, "text", "x", 1);
	assert_int_equal(utimensat(f->fd, "text", old, 0), 0);
	assert_read(f, "text", "x", 1);
	assert_int_equal(fstatat(f->fd, "text", &st, 0), 0);
	assert_int_equal(st.st_atim.tv_sec, 1000);
}

static void a_directory_is_opened_step_by_step(void **state)
{
	const struct fixture *f = *state;
	AUTO(close) int fd = -1;
	struct err err = ERR_INIT;

	tree_write(f->dir, "a/b/c/file", "x", 1);
	fd = file_open_dir(f->fd, "a/b/c", &err);
	assert_true(fd >= 0);
	assert_int_equal(faccessat(fd, "file", F_OK, 0), 0);
}

static void no_link_on_the_way_is_followed(void **state)
{
	const struct fixture *f = *state;
	struct err err = ERR_INIT;

	tree_write(f->dir, "real/b/c/file", "x", 1);
	tree_link(f->dir, "a", "real");
	tree_link(f->dir, "real/d", "b");
	assert_int_equal(file_open_dir(f->fd, "a/b/c", &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	assert_string_equal(err.text, "a: is not a directory");
	err_clear(&err);
	assert_int_equal(file_open_dir(f->fd, "real/d/c", &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	assert_string_equal(err.text, "real/d: is not a directory");
}

static void a_missing_directory_is_told_by_its_code(void **state)
{
	const struct fixture *f = *state;
	struct err err = ERR_INIT;

	tree_mkdir(f->dir, "a");
	assert_int_equal(file_open_dir(f->fd, "a/b/c", &err), -1);
	assert_true(err_has_code(&err, ENOENT));
	assert_string_equal(err.text, "a/b: open: No such file or directory");
}

static void entries_are_sorted_bytewise_with_their_types(void **state)
{
	const struct fixture *f = *state;
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct err err = ERR_INIT;

	tree_write(f->dir, "d/b", "", 0);
	tree_write(f->dir, "d/B", "", 0);
	tree_write(f->dir, "d/\xff\n", "", 0);
	tree_mkdir(f->dir, "d/a");
	tree_link(f->dir, "d/c", "b");
	assert_int_equal(file_list(&entries, f->fd, "d", &err), 0);
	assert_int_equal(entries.count, 5);
	assert_string_equal(entries.items[0].name, "B");
	assert_string_equal(entries.items[1].name, "a");
	assert_int_equal(entries.items[1].type, DT_DIR);
	assert_string_equal(entries.items[2].name, "b");
	assert_int_equal(entries.items[2].type, DT_REG);
	assert_int_equal(entries.items[3].type, DT_LNK);
	assert_string_equal(entries.items[4].name, "\xff\n");
}

static void an_empty_directory_has_no_entries(void **state)
{
	const struct fixture *f = *state;
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct err err = ERR_INIT;

	tree_mkdir(f->dir, "d");
	assert_int_equal(file_list(&entries, f->fd, "d", &err), 0);
	assert_int_equal(entries.count, 0);
}

static void a_link_to_a_directory_is_not_listed(void **state)
{
	const struct fixture *f = *state;
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct err err = ERR_INIT;

	tree_mkdir(f->dir, "d");
	tree_link(f->dir, "l", "d");
	assert_int_equal(file_list(&entries, f->fd, "l", &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_read_whole),
		TEST(nul_bytes_count),
		TEST(an_empty_file_has_no_bytes),
		TEST(a_file_below_is_read),
		TEST(no_file_is_an_outcome_of_its_own),
		TEST(the_maximum_is_allowed_and_no_byte_more),
		TEST(an_oversized_file_is_never_allocated),
		TEST(what_is_no_file_is_broken),
		TEST(reading_leaves_the_atime),
		TEST(a_directory_is_opened_step_by_step),
		TEST(no_link_on_the_way_is_followed),
		TEST(a_missing_directory_is_told_by_its_code),
		TEST(entries_are_sorted_bytewise_with_their_types),
		TEST(an_empty_directory_has_no_entries),
		TEST(a_link_to_a_directory_is_not_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
