/* test_image.c - imagedb: configs and metadata on disk, in every state. */
#include "tests/unit/check.h"

#include "metadata/base/digest.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/image.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define HEX_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define DIFF_0 "232ea45e6450c94dc39000da0234cbcfe9244bff51597d974257fbd6b8168184"
#define ROOTFS "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" DIFF_0 "\"]}"
#define CONTENT "imagedb/content/sha256"
#define METADATA "imagedb/metadata/sha256"

/* Images of a real dockerd 20.10: committed, built by BuildKit, without layers, built classically.
 */
#define COMMITTED "21b3e742b175e2d0dd6e405d9ead9ce87e67c6fe70d1e3c16720f53237fa8991"
#define BUILT "83a1454700cf677fe4320eeae8b87355ae221e5ccccb33ca139b2298211e630e"
#define EMPTY "8aca5524c1370a63ad8230d02ebbe7f68eb6781e10a03b362cbb7b56fea7c5e0"

struct fixture {
	char *dir;
	int fd;
	char id[DIGEST_HEX_SIZE]; /* of the config written last */
	struct image_list images;
	struct finding_list findings;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("image");
	f->fd = tree_open(f->dir, "");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	image_list_done(&f->images);
	finding_list_done(&f->findings);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

/* Writes a config under the name that its bytes have. */
static void write_config(struct fixture *f, const char *text)
{
	AUTO(str) char *path = NULL;

	digest_sha256(text, strlen(text), f->id);
	path = mem_print(CONTENT "/%s", f->id);
	tree_write(f->dir, path, text, strlen(text));
}

static void load(struct fixture *f)
{
	image_list_done(&f->images);
	finding_list_done(&f->findings);
	if (image_list_load(&f->images, f->fd, &f->findings, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

/* The image ID is in the list as unreadable, with one finding that has WORDS. */
static void assert_unreadable(const struct fixture *f, const char *id, const char *words)
{
	AUTO(str) char *path = mem_print("image/overlay2/" CONTENT "/%s", id);
	const struct image *image;
	size_t item = SIZE_MAX;

	assert_true(map_get(&f->images.by_id, id, &item));
	image = &f->images.items[item];
	assert_true(image->is_unreadable);
	assert_string_equal(image->id, id);
	assert_null(image->chain_id);
	assert_int_equal(image->diff_id_count, 0);
	assert_non_null(image->os);
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, FINDING_IMAGE_UNREADABLE);
	assert_string_equal(f->findings.items[0].path, path);
	if (!strstr(f->findings.items[0].detail, words))
		fail_msg("\"%s\" lacks \"%s\"", f->findings.items[0].detail, words);
}

static void a_config_with_another_hash_is_unreadable(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, CONTENT "/" HEX_1, "{%s}", ROOTFS);
	load(f);
	assert_unreadable(f, HEX_1, "has the SHA-256 ");
}

static void a_config_that_is_no_json_is_unreadable(void **state)
{
	struct fixture *f = *state;

	write_config(f, "{\n \"rootfs\": x}");
	load(f);
	assert_unreadable(f, f->id, "line 2, column 12, byte 14");
}

static void an_empty_config_is_unreadable(void **state)
{
	struct fixture *f = *state;

	tree_write(f->dir, CONTENT "/" HEX_1, "", 0);
	load(f);
	assert_unreadable(f, HEX_1, "is empty");
}

static void an_oversized_config_is_unreadable(void **state)
{
	struct fixture *f = *state;
	int fd;

	tree_mkdir(f->dir, CONTENT);
	fd = openat(f->fd, CONTENT "/" HEX_1, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, (off_t)FILE_RECORD_MAX + 1), 0);
	assert_int_equal(close(fd), 0);
	load(f);
	assert_unreadable(f, HEX_1, "has 67108865 bytes");
}

static void what_is_no_file_is_unreadable(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, CONTENT "/" HEX_1);
	load(f);
	assert_unreadable(f, HEX_1, "is not a regular file");
	assert_int_equal(unlinkat(f->fd, CONTENT "/" HEX_1, AT_REMOVEDIR), 0);
	tree_link(f->dir, CONTENT "/" HEX_1, "elsewhere");
	load(f);
	assert_unreadable(f, HEX_1, "is a symbolic link");
}

static void other_names_are_told_and_no_images(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, CONTENT "/notes.txt", "x");
	tree_print(f->dir, CONTENT "/.tmp-" HEX_1 "123", "x"); /* a stray: not told here */
	tree_mkdir(f->dir, METADATA "/mine");
	load(f);
	assert_int_equal(f->images.count, 0);
	assert_int_equal(f->findings.count, 2);
	assert_int_equal(f->findings.items[0].code, FINDING_UNKNOWN_FILE);
	assert_string_equal(f->findings.items[0].path, "image/overlay2/" CONTENT "/notes.txt");
	assert_string_equal(f->findings.items[1].path, "image/overlay2/" METADATA "/mine");
}

static void the_parent_is_read_as_it_stands(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = NULL;

	write_config(f, "{" ROOTFS "}");
	path = mem_print(METADATA "/%s/parent", f->id);
	tree_print(f->dir, path, "sha256:" HEX_1);
	load(f);
	assert_int_equal(f->findings.count, 0);
	assert_true(f->images.items[0].has_metadata);
	assert_string_equal(f->images.items[0].parent, HEX_1);
}

