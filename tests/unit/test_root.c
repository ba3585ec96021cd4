/* test_root.c - what counts as a data root, and what lies in one. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/root.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define SNAPSHOTS "containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots"

struct fixture {
	char *dir;
	struct root *root;
	struct finding_list findings;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("root");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	root_close(f->root);
	finding_list_done(&f->findings);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void open_root(struct fixture *f)
{
	if (root_open(&f->root, f->dir, &f->findings, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static void assert_refused(struct fixture *f, enum err_kind kind, const char *words)
{
	assert_int_equal(root_open(&f->root, f->dir, &f->findings, &f->err), -1);
	assert_null(f->root);
	assert_int_equal(f->err.kind, kind);
	if (!strstr(f->err.text, words))
		fail_msg("\"%s\" lacks \"%s\"", f->err.text, words);
	assert_non_null(strstr(f->err.text, f->dir)); /* names the place */
}

static void assert_finding(const struct fixture *f, enum finding_code code, const char *path)
{
	for (size_t i = 0; i < f->findings.count; i++) {
		if (f->findings.items[i].code == code &&
		    strcmp(f->findings.items[i].path, path) == 0)
			return;
	}
	fail_msg("no finding %s about %s", finding_row(code)->name, path);
}

static void a_root_of_dockerd_has_no_finding(void **state)
{
	static const char
	    *const dirs[] = { "buildkit/executor", "builder",       SNAPSHOTS,    "containers",
		              "image/overlay2",    "network/files", "overlay2/l", "plugins",
		              "runtimes",          "swarm",         "tmp",        "tmp-old",
		              "gen-runtimes123",   "trust",         "volumes",    "lost+found",
		              ".drydock/1",        "aufs" /* empty: does not count */ };
	struct fixture *f = *state;
	struct stat st;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		tree_mkdir(f->dir, dirs[i]);
	tree_print(f->dir, "engine-id", "x");
	tree_print(f->dir, ".tmp-engine-id1", "x");
	open_root(f);
	assert_int_equal(f->findings.count, 0);
	assert_true(f->root->overlay2_fd >= 0);
	assert_true(f->root->image_fd >= 0);
	assert_int_equal(fstat(f->root->fd, &st), 0);
	assert_true(f->root->inode == st.st_ino && f->root->device == st.st_dev);
}

static void one_of_the_two_parts_is_enough(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "overlay2");
	open_root(f);
	assert_true(f->root->overlay2_fd >= 0);
	assert_int_equal(f->root->image_fd, -1);
	root_close(f->root);
	f->root = NULL;
	tree_mkdir(f->dir, "image/overlay2");
	{
		AUTO(str) char *overlay2 = mem_print("%s/overlay2", f->dir);

		assert_int_equal(rmdir(overlay2), 0);
	}
	open_root(f);
	assert_int_equal(f->root->overlay2_fd, -1);
	assert_true(f->root->image_fd >= 0);
}

static void the_path_is_canonical_and_links_to_it_are_followed(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *link = mem_print("%s/link", f->dir);
	AUTO(str) char *real = mem_print("%s/a/real", f->dir);
	AUTO(str) char *canonical = NULL;

	tree_mkdir(f->dir, "a/real/overlay2");
	tree_link(f->dir, "link", "./a/../a/real");
	assert_int_equal(root_open(&f->root, link, &f->findings, &f->err), 0);
	canonical = realpath(real, NULL);
	assert_string_equal(f->root->path, canonical);
}

static void a_missing_root_is_a_system_error(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = mem_print("%s/none", f->dir);

	assert_int_equal(root_open(&f->root, path, &f->findings, &f->err), -1);
	assert_true(err_has_code(&f->err, ENOENT));
	assert_non_null(strstr(f->err.text, path));
}

static void a_file_is_no_root(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = mem_print("%s/file", f->dir);

	tree_print(f->dir, "file", "x");
	assert_int_equal(root_open(&f->root, path, &f->findings, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_ROOT);
	assert_non_null(strstr(f->err.text, "is not a directory"));
}

static void an_empty_directory_is_no_root(void **state)
{
	assert_refused(*state, ERR_ROOT,
	               "is not a Docker data root: it has neither image/overlay2 nor overlay2");
}

static void any_other_directory_is_no_root(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "containers");
	tree_mkdir(f->dir, "tmp/precious");
	tree_mkdir(f->dir, "image");
	assert_refused(f, ERR_ROOT, "is not a Docker data root");
}

static void links_and_files_in_the_place_of_parts_are_corrupt(void **state)
{
	static const struct {
		const char *path, *words;
	} cases[] = {
		{ "overlay2", ": overlay2: is not a directory" },
		{ "image", ": image: is not a directory" },
		{ "image/overlay2", ": image/overlay2: is not a directory" },
	};
	struct fixture *f = *state;

	tree_mkdir(f->dir, "real/overlay2");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(str) char *full = mem_print("%s/%s", f->dir, cases[i].path);

		tree_link(f->dir, cases[i].path, i == 2 ? "../real" : "real");
		assert_refused(f, ERR_CORRUPT, cases[i].words);
		err_clear(&f->err);
		assert_int_equal(unlink(full), 0);
		tree_print(f->dir, cases[i].path, "a file");
		assert_refused(f, ERR_CORRUPT, cases[i].words);
		err_clear(&f->err);
		assert_int_equal(unlink(full), 0);
	}
}

