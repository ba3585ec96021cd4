/* test_layer.c - layerdb: good records, and every way in which one can be broken. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/layer.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define HEX_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define HEX_3 "3333333333333333333333333333333333333333333333333333333333333333"
#define DB "layerdb/sha256/"
#define LAYER DB HEX_1 "/"
#define CACHE "0az9k1n2m3b4v5c6x7z8l9k0j"

struct fixture {
	char *dir;
	int fd;
	struct layer_list layers;
	struct finding_list findings;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("layer");
	f->fd = tree_open(f->dir, "");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	layer_list_done(&f->layers);
	finding_list_done(&f->findings);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

/* A good layer with a parent: HEX_1 on HEX_2. */
static void write_layer(const struct fixture *f)
{
	tree_print(f->dir, LAYER "diff", "sha256:" HEX_3);
	tree_print(f->dir, LAYER "size", "4711");
	tree_print(f->dir, LAYER "cache-id", HEX_2);
	tree_print(f->dir, LAYER "parent", "sha256:" HEX_2);
	tree_print(f->dir, LAYER "tar-split.json.gz", "x");
}

static void load(struct fixture *f)
{
	layer_list_done(&f->layers);
	finding_list_done(&f->findings);
	if (layer_list_load(&f->layers, f->fd, &f->findings, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

/* The only layer, HEX_1, after a load. */
static const struct layer *load_one(struct fixture *f)
{
	load(f);
	assert_int_equal(f->layers.count, 1);
	assert_string_equal(f->layers.items[0].chain_id, HEX_1);
	return &f->layers.items[0];
}

/* The layer is broken by one file, with one finding that says so, and all else of it is known. */
static void assert_broken(struct fixture *f, unsigned bit, const char *words)
{
	const struct layer *layer = load_one(f);

	assert_int_equal(layer->broken, bit);
	assert_false(layer->is_empty);
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, FINDING_LAYER_UNREADABLE);
	assert_string_equal(f->findings.items[0].path, "image/overlay2/" DB HEX_1);
	if (!strstr(f->findings.items[0].detail, words))
		fail_msg("\"%s\" lacks \"%s\"", f->findings.items[0].detail, words);
	assert_true(bit == LAYER_BAD_DIFF ? !layer->diff_id : layer->diff_id != NULL);
	assert_true(bit == LAYER_BAD_CACHE_ID ? !layer->cache_id : layer->cache_id != NULL);
	assert_true(bit == LAYER_BAD_PARENT ? !layer->parent : layer->parent != NULL);
	assert_int_equal(layer->size_bytes, bit == LAYER_BAD_SIZE ? 0 : 4711);
}

static void a_good_layer_is_read(void **state)
{
	struct fixture *f = *state;
	const struct layer *layer;

	write_layer(f);
	layer = load_one(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(layer->broken, 0);
	assert_string_equal(layer->diff_id, HEX_3);
	assert_string_equal(layer->cache_id, HEX_2);
	assert_string_equal(layer->parent, HEX_2);
	assert_int_equal(layer->size_bytes, 4711);
	assert_false(layer->is_empty);
}

static void a_base_layer_has_no_parent(void **state)
{
	struct fixture *f = *state;
	const struct layer *layer;

	write_layer(f);
	assert_int_equal(unlinkat(f->fd, LAYER "parent", 0), 0);
	layer = load_one(f);
	assert_int_equal(layer->broken, 0);
	assert_null(layer->parent);
}

static void digests_and_cache_ids_are_trimmed(void **state)
{
	struct fixture *f = *state;
	const struct layer *layer;

	write_layer(f);
	tree_print(f->dir, LAYER "diff", " sha256:" HEX_3 "\n");
	tree_print(f->dir, LAYER "parent", "sha256:" HEX_3 "\r\n");
	tree_print(f->dir, LAYER "cache-id", "\t" CACHE "\n");
	layer = load_one(f);
	assert_int_equal(layer->broken, 0);
	assert_string_equal(layer->cache_id, CACHE);
	assert_string_equal(layer->parent, HEX_3);
}

static void a_size_may_be_negative_but_not_followed_by_a_newline(void **state)
{
	struct fixture *f = *state;

	write_layer(f);
	tree_print(f->dir, LAYER "size", "-7");
	assert_int_equal(load_one(f)->size_bytes, -7);
	tree_print(f->dir, LAYER "size", "4711\n");
	assert_broken(f, LAYER_BAD_SIZE, "size: is no decimal number");
}

static const struct {
	const char *name;
	unsigned bit;
	bool is_required;
} files[] = {
	{ "diff", LAYER_BAD_DIFF, true },
	{ "size", LAYER_BAD_SIZE, true },
	{ "cache-id", LAYER_BAD_CACHE_ID, true },
	{ "parent", LAYER_BAD_PARENT, false },
	{ "descriptor.json", LAYER_BAD_DESCRIPTOR, false },
};

#define FILES (sizeof(files) / sizeof(files[0]))

static void a_missing_file_breaks_the_layer_if_dockerd_needs_it(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		AUTO(str) char *path = mem_print(LAYER "%s", files[i].name);

		write_layer(f);
		(void)unlinkat(f->fd, path, 0);
		if (files[i].is_required)
			assert_broken(f, files[i].bit, "does not exist");
		else
			assert_int_equal(load_one(f)->broken, 0);
	}
}

static void empty_garbage_and_nul_break_every_file(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} contents[] = { { "", 0 },
		         { " \n", 2 },
		         { "garbage", 7 },
		         { "sha256:1111", 11 },
		         { "../../../etc", 12 },
		         { "sha256:" HEX_1 "\0", 72 },
		         { "\0", 1 } };
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		AUTO(str) char *path = mem_print(LAYER "%s", files[i].name);

		for (size_t j = 0; j < sizeof(contents) / sizeof(contents[0]); j++) {
			write_layer(f);
			tree_write(f->dir, path, contents[j].bytes, contents[j].len);
			assert_broken(f, files[i].bit, files[i].name);
		}
		assert_int_equal(unlinkat(f->fd, path, 0), 0);
	}
}

