/* test_cache_prune_damage.c - damage in the build cache keeps what it may mean. */
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

static void a_cache_that_cannot_be_read_stays(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct world *world = world_new();
		struct cache *cache = &world->state.cache;

		(void)world_cache(world, A, DIR_A, NULL);
		cache->is_unreadable = i == 0;
		cache->is_old_format = i == 1;
		cache->is_snapshots_gone = i == 2;
		plan(world, "B");
		assert_int_equal(world->plan->count, 0);
		world_free(world);
	}
}

static void a_damaged_parent_is_kept_for_its_child(void **state)
{
	struct world *world = *state;
	struct cache_record *child;

	(void)world_cache(world, A, DIR_A, NULL);
	child = world_cache(world, B, DIR_B, NULL);
	world_cache_parent(child, "aaaaaaaaaaaaXaaaaaaaaaaaa");
	world_set(&child->type, "internal");
	plan(world, "b");
	assert_int_equal(world->plan->count, 0);
	assert_true(world_has_finding(world, FINDING_ID_DAMAGED));
}

static void a_damaged_pair_keeps_its_data(void **state)
{
	struct world *world = *state;
	struct cache_record *child;

	(void)world_cache(world, A, DIR_A, NULL);
	(void)world_cache_twin(world, B, "aaaaaaaaaaaaXaaaaaaaaaaaa");
	child = world_cache(world, C, DIR_C, NULL);
	world_cache_parent(child, B);
	world_set(&child->type, "internal");
	plan(world, "b");
	assert_int_equal(world->plan->count, 0);
	assert_true(world_has_finding(world, FINDING_ID_DAMAGED));
}

static void what_may_be_shared_stays(void **state)
{
	struct world *world = *state;
	char *chain_id;

	make_image(world);
	(void)world_cache(world, A, NULL, "base");
	chain_id = world->state.cache.snapshots[0].chain_id;
	chain_id[5] = chain_id[5] == 'a' ? 'b' : 'a';
	plan(world, "b");
	assert_int_equal(world->plan->count, 0);
}

static void of_a_damaged_image_any_layer_may_be(void **state)
{
	struct world *world = *state;
	struct image *image;

	(void)world_layer(world, "base", NULL);
	image = world_image(world, "app", "base", NULL);
	image->is_unreadable = true;
	free(image->chain_id);
	image->chain_id = NULL;
	world_ref(world, "app:1", "app");
	(void)world_cache(world, A, NULL, "base");
	plan(world, "b");
	assert_int_equal(world->plan->count, 0);
}

static void a_record_stays_with_a_snapshot_that_is_needed(void **state)
{
	struct world *world = *state;
	struct cache *cache = &world->state.cache;

	(void)world_cache(world, A, DIR_A, NULL);
	world_set(&world_cache(world, B, DIR_B, NULL)->type, "internal");
	cache->snapshots[1].parent = mem_text(A); /* of which its record says nothing */
	plan(world, "b");
	assert_int_equal(world->plan->count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cache_that_cannot_be_read_stays),
		TEST(a_damaged_parent_is_kept_for_its_child),
		TEST(a_damaged_pair_keeps_its_data),
		TEST(what_may_be_shared_stays),
		TEST(of_a_damaged_image_any_layer_may_be),
		TEST(a_record_stays_with_a_snapshot_that_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
