/* test_inventory.c - layer directories, their links, and everything that can be wrong with them. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/inventory.h"
#include "overlay2/mountinfo.h"
#include "tests/unit/inventory_yard.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REMOVING "3333333333333333333333333333333333333333333333333333333333333333-removing"

static void good_layers_are_read_whole(void **state)
{
	struct fixture *f = *state;
	const struct inventory_dir *top;

	inventory_yard_load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->inventory->dir_count, 3);
	assert_int_equal(f->inventory->link_count, 3);
	top = inventory_yard_dir(f, TOP);
	assert_string_equal(top->link, LINK_TOP);
	assert_true(top->has_diff);
	assert_false(top->is_lower_invalid);
	assert_false(top->is_mounted);
	assert_int_equal(top->lower_count, 2);
	assert_int_equal(top->unlinked_count + top->dangling_count, 0);
	assert_string_equal(inventory_yard_lower(f, top, 0), MIDDLE);
	assert_string_equal(inventory_yard_lower(f, top, 1), BASE);
	assert_string_equal(inventory_yard_link(f, top, 0), LINK_MIDDLE);
	assert_string_equal(inventory_yard_link(f, top, 1), LINK_BASE);
	assert_int_equal(inventory_yard_dir(f, BASE)->lower_count, 0);
	assert_string_equal(f->inventory->links[0].target, TOP);
	assert_int_equal(f->inventory->links[0].dir, 0);
}

static void nothing_is_an_empty_inventory(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(inventory_load(&f->inventory, -1, &f->findings, &f->err), 0);
	assert_int_equal(f->inventory->dir_count + f->inventory->link_count, 0);
	inventory_free(f->inventory);
	f->inventory = NULL;
	tree_mkdir(f->dir, "none/at/all");
	(void)close(f->fd);
	f->fd = tree_open(f->dir, "none/at/all");
	inventory_yard_load(f);
	assert_int_equal(f->inventory->dir_count + f->findings.count, 0);
}

static void all_three_forms_of_names_are_layers(void **state)
{
	struct fixture *f = *state;

	inventory_yard_layer(f, TOP "-init", LINK_OTHER, "l/" LINK_BASE);
	inventory_yard_layer(f, CACHE, "YYYYYYYYYYYYYYYYYYYYYYYYYY", NULL);
	inventory_yard_load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->inventory->dir_count, 5);
	assert_int_equal(inventory_yard_dir(f, TOP "-init")->lower_count, 1);
}

static void other_names_are_said_and_left_alone(void **state)
{
	static const char *const names[] = { "lost+found",      "upper",   REMOVING,
		                             "new\nline",       "bad\xff", "opaque-bug-check",
		                             "metacopy-check1x" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tree_mkdir(f->dir, names[i]);
	inventory_yard_load(f);
	assert_int_equal(f->inventory->dir_count, 3);
	assert_int_equal(f->findings.count, 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(f->findings.items[i].code, FINDING_OVERLAY2_UNKNOWN);
	assert_string_equal(f->findings.items[0].path, "overlay2/" REMOVING);
}

static void known_names_are_passed_over(void **state)
{
	static const char *const names[] = { ".drydock",        "opaque-bug-check123",
		                             "metacopy-check4", "check-overlayfs-support567",
		                             "userxattr-check", "backingFsBlockDev" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tree_mkdir(f->dir, names[i]);
	inventory_yard_load(f);
	assert_int_equal(f->inventory->dir_count, 3);
	assert_int_equal(f->findings.count, 0);
}

static void a_file_or_symlink_is_no_layer(void **state)
{
	struct fixture *f = *state;

	tree_link(f->dir, CACHE, BASE);
	inventory_yard_load(f);
	assert_int_equal(f->inventory->dir_count, 3);
	inventory_yard_expect(f, FINDING_OVERLAY2_UNKNOWN, "overlay2/" CACHE, "but is none");
	finding_list_done(&f->findings);
	inventory_free(TAKE(f->inventory, NULL));
	assert_int_equal(unlinkat(f->fd, CACHE, 0), 0);
	tree_print(f->dir, CACHE, "x");
	inventory_yard_load(f);
	assert_int_equal(f->inventory->dir_count, 3);
	inventory_yard_expect(f, FINDING_OVERLAY2_UNKNOWN, "overlay2/" CACHE, "but is none");
}

static void the_folder_of_links_must_be_one(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(renameat(f->fd, "l", f->fd, ".drydock"), 0);
	tree_link(f->dir, "l", ".drydock");
	assert_int_equal(inventory_load(&f->inventory, f->fd, &f->findings, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_string_equal(f->err.text, "overlay2: l: is not a directory");
}

static void without_links_every_layer_is_damaged(void **state)
{
	struct fixture *f = *state;
	const struct inventory_dir *top;

	assert_int_equal(renameat(f->fd, "l", f->fd, ".drydock"), 0);
	inventory_yard_load(f);
	assert_int_equal(f->inventory->link_count, 0);
	assert_int_equal(f->findings.count, 5); /* three links, two lowers */
	top = inventory_yard_dir(f, TOP);
	assert_int_equal(top->lower_count, 0);
	assert_int_equal(top->unlinked_count, 2); /* still known by their `link` files */
	assert_string_equal(inventory_yard_lower(f, top, 0), MIDDLE);
	assert_string_equal(inventory_yard_lower(f, top, 1), BASE);
}

