/* test_image_prune.c - which tags and images go: dockerd's rules, case by case (docker-data-root.md
 * §4.2). */
#include "tests/unit/check.h"
#include "tests/unit/world.h"

#include <stdlib.h>
#include <string.h>

/* A base layer, an image "app" on it with a tag, and an untagged image "old". */
static int setup(void **state)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL);
	world_layer(world, "app", "base");
	world_layer(world, "old", "base");
	world_image(world, "app", "app", NULL);
	world_image(world, "old", "old", NULL);
	world_ref(world, "app:1", "app");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static void plan(struct world *world, const char *scope)
{
	world_seal(world);
	world_plan(world, scope);
}

static void untagged_image_without_children_is_dangling(void **state)
{
	struct world *world = *state;

	plan(world, "i");
	assert_true(world_image_goes(world, "old"));
	assert_false(world_image_goes(world, "app"));
	assert_int_equal(world_count(world, ACTION_UNTAG), 0);
}

static void layers_shared_with_a_kept_image_stay(void **state)
{
	struct world *world = *state;

	plan(world, "i");
	assert_true(world_layer_goes(world, "old"));
	assert_true(world_dir_goes(world, "old"));
	assert_false(world_layer_goes(world, "base"));
	assert_false(world_dir_goes(world, "base"));
	assert_false(world_layer_goes(world, "app"));
	assert_false(world_dir_goes(world, "app"));
}

static void image_of_a_stopped_container_stays(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "old", "old");
	plan(world, "i");
	assert_false(world_image_goes(world, "old"));
	assert_int_equal(world->plan->count, 0);
}

static void image_goes_when_its_container_goes_first(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "old", "old");
	plan(world, "ci");
	assert_true(world_container_goes(world, "box"));
	assert_true(world_image_goes(world, "old"));
	assert_true(world_dir_goes(world, "box"));
}

