/* test_archive.c - what is put into an archive comes out as it was, whatever it is. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/manifest.h"
#include "tests/unit/hostile.h"
#include "tests/unit/parcel.h"
#include "tests/unit/portrait.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static void assert_works(const struct parcel *f, int result)
{
	assert_string_equal(f->err.text, "");
	assert_int_equal(result, 0);
}

/* Packs and unpacks the trees, which must come out the same. */
static void assert_survive(struct parcel *f, const char *const *names)
{
	char *before[4] = { NULL };

	for (size_t i = 0; names[i]; i++)
		before[i] = portrait_new(f->dir, names[i]);
	assert_works(f, parcel_pack(f, names));
	assert_works(f, parcel_unpack(f, names));
	for (size_t i = 0; names[i]; i++) {
		AUTO(str) char *again = mem_print("%s-again", names[i]);
		AUTO(str) char *after = portrait_new(f->dir, again);

		assert_string_equal(before[i], after);
		free(before[i]);
	}
}

static void assert_survives(struct parcel *f)
{
	static const char *const names[] = { "tree", NULL };

	assert_survive(f, names);
}

static void a_hostile_tree_survives(void **state)
{
	struct parcel *f = *state;

	hostile_make(f->dir, "tree");
	assert_survives(f);
}

static void set_times(const struct parcel *f, const char *path, time_t seconds, long nanoseconds)
{
	const struct timespec times[2] = { { seconds + 7, nanoseconds + 1 },
		                           { seconds, nanoseconds } };

	assert_int_equal(utimensat(f->fd, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void owners_modes_and_times_survive(void **state)
{
	struct parcel *f = *state;

	tree_print(f->dir, "tree/setuid", "x");
	tree_print(f->dir, "tree/old", "x");
	tree_print(f->dir, "tree/ancient", "x");
	tree_print(f->dir, "tree/later", "x");
	tree_print(f->dir, "tree/dir/file", "x");
	tree_link(f->dir, "tree/link", "setuid");
	tree_mkdir(f->dir, "tree/sticky");
	if (geteuid() == 0) {
		assert_int_equal(fchownat(f->fd, "tree/setuid", 3000000000U, 12, 0), 0);
		assert_int_equal(fchownat(f->fd, "tree/link", 7, 8, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(fchownat(f->fd, "tree/dir", 100000, 2097152, 0), 0);
	}
	assert_int_equal(fchmodat(f->fd, "tree/setuid", 06755, 0), 0);
	assert_int_equal(fchmodat(f->fd, "tree/sticky", 03777, 0), 0);
	assert_int_equal(fchmodat(f->fd, "tree/dir", 0, 0), 0);
	set_times(f, "tree/old", 1, 1);
	set_times(f, "tree/ancient", -86400, 500000000);
	set_times(f, "tree/later", 5000000000, 999999998);
	set_times(f, "tree/link", 1234567890, 123456789);
	set_times(f, "tree/dir/file", 1000000000, 0);
	set_times(f, "tree/dir", 1111111111, 111111111);
	set_times(f, "tree", 999999999, 9);
	assert_survives(f);
}

static void set_xattr(const struct parcel *f, const char *path, const char *name, const void *value,
                      size_t len)
{
	AUTO(str) char *full = mem_print("%s/%s", f->dir, path);

	if (lsetxattr(full, name, value, len, 0) < 0)
		fail_msg("%s: %s: %s", path, name, strerror(errno));
}

static void attributes_survive(void **state)
{
	/* cap_net_raw+ep; u::rwx,u:1:r--,g::r-x,m::r-x,o::--- */
	static const unsigned char capability[] = { 1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0,
		                                    0, 0, 0, 0, 0, 0,    0, 0, 0, 0 };
	static const unsigned char acl[] = { 2,   0,   0,   0,   1,   0,   7,  0,   255, 255, 255,
		                             255, 2,   0,   4,   0,   1,   0,  0,   0,   4,   0,
		                             5,   0,   255, 255, 255, 255, 16, 0,   5,   0,   255,
		                             255, 255, 255, 32,  0,   0,   0,  255, 255, 255, 255 };
	struct parcel *f = *state;
	AUTO(str) char *large = mem_zalloc(1, 3000);

	if (geteuid() != 0)
		skip();
	(void)memset(large, '\n', 3000);
	tree_print(f->dir, "tree/file", "x");
	tree_print(f->dir, "tree/dir/file", "x");
	tree_link(f->dir, "tree/link", "file");
	assert_int_equal(mknodat(f->fd, "tree/whiteout", S_IFCHR, makedev(0, 0)), 0);
	set_xattr(f, "tree/file", "user.empty", "", 0);
	set_xattr(f, "tree/file", "user.binary", "\0\1=\n\xff", 5);
	set_xattr(f, "tree/file", "user.a=b%41 c\xff", "odd", 3);
	set_xattr(f, "tree/file", "user.a", "=plain", 6);
	set_xattr(f, "tree/file", "security.capability", capability, sizeof(capability));
	set_xattr(f, "tree/file", "trusted.overlay.origin", "\0\xfb", 2);
	set_xattr(f, "tree/dir", "trusted.overlay.opaque", "y", 1);
	set_xattr(f, "tree/dir", "user.large", large, 3000);
	set_xattr(f, "tree/dir", "system.posix_acl_access", acl, sizeof(acl));
	set_xattr(f, "tree/dir", "system.posix_acl_default", acl, sizeof(acl));
	set_xattr(f, "tree/link", "trusted.on-link", "1", 1);
	set_xattr(f, "tree/whiteout", "trusted.on-device", "2", 1);
	assert_survives(f);
}

static void set_flags(const struct parcel *f, const char *path, unsigned add, unsigned project,
                      unsigned remove)
{
	AUTO(close) int fd = openat(f->fd, path, O_RDONLY | O_CLOEXEC);
	struct fsxattr flags = { .fsx_xflags = 0 };

	if (ioctl(fd, FS_IOC_FSGETXATTR, &flags) < 0)
		skip();
	flags.fsx_xflags = (flags.fsx_xflags | add) & ~remove;
	flags.fsx_projid = project;
	if (ioctl(fd, FS_IOC_FSSETXATTR, &flags) < 0)
		skip();
}

static void flags_that_forbid_changes_survive(void **state)
{
	static const char *const sealed[] = {
		"tree/dir",       "tree/dir/immutable",       "tree/append",
		"tree-again/dir", "tree-again/dir/immutable", "tree-again/append"
	};
	struct parcel *f = *state;

	tree_print(f->dir, "tree/dir/immutable", "x");
	tree_print(f->dir, "tree/append", "y");
	tree_print(f->dir, "tree/nodump", "z");
	assert_int_equal(linkat(f->fd, "tree/append", f->fd, "tree/z-append", 0), 0);
	set_flags(f, "tree/nodump", FS_XFLAG_NODUMP, 0, 0);
	set_flags(f, "tree/append", FS_XFLAG_APPEND, 0, 0);
	set_flags(f, "tree/dir/immutable", FS_XFLAG_IMMUTABLE, 0, 0);
	set_flags(f, "tree/dir", FS_XFLAG_IMMUTABLE, 0, 0);
	assert_survives(f);
	for (size_t i = 0; i < sizeof(sealed) / sizeof(sealed[0]); i++)
		set_flags(f, sealed[i], 0, 0, FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND);
}

static void write_at(const struct parcel *f, const char *path, off_t offset, const char *bytes)
{
	AUTO(close) int fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(pwrite(fd, bytes, strlen(bytes), offset), strlen(bytes));
}

static blkcnt_t blocks_of(const struct parcel *f, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(f->fd, path, &st, 0), 0);
	return st.st_blocks;
}

static void holes_survive(void **state)
{
	struct parcel *f = *state;

	tree_print(f->dir, "tree/empty", "%s", "");
	write_at(f, "tree/in-the-middle", 1 << 20, "x");
	write_at(f, "tree/at-the-end", 0, "x");
	write_at(f, "tree/many", 0, "x");
	for (off_t at = 1; at < 200; at++)
		write_at(f, "tree/many", at << 18, "y");
	write_at(f,
	         "tree/\xff no UTF-8, sparse, and with a long name that no ustar header can hold "
	         "whatever one does, because it has more than a hundred bytes",
	         (off_t)5 << 32, "large");
	for (int i = 0; i < 2; i++) {
		AUTO(close)
		int fd = openat(f->fd, i ? "tree/only-a-hole" : "tree/at-the-end",
		                O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		assert_int_equal(ftruncate(fd, 123456789), 0);
	}
	assert_survives(f);
	assert_int_equal(blocks_of(f, "tree-again/only-a-hole"), 0);
	/* but for a block or two in which the file system itself keeps where the others are */
	assert_in_range(blocks_of(f, "tree-again/many"), 0, blocks_of(f, "tree/many") + 32);
	assert_in_range(blocks_of(f, "tree-again/at-the-end"), 0,
	                blocks_of(f, "tree/at-the-end") + 32);
}

static void a_large_file_survives(void **state)
{
	struct parcel *f = *state;
	AUTO(str) char *bytes = mem_zalloc(3, 1 << 20);
	uint64_t random = 1;

	for (size_t i = 0; i < 3 << 20; i++) {
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		bytes[i] = (char)(random >> 56);
	}
	tree_write(f->dir, "tree/large", bytes, 3 << 20);
	tree_write(f->dir, "tree/odd", bytes, (1 << 20) + 1);
	assert_survives(f);
}

static void links_between_trees_survive(void **state)
{
	static const char *const names[] = { "one", "two", "three", NULL };
	struct parcel *f = *state;
	struct stat a;
	struct stat b;
	struct stat c;

	tree_print(f->dir, "one/a/file", "shared");
	tree_print(f->dir, "two/file", "own");
	assert_int_equal(linkat(f->fd, "one/a/file", f->fd, "two/shared", 0), 0);
	assert_int_equal(linkat(f->fd, "one/a/file", f->fd, "three", 0), 0);
	assert_survive(f, names);
	assert_int_equal(fstatat(f->fd, "one-again/a/file", &a, 0), 0);
	assert_int_equal(fstatat(f->fd, "two-again/shared", &b, 0), 0);
	assert_int_equal(fstatat(f->fd, "three-again", &c, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(a.st_ino, c.st_ino);
	assert_int_equal(a.st_nlink, 3);
}

static void a_single_file_or_symlink_is_a_tree(void **state)
{
	static const char *const names[] = { "file", "link", NULL };
	struct parcel *f = *state;

	tree_print(f->dir, "file", "content");
	tree_link(f->dir, "link", "../nowhere");
	assert_survive(f, names);
}

static void a_deep_tree_survives(void **state)
{
	static const char *const names[] = { "deep", NULL };
	struct parcel *f = *state;
	AUTO(str) char *before = NULL;
	AUTO(str) char *after = NULL;
	struct rlimit limit;
	struct rlimit few;

	hostile_make_deep(f->dir, "deep", 300, 255);
	before = portrait_new(f->dir, "deep");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = (struct rlimit){ 48, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_works(f, parcel_pack(f, names));
	assert_works(f, parcel_unpack(f, names));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	after = portrait_new(f->dir, "deep-again");
	assert_string_equal(before, after);
	hostile_remove_deep(f->dir, "deep");
	hostile_remove_deep(f->dir, "deep-again");
}

static void thousands_of_files_survive(void **state)
{
	struct parcel *f = *state;

	for (int i = 0; i < 3 * MANIFEST_PART; i++) {
		AUTO(str) char *path = mem_print("tree/%d/%d", i % 7, i);

		tree_print(f->dir, path, "%d", i);
	}
	assert_survives(f);
}

static void a_mount_inside_is_refused(void **state)
{
	static const char *const names[] = { "tree", NULL };
	struct parcel *f = *state;

	tree_mkdir(f->dir, "tree/a/mounted");
	if (!hostile_mount(f->dir, "tree/a/mounted"))
		skip();
	assert_int_equal(parcel_pack(f, names), -1);
	hostile_unmount(f->dir, "tree/a/mounted");
	assert_string_equal(f->err.text,
	                    "overlay2/tree/a/mounted: is a mount point: Device or resource busy");
	assert_false(hostile_exists(f->dir, "a.tar.zst"));
	assert_false(hostile_exists(f->dir, "a.tar.zst.partial"));
}

static void what_is_not_there_is_an_error(void **state)
{
	static const char *const names[] = { "tree", NULL };
	struct parcel *f = *state;

	assert_int_equal(parcel_pack(f, names), -1);
	assert_string_equal(f->err.text, "overlay2/tree: stat: No such file or directory");
	assert_false(hostile_exists(f->dir, "a.tar.zst.partial"));
}

static void packing_changes_nothing(void **state)
{
	static const char *const names[] = { "tree", NULL };
	struct parcel *f = *state;
	AUTO(str) char *before = NULL;
	AUTO(str) char *after = NULL;

	tree_print(f->dir, "tree/a/file", "x");
	tree_print(f->dir, "tree/file", "y");
	set_times(f, "tree/a/file", 1000, 1); /* relatime would set the atime now */
	set_times(f, "tree/a", 2000, 2);
	before = portrait_new(f->dir, "tree");
	assert_works(f, parcel_pack(f, names));
	after = portrait_new(f->dir, "tree");
	assert_string_equal(before, after);
}

/* Two trees of equal content give equal archives, byte for byte. */
static void an_archive_says_nothing_else(void **state)
{
	static const char *const names[] = { "tree", NULL };
	struct parcel *f = *state;
	AUTO(str) char *first = mem_print("%s/first", f->dir);
	AUTO(str) char *words = mem_print("cmp -s %s %s", f->file, first);

	hostile_make(f->dir, "tree");
	assert_works(f, parcel_pack(f, names)); /* reads symlinks, which changes their atime once */
	assert_int_equal(unlink(f->file), 0);
	assert_works(f, parcel_pack(f, names));
	assert_int_equal(rename(f->file, first), 0);
	assert_works(f, parcel_pack(f, names));
	assert_int_equal(system(words), 0); /* NOLINT(cert-env33-c) */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, parcel_setup, parcel_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_hostile_tree_survives),
		TEST(owners_modes_and_times_survive),
		TEST(attributes_survive),
		TEST(flags_that_forbid_changes_survive),
		TEST(holes_survive),
		TEST(a_large_file_survives),
		TEST(links_between_trees_survive),
		TEST(a_single_file_or_symlink_is_a_tree),
		TEST(a_deep_tree_survives),
		TEST(thousands_of_files_survive),
		TEST(a_mount_inside_is_refused),
		TEST(what_is_not_there_is_an_error),
		TEST(packing_changes_nothing),
		TEST(an_archive_says_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