static void every_truncation_breaks_digests_and_cache_ids(void **state)
{
	static const char text[] = "sha256:" HEX_3;
	struct fixture *f = *state;

	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		write_layer(f);
		tree_write(f->dir, LAYER "diff", text, len);
		assert_broken(f, LAYER_BAD_DIFF, "diff: ");
		write_layer(f);
		tree_write(f->dir, LAYER "parent", text, len);
		assert_broken(f, LAYER_BAD_PARENT, "parent: ");
	}
	for (size_t len = 0; len < 64; len++) {
		if (len == 25) /* would be the name of a directory that BuildKit made */
			continue;
		write_layer(f);
		tree_write(f->dir, LAYER "cache-id", HEX_3, len);
		assert_broken(f, LAYER_BAD_CACHE_ID, "cache-id: ");
	}
}

static void an_oversized_file_breaks_the_layer(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		AUTO(str) char *path = mem_print(LAYER "%s", files[i].name);
		int fd;

		write_layer(f);
		fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
		assert_int_equal(close(fd), 0);
		assert_broken(f, files[i].bit, "more than the");
		assert_int_equal(unlinkat(f->fd, path, 0), 0);
	}
}

static void what_is_no_file_breaks_the_layer(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		AUTO(str) char *path = mem_print(LAYER "%s", files[i].name);

		write_layer(f);
		(void)unlinkat(f->fd, path, 0);
		tree_link(f->dir, path, "/etc/hostname");
		assert_broken(f, files[i].bit, "is a symbolic link");
		assert_int_equal(unlinkat(f->fd, path, 0), 0);
		tree_mkdir(f->dir, path);
		assert_broken(f, files[i].bit, "is not a regular file");
		assert_int_equal(unlinkat(f->fd, path, AT_REMOVEDIR), 0);
	}
}

static void a_descriptor_of_json_is_fine(void **state)
{
	struct fixture *f = *state;

	write_layer(f);
	tree_print(f->dir, LAYER "descriptor.json", "{\"mediaType\":\"x\"}");
	assert_int_equal(load_one(f)->broken, 0);
	tree_print(f->dir, LAYER "descriptor.json", "{\"mediaType\":\"x\"} x");
	assert_broken(f, LAYER_BAD_DESCRIPTOR, "descriptor.json: line 1");
}

static void an_empty_directory_is_a_leftover_without_a_finding(void **state)
{
	struct fixture *f = *state;
	const struct layer *layer;

	tree_mkdir(f->dir, DB HEX_1);
	layer = load_one(f);
	assert_true(layer->is_empty);
	assert_int_equal(layer->broken, LAYER_BAD_DIFF | LAYER_BAD_SIZE | LAYER_BAD_CACHE_ID);
	assert_int_equal(f->findings.count, 0);
}