static void other_drivers_are_told_beside_overlay2(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "overlay2");
	tree_mkdir(f->dir, "aufs/diff");
	tree_mkdir(f->dir, "image/aufs");
	open_root(f);
	assert_int_equal(f->findings.count, 2);
	assert_finding(f, FINDING_OTHER_DRIVER, "aufs");
	assert_finding(f, FINDING_OTHER_DRIVER, "image/aufs");
}

static void a_root_of_another_driver_only_is_refused(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "btrfs/subvolumes");
	tree_mkdir(f->dir, "image/btrfs");
	assert_refused(f, ERR_ROOT, "holds only storage of the driver btrfs");
}

static const char *const containerd_traces[] = {
	SNAPSHOTS "/1",
	"rootfs/overlayfs/abc",
	"buildkit/containerd-overlayfs",
	"image/identity-cache.db",
};

static void a_containerd_store_only_is_refused(void **state)
{
	for (size_t i = 0; i < sizeof(containerd_traces) / sizeof(containerd_traces[0]); i++) {
		struct fixture f = { .dir = tree_new("root") };

		tree_mkdir(f.dir, containerd_traces[i]);
		assert_refused(&f, ERR_ROOT, "holds a containerd image store");
		finding_list_done(&f.findings);
		tree_remove(f.dir);
	}
	(void)state;
}

static void a_containerd_store_is_told_beside_overlay2(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "overlay2");
	for (size_t i = 0; i < sizeof(containerd_traces) / sizeof(containerd_traces[0]); i++)
		tree_mkdir(f->dir, containerd_traces[i]);
	open_root(f);
	assert_int_equal(f->findings.count, 4);
	assert_finding(f, FINDING_CONTAINERD_STORE, "buildkit");
	assert_finding(f, FINDING_CONTAINERD_STORE, "rootfs/overlayfs");
}

static void parts_that_are_not_ours_may_be_links(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "overlay2");
	tree_mkdir(f->dir, "elsewhere/daemon");
	tree_link(f->dir, "containerd", "elsewhere");
	tree_link(f->dir, "rootfs", "elsewhere");
	open_root(f);
	assert_int_equal(f->findings.count, 1);
	assert_finding(f, FINDING_UNKNOWN_FILE, "elsewhere");
}

static void a_userns_root_is_told_and_to_be_named(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "100000.100000/overlay2");
	assert_refused(f, ERR_ROOT, "name that one, 100000.100000, with --root");
	err_clear(&f->err);
	finding_list_done(&f->findings);
	tree_mkdir(f->dir, "overlay2");
	open_root(f);
	assert_int_equal(f->findings.count, 1);
	assert_finding(f, FINDING_USERNS_ROOT, "100000.100000");
}

static void unknown_names_are_told(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "overlay2");
	tree_mkdir(f->dir, "mine");
	tree_print(f->dir, "1.2", "a file");
	tree_mkdir(f->dir, "1.2.3");
	tree_mkdir(f->dir, "image/mine");
	tree_print(f->dir, "zfs", "a file");
	open_root(f);
	assert_int_equal(f->findings.count, 5);
	assert_finding(f, FINDING_UNKNOWN_FILE, "mine");
	assert_finding(f, FINDING_UNKNOWN_FILE, "1.2");
	assert_finding(f, FINDING_UNKNOWN_FILE, "1.2.3");
	assert_finding(f, FINDING_UNKNOWN_FILE, "image/mine");
	assert_finding(f, FINDING_UNKNOWN_FILE, "zfs");
}

static void closing_nothing_does_nothing(void **state)
{
	(void)state;
	root_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_root_of_dockerd_has_no_finding),
		TEST(one_of_the_two_parts_is_enough),
		TEST(the_path_is_canonical_and_links_to_it_are_followed),
		TEST(a_missing_root_is_a_system_error),
		TEST(a_file_is_no_root),
		TEST(an_empty_directory_is_no_root),
		TEST(any_other_directory_is_no_root),
		TEST(links_and_files_in_the_place_of_parts_are_corrupt),
		TEST(other_drivers_are_told_beside_overlay2),
		TEST(a_root_of_another_driver_only_is_refused),
		cmocka_unit_test(a_containerd_store_only_is_refused),
		TEST(a_containerd_store_is_told_beside_overlay2),
		TEST(parts_that_are_not_ours_may_be_links),
		TEST(a_userns_root_is_told_and_to_be_named),
		TEST(unknown_names_are_told),
		cmocka_unit_test(closing_nothing_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
