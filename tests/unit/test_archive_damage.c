/* test_archive_damage.c - no damage to an archive stays unseen, and none does damage. */
#include "tests/unit/check.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "overlay2/archive_file.h"
#include "overlay2/manifest.h"
#include "tests/unit/hostile.h"
#include "tests/unit/parcel.h"
#include "tests/unit/portrait.h"
#include "tests/unit/tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *const names[] = { "tree", NULL };

static void fill(const struct parcel *p)
{
	AUTO(str) char *file = mem_print("%s/tree/file", p->dir);

	tree_print(p->dir, "tree/file", "%0999d", 7);
	tree_print(p->dir, "tree/dir/other", "content");
	tree_link(p->dir, "tree/link", "file");
	assert_int_equal(linkat(p->fd, "tree/file", p->fd, "tree/linked", 0), 0);
	(void)setxattr(file, "user.x", "value", 5, 0);
}

static void replace(const struct parcel *p, const char *bytes, size_t len)
{
	tree_write(p->dir, PARCEL_NAME, bytes, len);
}

/* The archive cannot be read, and the words name it. */
static void assert_refused(struct parcel *p, const char *words)
{
	err_clear(&p->err);
	assert_int_equal(parcel_unpack(p, NULL), -1);
	assert_int_equal(p->err.kind, ERR_CORRUPT);
	assert_ptr_equal(strstr(p->err.text, PARCEL_NAME ": "), p->err.text);
	if (!strstr(p->err.text, words))
		fail_msg("%s", p->err.text);
}

static void flip(char *bytes, size_t bit)
{
	bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
}

/* Any bit that is flipped is found, or did not matter: what comes out is what went in. */
static void flipped_bits_are_found(void **state)
{
	struct parcel *p = *state;
	AUTO(str) char *before = NULL;
	AUTO(str) char *bytes = NULL;
	size_t harmless = 0;
	size_t len;

	fill(p);
	before = portrait_new(p->dir, "tree");
	assert_int_equal(parcel_pack(p, names), 0);
	assert_int_equal(file_read(p->fd, PARCEL_NAME, 1 << 20, &bytes, &len, &p->err), 0);
	for (size_t bit = 0; bit < 8 * len; bit += 7) {
		flip(bytes, bit);
		replace(p, bytes, len);
		err_clear(&p->err);
		if (parcel_unpack(p, NULL) == 0) {
			AUTO(str)
			char *words = mem_print("rm -rf '%s/tree-again'", p->dir); /* NOLINT */
			AUTO(str) char *after = NULL;

			assert_int_equal(parcel_unpack(p, names), 0);
			after = portrait_new(p->dir, "tree-again");
			assert_string_equal(before, after);
			assert_int_equal(system(words), 0); /* NOLINT(cert-env33-c) */
			harmless++;
		} else {
			assert_int_equal(p->err.kind, ERR_CORRUPT);
			assert_ptr_equal(strstr(p->err.text, PARCEL_NAME ": "), p->err.text);
		}
		flip(bytes, bit);
	}
	(void)printf("# %zu bits, %zu of them harmless\n", 8 * len / 7, harmless);
	assert_true(harmless < len / 20);
}

static void a_cut_archive_is_found_at_every_length(void **state)
{
	struct parcel *p = *state;
	AUTO(str) char *bytes = NULL;
	size_t len;

	fill(p);
	assert_int_equal(parcel_pack(p, names), 0);
	assert_int_equal(file_read(p->fd, PARCEL_NAME, 1 << 20, &bytes, &len, &p->err), 0);
	for (size_t i = 0; i < len; i++) {
		replace(p, bytes, i);
		assert_refused(p, "");
	}
	replace(p, bytes, len);
	err_clear(&p->err);
	assert_int_equal(parcel_unpack(p, NULL), 0);
}

static void what_is_no_archive_is_refused(void **state)
{
	struct parcel *p = *state;
	AUTO(str) char *words = mem_print("cd '%s' && tar -c tree | zstd -q >a.tar.zst", p->dir);
	AUTO(str) char *plain = mem_print("cd '%s' && tar -cf a.tar.zst tree", p->dir);

	fill(p);
	replace(p, "", 0);
	assert_refused(p, "is no archive of drydock");
	replace(p, "PNG or something", 16);
	assert_refused(p, "is no archive of drydock");
	assert_int_equal(system(words), 0); /* NOLINT(cert-env33-c) */
	assert_refused(p, "is no archive of drydock");
	assert_int_equal(system(plain), 0); /* NOLINT(cert-env33-c) */
	assert_refused(p, "is no archive of drydock");
}

/* ---- archives that someone has made ---- */

struct forgery {
	struct archive *archive;
	struct manifest manifest;
};