static void a_directory_with_another_file_is_not_empty(void **state)
{
	struct fixture *f = *state;
	const struct layer *layer;

	tree_print(f->dir, LAYER "tar-split.json.gz", "x");
	layer = load_one(f);
	assert_false(layer->is_empty);
	assert_int_equal(layer->broken, LAYER_BAD_DIFF | LAYER_BAD_SIZE | LAYER_BAD_CACHE_ID);
	assert_int_equal(f->findings.count, 3);
}

static void a_link_in_the_place_of_a_layer_may_be_anything(void **state)
{
	struct fixture *f = *state;
	const struct layer *layer;

	tree_mkdir(f->dir, "real");
	tree_link(f->dir, DB HEX_1, "../../real");
	layer = load_one(f);
	assert_int_equal(layer->broken & (LAYER_BAD_CACHE_ID | LAYER_BAD_PARENT),
	                 LAYER_BAD_CACHE_ID | LAYER_BAD_PARENT);
	assert_false(layer->is_empty);
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, FINDING_LAYER_UNREADABLE);
}

static void half_removed_layers_are_listed_apart(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, DB HEX_1 "-" HEX_2 "-removing/cache-id", HEX_3 "\n");
	tree_mkdir(f->dir, DB HEX_1 "-" HEX_3 "-removing");
	tree_print(f->dir, DB HEX_2 "-" HEX_3 "-removing/cache-id", "../victim");
	load(f);
	assert_int_equal(f->layers.count, 0);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->layers.removing_count, 3);
	assert_string_equal(f->layers.removing[0].name, HEX_1 "-" HEX_2 "-removing");
	assert_string_equal(f->layers.removing[0].cache_id, HEX_3);
	assert_null(f->layers.removing[1].cache_id);
	assert_null(f->layers.removing[2].cache_id);
}

static void other_names_are_told_and_no_layers(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, DB "mine");
	tree_mkdir(f->dir, DB HEX_1 "-removing");
	tree_print(f->dir, DB HEX_1 "-" HEX_2 "-removing", "a file");
	load(f);
	assert_int_equal(f->layers.count, 0);
	assert_int_equal(f->layers.removing_count, 0);
	assert_int_equal(f->findings.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(f->findings.items[i].code, FINDING_UNKNOWN_FILE);
}

static void layers_are_sorted_and_found_by_chain_id(void **state)
{
	struct fixture *f = *state;
	size_t item = 9;

	write_layer(f);
	tree_print(f->dir, DB HEX_2 "/diff", "sha256:" HEX_2);
	load(f);
	assert_int_equal(f->layers.count, 2);
	assert_string_equal(f->layers.items[0].chain_id, HEX_1);
	assert_true(map_get(&f->layers.by_chain_id, HEX_2, &item) && item == 1);
	assert_false(map_get(&f->layers.by_chain_id, HEX_3, NULL));
}

static void no_layerdb_is_no_layer_but_one_that_is_no_directory_is_corrupt(void **state)
{
	struct fixture *f = *state;

	load(f);
	assert_int_equal(f->layers.count, 0);
	tree_mkdir(f->dir, "real/sha256");
	tree_link(f->dir, "layerdb", "real");
	assert_int_equal(layer_list_load(&f->layers, f->fd, &f->findings, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	err_clear(&f->err);
	assert_int_equal(unlinkat(f->fd, "layerdb", 0), 0);
	tree_print(f->dir, "layerdb/sha256", "a file");
	assert_int_equal(layer_list_load(&f->layers, f->fd, &f->findings, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_string_equal(f->err.text, "layerdb/sha256: is not a directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_layer_is_read),
		TEST(a_base_layer_has_no_parent),
		TEST(digests_and_cache_ids_are_trimmed),
		TEST(a_size_may_be_negative_but_not_followed_by_a_newline),
		TEST(a_missing_file_breaks_the_layer_if_dockerd_needs_it),
		TEST(empty_garbage_and_nul_break_every_file),
		TEST(every_truncation_breaks_digests_and_cache_ids),
		TEST(an_oversized_file_breaks_the_layer),
		TEST(what_is_no_file_breaks_the_layer),
		TEST(a_descriptor_of_json_is_fine),
		TEST(an_empty_directory_is_a_leftover_without_a_finding),
		TEST(a_directory_with_another_file_is_not_empty),
		TEST(a_link_in_the_place_of_a_layer_may_be_anything),
		TEST(half_removed_layers_are_listed_apart),
		TEST(other_names_are_told_and_no_layers),
		TEST(layers_are_sorted_and_found_by_chain_id),
		TEST(no_layerdb_is_no_layer_but_one_that_is_no_directory_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