static void a_link_must_lead_to_a_diff(void **state)
{
	static const char *const targets[] = { "/etc",
		                               "../" BASE,
		                               "../" BASE "/diff/",
		                               "../../overlay2/" BASE "/diff",
		                               "../../../etc/diff",
		                               "../l/diff",
		                               "../" BASE "/work",
		                               "../" BASE BASE BASE "/diff" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		tree_link(f->dir, "l/" LINK_OTHER, targets[i]);
		inventory_yard_load(f);
		assert_int_equal(f->inventory->link_count, 3);
		inventory_yard_expect(f, FINDING_LINK_INVALID, "overlay2/l/" LINK_OTHER,
		                      "does not lead");
		finding_list_done(&f->findings);
		inventory_free(TAKE(f->inventory, NULL));
		assert_int_equal(unlinkat(f->fd, "l/" LINK_OTHER, 0), 0);
	}
}

static void other_entries_among_links_are_said(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "l/" LINK_OTHER);
	tree_link(f->dir, "l/short", "../" BASE "/diff");
	tree_print(f->dir, "l/YYYYYYYYYYYYYYYYYYYYYYYYYY", "x");
	inventory_yard_load(f);
	assert_int_equal(f->inventory->link_count, 3);
	assert_int_equal(f->findings.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(f->findings.items[i].code, FINDING_LINK_INVALID);
}

static void a_dangling_link_is_kept_in_the_list(void **state)
{
	struct fixture *f = *state;

	tree_link(f->dir, "l/" LINK_OTHER, "../" CACHE "/diff");
	inventory_yard_load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->inventory->link_count, 4);
	assert_string_equal(f->inventory->links[3].name, LINK_OTHER);
	assert_string_equal(f->inventory->links[3].target, CACHE);
	assert_int_equal(f->inventory->links[3].dir, -1);
}

static void two_links_may_lead_to_one_directory(void **state)
{
	struct fixture *f = *state;
	const struct inventory_dir *top;

	tree_link(f->dir, "l/" LINK_OTHER, "../" BASE "/diff");
	tree_print(f->dir, TOP "/lower", "l/" LINK_OTHER);
	inventory_yard_load(f);
	assert_int_equal(f->findings.count, 0);
	top = inventory_yard_dir(f, TOP);
	assert_string_equal(inventory_yard_lower(f, top, 0), BASE);
	assert_string_equal(inventory_yard_link(f, top, 0), LINK_OTHER);
	assert_string_equal(inventory_yard_dir(f, BASE)->link, LINK_BASE);
}

static void a_missing_diff_is_seen(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlinkat(f->fd, BASE "/diff", AT_REMOVEDIR), 0);
	tree_link(f->dir, BASE "/diff", "../" MIDDLE "/diff");
	inventory_yard_load(f);
	assert_false(inventory_yard_dir(f, BASE)->has_diff);
	assert_true(inventory_yard_dir(f, MIDDLE)->has_diff);
}

static void what_is_mounted_is_marked_once(void **state)
{
	struct fixture *f = *state;
	char top[] = TOP;
	char gone[] = CACHE;
	char *dirs[] = { gone, top };
	char command[] = "sleep";
	char point[] = "/merged";
	struct mountinfo_use items[] = {
		{ MOUNT_USE_OVERLAY, 12, command, point, dirs, 2 },
		{ MOUNT_USE_OVERLAY, 13, command, point, dirs, 2 },
		{ MOUNT_USE_BIND, 14, command, point, NULL, 0 },
	};
	const struct mountinfo_list uses = { items, 3, 3 };

	inventory_yard_load(f);
	inventory_mark_mounted(f->inventory, &uses, &f->findings);
	assert_true(inventory_yard_dir(f, TOP)->is_mounted);
	assert_false(inventory_yard_dir(f, MIDDLE)->is_mounted);
	inventory_yard_expect(f, FINDING_DIR_MOUNTED, "overlay2/" TOP, "sleep (pid 12)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, inventory_yard_make, inventory_yard_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_layers_are_read_whole),
		TEST(nothing_is_an_empty_inventory),
		TEST(all_three_forms_of_names_are_layers),
		TEST(other_names_are_said_and_left_alone),
		TEST(known_names_are_passed_over),
		TEST(a_file_or_symlink_is_no_layer),
		TEST(the_folder_of_links_must_be_one),
		TEST(without_links_every_layer_is_damaged),
		TEST(a_link_must_lead_to_a_diff),
		TEST(other_entries_among_links_are_said),
		TEST(a_dangling_link_is_kept_in_the_list),
		TEST(two_links_may_lead_to_one_directory),
		TEST(a_missing_diff_is_seen),
		TEST(what_is_mounted_is_marked_once),
	};

	return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}
