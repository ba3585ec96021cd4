/* cache_rows.c - the listing of the build cache, with BuildKit's idea of what is shared. */
#include "gc/show/cache_rows.h"

#include "gc/plan/cache_prune.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NANOSECONDS 1000000000

static const struct row_column columns[] = {
	{ "ID", "id", ROW_TEXT },           { "RECLAIMABLE", "is_reclaimable", ROW_BOOL },
	{ "SIZE", "size_bytes", ROW_SIZE }, { "LAST ACCESSED", "last_used", ROW_TIME },
	{ "TYPE", "type", ROW_TEXT },       { "SHARED", "is_shared", ROW_BOOL },
	{ NULL, "created", ROW_TIME },      { NULL, "usage_count", ROW_COUNT },
	{ NULL, "is_mutable", ROW_BOOL },   { NULL, "description", ROW_TEXT },
};

/* Of a pair that shares its data, BuildKit shows the mutable one while nobody uses the other. */
static bool cache_rows_is_twin(const struct cache_record *record)
{
	return record->equal_mutable != NULL;
}

int cache_rows_measure(struct sizing **sizes, const struct session *session, struct err *err)
{
	const struct cache *cache = &session->state->cache;
	AUTO(sizing) struct sizing *sizing = sizing_new(cache->record_count);

	for (size_t i = 0; i < cache->record_count; i++) {
		const struct cache_record *record = &cache->records[i];
		const char *dir;

		(void)cache_prune_size(session->state, record, NULL, &dir);
		if (!dir || cache_rows_is_twin(record))
			continue;
		sizing->slots[i].dirfd = session->root->overlay2_fd;
		sizing->slots[i].path = mem_print("%s/diff", dir);
	}
	if (sizing_measure(sizing, session->settings->jobs, err) < 0)
		return err_wrap(err, "overlay2");
	*sizes = TAKE(sizing, NULL);
	return 0;
}

static int64_t cache_rows_size(const struct state *state, const struct cache_record *record,
                               const struct sizing_slot *slot)
{
	const char *dir;
	int64_t size = cache_prune_size(state, record, NULL, &dir);

	return slot->path ? (int64_t)slot->usage.apparent_bytes : size;
}

struct cache_order {
	const struct cache_record *record;
	size_t index;
};

static int cache_order_compare(const void *left, const void *right)
{
	const struct cache_order *a = left;
	const struct cache_order *b = right;

	if (a->record->last_used_ns != b->record->last_used_ns)
		return a->record->last_used_ns > b->record->last_used_ns ? -1 : 1;
	return strcmp(a->record->id, b->record->id);
}

static void cache_rows_add(struct row_list *list, const struct cache_record *record,
                           int64_t size_bytes, bool is_shared)
{
	row_add_text(list, record->id);
	row_add_bool(list, true); /* with dockerd stopped nothing is in use */
	row_add_size(list, size_bytes);
	row_add_time(list, record->last_used_ns / NANOSECONDS);
	row_add_text(list, record->type);
	row_add_bool(list, is_shared);
	row_add_time(list, record->created_ns / NANOSECONDS);
	row_add_count(list, record->usage_count);
	row_add_bool(list, !record->is_committed);
	row_add_text(list, record->description);
}

struct row_list cache_rows_make(const struct state *state, const struct sizing *sizes,
                                struct cache_sum *sum)
{
	struct row_list list = ROW_LIST("build_cache", NULL, columns);
	size_t count = state->cache.record_count;
	struct cache_order *order = mem_zalloc(count, sizeof(*order));
	bool *is_used = cache_prune_image_layers(state, NULL);

	*sum = (struct cache_sum){ 0, 0, 0 };
	for (size_t i = 0; i < count; i++)
		order[i] = (struct cache_order){ &state->cache.records[i], i };
	if (count > 0)
		qsort(order, count, sizeof(*order), cache_order_compare);
	for (size_t i = 0; i < count; i++) {
		const struct cache_record *record = order[i].record;
		bool is_shared = cache_prune_is_shared(state, is_used, record);
		int64_t size = cache_rows_size(state, record, &sizes->slots[order[i].index]);

		if (cache_rows_is_twin(record))
			continue;
		cache_rows_add(&list, record, size, is_shared);
		sum->record_count++;
		*(is_shared ? &sum->shared_bytes : &sum->private_bytes) += size > 0 ? size : 0;
	}
	free(order);
	free(is_used);
	return list;
}
