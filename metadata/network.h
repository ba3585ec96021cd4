/* network.h - network/files/local-kv.db: the networks (bolt-buildkit.md §4). */
#ifndef METADATA_NETWORK_H
#define METADATA_NETWORK_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/map.h"
#include "metadata/bolt.h"
#include "metadata/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct network {
	char *id; /* 64 hex */
	char *name;
	char *type;      /* networkType: "bridge", ... */
	char *scope;     /* "local", "swarm" */
	int64_t created; /* Unix seconds; 0: unknown */
	uint32_t created_nanoseconds;
	struct image_label *labels; /* sorted by key */
	size_t label_count;
	char *
	    config_from; /* name of the config-only network that it takes its options from, or "" */
	char *bridge_name;    /* of the kernel's link, "br-..."; "" when there is none */
	char *bridge_address; /* "172.18.0.1/16", or "" */
	bool is_bridge_made;  /* the link was made by dockerd */
	bool is_config_only;
	bool is_special;   /* not made by a user, or nothing that drydock can remove: of swarm, of
	                      another scope than local, of a plugin's driver, of a record that lacks
	                      what every dockerd since 17.07 writes (or has lost it by damage) */
	bool is_in_delete; /* dockerd was removing it, and will end that when it starts */
	bool has_sandbox; /* a sandbox has an endpoint in it: a container that ran is not cleaned up
	                   */
	bool is_predefined; /* bridge, host, none, default, by its name or by what it is */
	bool is_unreadable; /* the value is no JSON: kept */
};

struct network_list {
	struct network *items; /* sorted by name, then id */
	size_t count;
	size_t capacity;
	struct map by_id;
	bool is_unreadable;
};

#define NETWORK_LIST_INIT                                                                          \
	{                                                                                          \
		NULL, 0, 0, MAP_INIT, false                                                        \
	}

/* Reads the networks under ROOT_FD; the caller frees. No file: an empty list. Returns -1 for
 * ERR_SYSTEM. */
int network_list_load(struct network_list *networks, int root_fd, struct finding_list *findings,
                      struct err *err) MUST_USE;

/* The same from the open database BOLT. */
void network_list_read(struct network_list *list, const struct bolt *bolt,
                       struct finding_list *findings);

void network_list_done(struct network_list *networks);

static inline void network_list_cleanup(struct network_list *networks)
{
	network_list_done(networks);
}

#endif
