/* why.c - why an object is kept: the path from a root to it, or what it lacks. */
#include "gc/plan/why.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdlib.h>
#include <string.h>

#define WHY_PREFIX_MIN 4  /* shorter ones fit too much to be meant */
#define WHY_NAMES_SHOWN 4 /* of an ambiguous prefix */

/* The order in which kinds are searched, and what an object of the kind lacks when nothing refers
 * to it. */
static const struct {
	enum node_kind kind;
	const char *lacks;
} why_kinds[] = {
	{ NODE_DIR, "no layer has it as cache-id, no mount as mount-id or init-id, no build cache "
	            "snapshot as its directory, and no kept directory names its link in lower" },
	{ NODE_LAYER,
	  "no image has it in its chain, no mount and no layer has it as parent, and no "
	  "build cache lease or record holds it" },
	{ NODE_IMAGE,
	  "no tag names it, no container was made from it and no image was built on it" },
	{ NODE_CONTAINER, "it has no file" },
	{ NODE_MOUNT, "no container has its name or has it as an image mount" },
	{ NODE_REF, "" },
	{ NODE_RECORD, "" },
	{ NODE_SNAPSHOT, "no build cache record and no lease names it" },
	{ NODE_LEASE, "" },
	{ NODE_NETWORK, "" },
	{ NODE_VOLUME, "" },
};

static const char *why_lacks(enum node_kind kind)
{
	for (size_t i = 0; i < sizeof(why_kinds) / sizeof(why_kinds[0]); i++) {
		if (why_kinds[i].kind == kind)
			return why_kinds[i].lacks;
	}
	return "";
}

enum why_fit { FIT_NONE, FIT_PREFIX, FIT_EXACT };

static enum why_fit why_fits_text(const char *name, const char *id)
{
	size_t len = strlen(id);

	if (strncmp(name, id, len) != 0)
		return FIT_NONE;
	if (name[len] == '\0')
		return FIT_EXACT;
	return len >= WHY_PREFIX_MIN ? FIT_PREFIX : FIT_NONE;
}

/* Says whether NAME is the init layer of a container; a prefix means the container's own layer. */
static bool why_is_init_dir(const char *name)
{
	size_t len = strlen(name);

	return len > ID_HEX_LEN && strcmp(name + ID_HEX_LEN, "-init") == 0;
}

/* What else the user knows the node by: the name of a container, the ID of a network. Borrowed. */
static const char *why_other_name(const struct graph *graph, uint32_t node)
{
	size_t item;
	enum node_kind kind = graph_kind(graph, node, &item);

	if (kind == NODE_CONTAINER)
		return graph->state->containers.items[item].name;
	return kind == NODE_NETWORK ? graph->state->networks.items[item].id : NULL;
}

/* How ID fits the node's names, with "sha256:" left out or not. */
static enum why_fit why_fits(const struct graph *graph, uint32_t node, const char *id)
{
	AUTO(str) char *name = graph_name(graph, node);
	const char *other = why_other_name(graph, node);
	enum why_fit fit = why_fits_text(name, id);

	if (fit == FIT_PREFIX && why_is_init_dir(name))
		fit = FIT_NONE;
	if (fit == FIT_NONE && strncmp(name, "sha256:", 7) == 0)
		fit = why_fits_text(name + 7, id);
	if (other && strcmp(other, id) == 0)
		fit = FIT_EXACT;
	if (other && fit == FIT_NONE && graph_kind(graph, node, NULL) == NODE_NETWORK)
		fit = why_fits_text(other, id);
	return fit;
}

/* A set of nodes that fit, as far as they are shown. */
struct why_matches {
	uint32_t first;
	size_t count;
	struct text names;
};

/* Finds the nodes of KIND that ID is the beginning of. */
static void why_match_kind(struct why_matches *matches, const struct graph *graph,
                           enum node_kind kind, const char *id)
{
	for (uint32_t node = graph->first[kind]; node < graph->first[kind + 1]; node++) {
		AUTO(str) char *name = NULL;

		if (why_fits(graph, node, id) != FIT_PREFIX)
			continue;
		name = graph_name(graph, node);
		if (matches->count == 0)
			matches->first = node;
		if (matches->count++ < WHY_NAMES_SHOWN)
			text_print(&matches->names, "%s%s", matches->count > 1 ? ", " : "", name);
	}
}

