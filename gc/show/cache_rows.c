/* cache_rows.c - the listing of the build cache, with BuildKit's idea of what is shared. */
#include "gc/show/cache_rows.h"

#include "gc/plan/cache_facts.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NANOSECONDS 1000000000

/* Of `docker buildx du`. */
static const struct row_column list_columns[] = {
	{ "ID", "id", ROW_TEXT },           { "RECLAIMABLE", "is_reclaimable", ROW_BOOL },
	{ "SIZE", "size_bytes", ROW_SIZE }, { "LAST ACCESSED", "last_used", ROW_TIME },
	{ "TYPE", "type", ROW_TEXT },       { "SHARED", "is_shared", ROW_BOOL },
	{ NULL, "created", ROW_TIME },      { NULL, "usage_count", ROW_COUNT },
	{ NULL, "is_mutable", ROW_BOOL },   { NULL, "description", ROW_TEXT },
};

/* Of `docker system df -v`. */
static const struct row_column usage_columns[] = {
	{ "CACHE ID", "id", ROW_TEXT },         { "CACHE TYPE", "type", ROW_TEXT },
	{ "SIZE", "size_bytes", ROW_SIZE },     { "CREATED", "created", ROW_TIME },
	{ "LAST USED", "last_used", ROW_TIME }, { "USAGE", "usage_count", ROW_COUNT },
	{ "SHARED", "is_shared", ROW_BOOL },    { NULL, "is_reclaimable", ROW_BOOL },
	{ NULL, "is_mutable", ROW_BOOL },       { NULL, "description", ROW_TEXT },
};

int cache_rows_measure(struct sizing **sizes, const struct session *session, struct err *err)
{
	const struct cache *cache = &session->state->cache;
	AUTO(sizing) struct sizing *sizing = sizing_new(cache->record_count);
	AUTO(cache_facts) struct cache_facts *facts = cache_facts_make(session->state, NULL);

	for (size_t i = 0; i < cache->record_count; i++) {
		const char *dir;

		(void)cache_facts_size(facts, i, &dir);
		if (!dir || facts->is_twin[i])
			continue;
		sizing->slots[i].dirfd = session->root->overlay2_fd;
		sizing->slots[i].path = mem_print("%s/diff", dir);
	}
	if (sizing_measure(sizing, session->settings->jobs, err) < 0)
		return err_wrap(err, "overlay2");
	*sizes = TAKE(sizing, NULL);
	return 0;
}

static int64_t cache_rows_size(const struct cache_facts *facts, size_t record,
                               const struct sizing_slot *slot)
{
	const char *dir;
	int64_t size = cache_facts_size(facts, record, &dir);

	return slot->path ? (int64_t)slot->usage.apparent_bytes : size;
}

/*
 * As in BuildKit's list: what is shared (cache_facts.h), and the parents of that. A twin is not in
 * the list, and is no way to its parents. The caller frees.
 */
static bool *cache_rows_shared(const struct cache_facts *facts)
{
	const struct cache *cache = &facts->state->cache;
	bool *is_shared = mem_zalloc(cache->record_count, sizeof(*is_shared));
	size_t *queue = mem_zalloc(cache->record_count, sizeof(*queue));
	size_t count = 0;
	size_t parent;

	for (size_t i = 0; i < cache->record_count; i++) {
		is_shared[i] = !facts->is_twin[i] && cache_facts_is_shared(facts, i);
		if (is_shared[i])
			queue[count++] = i;
	}
	while (count > 0) {
		const struct cache_record *record = &cache->records[queue[--count]];

		for (size_t i = 0; i < record->parent_count; i++) {
			if (!map_get(&cache->record_by_id, record->parents[i], &parent) ||
			    facts->is_twin[parent] || is_shared[parent])
				continue;
			is_shared[parent] = true;
			queue[count++] = parent;
		}
	}
	free(queue);
	return is_shared;
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

static void cache_rows_add_usage(struct row_list *list, const struct cache_record *record,
                                 int64_t size_bytes, bool is_shared)
{
	row_add_text(list, record->id);
	row_add_text(list, record->type);
	row_add_size(list, size_bytes);
	row_add_time(list, record->created_ns / NANOSECONDS);
	row_add_time(list, record->last_used_ns / NANOSECONDS);
	row_add_count(list, record->usage_count);
	row_add_bool(list, is_shared);
	row_add_bool(list, true);
	row_add_bool(list, !record->is_committed);
	row_add_text(list, record->description);
}

struct row_list cache_rows_make(const struct state *state, const struct sizing *sizes,
                                unsigned flags, struct cache_sum *sum)
{
	static const struct row_list empty = ROW_LIST("build_cache", NULL, list_columns);
	static const struct row_list empty_usage = ROW_LIST("build_cache", NULL, usage_columns);
	bool is_usage = flags & CACHE_ROWS_USAGE;
	struct row_list list = is_usage ? empty_usage : empty;
	size_t count = state->cache.record_count;
	struct cache_order *order = mem_zalloc(count, sizeof(*order));
	AUTO(cache_facts) struct cache_facts *facts = cache_facts_make(state, NULL);
	bool *is_shared = cache_rows_shared(facts);

	*sum = (struct cache_sum){ 0, 0, 0 };
	for (size_t i = 0; i < count; i++)
		order[i] = (struct cache_order){ &state->cache.records[i], i };
	if (count > 0)
		qsort(order, count, sizeof(*order), cache_order_compare);
	for (size_t i = 0; i < count; i++) {
		size_t item = order[i].index;
		int64_t size = cache_rows_size(facts, item, &sizes->slots[item]);

		if (facts->is_twin[item])
			continue;
		(is_usage ? cache_rows_add_usage : cache_rows_add)(&list, order[i].record, size,
		                                                   is_shared[item]);
		sum->record_count++;
		*(is_shared[item] ? &sum->shared_bytes : &sum->private_bytes) +=
		    size > 0 ? size : 0;
	}
	free(order);
	free(is_shared);
	return list;
}
