/* test_volume.c - volumes/: directories, records, and what the two say together. */
#include "metadata/volume.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <string.h>

#define DATABASE "volumes/metadata.db"

struct volume_world {
	char *dir;
	struct bolt_maker *maker; /* NULL: no metadata.db */
	struct volume_list list;
	struct finding_list findings;
};

static void volume_world_init(struct volume_world *world)
{
	*world = (struct volume_world){ .dir = tree_new("volume"), .maker = bolt_maker_new(4096) };
}

static void volume_world_drop(struct volume_world *world)
{
	bolt_maker_free(world->maker);
	world->maker = NULL;
}

static void volume_world_put(struct volume_world *world, const char *name, const char *value)
{
	bolt_maker_put(bolt_maker_bucket(world->maker, NULL, "volumes"), name, value);
}

static void volume_world_load(struct volume_world *world)
{
	AUTO(close) int fd = tree_open(world->dir, "");
	struct err err = ERR_INIT;
	int status;

	if (world->maker)
		bolt_maker_save(world->maker, world->dir, DATABASE);
	status = volume_list_load(&world->list, fd, &world->findings, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(status, 0);
}

static void volume_world_expect_finding(const struct volume_world *world, enum finding_code code,
                                        const char *path, const char *detail)
{
	assert_int_equal(world->findings.count, 1);
	assert_int_equal(world->findings.items[0].code, code);
	assert_string_equal(world->findings.items[0].path, path);
	assert_string_equal(world->findings.items[0].detail, detail);
}

static void volume_world_done(struct volume_world *world)
{
	volume_list_done(&world->list);
	finding_list_done(&world->findings);
	tree_remove(world->dir);
}

/* Of the directories only "shm" is among the fixtures. */
static void expect_real(const char *path, const char *anonymous, bool is_anonymous)
{
	AUTO(volume_list) struct volume_list list = VOLUME_LIST_INIT;
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	AUTO(close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err err = ERR_INIT;

	assert_int_equal(volume_list_load(&list, fd, &findings, &err), 0);
	assert_int_equal(findings.count, 0);
	assert_false(list.is_unreadable);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0].name, anonymous);
	assert_int_equal(list.items[0].is_anonymous, is_anonymous);
	assert_false(list.items[0].has_options);
	assert_string_equal(list.items[1].name, "named");
	assert_int_equal(list.items[1].label_count, 1);
	assert_string_equal(list.items[1].labels[0].key, "a");
	assert_string_equal(list.items[1].labels[0].value, "b");
	assert_false(list.items[1].has_options);
	assert_string_equal(list.items[2].name, "shm");
	assert_true(list.items[2].has_options);
	assert_true(list.items[2].has_dir);
	for (size_t i = 0; i < 3; i++) {
		assert_true(list.items[i].has_record);
		assert_string_equal(list.items[i].driver, "local");
	}
}

static void volumes_of_20_10_have_no_mark_of_anonymity(void **state)
{
	(void)state;
	expect_real("fixtures/bolt/20.10",
	            "27f346d823b67ead1e7edd85e5b7645e8822ad31708c45000ec790eb517c3a24", false);
}

static void volumes_of_28_5_are_marked_as_anonymous(void **state)
{
	(void)state;
	expect_real("fixtures/bolt/28.5",
	            "37ed50e187363cba73232ddc50341745241abc01dff64e1f326d9d659a589ddb", true);
}

static void root_without_volumes_has_none(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	volume_world_drop(&world);
	volume_world_load(&world);
	assert_int_equal(world.list.count, 0);
	assert_false(world.list.is_unreadable);
	assert_int_equal(world.findings.count, 0);
	volume_world_done(&world);
}

