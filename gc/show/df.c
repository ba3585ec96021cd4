/* df.c - how the space of a data root is used, in Docker's rows and in those that Docker lacks. */
#include "gc/show/df.h"

#include "gc/show/container_rows.h"
#include "gc/show/size_text.h"
#include "gc/show/volume_rows.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct row_column summary_columns[] = {
	{ "TYPE", "type", ROW_TEXT },
	{ "TOTAL", "total", ROW_COUNT },
	{ "ACTIVE", "active", ROW_COUNT },
	{ "SIZE", "size_bytes", ROW_SIZE },
	{ "RECLAIMABLE", NULL, ROW_TEXT },
	{ NULL, "reclaimable_bytes", ROW_SIZE },
	{ "ALLOCATED", "allocated_bytes", ROW_SIZE },
	{ "INODES", "inodes", ROW_COUNT },
};

static const struct row_column leftover_columns[] = {
	{ "PATH", "path", ROW_TEXT },       { "KIND", "kind", ROW_TEXT },
	{ "ENTRY", "entry", ROW_TEXT }, /* of the file, when the file stays */
	{ "SIZE", "size_bytes", ROW_SIZE }, { "ALLOCATED", "allocated_bytes", ROW_SIZE },
	{ "INODES", "inodes", ROW_COUNT },
};

/* A row of the summary. */
struct df_row {
	const char *type;
	int64_t total;
	int64_t active;
	int64_t size_bytes;
	int64_t reclaimable_bytes;
	struct usage usage;
	bool has_no_share; /* Docker's table has no percentage there */
};

/* ---- measuring ---- */

static struct plan *df_plan(const struct df *df, const struct selection_scope *scope)
{
	const struct graph *graph = df->session->graph;
	AUTO(selection) struct selection *selection = selection_make(df->session->state, scope);
	AUTO(mark) struct mark *mark = mark_selection(graph, selection, df->session->baseline);

	return plan_make(graph, selection, df->session->baseline, mark);
}

static int df_measure_container_files(struct df *df, struct err *err)
{
	const struct container_list *containers = &df->session->state->containers;
	struct sizing *sizing = sizing_new(containers->count);

	df->container_files = sizing;
	for (size_t i = 0; i < containers->count; i++) {
		sizing->slots[i].dirfd = df->session->root->fd;
		sizing->slots[i].path = mem_print("containers/%s", containers->items[i].id);
	}
	return sizing_measure(sizing, df->session->settings->jobs, err);
}

int df_measure(struct df *df, const struct session *session, struct err *err)
{
	const struct selection_scope all_images = { .images = true, .all_images = true };
	const struct selection_scope containers = { .containers = true };
	const struct selection_scope layers = { .layers = true };
	unsigned jobs = session->settings->jobs;

	*df = (struct df){ .session = session };
	df->census = census_make(session);
	df->images = image_facts_make(session->state);
	df->volume_links = volume_rows_links(session->state);
	df->image_plan = df_plan(df, &all_images);
	df->container_plan = df_plan(df, &containers);
	df->layer_plan = df_plan(df, &layers);
	if (census_measure(df->census, session, err) < 0 ||
	    container_rows_measure(&df->container_sizes, session, err) < 0 ||
	    df_measure_container_files(df, err) < 0 ||
	    volume_rows_measure(&df->volume_sizes, session, err) < 0 ||
	    cache_rows_measure(&df->cache_sizes, session, err) < 0 ||
	    plan_measure(df->layer_plan, session->root->fd, jobs, err) < 0)
		return -1;
	df->cache_rows =
	    cache_rows_make(session->state, df->cache_sizes, CACHE_ROWS_USAGE, &df->cache_sum);
	return 0;
}

void df_done(struct df *df)
{
	census_free(df->census);
	image_facts_free(df->images);
	sizing_free(df->container_sizes);
	sizing_free(df->container_files);
	sizing_free(df->volume_sizes);
	free(df->volume_links);
	sizing_free(df->cache_sizes);
	row_list_done(&df->cache_rows);
	plan_free(df->image_plan);
	plan_free(df->container_plan);
	plan_free(df->layer_plan);
}

/* ---- rows ---- */

/* Adds up the directories of the kinds in the set KINDS (bits 1u << enum census_kind) that are
 * kept; returns their number. */
static int64_t df_sum_dirs(const struct df *df, unsigned kinds, struct usage *sum)
{
	int64_t count = 0;

	for (size_t i = 0; i < df->census->count; i++) {
		const struct census_dir *dir = &df->census->dirs[i];

		if (dir->keeper == CENSUS_NOBODY || !(kinds & (1U << dir->kind)))
			continue;
		usage_add(sum, &dir->usage);
		count++;
	}
	return count;
}

/*
 * RECLAIMABLE is what `image prune -a` frees. Docker's is the size of all layers without the layers
 * that only one image has and a container uses: a base that every container needs counts as
 * reclaimable there.
 */
static struct df_row df_images(const struct df *df)
{
	const struct image_list *images = &df->session->state->images;
	struct df_row row = { .type = "Images" };

	for (size_t i = 0; i < images->count; i++) {
		if (image_facts_is_intermediate(df->images, i))
			continue;
		row.total++;
		row.active += df->images->images[i].container_count > 0;
	}
	row.size_bytes = image_facts_layers_bytes(df->images);
	for (size_t i = 0; i < df->image_plan->count; i++) {
		const struct action *action = &df->image_plan->actions[i];

		if (action->kind == ACTION_LAYER && action->reason == REASON_PRUNED)
			row.reclaimable_bytes += action->size_bytes;
	}
	(void)df_sum_dirs(df, 1U << CENSUS_LAYER, &row.usage);
	return row;
}

