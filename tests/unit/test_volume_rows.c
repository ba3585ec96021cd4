/* test_volume_rows.c - volumes are listed with the containers that mount them. */
#include "tests/unit/check.h"

#include "gc/show/volume_rows.h"

#include <string.h>

#define T(text) ((char[]){ text }) /* may be written to, as the fields want it */

static void each_mount_of_a_volume_is_a_link(void **state)
{
	struct volume volumes[] = { { .name = T("data"), .driver = T("local") },
		                    { .name = T("unused"), .driver = T("local") } };
	struct container_mount one[] = {
		{ .type = CONTAINER_MOUNT_VOLUME, .name = T("data") },
		{ .type = CONTAINER_MOUNT_OTHER, .name = T("unused") },
		{ .type = CONTAINER_MOUNT_VOLUME, .name = T("gone") },
	};
	struct container_mount two[] = { { .type = CONTAINER_MOUNT_VOLUME, .name = T("data") } };
	struct container containers[] = { { .mounts = one, .mount_count = 3 },
		                          { .mounts = two, .mount_count = 1 } };
	struct state records = { .volumes = { .items = volumes, .count = 2 },
		                 .containers = { .items = containers, .count = 2 } };
	size_t *links;

	(void)state;
	(void)map_set(&records.volumes.by_name, "data", 0);
	(void)map_set(&records.volumes.by_name, "unused", 1);
	links = volume_rows_links(&records);
	map_done(&records.volumes.by_name);
	assert_int_equal(links[0], 2);
	assert_int_equal(links[1], 0);
	free(links);
}

static void sizes_are_shown_when_they_are_known(void **state)
{
	struct volume volumes[] = { { .name = T("data"), .driver = T("local"), .has_dir = true } };
	const struct state records = { .volumes = { .items = volumes, .count = 1 } };
	const size_t links[] = { 1 };
	struct sizing_slot slots[] = { { .usage = { 34, 4096, 2 } } };
	struct sizing sizes = { slots, 1 };
	AUTO(row_list) struct row_list plain = volume_rows_make(&records, links, NULL);
	AUTO(row_list) struct row_list sized = volume_rows_make(&records, links, &sizes);

	(void)state;
	assert_int_equal(row_count(&plain), 1);
	assert_string_equal(plain.values[0].text, "local");
	assert_string_equal(plain.values[1].text, "data");
	assert_int_equal(row_count(&sized), 1);
	assert_string_equal(sized.values[0].text, "data");
	assert_int_equal(sized.values[2].number, 34);
	assert_int_equal(sized.values[3].number, 4096);
}

/* dockerd drops them when it starts. */
static void records_without_a_directory_are_not_listed(void **state)
{
	struct volume volumes[] = { { .name = T("gone"), .driver = T("local") },
		                    { .name = T("share"), .driver = T("nfs") } };
	const struct state records = { .volumes = { .items = volumes, .count = 2 } };
	const size_t links[] = { 0, 3 };
	AUTO(row_list) struct row_list plain = volume_rows_make(&records, links, NULL);

	(void)state;
	assert_int_equal(row_count(&plain), 1);
	assert_string_equal(plain.values[1].text, "share");
	assert_int_equal(plain.values[2].number, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mount_of_a_volume_is_a_link),
		cmocka_unit_test(sizes_are_shown_when_they_are_known),
		cmocka_unit_test(records_without_a_directory_are_not_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
