/* network_world.c - databases of networks (local-kv.db) for tests of their reader. */
#include "tests/unit/network_world.h"

#include "metadata/base/text.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <string.h>

void network_world_init(struct network_world *world)
{
	*world =
	    (struct network_world){ .dir = tree_new("network"), .maker = bolt_maker_new(4096) };
}

void network_world_drop(struct network_world *world)
{
	bolt_maker_free(world->maker);
	world->maker = NULL;
}

void network_world_put(struct network_world *world, const char *key, const char *text)
{
	AUTO(text) struct text value = TEXT_INIT;

	text_add(&value, "\x07\0\0\0\0\0\0\0", 8);
	text_add(&value, text, strlen(text));
	bolt_maker_put_bytes(bolt_maker_bucket(world->maker, NULL, "libnetwork"), key, strlen(key),
	                     value.data, value.len);
}

void network_world_load_root(struct network_world *world, const char *path)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err err = ERR_INIT;
	const int status = network_list_load(&world->list, fd, &world->findings, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(status, 0);
}

void network_world_load(struct network_world *world)
{
	if (world->maker)
		bolt_maker_save(world->maker, world->dir, DATABASE);
	network_world_load_root(world, world->dir);
}

void network_world_done(struct network_world *world)
{
	network_list_done(&world->list);
	finding_list_done(&world->findings);
	tree_remove(world->dir);
}
