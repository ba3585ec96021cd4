/* inventory_yard.c - an overlay2/ with three layers, for the tests of the inventory. */
#include "tests/unit/inventory_yard.h"

#include "metadata/base/mem.h"
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void inventory_yard_layer(const struct fixture *f, const char *name, const char *link,
                          const char *lower)
{
	AUTO(str) char *diff = mem_print("%s/diff", name);
	AUTO(str) char *link_file = mem_print("%s/link", name);
	AUTO(str) char *lower_file = mem_print("%s/lower", name);
	AUTO(str) char *symlink_file = mem_print("l/%s", link);
	AUTO(str) char *target = mem_print("../%s/diff", name);

	tree_mkdir(f->dir, diff);
	tree_print(f->dir, link_file, "%s", link);
	if (lower)
		tree_print(f->dir, lower_file, "%s", lower);
	tree_link(f->dir, symlink_file, target);
}

int inventory_yard_make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("inventory");
	f->fd = tree_open(f->dir, "");
	inventory_yard_layer(f, TOP, LINK_TOP, "l/" LINK_MIDDLE ":l/" LINK_BASE);
	inventory_yard_layer(f, MIDDLE, LINK_MIDDLE, "l/" LINK_BASE);
	inventory_yard_layer(f, BASE, LINK_BASE, NULL);
	*state = f;
	return 0;
}

int inventory_yard_unmake(void **state)
{
	struct fixture *f = *state;

	inventory_free(f->inventory);
	finding_list_done(&f->findings);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

void inventory_yard_load(struct fixture *f)
{
	assert_int_equal(inventory_load(&f->inventory, f->fd, &f->findings, &f->err), 0);
	assert_false(err_is_set(&f->err));
}

struct inventory_dir *inventory_yard_dir(const struct fixture *f, const char *name)
{
	size_t at;

	assert_true(map_get(&f->inventory->dir_by_name, name, &at));
	assert_string_equal(f->inventory->dirs[at].name, name);
	return &f->inventory->dirs[at];
}

const char *inventory_yard_lower(const struct fixture *f, const struct inventory_dir *dir,
                                 uint32_t at)
{
	return f->inventory->dirs[dir->lowers[at]].name;
}

const char *inventory_yard_link(const struct fixture *f, const struct inventory_dir *dir,
                                uint32_t at)
{
	return f->inventory->links[dir->lower_links[at]].name;
}

void inventory_yard_expect(const struct fixture *f, enum finding_code code, const char *path,
                           const char *text)
{
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, code);
	assert_string_equal(f->findings.items[0].path, path);
	if (!strstr(f->findings.items[0].detail, text))
		assert_string_equal(f->findings.items[0].detail, text);
}
