/* kept.c - what keep rules have kept from a prune, to tell the user. */
#include "gc/plan/kept.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

/* The first reference of each image; one that its rule means, if there is one, comes first. */
static size_t *kept_names(const struct selection *selection, const struct state *state)
{
	size_t *names = mem_zalloc(state->images.count, sizeof(*names));
	size_t item;

	for (size_t i = 0; i < state->images.count; i++)
		names[i] = SIZE_MAX;
	for (size_t i = 0; i < state->refs.count; i++) {
		const char *id = state->refs.items[i].image_id;

		if (!id || !map_get(&state->images.by_id, id, &item))
			continue;
		if (names[item] == SIZE_MAX ||
		    (selection->keep->ref_rule[names[item]] == KEEP_NONE &&
		     selection->keep->ref_rule[i] != KEEP_NONE))
			names[item] = i;
	}
	return names;
}

static void kept_list_add_images(struct kept_list *list, const struct selection *selection,
                                 const struct state *state)
{
	size_t *names = kept_names(selection, state);

	list->items = mem_zalloc(selection->kept_count, sizeof(*list->items));
	for (; list->count < selection->kept_count; list->count++) {
		const struct selection_kept *kept = &selection->kept[list->count];
		size_t name = names[kept->image];

		list->items[list->count] = (struct kept){
			.image = mem_print("sha256:%s", state->images.items[kept->image].id),
			.name = name == SIZE_MAX ? NULL : mem_text(state->refs.items[name].name),
			.rule = keep_rule_words(selection->scope.keep, kept->rule),
		};
	}
	free(names);
}

struct kept_list kept_list_make(const struct selection *selection, const struct state *state)
{
	const struct keep_rules *rules = selection->scope.keep;
	struct kept_list list = KEPT_LIST_INIT;

	if (!rules)
		return list;
	kept_list_add_images(&list, selection, state);
	list.idle = mem_zalloc(rules->count, sizeof(*list.idle));
	for (size_t i = 0; i < rules->count; i++) {
		if (!selection->keep->is_matched[i])
			list.idle[list.idle_count++] = keep_rule_words(rules, i);
	}
	return list;
}

void kept_list_done(struct kept_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].image);
		free(list->items[i].name);
		free(list->items[i].rule);
	}
	for (size_t i = 0; i < list->idle_count; i++)
		free(list->idle[i]);
	free(list->items);
	free(list->idle);
	*list = (struct kept_list)KEPT_LIST_INIT;
}
