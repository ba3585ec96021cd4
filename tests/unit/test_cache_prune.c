/* test_cache_prune.c - what `builder prune` takes is what BuildKit's takes, and no more. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "tests/unit/world.h"

#include <string.h>

/* IDs as BuildKit makes them, and the directories of their snapshots. */
#define A "aaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "ccccccccccccccccccccccccc"
#define DIR_A "aaaaaaaaaaaaaaaaaaaaaad1r"
#define DIR_B "bbbbbbbbbbbbbbbbbbbbbbd1r"
#define DIR_C "cccccccccccccccccccccd1rr"

#define HOUR (INT64_C(3600) * 1000000000)

static int setup(void **state)
{
	*state = world_new();
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* An image that is used, on the layer "top" on "base". */
static void make_image(struct world *world)
{
	(void)world_layer(world, "base", NULL);
	(void)world_layer(world, "top", "base");
	(void)world_image(world, "app", "top", NULL);
	world_ref(world, "app:1", "app");
}

static void plan(struct world *world, const char *scope)
{
	world_seal(world);
	world_plan(world, scope);
}

static bool record_goes(const struct world *world, const char *id)
{
	bool goes = world_goes(world, ACTION_CACHE_MARK, id);

	assert_true(goes == world_goes(world, ACTION_CACHE_RECORD, id));
	return goes;
}

static size_t place_of(const struct world *world, enum action_kind kind, const char *object)
{
	for (size_t i = 0; i < world->plan->count; i++) {
		const struct action *action = &world->plan->actions[i];

		if (action->kind == kind && strcmp(action->object, object) == 0)
			return i;
	}
	fail_msg("%s %s is not planned", action_kind_name(kind), object);
	return 0;
}

static void a_record_goes_with_lease_snapshot_and_directory(void **state)
{
	struct world *world = *state;

	(void)world_cache(world, A, DIR_A, NULL);
	plan(world, "b");
	assert_true(record_goes(world, A));
	assert_true(world_goes(world, ACTION_CACHE_LEASE, A));
	assert_true(world_goes(world, ACTION_CACHE_SNAPSHOT, A));
	assert_true(world_goes(world, ACTION_DIR, DIR_A));
}

static void nothing_goes_without_being_asked(void **state)
{
	struct world *world = *state;

	(void)world_cache(world, A, DIR_A, NULL);
	plan(world, "cail");
	assert_int_equal(world->plan->count, 0);
}

static void parents_go_after_their_children(void **state)
{
	struct world *world = *state;

	(void)world_cache(world, A, DIR_A, NULL);
	world_cache_parent(world_cache(world, B, DIR_B, NULL), A);
	world_cache_parent(world_cache(world, C, DIR_C, NULL), B);
	plan(world, "b");
	assert_int_equal(world_count(world, ACTION_CACHE_RECORD), 3);
	assert_true(place_of(world, ACTION_CACHE_MARK, C) < place_of(world, ACTION_CACHE_MARK, B));
	assert_true(place_of(world, ACTION_CACHE_MARK, B) < place_of(world, ACTION_CACHE_MARK, A));
}

static void parents_of_what_stays_stay(void **state)
{
	struct world *world = *state;
	struct cache_record *child;

	(void)world_cache(world, A, DIR_A, NULL);
	child = world_cache(world, B, DIR_B, NULL);
	world_cache_parent(child, A);
	world_set(&child->type, "internal");
	plan(world, "b");
	assert_int_equal(world->plan->count, 0);
}

static void internal_frontend_and_unknown_types_go_only_with_all(void **state)
{
	static const char *const types[] = { "internal", "frontend", "regulas" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct world *world = world_new();

		world_set(&world_cache(world, A, DIR_A, NULL)->type, types[i]);
		plan(world, "b");
		assert_false(record_goes(world, A));
		world_plan(world, "B");
		assert_false(world_goes(world, ACTION_DIR, DIR_B));
		assert_true(world_goes(world, ACTION_DIR, DIR_A));
		world_free(world);
	}
}

static void every_other_type_goes(void **state)
{
	static const char *const types[] = { "regular", "source.local", "source.git.checkout",
		                             "exec.cachemount" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct world *world = world_new();
		struct cache_record *record = world_cache(world, A, DIR_A, NULL);

		world_set(&record->type, types[i]);
		record->is_retained = true; /* which a prune does not look at */
		plan(world, "b");
		assert_true(record_goes(world, A));
		world_free(world);
	}
}

static void a_record_that_an_image_shares_goes_only_with_all(void **state)
{
	struct world *world = *state;

	make_image(world);
	(void)world_cache(world, A, NULL, "base");
	(void)world_cache(world, B, DIR_B, NULL);
	world->state.cache.has_more = true; /* record by record */
	plan(world, "b");
	assert_false(record_goes(world, A));
	assert_true(record_goes(world, B));
	world_plan(world, "B");
	assert_true(record_goes(world, A));
	assert_false(world_layer_goes(world, "base"));
	assert_false(world_dir_goes(world, "base"));
}

static void what_is_shared_is_judged_after_the_images(void **state)
{
	struct world *world = *state;

	make_image(world);
	(void)world_layer(world, "old", "base");
	(void)world_image(world, "dangling", "old", NULL);
	(void)world_cache(world, A, NULL, "old");
	plan(world, "b");
	assert_false(record_goes(world, A));
	world_plan(world, "ib");
	assert_true(record_goes(world, A));
	assert_true(world_layer_goes(world, "old"));
	assert_false(world_layer_goes(world, "base"));
}

static void layers_that_only_a_lease_held_go_after_it(void **state)
{
	struct world *world = *state;
	AUTO(str) char *layer = NULL;

	make_image(world);
	(void)world_layer(world, "lost", "base");
	(void)world_cache(world, A, NULL, "lost");
	(void)world_cache(world, B, DIR_B, NULL);
	plan(world, "b");
	layer = mem_print("sha256:%s", world_id("lost"));
	assert_true(place_of(world, ACTION_CACHE_MARK, A) < place_of(world, ACTION_CACHE_LEASE, A));
	assert_true(place_of(world, ACTION_CACHE_LEASE, A) < place_of(world, ACTION_LAYER, layer));
	/* the others when the directories are away */
	assert_true(place_of(world, ACTION_DIR, DIR_B) < place_of(world, ACTION_CACHE_LEASE, B));
	assert_true(place_of(world, ACTION_CACHE_LEASE, B) <
	            place_of(world, ACTION_CACHE_SNAPSHOT, B));
	assert_true(place_of(world, ACTION_CACHE_SNAPSHOT, A) <
	            place_of(world, ACTION_CACHE_RECORD, A));
	assert_false(world_layer_goes(world, "base"));
}

static void a_pair_goes_together_and_is_named_once(void **state)
{
	struct world *world = *state;
	const struct action *twin;

	world_cache(world, A, DIR_A, NULL)->is_committed = false;
	(void)world_cache_twin(world, B, A);
	plan(world, "b");
	assert_true(record_goes(world, A));
	assert_true(record_goes(world, B));
	assert_string_equal(world->plan->actions[place_of(world, ACTION_CACHE_MARK, A)].detail, "");
	twin = &world->plan->actions[place_of(world, ACTION_CACHE_MARK, B)];
	assert_string_equal(twin->detail, A);
	assert_int_equal(twin->size_bytes, 0);
}

static void a_pair_stays_when_a_child_of_either_stays(void **state)
{
	struct world *world = *state;
	struct cache_record *child;

	(void)world_cache(world, A, DIR_A, NULL);
	(void)world_cache_twin(world, B, A);
	child = world_cache(world, C, DIR_C, NULL);
	world_cache_parent(child, B);
	world_set(&child->type, "frontend");
	plan(world, "b");
	assert_int_equal(world->plan->count, 0);
}

static void leases_of_variants_go_with_their_record(void **state)
{
	struct world *world = *state;

	(void)world_cache(world, A, DIR_A, NULL);
	(void)world_cache(world, A "-variants", NULL, NULL);
	cache_record_done(&world->state.cache.records[1]);
	world->state.cache.record_count = 1;
	plan(world, "b");
	assert_true(world_goes(world, ACTION_CACHE_LEASE, A "-variants"));
}

/* ---- filters ---- */

static void until_looks_at_the_last_use(void **state)
{
	struct world *world = *state;

	world_cache(world, A, DIR_A, NULL)->last_used_ns = 1 * HOUR;
	world_cache(world, B, DIR_B, NULL)->last_used_ns = 3 * HOUR;
	(void)world_cache(world, C, DIR_C, NULL); /* never */
	filter_set_add(&world->rules.filters, "until", "x");
	world->rules.filters.has_until = true;
	world->rules.filters.until.seconds = 7200;
	plan(world, "b");
	assert_true(record_goes(world, A));
	assert_false(record_goes(world, B));
	assert_true(record_goes(world, C));
}

static void id_is_a_pattern_and_type_a_text(void **state)
{
	struct world *world = *state;

	world_set(&world_cache(world, A, DIR_A, NULL)->type, "source.local");
	(void)world_cache(world, B, DIR_B, NULL);
	filter_set_add(&world->rules.filters, "id", "^b+$");
	plan(world, "b");
	assert_false(record_goes(world, A));
	assert_true(record_goes(world, B));
	filter_set_done(&world->rules.filters);
	filter_set_add(&world->rules.filters, "type", "source.local");
	world_plan(world, "B");
	assert_true(record_goes(world, A));
	assert_false(record_goes(world, B));
}

static void filters_that_no_record_has_take_none(void **state)
{
	static const char *const keys[] = { "parent", "description", "inuse", "shared", "private" };
	struct world *world = *state;

	(void)world_cache(world, A, DIR_A, NULL);
	world_seal(world);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		filter_set_done(&world->rules.filters);
		filter_set_add(&world->rules.filters, keys[i], "true");
		world_plan(world, "B");
		assert_int_equal(world->plan->count, 0);
	}
}

