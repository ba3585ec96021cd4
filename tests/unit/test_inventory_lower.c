/* test_inventory_lower.c - `link` and `lower` of layer directories, in every broken state. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "overlay2/inventory.h"
#include "tests/unit/inventory_yard.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_no_link(struct fixture *f, const char *text)
{
	inventory_yard_load(f);
	assert_string_equal(inventory_yard_dir(f, TOP)->link, "");
	assert_int_equal(inventory_yard_dir(f, TOP)->lower_count,
	                 2); /* the rest is read all the same */
	inventory_yard_expect(f, FINDING_DIR_NO_LINK, "overlay2/" TOP "/link", text);
}

static void a_missing_link_file_is_said(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlinkat(f->fd, TOP "/link", 0), 0);
	assert_no_link(f, "does not exist");
}

static void an_empty_link_file_is_said(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, TOP "/link", "%s", "");
	assert_no_link(f, "is empty");
}

static void a_link_file_is_26_characters_exactly(void **state)
{
	static const char *const texts[] = { LINK_TOP "\n", LINK_TOP "A",
		                             "AAAAAAAAAAAAAAAAAAAAAAAAA",
		                             "../../../../../etc/passwd.",
		                             "aaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tree_print(f->dir, TOP "/link", "%s", texts[i]);
		assert_no_link(f, "is not 26 characters");
		finding_list_done(&f->findings);
		inventory_free(TAKE(f->inventory, NULL));
	}
}

static void a_link_file_is_a_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlinkat(f->fd, TOP "/link", 0), 0);
	tree_link(f->dir, TOP "/link", "../" BASE "/link");
	assert_no_link(f, "symbolic link");
	finding_list_done(&f->findings);
	inventory_free(TAKE(f->inventory, NULL));
	assert_int_equal(unlinkat(f->fd, TOP "/link", 0), 0);
	assert_int_equal(mkfifoat(f->fd, TOP "/link", 0600), 0);
	assert_no_link(f, "is not a regular file");
}

static void a_link_that_leads_elsewhere_is_said(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, TOP "/link", LINK_OTHER);
	inventory_yard_load(f);
	assert_string_equal(inventory_yard_dir(f, TOP)->link, LINK_OTHER);
	inventory_yard_expect(f, FINDING_LINK_MISSING, "overlay2/" TOP "/link",
	                      "names l/" LINK_OTHER ", which is no link");
	finding_list_done(&f->findings);
	inventory_free(TAKE(f->inventory, NULL));
	tree_print(f->dir, TOP "/link", LINK_BASE);
	inventory_yard_load(f);
	inventory_yard_expect(f, FINDING_LINK_MISSING, "overlay2/" TOP "/link",
	                      "which leads to " BASE);
}

/* The lower of TOP cannot be understood, but COUNT links at its beginning can. */
static void assert_doubt(struct fixture *f, uint32_t count, const char *text)
{
	inventory_yard_load(f);
	assert_true(inventory_yard_dir(f, TOP)->is_lower_invalid);
	assert_int_equal(inventory_yard_dir(f, TOP)->lower_count, count);
	assert_false(inventory_yard_dir(f, MIDDLE)->is_lower_invalid);
	inventory_yard_expect(f, FINDING_LOWER_INVALID, "overlay2/" TOP "/lower", text);
	finding_list_done(&f->findings);
	inventory_free(TAKE(f->inventory, NULL));
}

static void an_invalid_lower_may_mean_any_directory(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, TOP "/lower", "%s", "");
	assert_doubt(f, 0, "is empty");
	tree_print(f->dir, TOP "/lower", "l/" LINK_MIDDLE ":garbage");
	assert_doubt(f, 1, "byte 28: ");
	tree_print(f->dir, TOP "/lower", "l/" LINK_MIDDLE "\n");
	assert_doubt(f, 1, "byte 28: ");
	tree_print(f->dir, TOP "/lower", "%100000s", "");
	assert_doubt(f, 0, "byte 0: ");
}

