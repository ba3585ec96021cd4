/* df.h - how the space of a data root is used, in Docker's rows and in those that Docker lacks. */
#ifndef GC_SHOW_DF_H
#define GC_SHOW_DF_H

#include "gc/plan/plan.h"
#include "gc/session/session.h"
#include "gc/show/cache_rows.h"
#include "gc/show/census.h"
#include "gc/show/image_facts.h"
#include "gc/show/row.h"
#include "gc/show/sizing.h"

/* Everything that `system df` needs to know; filled by df_measure. */
struct df {
	const struct session *session; /* borrowed */
	struct census *census;
	struct image_facts *images;
	struct sizing *container_sizes; /* per state.containers: what it wrote */
	struct sizing *container_files; /* per state.containers: containers/<id>, logs included */
	struct sizing *volume_sizes;    /* per state.volumes */
	size_t *volume_links;           /* per state.volumes */
	struct sizing *cache_sizes;     /* per state.cache.records */
	struct cache_sum cache_sum;
	struct row_list cache_rows;
	struct plan *image_plan;     /* what `image prune -a` would remove */
	struct plan *container_plan; /* what `container prune` would remove */
	struct plan *layer_plan;     /* what `layer prune` would remove; measured */
};

/* Measures the data root of SESSION. *DF is freed with df_done, also after -1 (ERR_SYSTEM). */
int df_measure(struct df *df, const struct session *session, struct err *err) MUST_USE;

void df_done(struct df *df);

static inline void df_cleanup(struct df *df)
{
	df_done(df);
}

/* The summary: Images, Containers, Local Volumes, Build Cache, Orphans, Leftovers, and Other if
 * there is any. The caller frees with row_list_done. */
struct row_list df_summary(const struct df *df);

/* The leftovers of layer_plan that are no directories of overlay2, each with its kind. */
struct row_list df_leftovers(const struct df *df);

#endif
