/* test_mount.c - layerdb/mounts: at any depth, good and broken. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "metadata/mount.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define HEX_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define HEX_3 "3333333333333333333333333333333333333333333333333333333333333333"
#define DB "layerdb/mounts/"
#define MOUNT DB HEX_1 "/"

struct fixture {
	char *dir;
	int fd;
	struct mount_list mounts;
	struct finding_list findings;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("mount");
	f->fd = tree_open(f->dir, "");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	mount_list_done(&f->mounts);
	finding_list_done(&f->findings);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void write_mount(const struct fixture *f)
{
	tree_print(f->dir, MOUNT "mount-id", HEX_2);
	tree_print(f->dir, MOUNT "init-id", HEX_2 "-init");
	tree_print(f->dir, MOUNT "parent", "sha256:" HEX_3);
}

static void load(struct fixture *f)
{
	mount_list_done(&f->mounts);
	finding_list_done(&f->findings);
	if (mount_list_load(&f->mounts, f->fd, &f->findings, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static void assert_broken(struct fixture *f, unsigned bit, const char *words)
{
	const struct mount *mount;

	load(f);
	assert_int_equal(f->mounts.count, 1);
	mount = &f->mounts.items[0];
	assert_int_equal(mount->broken, bit);
	assert_false(mount->is_empty);
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, FINDING_MOUNT_UNREADABLE);
	assert_string_equal(f->findings.items[0].path, "image/overlay2/" DB HEX_1);
	if (!strstr(f->findings.items[0].detail, words))
		fail_msg("\"%s\" lacks \"%s\"", f->findings.items[0].detail, words);
	assert_true(bit == MOUNT_BAD_MOUNT_ID ? !mount->mount_id : mount->mount_id != NULL);
	assert_true(bit == MOUNT_BAD_INIT_ID ? !mount->init_id : mount->init_id != NULL);
	assert_true(bit == MOUNT_BAD_PARENT ? !mount->parent : mount->parent != NULL);
}

static void a_mount_is_read(void **state)
{
	struct fixture *f = *state;
	size_t item = 9;

	write_mount(f);
	load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->mounts.count, 1);
	assert_string_equal(f->mounts.items[0].name, HEX_1);
	assert_string_equal(f->mounts.items[0].mount_id, HEX_2);
	assert_string_equal(f->mounts.items[0].init_id, HEX_2 "-init");
	assert_string_equal(f->mounts.items[0].parent, HEX_3);
	assert_int_equal(f->mounts.items[0].broken, 0);
	assert_true(map_get(&f->mounts.by_name, HEX_1, &item));
	assert_int_equal(item, 0);
}

static void only_the_mount_id_is_needed(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, DB "0az9k1n2m3b4v5c6x7z8l9k0j/mount-id", " " HEX_2 "\n");
	load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->mounts.items[0].broken, 0);
	assert_string_equal(f->mounts.items[0].mount_id, HEX_2);
	assert_null(f->mounts.items[0].init_id);
	assert_null(f->mounts.items[0].parent);
}

static const struct {
	const char *name;
	unsigned bit;
} files[] = {
	{ "mount-id", MOUNT_BAD_MOUNT_ID },
	{ "init-id", MOUNT_BAD_INIT_ID },
	{ "parent", MOUNT_BAD_PARENT },
};

#define FILES (sizeof(files) / sizeof(files[0]))

static void a_missing_mount_id_may_be_any_directory(void **state)
{
	struct fixture *f = *state;

	write_mount(f);
	assert_int_equal(unlinkat(f->fd, MOUNT "mount-id", 0), 0);
	assert_broken(f, MOUNT_BAD_MOUNT_ID, "mount-id: does not exist");
}

static void empty_garbage_and_nul_break_every_file(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} contents[] = { { "", 0 },          { "\n", 1 },
		         { "garbage", 7 },   { "../victim", 9 },
		         { HEX_2 "\0", 65 }, { "\0" HEX_2, 65 },
		         { HEX_2, 63 },      { "sha256:" HEX_2, 70 } };
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		AUTO(str) char *path = mem_print(MOUNT "%s", files[i].name);

		for (size_t j = 0; j < sizeof(contents) / sizeof(contents[0]); j++) {
			write_mount(f);
			tree_write(f->dir, path, contents[j].bytes, contents[j].len);
			assert_broken(f, files[i].bit, files[i].name);
		}
	}
}

static void an_oversized_file_breaks_the_mount(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		AUTO(str) char *path = mem_print(MOUNT "%s", files[i].name);
		int fd;

		write_mount(f);
		fd = openat(f->fd, path, O_WRONLY | O_CLOEXEC);
		assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
		assert_int_equal(close(fd), 0);
		assert_broken(f, files[i].bit, "more than the");
	}
}

static void what_is_no_file_breaks_the_mount(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		AUTO(str) char *path = mem_print(MOUNT "%s", files[i].name);

		write_mount(f);
		assert_int_equal(unlinkat(f->fd, path, 0), 0);
		tree_link(f->dir, path, "/etc/hostname");
		assert_broken(f, files[i].bit, "is a symbolic link");
		assert_int_equal(unlinkat(f->fd, path, 0), 0);
		tree_mkdir(f->dir, path);
		assert_broken(f, files[i].bit, "is not a regular file");
		assert_int_equal(unlinkat(f->fd, path, AT_REMOVEDIR), 0);
	}
}

static void image_mounts_with_slashes_lie_deeper(void **state)
{
	struct fixture *f = *state;

	write_mount(f);
	tree_print(f->dir, DB HEX_1 "-user/app:1/mount-id", HEX_3);
	tree_print(f->dir, DB HEX_1 "-a/b/c/mount-id", HEX_3);
	load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->mounts.count, 3);
	assert_string_equal(f->mounts.items[0].name, HEX_1);
	assert_string_equal(f->mounts.items[1].name, HEX_1 "-a/b/c");
	assert_string_equal(f->mounts.items[2].name, HEX_1 "-user/app:1");
	assert_true(map_get(&f->mounts.by_name, HEX_1 "-user/app:1", NULL));
}

static void a_mount_may_lie_in_a_mount(void **state)
{
	struct fixture *f = *state;

	write_mount(f);
	tree_print(f->dir, MOUNT "tag/mount-id", HEX_3);
	load(f);
	assert_int_equal(f->mounts.count, 2);
	assert_string_equal(f->mounts.items[1].name, HEX_1 "/tag");
}

static void the_deepest_reference_is_read(void **state)
{
	struct fixture *f = *state;
	AUTO(text) struct text path = TEXT_INIT;

	text_print(&path, DB HEX_1 "-a");
	for (int i = 0; i < 127; i++)
		text_print(&path, "/a");
	text_print(&path, "/mount-id");
	tree_print(f->dir, path.data, HEX_2);
	load(f);
	assert_int_equal(f->mounts.count, 1);
	assert_string_equal(f->mounts.items[0].mount_id, HEX_2);
}

static void too_deep_is_corrupt(void **state)
{
	struct fixture *f = *state;
	AUTO(text) struct text path = TEXT_INIT;

	text_print(&path, DB "a");
	for (int i = 0; i < 160; i++)
		text_print(&path, "/a");
	tree_mkdir(f->dir, path.data);
	assert_int_equal(mount_list_load(&f->mounts, f->fd, &f->findings, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_non_null(strstr(f->err.text, "more than 160 directories deep"));
}

static void an_empty_directory_is_a_leftover_without_a_finding(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, DB HEX_1);
	load(f);
	assert_int_equal(f->mounts.count, 1);
	assert_true(f->mounts.items[0].is_empty);
	assert_int_equal(f->mounts.items[0].broken, MOUNT_BAD_MOUNT_ID);
	assert_int_equal(f->findings.count, 0);
}

static void links_and_other_files_are_told_and_no_mounts(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "real/mount-id", HEX_2);
	tree_link(f->dir, DB "link", "../../real");
	tree_print(f->dir, DB "file", "x");
	tree_print(f->dir, DB "dir/notes", "x");
	load(f);
	assert_int_equal(f->mounts.count, 0);
	assert_int_equal(f->findings.count, 3);
	finding_list_sort(&f->findings);
	assert_int_equal(f->findings.items[0].code, FINDING_UNKNOWN_FILE);
	assert_string_equal(f->findings.items[0].path, "image/overlay2/" DB "dir/notes");
	assert_string_equal(f->findings.items[1].path, "image/overlay2/" DB "file");
	assert_string_equal(f->findings.items[2].path, "image/overlay2/" DB "link");
}

static void no_mounts_directory_is_no_mount(void **state)
{
	struct fixture *f = *state;

	load(f);
	assert_int_equal(f->mounts.count, 0);
}

static void a_mounts_directory_that_is_none_is_corrupt(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "real");
	tree_link(f->dir, "layerdb/mounts", "../real");
	assert_int_equal(mount_list_load(&f->mounts, f->fd, &f->findings, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_string_equal(f->err.text, "layerdb/mounts: is not a directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mount_is_read),
		TEST(only_the_mount_id_is_needed),
		TEST(a_missing_mount_id_may_be_any_directory),
		TEST(empty_garbage_and_nul_break_every_file),
		TEST(an_oversized_file_breaks_the_mount),
		TEST(what_is_no_file_breaks_the_mount),
		TEST(image_mounts_with_slashes_lie_deeper),
		TEST(a_mount_may_lie_in_a_mount),
		TEST(the_deepest_reference_is_read),
		TEST(too_deep_is_corrupt),
		TEST(an_empty_directory_is_a_leftover_without_a_finding),
		TEST(links_and_other_files_are_told_and_no_mounts),
		TEST(no_mounts_directory_is_no_mount),
		TEST(a_mounts_directory_that_is_none_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
