/* test_volume_listed.c - what in volumes/ is a volume for dockerd, and records of another one. */
#include "tests/unit/check.h"

#include "metadata/volume.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/tree.h"

#include <string.h>

struct fixture {
	char *dir;
	struct volume_list list;
	struct finding_list findings;
};

/* Reads a root with the directories DIRS and the record VALUE under NAME (NULL: no database). */
static void load(struct fixture *f, const char *const *dirs, const char *name, const char *value)
{
	struct err err = ERR_INIT;

	*f = (struct fixture){ .dir = tree_new("volume-listed") };
	tree_mkdir(f->dir, "volumes");
	for (size_t i = 0; dirs[i]; i++)
		tree_mkdir(f->dir, dirs[i]);
	if (name) {
		struct bolt_maker *maker = bolt_maker_new(4096);

		bolt_maker_put(bolt_maker_bucket(maker, NULL, "volumes"), name, value);
		bolt_maker_save(maker, f->dir, "volumes/metadata.db");
	}
	AUTO(close) int fd = tree_open(f->dir, "");

	assert_int_equal(volume_list_load(&f->list, fd, &f->findings, &err), 0);
}

static void drop(struct fixture *f)
{
	volume_list_done(&f->list);
	finding_list_done(&f->findings);
	tree_remove(f->dir);
}

static void our_trash_is_no_volume(void **state)
{
	static const char *const dirs[] = { "volumes/.drydock/1", "volumes/data/_data", NULL };
	struct fixture f;

	(void)state;
	load(&f, dirs, NULL, NULL);
	assert_int_equal(f.list.count, 1);
	assert_string_equal(f.list.items[0].name, "data");
	assert_int_equal(f.findings.count, 0);
	drop(&f);
}

static void local_volume_without_a_directory_is_not_listed(void **state)
{
	static const char *const dirs[] = { NULL };
	struct fixture f;

	(void)state;
	load(&f, dirs, "data", "{\"Name\":\"data\",\"Driver\":\"local\"}");
	assert_int_equal(f.list.count, 1);
	assert_false(volume_is_listed(&f.list.items[0]));
	drop(&f);
}

static void volume_of_another_driver_is_listed_without_one(void **state)
{
	static const char *const dirs[] = { NULL };
	struct fixture f;

	(void)state;
	load(&f, dirs, "data", "{\"Name\":\"data\",\"Driver\":\"nfs\"}");
	assert_true(volume_is_listed(&f.list.items[0]));
	drop(&f);
}

static void directory_without_a_record_is_listed(void **state)
{
	static const char *const dirs[] = { "volumes/data/_data", NULL };
	struct fixture f;

	(void)state;
	load(&f, dirs, NULL, NULL);
	assert_true(volume_is_listed(&f.list.items[0]));
	drop(&f);
}

/* Its labels and options would be taken for those of this one. */
static void record_of_another_volume_is_unreadable(void **state)
{
	static const char *const dirs[] = { "volumes/data/_data", NULL };
	struct fixture f;

	(void)state;
	load(&f, dirs, "data", "{\"Name\":\"datb\",\"Driver\":\"local\"}");
	assert_true(f.list.is_unreadable);
	assert_true(f.list.items[0].has_options);
	assert_non_null(strstr(f.findings.items[0].detail, "its name is not that of its key"));
	drop(&f);
}

static void record_without_a_name_is_that_of_its_key(void **state)
{
	static const char *const dirs[] = { "volumes/data/_data", NULL };
	struct fixture f;

	(void)state;
	load(&f, dirs, "data", "{\"Name\":\"\",\"Driver\":\"local\"}");
	assert_false(f.list.is_unreadable);
	drop(&f);
}

static void record_with_a_key_twice_is_unreadable(void **state)
{
	static const char *const dirs[] = { "volumes/data/_data", NULL };
	struct fixture f;

	(void)state;
	load(&f, dirs, "data", "{\"Driver\":\"local\",\"Driver\":\"local\"}");
	assert_true(f.list.is_unreadable);
	drop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_trash_is_no_volume),
		cmocka_unit_test(local_volume_without_a_directory_is_not_listed),
		cmocka_unit_test(volume_of_another_driver_is_listed_without_one),
		cmocka_unit_test(directory_without_a_record_is_listed),
		cmocka_unit_test(record_of_another_volume_is_unreadable),
		cmocka_unit_test(record_without_a_name_is_that_of_its_key),
		cmocka_unit_test(record_with_a_key_twice_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
