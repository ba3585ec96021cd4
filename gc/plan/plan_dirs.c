/* plan_dirs.c - actions on the links and directories of overlay2 (docker-data-root.md §3.5). */
#include "gc/plan/plan_build.h"

#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Marks the links that some kept directory names in `lower`; one byte per link, owned by the
 * caller. */
static char *plan_needed_links(const struct plan_builder *builder)
{
	const struct inventory *inventory = builder->graph->inventory;
	char *needed = mem_zalloc(inventory->link_count, 1);

	for (size_t i = 0; i < inventory->dir_count; i++) {
		const struct inventory_dir *dir = &inventory->dirs[i];

		if (plan_is_dead(builder, NODE_DIR, i))
			continue;
		for (uint32_t k = 0; k < dir->lower_count + dir->dangling_count; k++)
			needed[dir->lower_links[k]] = 1;
	}
	return needed;
}

/*
 * Says whether the directory has the link that its `link` file names. If not, the file may be
 * damaged, and any of its links may be the one.
 */
static bool plan_has_own_link(const struct inventory *inventory, size_t item)
{
	size_t link;

	return map_get(&inventory->link_by_name, inventory->dirs[item].link, &link) &&
	       inventory->links[link].dir == (int64_t)item;
}

/*
 * A link goes with its directory. One that leads nowhere, and a second one to a kept directory that
 * is not in its `link` file, is a leftover of its own (docker-data-root.md §5, L26).
 */
static bool plan_drops_link(const struct plan_builder *builder, const struct inventory_link *link,
                            enum action_reason *reason)
{
	const struct inventory *inventory = builder->graph->inventory;
	const struct inventory_dir *dir;

	*reason = REASON_ORPHAN;
	if (link->dir < 0)
		return builder->selection->scope.layers;
	dir = &inventory->dirs[link->dir];
	if (plan_is_dead(builder, NODE_DIR, (size_t)link->dir)) {
		*reason = plan_reason(builder, NODE_DIR, (size_t)link->dir);
		return true;
	}
	return builder->selection->scope.layers && strcmp(dir->link, link->name) != 0 &&
	       plan_has_own_link(inventory, (size_t)link->dir);
}

/* Says whether some kept directory has a `lower` that cannot be read: it may name any link. */
static bool plan_may_need_any_link(const struct plan_builder *builder)
{
	const struct inventory *inventory = builder->graph->inventory;

	for (size_t i = 0; i < inventory->dir_count; i++) {
		if (inventory->dirs[i].is_lower_invalid && !plan_is_dead(builder, NODE_DIR, i))
			return true;
	}
	return false;
}

static void plan_links(const struct plan_builder *builder)
{
	const struct inventory *inventory = builder->graph->inventory;
	AUTO(str) char *needed = plan_needed_links(builder);
	bool may_need_any = plan_may_need_any_link(builder);

	for (size_t i = 0; i < inventory->link_count; i++) {
		const struct inventory_link *link = &inventory->links[i];
		enum action_reason reason;
		struct action *action;

		if (needed[i] || may_need_any || !plan_drops_link(builder, link, &reason))
			continue;
		action = plan_add(builder->plan, ACTION_LINK, reason);
		action->object = mem_text(link->name);
		action->path = mem_print("overlay2/l/%s", link->name);
		action->detail = mem_text(link->target);
	}
}

/* Marks the directories that are the own layer of a container that goes; owned by the caller. */
static char *plan_rw_dirs(const struct plan_builder *builder)
{
	const struct graph *graph = builder->graph;
	char *is_rw = mem_zalloc(graph->inventory->dir_count, 1);
	size_t item;
	size_t dir;

	for (size_t i = 0; i < graph->state->containers.count; i++) {
		const char *id = graph->state->containers.items[i].id;

		if (!plan_is_dead(builder, NODE_CONTAINER, i) ||
		    !map_get(&graph->state->mounts.by_name, id, &item) ||
		    !graph->state->mounts.items[item].mount_id ||
		    !map_get(&graph->inventory->dir_by_name,
		             graph->state->mounts.items[item].mount_id, &dir))
			continue;
		is_rw[dir] = 1;
	}
	return is_rw;
}

void plan_build_dirs(const struct plan_builder *builder)
{
	const struct inventory *inventory = builder->graph->inventory;
	AUTO(str) char *is_rw = plan_rw_dirs(builder);

	plan_links(builder);
	for (size_t i = 0; i < inventory->dir_count; i++) {
		struct action *action;

		if (!plan_is_dead(builder, NODE_DIR, i))
			continue;
		action = plan_add(builder->plan, ACTION_DIR, plan_reason(builder, NODE_DIR, i));
		action->object = mem_text(inventory->dirs[i].name);
		action->path = mem_print("overlay2/%s", inventory->dirs[i].name);
		action->detail = mem_text("");
		if (is_rw[i]) /* Docker adds up what a container wrote */
			action->content_path = mem_print("%s/diff", action->path);
	}
}