static void forge_entry(struct forgery *forgery, const char *path, mode_t mode, const char *link,
                        const char *bytes)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_size(entry, (la_int64_t)strlen(bytes));
	if (link && S_ISLNK(mode))
		archive_entry_set_symlink(entry, link);
	else if (link)
		archive_entry_set_hardlink(entry, link);
	assert_int_equal(archive_write_header(forgery->archive, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(forgery->archive, bytes, strlen(bytes)), strlen(bytes));
	archive_entry_free(entry);
}

static void forge_own(struct forgery *forgery, const char *path, const char *bytes)
{
	char hex[CHECKSUM_HEX_SIZE];

	checksum_of(bytes, strlen(bytes), hex);
	forge_entry(forgery, path, S_IFREG | 0600, NULL, bytes);
	manifest_add_own(&forgery->manifest, path, strlen(bytes), hex);
}

static void forge_begin(struct parcel *p, struct forgery *forgery)
{
	forgery->archive = archive_write_new();
	manifest_init(&forgery->manifest);
	(void)archive_write_set_format_pax(forgery->archive);
	(void)archive_write_add_filter_zstd(forgery->archive);
	assert_int_equal(archive_write_open_filename(forgery->archive, p->file), ARCHIVE_OK);
	forge_own(forgery, MANIFEST_HEAD, "{}\n");
}

/* Ends it as drydock would. */
static void forge_end(struct forgery *forgery)
{
	AUTO(str) char *end = NULL;

	if (forgery->manifest.line_count > 0) {
		AUTO(str) char *name = manifest_part_name(1);
		AUTO(str) char *part = mem_text(forgery->manifest.lines.data);

		forge_entry(forgery, name, S_IFREG | 0600, NULL, part);
		(void)manifest_cut(&forgery->manifest);
	}
	end = manifest_end(&forgery->manifest);
	forge_entry(forgery, MANIFEST_END, S_IFREG | 0600, NULL, end);
	assert_int_equal(archive_write_free(forgery->archive), ARCHIVE_OK);
	manifest_done(&forgery->manifest);
}

static void paths_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const paths[] = { "../x", "/etc/x", "overlay2/../../x",
		                             "a//b", ".",      "overlay2/.",
		                             "..",   "a/../b" };
	struct parcel *p = *state;

	for (size_t i = 0; i < 2 * sizeof(paths) / sizeof(paths[0]); i++) {
		struct forgery forgery;

		forge_begin(p, &forgery);
		if (i % 2 == 0)
			forge_entry(&forgery, paths[i / 2], S_IFREG | 0600, NULL, "");
		else
			forge_entry(&forgery, "overlay2/x", S_IFREG | 0600, paths[i / 2], "");
		forge_end(&forgery);
		assert_refused(p, "is no path below a data root");
	}
}

/* A symlink in the archive and an entry below it, as attacks on tar do it. */
static void no_symlink_is_followed(void **state)
{
	struct parcel *p = *state;
	struct forgery forgery;
	struct inode inode = { .mode = S_IFLNK | 0777, .target = p->dir };

	forge_begin(p, &forgery);
	forge_entry(&forgery, "overlay2/tree", S_IFLNK | 0777, p->dir, "");
	manifest_add(&forgery.manifest, "overlay2/tree", &inode, NULL);
	forge_entry(&forgery, "overlay2/tree/evil", S_IFREG | 0600, NULL, "");
	forge_end(&forgery);
	assert_int_equal(parcel_unpack(p, names), -1);
	assert_non_null(strstr(p->err.text, "its directory is not in the archive"));
	assert_false(hostile_exists(p->dir, "evil"));
}

static void a_link_to_what_is_not_there_is_refused(void **state)
{
	struct parcel *p = *state;
	struct forgery forgery;

	forge_begin(p, &forgery);
	forge_entry(&forgery, "overlay2/tree", S_IFREG | 0600, "volumes/precious", "");
	manifest_add_link(&forgery.manifest, "overlay2/tree", "volumes/precious");
	forge_end(&forgery);
	assert_int_equal(parcel_unpack(p, names), -1);
	assert_non_null(strstr(p->err.text, "volumes/precious: is not in the archive"));
	assert_false(hostile_exists(p->dir, "tree-again"));
}

static void an_entry_too_many_or_too_few_is_found(void **state)
{
	struct parcel *p = *state;
	struct forgery forgery;

	forge_begin(p, &forgery);
	forge_own(&forgery, ".drydock/a", "a");
	forge_entry(&forgery, ".drydock/b", S_IFREG | 0600, NULL, "b");
	forge_end(&forgery);
	assert_refused(p, ".drydock/b: is not what was written");
	forge_begin(p, &forgery);
	forge_own(&forgery, ".drydock/a", "a");
	manifest_add_own(&forgery.manifest, ".drydock/gone", 0, "");
	forge_end(&forgery);
	assert_refused(p, ".drydock/gone: is missing");
}

