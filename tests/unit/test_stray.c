/* test_stray.c - leftovers are found where dockerd leaves them, and nowhere else. */
#include "tests/unit/check.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/stray.h"
#include "tests/unit/tree.h"

#include <string.h>

#define HEX_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define CACHE "0az9k1n2m3b4v5c6x7z8l9k0j"
#define IMAGE "image/overlay2"

struct fixture {
	char *dir;
	int fd;
	struct stray_list strays;
	struct finding_list findings;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("stray");
	f->fd = tree_open(f->dir, "");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	stray_list_done(&f->strays);
	finding_list_done(&f->findings);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void load(struct fixture *f)
{
	stray_list_done(&f->strays);
	finding_list_done(&f->findings);
	if (stray_list_load(&f->strays, f->fd, &f->findings, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static void assert_stray(const struct fixture *f, size_t at, enum stray_kind kind, const char *path)
{
	assert_true(at < f->strays.count);
	assert_string_equal(f->strays.items[at].path, path);
	assert_int_equal(f->strays.items[at].kind, kind);
}

static void every_kind_has_words(void **state)
{
	(void)state;
	for (int kind = 0; kind < STRAY_KIND_COUNT; kind++)
		assert_non_null(stray_kind_words((enum stray_kind)kind));
}

static void an_empty_root_has_none(void **state)
{
	struct fixture *f = *state;

	load(f);
	assert_int_equal(f->strays.count, 0);
	assert_int_equal(f->findings.count, 0);
}

static void unfinished_layers_are_strays(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, IMAGE "/layerdb/tmp/write-set-123/tar-split.json.gz", "x");
	tree_mkdir(f->dir, IMAGE "/layerdb/tmp/write-set-45");
	load(f);
	assert_int_equal(f->strays.count, 2);
	assert_stray(f, 0, STRAY_WRITE_SET, IMAGE "/layerdb/tmp/write-set-123");
	assert_stray(f, 1, STRAY_WRITE_SET, IMAGE "/layerdb/tmp/write-set-45");
	assert_int_equal(f->findings.count, 0);
}

static void other_things_among_unfinished_layers_are_told(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, IMAGE "/layerdb/tmp/write-set-1", "a file");
	tree_mkdir(f->dir, IMAGE "/layerdb/tmp/mine");
	load(f);
	assert_int_equal(f->strays.count, 0);
	assert_int_equal(f->findings.count, 2);
	assert_int_equal(f->findings.items[0].code, FINDING_UNKNOWN_FILE);
	assert_string_equal(f->findings.items[0].path, IMAGE "/layerdb/tmp/mine");
}

static void half_removed_layers_are_strays_and_layers_are_none(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, IMAGE "/layerdb/sha256/" HEX_1);
	tree_mkdir(f->dir, IMAGE "/layerdb/sha256/" HEX_1 "-" HEX_2 "-removing");
	load(f);
	assert_int_equal(f->strays.count, 1);
	assert_stray(f, 0, STRAY_LAYER_REMOVING,
	             IMAGE "/layerdb/sha256/" HEX_1 "-" HEX_2 "-removing");
}

static void metadata_is_a_stray_without_its_image_only(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, IMAGE "/imagedb/content/sha256/" HEX_1, "{}");
	tree_print(f->dir, IMAGE "/imagedb/metadata/sha256/" HEX_1 "/parent", "x");
	tree_print(f->dir, IMAGE "/imagedb/metadata/sha256/" HEX_2 "/.tmp-parent1", "x");
	tree_mkdir(f->dir, IMAGE "/imagedb/metadata/sha256/mine");
	load(f);
	assert_int_equal(f->strays.count, 1); /* what is in it goes with it */
	assert_stray(f, 0, STRAY_IMAGE_METADATA, IMAGE "/imagedb/metadata/sha256/" HEX_2);
}

static void temporary_files_are_strays_where_they_are_made(void **state)
{
	static const char *const paths[] = {
		/* sorted */
		".tmp-engine-id1",
		"buildkit/metadata_v2.db.new-drydock7",
		"containers/" HEX_1 "/.tmp-config.v2.json1",
		"containers/" HEX_1 "/.tmp-hostconfig.json1",
		IMAGE "/.tmp-repositories.json1",
		IMAGE "/distribution/diffid-by-digest/sha256/.tmp-" HEX_1 "1",
		IMAGE "/distribution/v2metadata-by-diffid/sha256/.tmp-" HEX_1 "1",
		IMAGE "/imagedb/content/sha256/.tmp-" HEX_2 "1",
		IMAGE "/imagedb/metadata/sha256/" HEX_1 "/.tmp-parent1",
		"network/files/local-kv.db.new-drydock7",
		"plugins/" HEX_1 "/.tmp-config.json1",
		"swarm/.tmp-docker-state.json1",
		"volumes/data/.tmp-opts.json1"
	};
	struct fixture *f = *state;

	tree_print(f->dir, IMAGE "/imagedb/content/sha256/" HEX_1, "{}");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		tree_print(f->dir, paths[i], "x");
	load(f);
	assert_int_equal(f->strays.count, sizeof(paths) / sizeof(paths[0]));
	for (size_t i = 0; i < f->strays.count; i++)
		assert_stray(f, i, STRAY_TEMPORARY, paths[i]);
}

