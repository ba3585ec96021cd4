/* graph_networks.c - edges from containers to networks and volumes (bolt-buildkit.md §4.1, §5). */
#include "gc/graph/graph_build.h"

#include "gc/graph/near.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NETWORKS (1u << NODE_NETWORK)
#define VOLUMES (1u << NODE_VOLUME)
#define JOINED_MAX 8 /* containers that join the network of one that joins another's, ... */

/* ---- networks ---- */

enum network_match { MATCH_ID, MATCH_NAME, MATCH_BEGINNING, MATCH_COUNT };

static bool network_matches(const struct network *network, const char *word,
                            enum network_match match)
{
	switch (match) {
	case MATCH_ID:
		return strcmp(network->id, word) == 0;
	case MATCH_NAME:
		return strcmp(network->name, word) == 0;
	case MATCH_BEGINNING:
		return strncmp(network->id, word, strlen(word)) == 0;
	case MATCH_COUNT:
		break;
	}
	return false;
}

/* Adds FROM -> the network that dockerd takes WORD for: an ID, else a name (there may be two of
 * that name), else the beginning of an ID. Returns false if there is none. */
static bool graph_to_network(struct graph_builder *builder, uint32_t from, const char *word)
{
	const struct network_list *networks = &builder->graph->state->networks;
	bool is_found = false;

	for (int match = MATCH_ID; *word != '\0' && match < MATCH_COUNT && !is_found; match++) {
		for (size_t i = 0; i < networks->count; i++) {
			if (!network_matches(&networks->items[i], word, (enum network_match)match))
				continue;
			edge_list_add(&builder->edges, from,
			              graph_node(builder->graph, NODE_NETWORK, i), EDGE_NETWORK);
			is_found = true;
		}
	}
	return is_found;
}

/*
 * NAME, all that leads to a network, leads nowhere: it keeps what it may have been before one of
 * the two names was damaged. Silently, because the network may just as well have been removed.
 */
static void graph_to_near_network(struct graph_builder *builder, uint32_t from, const char *name)
{
	const struct network_list *networks = &builder->graph->state->networks;

	if (near_is_mangled(name))
		graph_build_wildcard(builder, from, NETWORKS);
	for (size_t i = 0; i < networks->count; i++) {
		if (near_is_name(name, networks->items[i].name))
			edge_list_add(&builder->edges, from,
			              graph_node(builder->graph, NODE_NETWORK, i), EDGE_UNKNOWN);
	}
}

/*
 * A container that was started knows name and ID of each of its networks; one that never was, the
 * name only. When the ID leads nowhere, too, the network was removed: no damage hits both.
 */
static void graph_build_attachment(struct graph_builder *builder, uint32_t from,
                                   const struct container_network *network)
{
	bool is_found = graph_to_network(builder, from, network->name);

	is_found |= graph_to_network(builder, from, network->network_id);
	if (!is_found && network->network_id[0] == '\0')
		graph_to_near_network(builder, from, network->name);
}

/* Says whether the network of this name was there when the container was started. */
static bool graph_knows_network(const struct container *container, const char *name)
{
	for (size_t i = 0; i < container->network_count; i++) {
		if (strcmp(container->networks[i].name, name) == 0 &&
		    container->networks[i].network_id[0] != '\0')
			return true;
	}
	return false;
}

static void graph_build_attachments(struct graph_builder *builder, uint32_t from,
                                    const struct container *container)
{
	const char *mode = container->network_mode;

	for (size_t i = 0; i < container->network_count; i++)
		graph_build_attachment(builder, from, &container->networks[i]);
	/* "default" and "container:..." are no names */
	if (*mode != '\0' && strcmp(mode, "default") != 0 && !strchr(mode, ':') &&
	    !graph_to_network(builder, from, mode) && !graph_knows_network(container, mode))
		graph_to_near_network(builder, from, mode);
}

/* The container whose network the container joins (mode "container:<ID, name or beginning of the
 * ID>"); NULL: none. */