static void what_the_end_does_not_know_is_found(void **state)
{
	struct parcel *p = *state;
	struct forgery forgery;

	forge_begin(p, &forgery);
	forge_own(&forgery, ".drydock/a", "a");
	manifest_done(&forgery.manifest);
	manifest_init(&forgery.manifest);
	forge_end(&forgery);
	assert_refused(p, "it does not hold what its end says");
}

/* ---- writing ---- */

static void a_full_disk_is_an_error_and_leaves_nothing(void **state)
{
	struct parcel *p = *state;
	AUTO(str) char *full = mem_print("%s/full", p->dir);
	AUTO(str) char *bytes = mem_zalloc(1, 1 << 20);
	unsigned random = 1;

	for (size_t i = 0; i < 1 << 20; i++)
		bytes[i] = (char)((random = random * 1103515245 + 12345) >> 16);
	tree_write(p->dir, "tree/large", bytes, 1 << 20);
	if (!hostile_mount(p->dir, (tree_mkdir(p->dir, "full"), "full"))) /* 64 KiB */
		skip();
	free(p->file);
	p->file = mem_print("%s/" PARCEL_NAME, full);
	assert_int_equal(parcel_pack(p, names), -1);
	assert_true(err_has_code(&p->err, ENOSPC));
	assert_non_null(strstr(p->err.text, "full/" PARCEL_NAME ": write: No space left"));
	assert_false(hostile_exists(full, PARCEL_NAME));
	assert_false(hostile_exists(full, PARCEL_NAME ".partial"));
	hostile_unmount(p->dir, "full");
}

static void nothing_is_written_over(void **state)
{
	struct parcel *p = *state;
	AUTO(str) char *bytes = NULL;
	size_t len;

	fill(p);
	tree_print(p->dir, PARCEL_NAME, "precious");
	assert_int_equal(parcel_pack(p, names), -1);
	assert_int_equal(p->err.kind, ERR_STATE);
	assert_non_null(strstr(p->err.text, PARCEL_NAME ": exists already"));
	err_clear(&p->err);
	assert_int_equal(file_read(p->fd, PARCEL_NAME, 1 << 20, &bytes, &len, &p->err), 0);
	assert_string_equal(bytes, "precious");
	assert_false(hostile_exists(p->dir, PARCEL_NAME ".partial"));
}

static void what_a_killed_one_has_left_is_written_over(void **state)
{
	struct parcel *p = *state;

	fill(p);
	tree_print(p->dir, PARCEL_NAME ".partial", "%0100000d", 1);
	assert_int_equal(parcel_pack(p, names), 0);
	assert_int_equal(parcel_unpack(p, NULL), 0);
	assert_false(hostile_exists(p->dir, PARCEL_NAME ".partial"));
}

static void one_that_another_writes_is_left_alone(void **state)
{
	struct parcel *p = *state;
	AUTO(close) int fd = -1;

	fill(p);
	tree_print(p->dir, PARCEL_NAME ".partial", "half");
	fd = openat(p->fd, PARCEL_NAME ".partial", O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(parcel_pack(p, names), -1);
	assert_non_null(strstr(p->err.text, "another process writes it"));
	assert_true(hostile_exists(p->dir, PARCEL_NAME ".partial"));
}

static void a_partial_that_is_a_symlink_is_not_followed(void **state)
{
	struct parcel *p = *state;

	fill(p);
	tree_print(p->dir, "precious", "x");
	tree_link(p->dir, PARCEL_NAME ".partial", "precious");
	assert_int_equal(parcel_pack(p, names), -1);
	assert_true(err_has_code(&p->err, ELOOP));
	assert_true(hostile_exists(p->dir, PARCEL_NAME ".partial"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, parcel_setup, parcel_teardown)
	const struct CMUnitTest tests[] = {
		TEST(flipped_bits_are_found),
		TEST(a_cut_archive_is_found_at_every_length),
		TEST(what_is_no_archive_is_refused),
		TEST(paths_that_lead_elsewhere_are_refused),
		TEST(no_symlink_is_followed),
		TEST(a_link_to_what_is_not_there_is_refused),
		TEST(an_entry_too_many_or_too_few_is_found),
		TEST(what_the_end_does_not_know_is_found),
		TEST(a_full_disk_is_an_error_and_leaves_nothing),
		TEST(nothing_is_written_over),
		TEST(what_a_killed_one_has_left_is_written_over),
		TEST(one_that_another_writes_is_left_alone),
		TEST(a_partial_that_is_a_symlink_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
