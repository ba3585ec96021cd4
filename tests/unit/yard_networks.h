/* yard_networks.h - networks and volumes for the story of yard.h. */
#ifndef TESTS_UNIT_YARD_NETWORKS_H
#define TESTS_UNIT_YARD_NETWORKS_H

#include "tests/unit/yard.h"

#define YARD_NETWORKS "network/files/local-kv.db"
#define YARD_VOLUMES "volumes/metadata.db"

/*
 * Adds to a yard with yard_story(): networks "bridge" (predefined), "front" (of the running
 * container "web"), "back" (of the stopped one, "job"), "lone" (of none), "conf" (config-only) and
 * "made" (of none, made from "conf"); volumes "kept" (of "web"), "data" (of "job") and "free" (of
 * none).
 */
void yard_networks_story(const struct yard *yard);

/* The same without the containers' part: networks and volumes that are gone are there again. */
void yard_networks_write(const struct yard *yard);

/* The ID of a network; a static ring of 4 buffers. */
const char *yard_network_id(const char *name);

/* Says whether the database has a network, and its driver a record of it; they must agree. */
bool yard_has_network(const struct yard *yard, const char *name);

/* How many networks "conf" is said to have. */
int yard_conf_count(const struct yard *yard);

/* Connects a container, which has been in no network, and mounts a volume in it. */
void yard_attach(const struct yard *yard, const char *container, const char *network,
                 const char *volume);

#endif
