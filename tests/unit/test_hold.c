/* test_hold.c - what a step that failed holds, and what it does not. */
#include "tests/unit/check.h"

#include "gc/run/hold.h"
#include "gc/run/target.h"
#include "metadata/base/mem.h"
#include "tests/unit/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct world *world;
	struct hold *hold; /* after seal() */
	struct run_step failed;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->world = world_new();
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	hold_free(f->hold);
	world_free(f->world);
	free(f->failed.path);
	free(f->failed.object);
	free(f->failed.detail);
	free(f);
	return 0;
}

/* The step of KIND on NAME, as it stands in paths. */
static void fail_step(struct fixture *f, enum action_kind kind, const char *name)
{
	f->failed = (struct run_step){ .kind = kind,
		                       .object = mem_text(name),
		                       .path = target_path(kind, name),
		                       .detail = mem_text("") };
	world_seal(f->world);
	f->hold = hold_new(f->world->graph);
	hold_add(f->hold, &f->failed);
}

static bool holds(const struct fixture *f, enum action_kind kind, const char *name)
{
	AUTO(str) char *path = target_path(kind, name);
	char object[] = "";
	const struct run_step step = { .kind = kind, .path = path, .object = object };

	return hold_find(f->hold, &step) != NULL;
}

static bool holds_link_of(const struct fixture *f, const char *word)
{
	size_t dir = 0;

	assert_true(map_get(&f->world->inventory.dir_by_name, world_id(word), &dir));
	return holds(f, ACTION_LINK, f->world->inventory.dirs[dir].link);
}

static void nothing_is_held_before_anything_failed(void **state)
{
	struct fixture *f = *state;

	(void)world_layer(f->world, "base", NULL);
	world_seal(f->world);
	f->hold = hold_new(f->world->graph);
	assert_false(holds(f, ACTION_LAYER, world_id("base")));
}

static void a_layer_holds_downwards_only(void **state)
{
	struct fixture *f = *state;

	(void)world_layer(f->world, "base", NULL);
	(void)world_layer(f->world, "middle", "base");
	(void)world_layer(f->world, "top", "middle");
	(void)world_layer(f->world, "other", NULL);
	fail_step(f, ACTION_LAYER, world_id("middle"));
	assert_true(holds(f, ACTION_LAYER, world_id("middle")));
	assert_true(holds(f, ACTION_LAYER, world_id("base")));
	assert_true(holds(f, ACTION_DIR, world_id("middle")));
	assert_true(holds(f, ACTION_DIR, world_id("base")));
	assert_true(holds_link_of(f, "base"));
	assert_false(holds(f, ACTION_LAYER, world_id("top")));
	assert_false(holds(f, ACTION_DIR, world_id("top")));
	assert_false(holds_link_of(f, "top"));
	assert_false(holds(f, ACTION_LAYER, world_id("other")));
	assert_false(holds(f, ACTION_DIR, world_id("other")));
}

static void a_link_and_its_directory_stay_together(void **state)
{
	struct fixture *f = *state;
	const char *name = world_id("alone");
	char link[ID_LINK_LEN + 1];

	world_dir(f->world, "alone", NULL);
	world_dir(f->world, "other", NULL);
	(void)memcpy(link, f->world->inventory.dirs[0].link, sizeof(link));
	fail_step(f, ACTION_LINK, link);
	assert_true(holds(f, ACTION_DIR, name));
	assert_false(holds(f, ACTION_DIR, world_id("other")));
}

static void a_tag_holds_the_image_that_it_names(void **state)
{
	struct fixture *f = *state;

	(void)world_layer(f->world, "base", NULL);
	(void)world_layer(f->world, "other", NULL);
	(void)world_image(f->world, "image", "base", NULL);
	(void)world_image(f->world, "second", "other", NULL);
	world_ref(f->world, "a:1", "second");
	world_ref(f->world, "b:1", "image");
	world_ref(f->world, "c:1", "second");
	world_seal(f->world);
	f->failed = (struct run_step){ .kind = ACTION_UNTAG,
		                       .object = mem_text("b:1"),
		                       .path = mem_text("image/overlay2/repositories.json"),
		                       .detail = mem_print("sha256:%s", world_id("image")) };
	f->hold = hold_new(f->world->graph);
	hold_add(f->hold, &f->failed);
	assert_true(holds(f, ACTION_IMAGE, world_id("image")));
	assert_true(holds(f, ACTION_LAYER, world_id("base")));
	assert_false(holds(f, ACTION_IMAGE, world_id("second")));
	assert_false(holds(f, ACTION_LAYER, world_id("other")));
}

static void a_directory_of_mounts_holds_for_all_in_it(void **state)
{
	struct fixture *f = *state;

	(void)world_layer(f->world, "base", NULL);
	(void)world_layer(f->world, "other", NULL);
	(void)world_mount(f->world, "c-user/app:1", "one", "base");
	(void)world_mount(f->world, "c-user-not/app:1", "two", "other");
	fail_step(f, ACTION_MOUNT, "c-user");
	assert_true(holds(f, ACTION_MOUNT, "c-user"));
	assert_true(holds(f, ACTION_MOUNT, "c-user/app:1"));
	assert_true(holds(f, ACTION_DIR, world_id("one")));
	assert_true(holds(f, ACTION_LAYER, world_id("base")));
	assert_false(holds(f, ACTION_MOUNT, "c-user-not"));
	assert_false(holds(f, ACTION_DIR, world_id("two")));
	assert_false(holds(f, ACTION_LAYER, world_id("other")));
}

static void a_record_that_cannot_be_read_holds_all_that_it_may_need(void **state)
{
	struct fixture *f = *state;
	struct layer *layer;

	(void)world_layer(f->world, "base", NULL);
	layer = world_layer(f->world, "broken", NULL);
	layer->broken = LAYER_BAD_CACHE_ID;
	free(layer->cache_id);
	layer->cache_id = NULL;
	(void)world_image(f->world, "image", "base", NULL);
	fail_step(f, ACTION_LAYER, world_id("broken"));
	assert_true(holds(f, ACTION_DIR, world_id("base")));
	assert_true(holds(f, ACTION_DIR, world_id("broken")));
	assert_true(holds_link_of(f, "base"));
	assert_false(holds(f, ACTION_IMAGE, world_id("image")));
}

static void a_stray_holds_nothing(void **state)
{
	struct fixture *f = *state;

	(void)world_layer(f->world, "base", NULL);
	fail_step(f, ACTION_STRAY, "image/overlay2/layerdb/tmp/write-set-1");
	assert_false(holds(f, ACTION_LAYER, world_id("base")));
	assert_false(holds(f, ACTION_STRAY, "image/overlay2/layerdb/tmp/write-set-1"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_held_before_anything_failed),
		TEST(a_layer_holds_downwards_only),
		TEST(a_link_and_its_directory_stay_together),
		TEST(a_tag_holds_the_image_that_it_names),
		TEST(a_directory_of_mounts_holds_for_all_in_it),
		TEST(a_record_that_cannot_be_read_holds_all_that_it_may_need),
		TEST(a_stray_holds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
