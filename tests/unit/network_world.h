/* network_world.h - databases of networks (local-kv.db) for tests of their reader. */
#ifndef TESTS_UNIT_NETWORK_WORLD_H
#define TESTS_UNIT_NETWORK_WORLD_H

#include "metadata/network.h"

#define DATABASE "network/files/local-kv.db"
#define KV "docker/network/v1.0/"
#define PREFIX KV "network/"
#define ID "4f3bc670489513792d22f6b9419cd71a8c3d0f518ee47a5c31c466411e308c8f"
#define ID_2 "6f805c6268fea4cf0ad3f3fd2f217f8c804eb796fbc114acae137114ccb4691e"

struct network_world {
	char *dir;
	struct bolt_maker *maker; /* NULL: no database */
	struct network_list list; /* after network_world_load() */
	struct finding_list findings;
};

void network_world_init(struct network_world *world);
void network_world_done(struct network_world *world);

/* There is to be no database. */
void network_world_drop(struct network_world *world);

/* Puts KEY with an index and TEXT. */
void network_world_put(struct network_world *world, const char *key, const char *text);

/* Writes the database and reads the networks; the second one those below PATH. */
void network_world_load(struct network_world *world);
void network_world_load_root(struct network_world *world, const char *path);

#endif