static bool why_find_exact(const struct graph *graph, const char *id, uint32_t *node)
{
	for (size_t i = 0; i < sizeof(why_kinds) / sizeof(why_kinds[0]); i++) {
		enum node_kind kind = why_kinds[i].kind;

		for (*node = graph->first[kind]; *node < graph->first[kind + 1]; ++*node) {
			if (why_fits(graph, *node, id) == FIT_EXACT)
				return true;
		}
	}
	return false;
}

int why_find(const struct graph *graph, const char *id, uint32_t *node, struct err *err)
{
	if (why_find_exact(graph, id, node))
		return 0;
	for (size_t i = 0; i < sizeof(why_kinds) / sizeof(why_kinds[0]); i++) {
		struct why_matches matches = { 0, 0, TEXT_INIT };
		AUTO(str) char *names = NULL;

		why_match_kind(&matches, graph, why_kinds[i].kind, id);
		names = text_take(&matches.names);
		if (matches.count > 1)
			return err_set(err, ERR_USAGE, "%s: is the beginning of %zu names: %s%s",
			               id, matches.count, names,
			               matches.count > WHY_NAMES_SHOWN ? ", ..." : "");
		if (matches.count == 1) {
			*node = matches.first;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE,
	               "%s: no such layer directory, layer, image, container, mount, tag, build "
	               "cache object, network or volume",
	               id);
}

static struct why_step *why_add(struct why *why, const struct graph *graph, uint32_t node)
{
	struct why_step *step;

	why->steps = mem_grow(why->steps, why->count, &why->capacity, sizeof(*why->steps));
	step = &why->steps[why->count++];
	*step = (struct why_step){ graph_kind(graph, node, NULL), graph_name(graph, node), "" };
	return step;
}

/* From the object back to its root, then turned round. */
static void why_path(struct why *why, const struct graph *graph, const struct mark *mark,
                     uint32_t node)
{
	for (;;) {
		struct why_step *step = why_add(why, graph, node);

		if (mark->via_kind[node] == EDGE_MOUNTED || mark->via[node] != MARK_ROOT)
			step->relation = graph_edge_words((enum edge_kind)mark->via_kind[node]);
		if (mark->via[node] == MARK_ROOT)
			break;
		node = mark->via[node];
	}
	for (size_t i = 0; i < why->count / 2; i++) {
		struct why_step other = why->steps[i];

		why->steps[i] = why->steps[why->count - 1 - i];
		why->steps[why->count - 1 - i] = other;
	}
}

/* Who refers to the object, although nothing needs them either. */
static void why_dead_referrers(struct why *why, const struct graph *graph, uint32_t node)
{
	for (uint32_t from = 0; from < graph_node_count(graph); from++) {
		for (uint32_t i = graph->edge_start[from]; i < graph->edge_start[from + 1]; i++) {
			if (graph->edges[i].to == node && graph->edges[i].kind != EDGE_OWNER)
				why_add(why, graph, from)->relation =
				    graph_edge_words((enum edge_kind)graph->edges[i].kind);
		}
	}
}

void why_explain(struct why *why, const struct graph *graph, const struct mark *mark, uint32_t node)
{
	*why = (struct why){ .kind = graph_kind(graph, node, NULL),
		             .name = graph_name(graph, node),
		             .is_kept = mark_is_live(mark, node),
		             .lacks = "" };
	if (why->is_kept)
		why_path(why, graph, mark, node);
	else
		why_dead_referrers(why, graph, node);
	if (!why->is_kept && why->count == 0)
		why->lacks = why_lacks(why->kind);
}

void why_done(struct why *why)
{
	for (size_t i = 0; i < why->count; i++)
		free(why->steps[i].name);
	free(why->steps);
	free(why->name);
	*why = (struct why){ .lacks = "" };
}