static void all_takes_tagged_images_without_a_container(void **state)
{
	struct world *world = *state;

	plan(world, "a");
	assert_true(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_true(world_image_goes(world, "app"));
	assert_true(world_image_goes(world, "old"));
	assert_true(world_layer_goes(world, "base"));
}

static void all_leaves_a_used_image_with_one_tag(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "app", "app");
	plan(world, "a");
	assert_false(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_false(world_image_goes(world, "app"));
	assert_false(world_layer_goes(world, "base"));
}

static void all_takes_the_first_tags_of_a_used_image(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "app", "app");
	world_ref(world, "zzz:1", "app");
	world_ref(world, "mid:1", "app");
	plan(world, "a");
	assert_true(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_true(world_goes(world, ACTION_UNTAG, "mid:1"));
	assert_false(world_goes(world, ACTION_UNTAG, "zzz:1"));
	assert_false(world_image_goes(world, "app"));
}

/* Seen with 20.10: "team/x" is "docker.io/team/x" there, and "zzz" "docker.io/library/zzz". */
static void tags_go_in_the_order_of_their_full_names(void **state)
{
	struct world *world = *state;

	world_container(world, "box", "app", "app");
	world_ref(world, "registry.example:5000/app:1", "app");
	world_ref(world, "zzz:1", "app");
	plan(world, "a");
	assert_true(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_true(world_goes(world, ACTION_UNTAG, "zzz:1"));
	assert_false(world_goes(world, ACTION_UNTAG, "registry.example:5000/app:1"));
}

static void all_leaves_a_used_image_with_a_tag_and_its_digest(void **state)
{
	struct world *world = *state;
	const char *digest = "app@sha256:"
			     "0000000000000000000000000000000000000000000000000000000000000000";

	world_container(world, "box", "app", "app");
	world_ref(world, digest, "app");
	plan(world, "a");
	assert_int_equal(world_count(world, ACTION_UNTAG), 0);
}

static void digests_go_with_the_last_tag_of_their_repository(void **state)
{
	struct world *world = *state;
	const char *digest = "app@sha256:"
			     "0000000000000000000000000000000000000000000000000000000000000000";

	world_ref(world, digest, "app");
	plan(world, "a");
	assert_true(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_true(world_goes(world, ACTION_UNTAG, digest));
	assert_true(world_image_goes(world, "app"));
}

static void plain_prune_takes_an_image_that_only_digests_name(void **state)
{
	struct world *world = *state;
	const char *digest = "old@sha256:"
			     "0000000000000000000000000000000000000000000000000000000000000000";

	world_ref(world, digest, "old");
	plan(world, "i");
	assert_true(world_goes(world, ACTION_UNTAG, digest));
	assert_true(world_image_goes(world, "old"));
	assert_false(world_image_goes(world, "app"));
}

static void intermediate_image_stays_with_its_child(void **state)
{
	struct world *world = *state;

	world_image(world, "step", "base", NULL);
	world_image(world, "built", "app", "step");
	world_ref(world, "built:1", "built");
	plan(world, "i");
	assert_false(world_image_goes(world, "step"));
	assert_false(world_image_goes(world, "built"));
	assert_true(world_image_goes(world, "old"));
}

static void parents_go_after_their_last_child(void **state)
{
	struct world *world = *state;

	world_image(world, "step1", "base", NULL);
	world_image(world, "step2", "old", "step1");
	world_image(world, "result", "old", "step2");
	plan(world, "i");
	assert_true(world_image_goes(world, "result"));
	assert_true(world_image_goes(world, "step2"));
	assert_true(world_image_goes(world, "step1"));
	assert_false(world_image_goes(world, "app"));
}

static void tagged_parent_of_a_dangling_image_stays(void **state)
{
	struct world *world = *state;

	world_image(world, "result", "old", "app");
	plan(world, "i");
	assert_true(world_image_goes(world, "result"));
	assert_false(world_image_goes(world, "app"));
}

static void all_untags_the_parent_of_a_used_image_but_keeps_it(void **state)
{
	struct world *world = *state;

	world_image(world, "child", "old", "app");
	world_container(world, "box", "child", "old");
	plan(world, "a");
	assert_true(world_goes(world, ACTION_UNTAG, "app:1"));
	assert_false(world_image_goes(world, "app"));
	assert_false(world_image_goes(world, "child"));
}

static void image_whose_layers_are_gone_is_left_alone(void **state)
{
	struct world *world = *state;

	world_image(world, "broken", "nowhere", NULL)->diff_id_count = 0;
	plan(world, "al");
	assert_false(world_image_goes(world, "broken"));
	assert_true(world_has_finding(world, FINDING_IMAGE_LAYERS_GONE));
}

static void no_image_goes_when_the_tags_cannot_be_read(void **state)
{
	struct world *world = *state;

	world->state.refs.is_unreadable = true;
	plan(world, "cal");
	assert_int_equal(world_count(world, ACTION_IMAGE), 0);
	assert_int_equal(world_count(world, ACTION_LAYER), 0);
}

static void no_image_goes_when_there_is_no_tag_at_all(void **state)
{
	struct world *world = world_new();

	world_layer(world, "base", NULL);
	world_image(world, "one", "base", NULL);
	world_image(world, "two", "base", NULL);
	plan(world, "cal");
	assert_int_equal(world->plan->count, 0);
	assert_true(world_has_finding(world, FINDING_REFS_EMPTY));
	world_free(world);
	(void)state;
}

static void no_image_goes_when_a_container_cannot_be_read(void **state)
{
	struct world *world = *state;

	world_container(world, "box", NULL, "old")->is_unreadable = true;
	plan(world, "cal");
	assert_int_equal(world_count(world, ACTION_IMAGE), 0);
	assert_false(world_container_goes(world, "box"));
	assert_false(world_dir_goes(world, "box"));
}

static void image_of_an_image_mount_stays(void **state)
{
	struct world *world = *state;
	struct container *box = world_container(world, "box", "app", "app");

	box->is_running = true;
	box->mounts = calloc(1, sizeof(*box->mounts));
	box->mount_count = 1;
	box->mounts[0] = (struct container_mount){ .type = CONTAINER_MOUNT_IMAGE,
		                                   .name = strdup(""),
		                                   .driver = strdup(""),
		                                   .mount_id = strdup(""),
		                                   .image_id = strdup(world_id("old")) };
	plan(world, "cal");
	assert_false(world_image_goes(world, "old"));
	assert_false(world_layer_goes(world, "old"));
}

static void entry_that_is_no_reference_protects_its_image(void **state)
{
	struct world *world = *state;

	world_ref(world, "Not A Reference", "old");
	world->state.refs.items[world->state.refs.count - 1].kind = REF_INVALID;
	plan(world, "al");
	assert_false(world_image_goes(world, "old"));
	assert_true(world_image_goes(world, "app"));
}

static void stale_tag_goes_only_with_what_drydock_alone_sees(void **state)
{
	struct world *world = *state;

	world_ref(world, "gone:1", "gone");
	world_seal(world);
	world_plan(world, "i");
	assert_false(world_goes(world, ACTION_UNTAG, "gone:1"));
	world_plan(world, "l");
	assert_true(world_goes(world, ACTION_UNTAG, "gone:1"));
	assert_false(world_goes(world, ACTION_UNTAG, "app:1"));
}

static void damaged_tag_keeps_every_image(void **state)
{
	struct world *world = *state;
	char *id = world->state.refs.items[0].image_id;

	id[5] = id[5] == '0' ? '1' : '0';
	plan(world, "al");
	assert_int_equal(world->plan->count, 0);
	assert_true(world_has_finding(world, FINDING_ID_DAMAGED));
}

static void tag_whose_value_is_no_image_id_keeps_every_image(void **state)
{
	struct world *world = *state;

	free(world->state.refs.items[0].image_id);
	world->state.refs.items[0].image_id = NULL;
	world->state.refs.items[0].kind = REF_INVALID;
	plan(world, "al");
	assert_int_equal(world->plan->count, 0);
}

static void container_without_an_image_id_keeps_every_image(void **state)
{
	struct world *world = *state;

	world_container(world, "box", NULL, "old");
	plan(world, "a");
	assert_int_equal(world_count(world, ACTION_IMAGE), 0);
	assert_int_equal(world_count(world, ACTION_UNTAG), 0);
}

static void image_whose_parent_is_unknown_keeps_every_image(void **state)
{
	struct world *world = *state;

	world->state.images.items[0].is_parent_unknown = true;
	plan(world, "a");
	assert_int_equal(world_count(world, ACTION_IMAGE), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(untagged_image_without_children_is_dangling),
		TEST(layers_shared_with_a_kept_image_stay),
		TEST(image_of_a_stopped_container_stays),
		TEST(image_goes_when_its_container_goes_first),
		TEST(all_takes_tagged_images_without_a_container),
		TEST(all_leaves_a_used_image_with_one_tag),
		TEST(all_takes_the_first_tags_of_a_used_image),
		TEST(tags_go_in_the_order_of_their_full_names),
		TEST(all_leaves_a_used_image_with_a_tag_and_its_digest),
		TEST(digests_go_with_the_last_tag_of_their_repository),
		TEST(plain_prune_takes_an_image_that_only_digests_name),
		TEST(intermediate_image_stays_with_its_child),
		TEST(parents_go_after_their_last_child),
		TEST(tagged_parent_of_a_dangling_image_stays),
		TEST(all_untags_the_parent_of_a_used_image_but_keeps_it),
		TEST(image_whose_layers_are_gone_is_left_alone),
		TEST(no_image_goes_when_the_tags_cannot_be_read),
		TEST(no_image_goes_when_there_is_no_tag_at_all),
		TEST(no_image_goes_when_a_container_cannot_be_read),
		TEST(image_of_an_image_mount_stays),
		TEST(entry_that_is_no_reference_protects_its_image),
		TEST(stale_tag_goes_only_with_what_drydock_alone_sees),
		TEST(damaged_tag_keeps_every_image),
		TEST(tag_whose_value_is_no_image_id_keeps_every_image),
		TEST(container_without_an_image_id_keeps_every_image),
		TEST(image_whose_parent_is_unknown_keeps_every_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