static struct df_row df_containers(const struct df *df)
{
	const struct container_list *containers = &df->session->state->containers;
	struct df_row row = { .type = "Containers", .total = (int64_t)containers->count };
	size_t index;

	row.active = row.total;
	for (size_t i = 0; i < containers->count; i++) {
		row.size_bytes += (int64_t)df->container_sizes->slots[i].usage.apparent_bytes;
		usage_add(&row.usage, &df->container_files->slots[i].usage);
	}
	for (size_t i = 0; i < df->container_plan->count; i++) {
		const struct action *action = &df->container_plan->actions[i];

		if (action->kind != ACTION_CONTAINER ||
		    !map_get(&containers->by_id, action->object, &index))
			continue;
		row.active--;
		row.reclaimable_bytes +=
		    (int64_t)df->container_sizes->slots[index].usage.apparent_bytes;
	}
	(void)df_sum_dirs(df, 1U << CENSUS_CONTAINER | 1U << CENSUS_CONTAINER_INIT, &row.usage);
	return row;
}

static struct df_row df_volumes(const struct df *df)
{
	struct df_row row = { .type = "Local Volumes" };

	for (size_t i = 0; i < df->session->state->volumes.count; i++) {
		const struct usage *usage = &df->volume_sizes->slots[i].usage;

		if (!volume_is_listed(&df->session->state->volumes.items[i]))
			continue;
		row.total++;
		row.size_bytes += (int64_t)usage->apparent_bytes;
		usage_add(&row.usage, usage);
		if (df->volume_links[i] > 0)
			row.active++;
		else
			row.reclaimable_bytes += (int64_t)usage->apparent_bytes;
	}
	return row;
}

static struct df_row df_cache(const struct df *df)
{
	struct df_row row = {
		.type = "Build Cache",
		.total = df->cache_sum.record_count,
		.size_bytes = df->cache_sum.private_bytes,
		.reclaimable_bytes = df->cache_sum.private_bytes, /* nothing is in use now */
		.has_no_share = true,
	};

	(void)df_sum_dirs(df, 1U << CENSUS_CACHE, &row.usage);
	return row;
}

/* Orphans are directories of overlay2, leftovers everything else that only drydock sees. */
static struct df_row df_lost(const struct df *df, bool is_dir)
{
	struct df_row row = { .type = is_dir ? "Orphans" : "Leftovers" };

	for (size_t i = 0; i < df->layer_plan->count; i++) {
		const struct action *action = &df->layer_plan->actions[i];

		if ((action->kind == ACTION_DIR) != is_dir)
			continue;
		row.total++;
		row.size_bytes += (int64_t)action->usage.apparent_bytes;
		usage_add(&row.usage, &action->usage);
	}
	row.reclaimable_bytes = row.size_bytes;
	return row;
}

/* What is kept without being known: of mounts without a container, or without any record. */
static struct df_row df_other(const struct df *df)
{
	struct df_row row = { .type = "Other" };

	row.total = df_sum_dirs(
	    df, 1U << CENSUS_MOUNT | 1U << CENSUS_MOUNT_INIT | 1U << CENSUS_OTHER, &row.usage);
	row.active = row.total;
	row.size_bytes = (int64_t)row.usage.apparent_bytes;
	return row;
}

static void df_add(struct row_list *list, struct df_row row)
{
	char size[SIZE_TEXT_MAX];
	AUTO(str) char *reclaimable = NULL;

	(void)size_text(size, (uint64_t)(row.reclaimable_bytes > 0 ? row.reclaimable_bytes : 0));
	if (row.size_bytes > 0 && !row.has_no_share)
		reclaimable =
		    mem_print("%s (%d%%)", size,
		              (int)(100 * (double)row.reclaimable_bytes / (double)row.size_bytes));
	else
		reclaimable = mem_text(size);
	row_add_text(list, row.type);
	row_add_count(list, row.total);
	row_add_count(list, row.active);
	row_add_size(list, row.size_bytes);
	row_add_text(list, reclaimable);
	row_add_size(list, row.reclaimable_bytes);
	row_add_size(list, (int64_t)row.usage.allocated_bytes);
	row_add_count(list, (int64_t)row.usage.inodes);
}

struct row_list df_summary(const struct df *df)
{
	struct row_list list = ROW_LIST("usage", NULL, summary_columns);
	struct df_row other = df_other(df);

	df_add(&list, df_images(df));
	df_add(&list, df_containers(df));
	df_add(&list, df_volumes(df));
	df_add(&list, df_cache(df));
	df_add(&list, df_lost(df, true));
	df_add(&list, df_lost(df, false));
	if (other.total > 0)
		df_add(&list, other);
	return list;
}

struct row_list df_leftovers(const struct df *df)
{
	struct row_list list = ROW_LIST("leftovers", "Leftovers:", leftover_columns);

	for (size_t i = 0; i < df->layer_plan->count; i++) {
		const struct action *action = &df->layer_plan->actions[i];

		if (action->kind == ACTION_DIR)
			continue;
		row_add_text(&list, action->path);
		row_add_text(&list, action->kind == ACTION_STRAY ? action->detail
		                                                 : action_kind_name(action->kind));
		row_add_text(&list, action_is_edit(action->kind) ? action->object : NULL);
		row_add_size(&list, (int64_t)action->usage.apparent_bytes);
		row_add_size(&list, (int64_t)action->usage.allocated_bytes);
		row_add_count(&list, (int64_t)action->usage.inodes);
	}
	return list;
}