static void volumes_that_is_no_directory_is_an_error(void **state)
{
	char *dir = tree_new("volume");
	const int fd = tree_open(dir, "");
	struct volume_list list = VOLUME_LIST_INIT;
	struct finding_list findings = FINDING_LIST_INIT;
	struct err err = ERR_INIT;

	(void)state;
	tree_write(dir, "volumes", "", 0);
	assert_int_equal(volume_list_load(&list, fd, &findings, &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	assert_string_equal(err.text, "volumes: is not a directory");
	(void)close(fd);
	tree_remove(dir);
}

static void directory_and_record_are_one_volume(void **state)
{
	struct volume_world world;
	const struct volume *volume;

	(void)state;
	volume_world_init(&world);
	tree_mkdir(world.dir, "volumes/v/_data");
	volume_world_put(
	    &world, "v",
	    "{\"Name\":\"v\",\"Driver\":\"local\",\"Labels\":{\"b\":\"2\",\"a\":\"1\"},"
	    "\"Options\":{}}");
	volume_world_load(&world);
	assert_int_equal(world.list.count, 1);
	volume = &world.list.items[0];
	assert_string_equal(volume->name, "v");
	assert_string_equal(volume->driver, "local");
	assert_true(volume->has_dir);
	assert_true(volume->has_record);
	assert_false(volume->has_options);
	assert_false(volume->is_anonymous);
	assert_int_equal(volume->label_count, 2);
	assert_string_equal(volume->labels[0].key, "a");
	assert_string_equal(volume->labels[0].value, "1");
	assert_string_equal(volume->labels[1].key, "b");
	assert_int_equal(world.findings.count, 0);
	volume_world_done(&world);
}

static void directory_without_a_record_is_a_local_volume(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	volume_world_drop(&world);
	tree_mkdir(world.dir, "volumes/dir/_data");
	volume_world_load(&world);
	assert_int_equal(world.list.count, 1);
	assert_string_equal(world.list.items[0].driver, "local");
	assert_true(world.list.items[0].has_dir);
	assert_false(world.list.items[0].has_record);
	assert_int_equal(world.findings.count, 0);
	volume_world_done(&world);
}

static void record_without_a_directory_is_a_volume_of_its_driver(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	volume_world_put(&world, "a/b", "{\"Name\":\"a/b\",\"Driver\":\"nfs\",\"Labels\":null}");
	volume_world_put(&world, "none", "{\"Name\":\"\",\"Driver\":\"\"}");
	volume_world_load(&world);
	assert_int_equal(world.list.count, 2);
	assert_string_equal(world.list.items[0].name, "a/b");
	assert_string_equal(world.list.items[0].driver, "nfs");
	assert_false(world.list.items[0].has_dir);
	assert_true(world.list.items[0].has_record);
	assert_string_equal(world.list.items[1].driver, "");
	assert_int_equal(world.findings.count, 0);
	volume_world_done(&world);
}

static void label_makes_a_volume_anonymous_whatever_its_value(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	volume_world_put(&world, "v", "{\"Labels\":{\"com.docker.volume.anonymous\":\"\"}}");
	volume_world_put(&world, "w", "{\"Labels\":{\"other\":\"com.docker.volume.anonymous\"}}");
	volume_world_load(&world);
	assert_true(world.list.items[0].is_anonymous);
	assert_false(world.list.items[1].is_anonymous);
	volume_world_done(&world);
}

static void options_of_the_record_count(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	volume_world_put(&world, "a", "{\"Options\":{\"type\":\"tmpfs\"}}");
	volume_world_put(&world, "b", "{\"Options\":{}}");
	volume_world_put(&world, "c", "{\"Options\":null}");
	volume_world_load(&world);
	assert_true(world.list.items[0].has_options);
	assert_false(world.list.items[1].has_options);
	assert_false(world.list.items[2].has_options);
	volume_world_done(&world);
}

static void options_of_opts_json_count(void **state)
{
	static const struct {
		const char *text;
		bool has_options;
	} cases[] = {
		{ "{\"MountType\":\"tmpfs\",\"MountOpts\":\"\",\"MountDevice\":\"tmpfs\"}", true },
		{ "{\"MountOpts\":\"ro\"}", true },
		{ "{\"MountDevice\":\"/dev/sda\"}", true },
		{ "{\"Quota\":{\"Size\":1048576}}", true },
		{ "{\"MountType\":\"\",\"MountOpts\":\"\",\"Quota\":{\"Size\":0}}", false },
		{ "{}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct volume_world world;

		volume_world_init(&world);
		volume_world_drop(&world);
		tree_print(world.dir, "volumes/v/opts.json", "%s", cases[i].text);
		volume_world_load(&world);
		assert_int_equal(world.list.items[0].has_options, cases[i].has_options);
		assert_false(world.list.is_unreadable);
		assert_int_equal(world.findings.count, 0);
		volume_world_done(&world);
	}
}

static void broken_opts_json_counts_as_options(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	volume_world_drop(&world);
	tree_write(world.dir, "volumes/v/opts.json", "", 0);
	volume_world_load(&world);
	assert_true(world.list.items[0].has_options);
	assert_true(world.list.is_unreadable);
	volume_world_expect_finding(&world, FINDING_VOLUMES_UNREADABLE, "volumes/v/opts.json",
	                            "is empty, not a JSON object");
	volume_world_done(&world);
}

static void broken_record_is_named_and_its_volume_kept_from_pruning(void **state)
{
	static const char *const bad[][2] = {
		{ "x", "volume \"v\": line 1, column 1" },
		{ "", "volume \"v\": is empty" },
		{ "{\"Driver\":1}", "volume \"v\": volume.Driver is no string" },
		{ "{\"Labels\":[]}", "volume \"v\": volume.Labels is no object" },
		{ "{\"Labels\":{\"a\":1}}", "volume \"v\": Labels: \"a\" is no string" },
		{ "{\"Labels\":{},\"labels\":{}}", "volume \"v\": labels or options stand twice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct volume_world world;

		volume_world_init(&world);
		volume_world_put(&world, "v", bad[i][0]);
		volume_world_put(&world, "w", "{\"Driver\":\"local\"}");
		volume_world_load(&world);
		assert_int_equal(world.list.count, 2);
		assert_true(world.list.is_unreadable);
		assert_true(world.list.items[0].has_options);
		assert_true(world.list.items[0].has_record);
		assert_false(world.list.items[1].has_options);
		assert_int_equal(world.findings.count, 1);
		assert_string_equal(world.findings.items[0].path, DATABASE);
		assert_ptr_equal(strstr(world.findings.items[0].detail, bad[i][1]),
		                 world.findings.items[0].detail);
		volume_world_done(&world);
	}
}

static void name_with_a_nul_is_unreadable(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	bolt_maker_put_bytes(bolt_maker_bucket(world.maker, NULL, "volumes"), "v\0w", 3, "{}", 2);
	tree_mkdir(world.dir, "volumes/v");
	volume_world_load(&world);
	volume_world_expect_finding(&world, FINDING_VOLUMES_UNREADABLE, DATABASE,
	                            "volume \"v\\x00w\": a NUL in its name");
	assert_int_equal(world.list.count, 1);
	assert_false(world.list.items[0].has_record);
	volume_world_done(&world);
}

static void broken_database_leaves_the_directories(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	volume_world_drop(&world);
	tree_write(world.dir, DATABASE, "garbage", 7);
	tree_mkdir(world.dir, "volumes/v/_data");
	volume_world_load(&world);
	assert_true(world.list.is_unreadable);
	assert_int_equal(world.list.count, 1);
	assert_true(world.list.items[0].has_dir);
	assert_int_equal(world.findings.count, 1);
	assert_int_equal(world.findings.items[0].code, FINDING_VOLUMES_UNREADABLE);
	assert_string_equal(world.findings.items[0].path, DATABASE);
	volume_world_done(&world);
}

static void other_files_are_said_and_are_no_volumes(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	tree_write(world.dir, "volumes/backingFsBlockDev", "", 0);
	tree_link(world.dir, "volumes/link", "..");
	volume_world_load(&world);
	assert_int_equal(world.list.count, 0);
	volume_world_expect_finding(&world, FINDING_UNKNOWN_FILE, "volumes/link",
	                            "is no directory");
	volume_world_done(&world);
}

static void volumes_are_sorted_by_name(void **state)
{
	struct volume_world world;

	(void)state;
	volume_world_init(&world);
	tree_mkdir(world.dir, "volumes/c");
	tree_mkdir(world.dir, "volumes/a\nb");
	volume_world_put(&world, "b", "{}");
	volume_world_load(&world);
	assert_int_equal(world.list.count, 3);
	assert_string_equal(world.list.items[0].name, "a\nb");
	assert_string_equal(world.list.items[1].name, "b");
	assert_string_equal(world.list.items[2].name, "c");
	volume_world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes_of_20_10_have_no_mark_of_anonymity),
		cmocka_unit_test(volumes_of_28_5_are_marked_as_anonymous),
		cmocka_unit_test(root_without_volumes_has_none),
		cmocka_unit_test(volumes_that_is_no_directory_is_an_error),
		cmocka_unit_test(directory_and_record_are_one_volume),
		cmocka_unit_test(directory_without_a_record_is_a_local_volume),
		cmocka_unit_test(record_without_a_directory_is_a_volume_of_its_driver),
		cmocka_unit_test(label_makes_a_volume_anonymous_whatever_its_value),
		cmocka_unit_test(options_of_the_record_count),
		cmocka_unit_test(options_of_opts_json_count),
		cmocka_unit_test(broken_opts_json_counts_as_options),
		cmocka_unit_test(broken_record_is_named_and_its_volume_kept_from_pruning),
		cmocka_unit_test(name_with_a_nul_is_unreadable),
		cmocka_unit_test(broken_database_leaves_the_directories),
		cmocka_unit_test(other_files_are_said_and_are_no_volumes),
		cmocka_unit_test(volumes_are_sorted_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
