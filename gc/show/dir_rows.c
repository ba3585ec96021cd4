/* dir_rows.c - the listing of the layer directories of overlay2, and what keeps each. */
#include "gc/show/dir_rows.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#define DIR_ROWS_DIGITS 12 /* of an ID among words, as in Docker's tables */

static const struct row_column columns[] = {
	{ "DIRECTORY", "directory", ROW_ID },
	{ "LAYER", "layer", ROW_ID },
	{ "KIND", "kind", ROW_TEXT },
	{ "SIZE", "size_bytes", ROW_SIZE },
	{ "ALLOCATED", "allocated_bytes", ROW_SIZE },
	{ "INODES", "inodes", ROW_COUNT },
	{ "KEPT BY", NULL, ROW_TEXT },
	{ NULL, "kept_by_kind", ROW_TEXT },
	{ NULL, "kept_by", ROW_TEXT },
};

/* "sha256:<chain ID>" of the layer that the directory is the data of; NULL: of none. */
static char *dir_rows_layer(const struct session *session, const struct census_dir *dir)
{
	size_t item;

	if (dir->owner == CENSUS_NOBODY ||
	    graph_kind(session->graph, dir->owner, &item) != NODE_LAYER)
		return NULL;
	return mem_print("sha256:%s", session->state->layers.items[item].chain_id);
}

/* "container 0123456789ab", "tag app:1": what a table has room for. The caller frees. */
static char *dir_rows_words(enum node_kind kind, const char *name)
{
	const char *hex = id_digest_hex(name);

	if (!hex && id_is_hex(name))
		hex = name;
	if (hex)
		return mem_print("%s %.*s", graph_kind_words(kind), DIR_ROWS_DIGITS, hex);
	return mem_print("%s %s", graph_kind_words(kind), name);
}

static void dir_rows_add_keeper(struct row_list *list, const struct graph *graph, uint32_t keeper)
{
	enum node_kind kind;
	AUTO(str) char *name = NULL;
	AUTO(str) char *words = NULL;

	if (keeper == CENSUS_NOBODY) {
		row_add_text(list, "nothing");
		row_add_text(list, NULL);
		row_add_text(list, NULL);
		return;
	}
	kind = graph_kind(graph, keeper, NULL);
	name = graph_name(graph, keeper);
	/* a directory that keeps itself is in use by a mount */
	words = kind == NODE_DIR ? mem_text("a mount") : dir_rows_words(kind, name);
	row_add_text(list, words);
	row_add_text(list, graph_kind_words(kind));
	row_add_text(list, name);
}

struct row_list dir_rows_make(const struct session *session, const struct census *census,
                              bool only_orphans)
{
	struct row_list list = ROW_LIST("directories", NULL, columns);

	for (size_t i = 0; i < census->count; i++) {
		const struct census_dir *dir = &census->dirs[i];
		AUTO(str) char *layer = dir_rows_layer(session, dir);

		if (only_orphans && dir->keeper != CENSUS_NOBODY)
			continue;
		row_add_id(&list, session->inventory->dirs[i].name);
		row_add_id(&list, layer);
		row_add_text(&list, census_kind_words(dir->kind));
		row_add_size(&list, (int64_t)dir->usage.apparent_bytes);
		row_add_size(&list, (int64_t)dir->usage.allocated_bytes);
		row_add_count(&list, (int64_t)dir->usage.inodes);
		dir_rows_add_keeper(&list, session->graph, dir->keeper);
	}
	return list;
}
