/* image_rows.c - the listing of images: a row for each tag, as Docker has it. */
#include "gc/show/image_rows.h"

#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct row_column list_columns[] = {
	{ "REPOSITORY", "repository", ROW_TEXT },
	{ "TAG", "tag", ROW_TEXT },
	{ "IMAGE ID", "id", ROW_ID },
	{ "CREATED", "created", ROW_TIME },
	{ "SIZE", "size_bytes", ROW_SIZE },
	{ NULL, "shared_bytes", ROW_SIZE },
	{ NULL, "unique_bytes", ROW_SIZE },
	{ NULL, "containers", ROW_COUNT },
};

static const struct row_column usage_columns[] = {
	{ "REPOSITORY", "repository", ROW_TEXT },
	{ "TAG", "tag", ROW_TEXT },
	{ "IMAGE ID", "id", ROW_ID },
	{ "CREATED", "created", ROW_TIME },
	{ "SIZE", "size_bytes", ROW_SIZE },
	{ "SHARED SIZE", "shared_bytes", ROW_SIZE },
	{ "UNIQUE SIZE", "unique_bytes", ROW_SIZE },
	{ "CONTAINERS", "containers", ROW_COUNT },
};

/* A row before it is printed; texts are borrowed from the state. */
struct image_row {
	size_t image;
	int64_t created;
	const char *repository;
	const char *tag;
	bool is_digest;
};

struct image_row_list {
	struct image_row *items;
	size_t count, capacity;
};

static void image_rows_add(struct image_row_list *rows, const struct state *state,
                           struct image_row row)
{
	row.created = state->images.items[row.image].created;
	rows->items = mem_grow(rows->items, rows->count, &rows->capacity, sizeof(*rows->items));
	rows->items[rows->count++] = row;
}

/* Newest first, as in Docker; then by names, so that the same root gives the same list. Images are
 * sorted by ID, so their index is as good. */
static int image_row_compare(const void *left, const void *right)
{
	const struct image_row *a = left;
	const struct image_row *b = right;
	int order;

	if (a->created != b->created)
		return a->created > b->created ? -1 : 1;
	if (a->image != b->image)
		return a->image < b->image ? -1 : 1;
	order = strcmp(a->repository, b->repository);
	if (order)
		return order;
	if (a->is_digest != b->is_digest)
		return a->is_digest ? 1 : -1;
	return strcmp(a->tag, b->tag);
}

static void image_rows_collect(struct image_row_list *rows, const struct state *state,
                               const struct image_facts *facts, unsigned flags)
{
	size_t image;

	for (size_t i = 0; i < state->refs.count; i++) {
		const struct ref *ref = &state->refs.items[i];
		const char *colon = strrchr(ref->name, ':');
		struct image_row row = { .repository = ref->repository, .tag = "<none>" };

		if (ref->kind == REF_INVALID || !ref->image_id ||
		    !map_get(&state->images.by_id, ref->image_id, &image))
			continue;
		row.image = image;
		row.is_digest = ref->kind == REF_DIGEST;
		if (!row.is_digest && colon)
			row.tag = colon + 1;
		image_rows_add(rows, state, row);
	}
	for (size_t i = 0; i < state->images.count; i++) {
		struct image_row row = { .image = i, .repository = "<none>", .tag = "<none>" };

		if (facts->images[i].ref_count == 0 &&
		    ((flags & IMAGE_ROWS_ALL) || !image_facts_is_intermediate(facts, i)))
			image_rows_add(rows, state, row);
	}
	if (rows->count > 0)
		qsort(rows->items, rows->count, sizeof(*rows->items), image_row_compare);
}

/* Of a repository that an image has only digests of, one row is shown; none if it has a tag. */
static bool image_row_is_surplus(const struct image_row_list *rows, size_t at)
{
	const struct image_row *row = &rows->items[at];

	return row->is_digest && at > 0 && row[-1].image == row->image &&
	       strcmp(row[-1].repository, row->repository) == 0;
}

struct row_list image_rows_make(const struct state *state, const struct image_facts *facts,
                                unsigned flags)
{
	struct row_list list = ROW_LIST("images", NULL, list_columns);
	struct image_row_list rows = { NULL, 0, 0 };

	if (flags & IMAGE_ROWS_USAGE) {
		list.columns = usage_columns;
		list.title = "Images space usage:";
	}
	image_rows_collect(&rows, state, facts, flags);
	for (size_t i = 0; i < rows.count; i++) {
		const struct image_row *row = &rows.items[i];
		const struct image_fact *fact = &facts->images[row->image];
		AUTO(str) char *id = mem_print("sha256:%s", state->images.items[row->image].id);
		bool is_known = fact->size_bytes >= 0;

		if (image_row_is_surplus(&rows, i))
			continue;
		row_add_text(&list, row->repository);
		row_add_text(&list, row->tag);
		row_add_id(&list, id);
		row_add_time(&list, row->created);
		row_add_size(&list, fact->size_bytes);
		row_add_size(&list, is_known ? fact->size_bytes - fact->unique_bytes : -1);
		row_add_size(&list, fact->unique_bytes);
		row_add_count(&list, (int64_t)fact->container_count);
	}
	free(rows.items);
	return list;
}