static void what_is_marked_as_deleted_goes_whatever_is_asked(void **state)
{
	struct world *world = *state;
	struct cache_record *record = world_cache(world, A, DIR_A, NULL);

	record->is_deleted = true;
	world_set(&record->type, "internal");
	(void)world_cache(world, B, DIR_B, NULL);
	filter_set_add(&world->rules.filters, "type", "frontend");
	plan(world, "b");
	assert_true(record_goes(world, A));
	assert_false(record_goes(world, B));
}

/* ---- all of it ---- */

static void all_of_it_goes_in_one_rename(void **state)
{
	struct world *world = *state;
	AUTO(str) char *layer = NULL;

	make_image(world);
	(void)world_layer(world, "lost", "base");
	world_cache(world, A, DIR_A, NULL)->size_bytes = 10;
	(void)world_cache_twin(world, B, A);
	(void)world_cache(world, C, NULL, "lost");
	plan(world, "B");
	layer = mem_print("sha256:%s", world_id("lost"));
	assert_int_equal(world_count(world, ACTION_CACHE_MARK), 0);
	assert_int_equal(world_count(world, ACTION_CACHE_LEASE), 0);
	assert_true(place_of(world, ACTION_CACHE, "buildkit") <
	            place_of(world, ACTION_LAYER, layer));
	assert_true(world_goes(world, ACTION_DIR, DIR_A));
	assert_false(world_dir_goes(world, "base"));
	assert_int_equal(world->plan->actions[place_of(world, ACTION_CACHE, "buildkit")].size_bytes,
	                 10 + 1000); /* noted, and that of the layer */
}