static void a_lower_that_is_no_file_may_mean_any_directory(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlinkat(f->fd, TOP "/lower", 0), 0);
	tree_link(f->dir, TOP "/lower", "../" MIDDLE "/lower");
	assert_doubt(f, 0, "symbolic link");
	assert_int_equal(unlinkat(f->fd, TOP "/lower", 0), 0);
	tree_mkdir(f->dir, TOP "/lower");
	assert_doubt(f, 0, "is not a regular file");
}

static void a_lower_through_no_link_may_mean_any_directory(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlinkat(f->fd, "l/" LINK_MIDDLE, 0), 0);
	assert_int_equal(unlinkat(f->fd, MIDDLE "/link", 0), 0);
	tree_link(f->dir, "l/" LINK_MIDDLE, "/somewhere/else");
	inventory_yard_load(f);
	assert_true(inventory_yard_dir(f, TOP)->is_lower_invalid);
	assert_int_equal(inventory_yard_dir(f, TOP)->lower_count, 1); /* BASE */
	assert_int_equal(f->findings.count, 3); /* the entry, no `link`, the lower */
}

static void a_lower_of_128_links_is_whole(void **state)
{
	struct fixture *f = *state;
	AUTO(text) struct text lower = TEXT_INIT;

	for (int i = 0; i < 128; i++)
		text_print(&lower, "%sl/" LINK_BASE, i > 0 ? ":" : "");
	tree_write(f->dir, TOP "/lower", lower.data, lower.len);
	inventory_yard_load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(inventory_yard_dir(f, TOP)->lower_count, 128);
	inventory_free(TAKE(f->inventory, NULL));
	text_print(&lower, ":l/" LINK_BASE);
	tree_write(f->dir, TOP "/lower", lower.data, lower.len);
	assert_doubt(f, 128, "byte 3711: ");
}

static void a_lower_link_that_is_gone_is_said_once(void **state)
{
	struct fixture *f = *state;
	const struct inventory_dir *top;

	tree_print(f->dir, TOP "/lower",
	           "l/" LINK_OTHER ":l/" LINK_BASE ":l/YYYYYYYYYYYYYYYYYYYYYYYYYY");
	inventory_yard_load(f);
	top = inventory_yard_dir(f, TOP);
	assert_false(top->is_lower_invalid);
	assert_int_equal(top->lower_count, 1);
	assert_int_equal(top->unlinked_count + top->dangling_count, 0);
	assert_string_equal(inventory_yard_lower(f, top, 0), BASE);
	inventory_yard_expect(f, FINDING_LOWER_GONE, "overlay2/" TOP "/lower",
	                      "names l/" LINK_OTHER " and 1 more");
}

static void a_dangling_lower_link_is_needed(void **state)
{
	struct fixture *f = *state;
	const struct inventory_dir *top;

	tree_link(f->dir, "l/" LINK_OTHER, "../" CACHE "/diff");
	tree_print(f->dir, TOP "/lower", "l/" LINK_OTHER ":l/" LINK_BASE);
	inventory_yard_load(f);
	top = inventory_yard_dir(f, TOP);
	assert_int_equal(top->lower_count, 1);
	assert_int_equal(top->dangling_count, 1);
	assert_string_equal(inventory_yard_link(f, top, 0), LINK_BASE);
	assert_string_equal(inventory_yard_link(f, top, 1), LINK_OTHER);
	inventory_yard_expect(f, FINDING_LOWER_GONE, "overlay2/" TOP "/lower", LINK_OTHER);
}

static void a_missing_lower_link_means_who_claims_it(void **state)
{
	struct fixture *f = *state;
	const struct inventory_dir *top;

	assert_int_equal(unlinkat(f->fd, "l/" LINK_MIDDLE, 0), 0);
	inventory_yard_load(f);
	top = inventory_yard_dir(f, TOP);
	assert_int_equal(top->lower_count, 1);
	assert_int_equal(top->unlinked_count, 1);
	assert_string_equal(inventory_yard_lower(f, top, 0), BASE);
	assert_string_equal(inventory_yard_link(f, top, 0), LINK_BASE);
	assert_string_equal(inventory_yard_lower(f, top, 1), MIDDLE);
	assert_int_equal(f->findings.count, 2); /* no link for MIDDLE, and TOP's lower */
}

