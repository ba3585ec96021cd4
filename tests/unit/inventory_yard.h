/* inventory_yard.h - an overlay2/ with three layers, for the tests of the inventory. */
#ifndef TESTS_UNIT_INVENTORY_YARD_H
#define TESTS_UNIT_INVENTORY_YARD_H

#include "overlay2/inventory.h"

#define TOP "1111111111111111111111111111111111111111111111111111111111111111"
#define MIDDLE "2222222222222222222222222222222222222222222222222222222222222222"
#define BASE "3333333333333333333333333333333333333333333333333333333333333333"
#define CACHE "0az9k1n2m3b4v5c6x7z8l9k0j"
#define LINK_TOP "AAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LINK_MIDDLE "BBBBBBBBBBBBBBBBBBBBBBBBBB"
#define LINK_BASE "CCCCCCCCCCCCCCCCCCCCCCCCCC"
#define LINK_OTHER "ZZZZZZZZZZZZZZZZZZZZZZZZZZ"

struct fixture {
	char *dir;
	int fd;
	struct inventory *inventory;
	struct finding_list findings;
	struct err err;
};

/* Set-up and tear-down of cmocka: *STATE is a struct fixture with TOP on MIDDLE on BASE. */
int inventory_yard_make(void **state);
int inventory_yard_unmake(void **state);

/* Adds a layer as dockerd makes it; LOWER: the text of `lower`, or NULL. */
void inventory_yard_layer(const struct fixture *f, const char *name, const char *link,
                          const char *lower);

/* Reads the inventory, which succeeds. */
void inventory_yard_load(struct fixture *f);

/* The directory NAME, which is there. */
struct inventory_dir *inventory_yard_dir(const struct fixture *f, const char *name);

/* The names of lower directory and lower link AT of a directory. */
const char *inventory_yard_lower(const struct fixture *f, const struct inventory_dir *dir,
                                 uint32_t at);
const char *inventory_yard_link(const struct fixture *f, const struct inventory_dir *dir,
                                uint32_t at);

/* There is one finding only: CODE about PATH with TEXT in its detail. */
void inventory_yard_expect(const struct fixture *f, enum finding_code code, const char *path,
                           const char *text);

#endif