static void temporary_names_elsewhere_stay(void **state)
{
	static const char *const paths[] = {
		IMAGE "/.tmp-engine-id1",
		"volumes/metadata.db.new-drydock7",
		"volumes/snapshots.db.new-drydock7",
		"buildkit/metadata_v2.db",
		".tmp-repositories.json1",
		"containers/.tmp-config.v2.json1",
		"containers/" HEX_1 "/mounts/.tmp-config.v2.json1",
		"containers/" HEX_1 "/.tmp-mine1",
		"volumes/data/_data/.tmp-opts.json1",
		"volumes/.tmp-opts.json1",
		"overlay2/" HEX_1 "/diff/.tmp-repositories.json1",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		tree_print(f->dir, paths[i], "x");
	tree_mkdir(f->dir, IMAGE "/.tmp-repositories.json1"); /* no file */
	tree_link(f->dir, "containers/" HEX_1 "/.tmp-config.v2.json2", "config.v2.json");
	load(f);
	assert_int_equal(f->strays.count, 0);
}

static void build_steps_leave_bundles_and_hosts_files(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "buildkit/executor/" CACHE "/rootfs");
	tree_print(f->dir, "buildkit/executor/hosts." CACHE, "x");
	tree_print(f->dir, "buildkit/executor/hosts", "x");
	tree_print(f->dir, "buildkit/executor/resolv.conf", "x");
	tree_print(f->dir, "buildkit/executor/runc-log.json", "x");
	load(f);
	assert_int_equal(f->strays.count, 2);
	assert_stray(f, 0, STRAY_EXECUTOR, "buildkit/executor/" CACHE);
	assert_stray(f, 1, STRAY_EXECUTOR, "buildkit/executor/hosts." CACHE);
}

static void probes_are_strays_beside_layer_directories(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "overlay2/opaque-bug-check123/l1");
	tree_mkdir(f->dir, "overlay2/userxattr-check");
	tree_mkdir(f->dir, "overlay2/l");
	tree_mkdir(f->dir, "overlay2/" HEX_1);
	tree_mkdir(f->dir, "overlay2/mine");
	load(f);
	assert_int_equal(f->strays.count, 2);
	assert_stray(f, 0, STRAY_PROBE, "overlay2/opaque-bug-check123");
	assert_stray(f, 1, STRAY_PROBE, "overlay2/userxattr-check");
}

static void all_of_tmp_is_temporary_but_tmp_itself(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "tmp/docker-import-123/x");
	tree_print(f->dir, "tmp/GetImageBlob7", "x");
	tree_link(f->dir, "tmp/any\nname", "/etc");
	tree_print(f->dir, "tmp-old/x", "x");
	tree_mkdir(f->dir, "gen-runtimes12");
	tree_mkdir(f->dir, "plugins/tmp/.rootfs7");
	load(f);
	assert_int_equal(f->strays.count, 6);
	assert_stray(f, 0, STRAY_DOCKER_TMP, "gen-runtimes12");
	assert_stray(f, 1, STRAY_DOCKER_TMP, "plugins/tmp/.rootfs7");
	assert_stray(f, 2, STRAY_DOCKER_TMP, "tmp-old");
	assert_stray(f, 3, STRAY_DOCKER_TMP, "tmp/GetImageBlob7");
	assert_stray(f, 4, STRAY_DOCKER_TMP, "tmp/any\nname");
	assert_stray(f, 5, STRAY_DOCKER_TMP, "tmp/docker-import-123");
}

static void half_removed_plugins_are_strays(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "plugins/" HEX_1 "-removing/rootfs");
	tree_mkdir(f->dir, "plugins/" HEX_1);
	tree_mkdir(f->dir, "plugins/storage");
	load(f);
	assert_int_equal(f->strays.count, 1);
	assert_stray(f, 0, STRAY_PLUGIN_REMOVING, "plugins/" HEX_1 "-removing");
}

static void nothing_behind_a_link_is_a_stray(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "elsewhere/file", "x");
	tree_mkdir(f->dir, "elsewhere/write-set-1");
	tree_link(f->dir, "tmp", "elsewhere");
	tree_link(f->dir, IMAGE "/layerdb/tmp", "../../../elsewhere");
	tree_link(f->dir, "buildkit", "elsewhere");
	load(f);
	assert_int_equal(f->strays.count, 0);
}

static void every_path_is_made_of_names(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "tmp/a/b", "x");
	tree_print(f->dir, IMAGE "/.tmp-repositories.json1", "x");
	tree_mkdir(f->dir, "tmp-old");
	load(f);
	assert_int_equal(f->strays.count, 3);
	for (size_t i = 0; i < f->strays.count; i++) {
		AUTO(str) char *copy = mem_text(f->strays.items[i].path);
		char *rest = NULL;

		assert_int_not_equal(copy[0], '/');
		for (char *name = strtok_r(copy, "/", &rest); name;
		     name = strtok_r(NULL, "/", &rest))
			assert_true(id_is_name(name));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_words),
		TEST(an_empty_root_has_none),
		TEST(unfinished_layers_are_strays),
		TEST(other_things_among_unfinished_layers_are_told),
		TEST(half_removed_layers_are_strays_and_layers_are_none),
		TEST(metadata_is_a_stray_without_its_image_only),
		TEST(temporary_files_are_strays_where_they_are_made),
		TEST(temporary_names_elsewhere_stay),
		TEST(build_steps_leave_bundles_and_hosts_files),
		TEST(probes_are_strays_beside_layer_directories),
		TEST(all_of_tmp_is_temporary_but_tmp_itself),
		TEST(half_removed_plugins_are_strays),
		TEST(nothing_behind_a_link_is_a_stray),
		TEST(every_path_is_made_of_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