static const struct container *graph_joined(const struct container_list *containers,
                                            const struct container *container)
{
	static const char prefix[] = "container:";
	const char *word = container->network_mode;
	size_t item;

	if (strncmp(word, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	word += sizeof(prefix) - 1;
	if (map_get(&containers->by_id, word, &item))
		return &containers->items[item];
	for (size_t i = 0; i < containers->count; i++) {
		if (strcmp(containers->items[i].name, word) == 0)
			return &containers->items[i];
	}
	for (size_t i = 0; *word != '\0' && i < containers->count; i++) {
		if (strncmp(containers->items[i].id, word, strlen(word)) == 0)
			return &containers->items[i];
	}
	return NULL;
}

static void graph_build_container_networks(struct graph_builder *builder, uint32_t from,
                                           const struct container *container)
{
	const struct container_list *containers = &builder->graph->state->containers;
	const struct container *joined = container;

	for (unsigned depth = 0; joined && depth < JOINED_MAX; depth++) {
		graph_build_attachments(builder, from, joined);
		joined = graph_joined(containers, joined);
	}
	if (!container->has_networks || !container->has_mode)
		graph_build_wildcard(builder, from, NETWORKS);
}

/* A network that takes its options from a config-only one needs it. */
static void graph_build_network(struct graph_builder *builder, size_t item)
{
	const struct network_list *networks = &builder->graph->state->networks;
	const char *config = networks->items[item].config_from;

	for (size_t i = 0; *config != '\0' && i < networks->count; i++) {
		if (networks->items[i].is_config_only &&
		    strcmp(networks->items[i].name, config) == 0)
			edge_list_add(&builder->edges,
			              graph_node(builder->graph, NODE_NETWORK, item),
			              graph_node(builder->graph, NODE_NETWORK, i), EDGE_CONFIG);
	}
}

/* ---- volumes ---- */

static bool graph_to_volume(struct graph_builder *builder, uint32_t from, const char *name)
{
	size_t item;

	if (!map_get(&builder->graph->state->volumes.by_name, name, &item))
		return false;
	edge_list_add(&builder->edges, from, graph_node(builder->graph, NODE_VOLUME, item),
	              EDGE_VOLUME);
	return true;
}

/* The volumes that PATH leads into, ".../volumes/<name>/_data": whoever binds that mounts the
 * volume, though dockerd does not know it. */
static bool graph_to_path(struct graph_builder *builder, uint32_t from, const char *path)
{
	static const char folder[] = "/volumes/";
	bool is_found = false;

	while ((path = strstr(path, folder))) {
		const char *at = path + sizeof(folder) - 1;
		AUTO(str) char *name = mem_copy(at, strcspn(at, "/"));

		is_found |= graph_to_volume(builder, from, name);
		path++;
	}
	return is_found;
}

/* The same as for networks; names of anonymous volumes are random, so that nearness is damage. */
static void graph_to_near_volume(struct graph_builder *builder, uint32_t from, const char *name)
{
	const struct volume_list *volumes = &builder->graph->state->volumes;

	if (near_is_mangled(name))
		graph_build_wildcard(builder, from, VOLUMES);
	for (size_t i = 0; i < volumes->count; i++) {
		const char *other = volumes->items[i].name;
		bool is_random = id_is_hex(other);

		if (!(is_random ? near_is(name, other) : near_is_name(name, other)))
			continue;
		edge_list_add(&builder->edges, from, graph_node(builder->graph, NODE_VOLUME, i),
		              EDGE_UNKNOWN);
		if (is_random) {
			AUTO(str) char *owner = graph_name(builder->graph, from);

			finding_add(builder->findings, FINDING_ID_DAMAGED, owner,
			            "volume %s does not exist, %s does", name, other);
		}
	}
}

/*
 * A named volume stands in its mount up to three times, an anonymous one once: name, path and what
 * the user asked for (20.10 to 28.5).
 */
static void graph_build_mount_point(struct graph_builder *builder, uint32_t from,
                                    const struct container_mount *mount)
{
	bool is_found = false;

	if (mount->type == CONTAINER_MOUNT_IMAGE)
		return;
	is_found |= graph_to_path(builder, from, mount->source);
	is_found |= graph_to_path(builder, from, mount->spec_source);
	if (mount->type != CONTAINER_MOUNT_VOLUME)
		return;
	is_found |= graph_to_volume(builder, from, mount->name);
	is_found |= graph_to_volume(builder, from, mount->spec_source);
	if (is_found)
		return;
	if (mount->name[0] == '\0' && mount->spec_source[0] == '\0')
		graph_build_wildcard(builder, from, VOLUMES);
	graph_to_near_volume(builder, from, mount->name);
	graph_to_near_volume(builder, from, mount->spec_source);
}

static void graph_build_container_volumes(struct graph_builder *builder, uint32_t from,
                                          const struct container *container)
{
	for (size_t i = 0; i < container->mount_count; i++)
		graph_build_mount_point(builder, from, &container->mounts[i]);
	if (!container->has_mounts)
		graph_build_wildcard(builder, from, VOLUMES);
}

/* ---- all ---- */

static void graph_build_user(struct graph_builder *builder, size_t item)
{
	const struct container *container = &builder->graph->state->containers.items[item];
	uint32_t from = graph_node(builder->graph, NODE_CONTAINER, item);

	if (container->is_unreadable) {
		graph_build_wildcard(builder, from, NETWORKS | VOLUMES);
	} else if (container->has_config) {
		graph_build_container_networks(builder, from, container);
		graph_build_container_volumes(builder, from, container);
	} else if (!container->is_empty) {
		/* its config is lost: dockerd does not miss it, but its data may be missed */
		graph_build_wildcard(builder, from, NETWORKS | VOLUMES);
		builder->graph->wildcards[builder->graph->wildcard_count - 1].is_expected = true;
	}
}

/* A network whose sandbox nobody owns any more waits for dockerd, which knows how to end that. */
static void graph_find_sandboxes(struct graph_builder *builder)
{
	const struct graph *graph = builder->graph;
	const struct network_list *networks = &graph->state->networks;
	AUTO(str) char *is_used = mem_zalloc(networks->count, 1);
	uint32_t first = graph->first[NODE_NETWORK];

	for (size_t i = 0; i < builder->edges.count; i++) {
		const struct edge_item *edge = &builder->edges.items[i];

		if (edge->to >= first && edge->to < graph->first[NODE_NETWORK + 1])
			is_used[edge->to - first] = 1;
	}
	for (size_t i = 0; i < networks->count; i++) {
		if (networks->items[i].has_sandbox && !networks->items[i].is_predefined &&
		    !is_used[i])
			finding_add(builder->findings, FINDING_NETWORK_SANDBOX,
			            "network/files/local-kv.db", "network %s",
			            networks->items[i].name);
	}
}

void graph_build_networks(struct graph_builder *builder)
{
	const struct state *state = builder->graph->state;

	for (size_t i = 0; i < state->containers.count; i++)
		graph_build_user(builder, i);
	for (size_t i = 0; i < state->networks.count; i++)
		graph_build_network(builder, i);
	graph_find_sandboxes(builder);
}