static void it_goes_record_by_record_when_something_would_be_lost(void **state)
{
	struct world *world = *state;

	(void)world_cache(world, A, DIR_A, NULL);
	world_seal(world);
	world_plan(world, "B");
	assert_int_equal(world_count(world, ACTION_CACHE), 1);
	world->state.cache.has_more = true; /* build history */
	world_plan(world, "B");
	assert_int_equal(world_count(world, ACTION_CACHE), 0);
	assert_true(record_goes(world, A));
	world->state.cache.has_more = false;
	world->state.cache.leases[0].is_temporary = true;
	world_plan(world, "b"); /* not all */
	assert_int_equal(world_count(world, ACTION_CACHE), 0);
	filter_set_add(&world->rules.filters, "type", "regular");
	world_plan(world, "B");
	assert_int_equal(world_count(world, ACTION_CACHE), 0);
	assert_true(record_goes(world, A));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_goes_with_lease_snapshot_and_directory),
		TEST(nothing_goes_without_being_asked),
		TEST(parents_go_after_their_children),
		TEST(parents_of_what_stays_stay),
		TEST(internal_frontend_and_unknown_types_go_only_with_all),
		TEST(every_other_type_goes),
		TEST(a_record_that_an_image_shares_goes_only_with_all),
		TEST(what_is_shared_is_judged_after_the_images),
		TEST(layers_that_only_a_lease_held_go_after_it),
		TEST(a_pair_goes_together_and_is_named_once),
		TEST(a_pair_stays_when_a_child_of_either_stays),
		TEST(leases_of_variants_go_with_their_record),
		TEST(until_looks_at_the_last_use),
		TEST(id_is_a_pattern_and_type_a_text),
		TEST(filters_that_no_record_has_take_none),
		TEST(what_is_marked_as_deleted_goes_whatever_is_asked),
		TEST(all_of_it_goes_in_one_rename),
		TEST(it_goes_record_by_record_when_something_would_be_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