static void metadata_without_a_parent_is_enough(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = NULL;

	write_config(f, "{" ROOTFS "}");
	path = mem_print(METADATA "/%s/lastUpdated", f->id);
	tree_print(f->dir, path, "2026-11-24T06:02:13.126488712Z");
	load(f);
	assert_int_equal(f->findings.count, 0);
	assert_true(f->images.items[0].has_metadata);
	assert_null(f->images.items[0].parent);
}

static void what_is_no_parent_is_told_and_the_image_stays(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = {
		{ "", 0 },
		{ HEX_1, 64 },
		{ "sha256:" HEX_1 "\n", 72 },
		{ "sha256:" HEX_1 "\0", 72 },
		{ "sha256:../../../etc", 19 },
		{ "sha256:1111", 11 },
	};
	struct fixture *f = *state;
	AUTO(str) char *path = NULL;

	write_config(f, "{" ROOTFS "}");
	path = mem_print(METADATA "/%s/parent", f->id);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		tree_write(f->dir, path, wrong[i].bytes, wrong[i].len);
		load(f);
		assert_int_equal(f->findings.count, 1);
		assert_int_equal(f->findings.items[0].code, FINDING_IMAGE_PARENT_INVALID);
		assert_non_null(strstr(f->findings.items[0].detail, "parent: is no image ID"));
		assert_null(f->images.items[0].parent);
		assert_false(f->images.items[0].is_unreadable);
		assert_string_equal(f->images.items[0].chain_id, DIFF_0);
	}
}

static void a_parent_that_is_no_file_is_told(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = NULL;
	AUTO(str) char *dir = NULL;

	write_config(f, "{" ROOTFS "}");
	path = mem_print(METADATA "/%s/parent", f->id);
	dir = mem_print(METADATA "/%s", f->id);
	tree_link(f->dir, path, "elsewhere");
	load(f);
	assert_int_equal(f->findings.count, 1);
	assert_string_equal(f->findings.items[0].detail, "parent: is a symbolic link");
	assert_int_equal(unlinkat(f->fd, path, 0), 0);
	assert_int_equal(unlinkat(f->fd, dir, AT_REMOVEDIR), 0);
	tree_link(f->dir, dir, "elsewhere");
	load(f);
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, FINDING_IMAGE_PARENT_INVALID);
	assert_false(f->images.items[0].has_metadata);
}

static void no_imagedb_is_no_image(void **state)
{
	struct fixture *f = *state;

	load(f);
	assert_int_equal(f->images.count, 0);
	tree_mkdir(f->dir, "imagedb/content");
	load(f);
	assert_int_equal(f->images.count, 0);
	assert_int_equal(f->findings.count, 0);
}

static void a_link_on_the_way_is_corrupt(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "real/sha256");
	tree_link(f->dir, "imagedb/content", "../real");
	assert_int_equal(image_list_load(&f->images, f->fd, &f->findings, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_string_equal(f->err.text, "imagedb/content: is not a directory");
}

static void images_of_a_real_dockerd_are_read(void **state)
{
	static const char *const ids[] = { COMMITTED, BUILT, EMPTY };
	struct fixture *f = *state;
	size_t item = 0;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
		AUTO(str) char *from = mem_print("fixtures/records/images/%s", ids[i]);
		AUTO(str) char *path = mem_print(CONTENT "/%s", ids[i]);

		assert_int_equal(file_read_record(AT_FDCWD, from, FILE_RECORD_MAX, &bytes, &f->err),
		                 FILE_READ);
		tree_write(f->dir, path, bytes.data, bytes.len);
	}
	load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->images.count, 3);
	assert_string_equal(f->images.items[0].id, COMMITTED); /* sorted */
	assert_int_equal(f->images.items[0].config_size_bytes, 1209);
	assert_int_equal(f->images.items[0].diff_id_count, 2);
	assert_true(map_get(&f->images.by_id, BUILT, &item));
	assert_int_equal(f->images.items[item].diff_id_count, 4);
	assert_string_equal(f->images.items[item].os, "linux");
	assert_true(map_get(&f->images.by_id, EMPTY, &item));
	assert_null(f->images.items[item].chain_id);
	assert_int_equal(f->images.items[item].label_count, 1);
	assert_string_equal(f->images.items[item].labels[0].key, "empty");
	assert_string_equal(f->images.items[item].labels[0].value, "yes");
	assert_int_equal(f->images.items[item].created, 1795500133);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_config_with_another_hash_is_unreadable),
		TEST(a_config_that_is_no_json_is_unreadable),
		TEST(an_empty_config_is_unreadable),
		TEST(an_oversized_config_is_unreadable),
		TEST(what_is_no_file_is_unreadable),
		TEST(other_names_are_told_and_no_images),
		TEST(the_parent_is_read_as_it_stands),
		TEST(metadata_without_a_parent_is_enough),
		TEST(what_is_no_parent_is_told_and_the_image_stays),
		TEST(a_parent_that_is_no_file_is_told),
		TEST(no_imagedb_is_no_image),
		TEST(a_link_on_the_way_is_corrupt),
		TEST(images_of_a_real_dockerd_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