static void a_damaged_lower_link_means_whose_it_nearly_is(void **state)
{
	struct fixture *f = *state;
	const struct inventory_dir *top;
	char link[] = LINK_MIDDLE;

	link[7] = link[7] == 'Q' ? 'R' : 'Q';
	tree_print(f->dir, TOP "/lower", "l/%s:l/" LINK_BASE, link);
	inventory_yard_load(f);
	top = inventory_yard_dir(f, TOP);
	assert_int_equal(top->lower_count, 1);
	assert_int_equal(top->unlinked_count, 1);
	assert_string_equal(inventory_yard_lower(f, top, 0), BASE);
	assert_string_equal(inventory_yard_lower(f, top, 1), MIDDLE);
	inventory_yard_expect(f, FINDING_LOWER_GONE, "overlay2/" TOP "/lower", link);
}

static void a_link_that_too_many_claim_may_mean_any_directory(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 17; i++) {
		AUTO(str) char *name = mem_print("%064x/link", i + 1);

		tree_print(f->dir, name, LINK_OTHER);
	}
	tree_print(f->dir, TOP "/lower", "l/" LINK_OTHER);
	inventory_yard_load(f);
	assert_true(inventory_yard_dir(f, TOP)->is_lower_invalid);
	assert_int_equal(inventory_yard_dir(f, TOP)->unlinked_count, 0);
}

static void a_lower_of_itself_is_said(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, BASE "/lower", "l/" LINK_BASE);
	inventory_yard_load(f);
	inventory_yard_expect(f, FINDING_LOWER_CYCLE, "overlay2/" BASE "/lower", "names itself");
}

static void a_circle_is_said(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, BASE "/lower", "l/" LINK_TOP);
	inventory_yard_load(f);
	assert_int_equal(inventory_yard_dir(f, BASE)->lower_count, 1);
	inventory_yard_expect(f, FINDING_LOWER_CYCLE, "overlay2/" BASE "/lower",
	                      "names " TOP ", which lies on it");
}

static void a_long_chain_is_no_circle(void **state)
{
	enum { COUNT = 5000 };
	struct fixture *f = *state;

	for (unsigned i = 0; i < COUNT; i++) {
		AUTO(str) char *name = mem_print("%064x", i);
		AUTO(str) char *lower = mem_text("l/" LINK_BASE);
		char link[] = "DDDDDDDDDDDDDDDDDDDDDDDDDD";

		for (unsigned digit = 0, rest = i; digit < 4; digit++, rest /= 16)
			link[digit] = (char)('A' + rest % 16);
		inventory_yard_layer(f, name, link, lower);
		for (unsigned digit = 0, rest = i + 1; digit < 4; digit++, rest /= 16)
			link[digit] = (char)('A' + rest % 16);
		free(name);
		name = mem_print("%064x/lower", i);
		if (i + 1 < COUNT)
			tree_print(f->dir, name, "l/%s", link);
	}
	inventory_yard_load(f);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->inventory->dir_count, COUNT + 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, inventory_yard_make, inventory_yard_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_missing_link_file_is_said),
		TEST(an_empty_link_file_is_said),
		TEST(a_link_file_is_26_characters_exactly),
		TEST(a_link_file_is_a_file),
		TEST(a_link_that_leads_elsewhere_is_said),
		TEST(an_invalid_lower_may_mean_any_directory),
		TEST(a_lower_that_is_no_file_may_mean_any_directory),
		TEST(a_lower_through_no_link_may_mean_any_directory),
		TEST(a_lower_of_128_links_is_whole),
		TEST(a_lower_link_that_is_gone_is_said_once),
		TEST(a_dangling_lower_link_is_needed),
		TEST(a_missing_lower_link_means_who_claims_it),
		TEST(a_damaged_lower_link_means_whose_it_nearly_is),
		TEST(a_link_that_too_many_claim_may_mean_any_directory),
		TEST(a_lower_of_itself_is_said),
		TEST(a_circle_is_said),
		TEST(a_long_chain_is_no_circle),
	};

	return cmocka_run_group_tests_name("inventory lower", tests, NULL, NULL);
}
