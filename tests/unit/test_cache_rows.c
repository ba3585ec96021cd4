/* test_cache_rows.c - the build cache is listed and added up as Docker does it. */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include "gc/show/cache_rows.h"
#include "metadata/base/mem.h"

#include <string.h>

#define T(text) ((char[]){ text }) /* may be written to, as the fields want it */

#define SECOND INT64_C(1000000000)

/*
 * Of the records, "shared" lies in a layer that an image has, "lost" in one that none has; "twin"
 * is the immutable double of "mutable". The size of "noted" stands with its snapshot.
 */
struct fixture {
	struct world *world;
	char *shared_chain, *lost_chain; /* owned */
	struct cache_record records[5];
	struct cache_snapshot snapshots[3];
	struct sizing_slot slots[5];
};

static int setup(void **state)
{
	struct fixture *fixture = mem_zalloc(1, sizeof(*fixture));
	struct world *world = world_new();

	fixture->world = world;
	fixture->shared_chain = mem_text(world_id("base"));
	fixture->lost_chain = mem_text(world_id("lost"));
	world_layer(world, "base", NULL);
	world_layer(world, "top", "base");
	world_layer(world, "lost", NULL)->size_bytes = 700;
	world_image(world, "app", "top", NULL);
	world_ref(world, "app:1", "app");
	world_seal(world);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	world_free(fixture->world);
	free(fixture->shared_chain);
	free(fixture->lost_chain);
	free(fixture);
	return 0;
}

/* Lists the records of the fixture; its state only borrows the cache. */
static struct row_list list_of(struct fixture *fixture, struct cache_sum *sum)
{
	struct state state = fixture->world->state;
	struct sizing sizes = { fixture->slots, 5 };
	struct row_list list;

	fixture->records[0] = (struct cache_record){ .id = T("shared"),
		                                     .snapshot_id = T("shared"),
		                                     .type = T("regular"),
		                                     .description = T(""),
		                                     .size_bytes = 12,
		                                     .last_used_ns = 5 * SECOND };
	fixture->records[1] = (struct cache_record){ .id = T("lost"),
		                                     .snapshot_id = T("lost"),
		                                     .type = T("regular"),
		                                     .description = T(""),
		                                     .size_bytes = -1,
		                                     .last_used_ns = 9 * SECOND };
	fixture->records[2] = (struct cache_record){ .id = T("mutable"),
		                                     .snapshot_id = T("none"),
		                                     .type = T("source.local"),
		                                     .description = T(""),
		                                     .size_bytes = 435 };
	fixture->records[3] = (struct cache_record){ .id = T("twin"),
		                                     .snapshot_id = T("none"),
		                                     .type = T("source.local"),
		                                     .equal_mutable = T("mutable"),
		                                     .description = T(""),
		                                     .size_bytes = 435 };
	fixture->records[4] = (struct cache_record){ .id = T("noted"),
		                                     .snapshot_id = T("noted"),
		                                     .type = T("source.local"),
		                                     .description = T(""),
		                                     .size_bytes = -1 };
	fixture->snapshots[0] =
	    (struct cache_snapshot){ .id = T("shared"), .chain_id = fixture->shared_chain };
	fixture->snapshots[1] =
	    (struct cache_snapshot){ .id = T("lost"), .chain_id = fixture->lost_chain };
	fixture->snapshots[2] = (struct cache_snapshot){ .id = T("noted"), .size_bytes = 79 };
	state.cache = (struct cache){ .records = fixture->records,
		                      .record_count = 5,
		                      .snapshots = fixture->snapshots,
		                      .snapshot_count = 3 };
	for (size_t i = 0; i < 5; i++)
		(void)map_set(&state.cache.record_by_id, fixture->records[i].id, i);
	(void)map_set(&state.cache.snapshot_by_id, "shared", 0);
	(void)map_set(&state.cache.snapshot_by_id, "lost", 1);
	(void)map_set(&state.cache.snapshot_by_id, "noted", 2);
	list = cache_rows_make(&state, &sizes, 0, sum);
	map_done(&state.cache.record_by_id);
	map_done(&state.cache.snapshot_by_id);
	return list;
}

static void most_recently_used_comes_first(void **state)
{
	struct cache_sum sum;
	AUTO(row_list) struct row_list list = list_of(*state, &sum);

	assert_int_equal(row_count(&list), 4);
	assert_string_equal(list.values[0].text, "lost");
	assert_string_equal(list.values[list.column_count].text, "shared");
	assert_string_equal(list.values[2 * list.column_count].text, "mutable");
}

static void double_of_a_mutable_record_is_not_counted(void **state)
{
	struct cache_sum sum;
	AUTO(row_list) struct row_list list = list_of(*state, &sum);

	assert_int_equal(sum.record_count, 4);
	for (size_t i = 0; i < row_count(&list); i++)
		assert_string_not_equal(list.values[i * list.column_count].text, "twin");
}

static void what_an_image_has_is_shared_and_summed_apart(void **state)
{
	struct cache_sum sum;
	AUTO(row_list) struct row_list list = list_of(*state, &sum);

	assert_false(list.values[5].number);
	assert_true(list.values[list.column_count + 5].number);
	assert_int_equal(sum.shared_bytes, 12);
	assert_int_equal(sum.private_bytes, 700 + 435 + 79);
}

static void unknown_size_is_that_of_the_layer(void **state)
{
	struct cache_sum sum;
	AUTO(row_list) struct row_list list = list_of(*state, &sum);

	assert_int_equal(list.values[2].number, 700);
}

/* As in a root where dockerd 28.5 said 79 and the directory held 81. */
static void size_that_was_noted_with_the_snapshot_counts(void **state)
{
	struct cache_sum sum;
	AUTO(row_list) struct row_list list = list_of(*state, &sum);

	assert_string_equal(list.values[3 * list.column_count].text, "noted");
	assert_int_equal(list.values[3 * list.column_count + 2].number, 79);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(most_recently_used_comes_first),
		TEST(double_of_a_mutable_record_is_not_counted),
		TEST(what_an_image_has_is_shared_and_summed_apart),
		TEST(unknown_size_is_that_of_the_layer),
		TEST(size_that_was_noted_with_the_snapshot_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
