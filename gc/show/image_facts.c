/* image_facts.c - what follows from the records about each image: who uses it, how large it is. */
#include "gc/show/image_facts.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

/* A walk down the layers of an image; bounded, for parents may form a circle. */
struct image_walk {
	const struct state *state;
	size_t layer; /* index of the current one */
	size_t steps;
};

static bool image_walk_to(struct image_walk *walk, const char *chain_id)
{
	return chain_id && walk->steps++ < walk->state->layers.count &&
	       map_get(&walk->state->layers.by_chain_id, chain_id, &walk->layer);
}

static bool image_walk_below(struct image_walk *walk)
{
	return image_walk_to(walk, walk->state->layers.items[walk->layer].parent);
}

static void image_facts_count_users(struct image_facts *facts)
{
	const struct state *state = facts->state;
	size_t index;

	for (size_t i = 0; i < state->images.count; i++) {
		const char *parent = state->images.items[i].parent;

		if (parent && map_get(&state->images.by_id, parent, &index))
			facts->images[index].has_children = true;
	}
	for (size_t i = 0; i < state->refs.count; i++) {
		const struct ref *ref = &state->refs.items[i];

		if (ref->kind != REF_INVALID && ref->image_id &&
		    map_get(&state->images.by_id, ref->image_id, &index))
			facts->images[index].ref_count++;
	}
	for (size_t i = 0; i < state->containers.count; i++) {
		const char *image_id = state->containers.items[i].image_id;

		if (image_id && map_get(&state->images.by_id, image_id, &index))
			facts->images[index].container_count++;
	}
}

static void image_facts_count_layers(struct image_facts *facts)
{
	const struct state *state = facts->state;

	for (size_t i = 0; i < state->images.count; i++) {
		struct image_walk walk = { state, 0, 0 };
		bool more = image_walk_to(&walk, state->images.items[i].chain_id);

		if (image_facts_is_intermediate(facts, i))
			continue;
		for (; more; more = image_walk_below(&walk))
			facts->layer_users[walk.layer]++;
	}
}

static void image_facts_add_sizes(struct image_facts *facts, size_t image)
{
	const struct state *state = facts->state;
	struct image_fact *fact = &facts->images[image];
	struct image_walk walk = { state, 0, 0 };
	bool more = image_walk_to(&walk, state->images.items[image].chain_id);

	for (; more; more = image_walk_below(&walk)) {
		int64_t size = state->layers.items[walk.layer].size_bytes;

		if (__builtin_add_overflow(fact->size_bytes, size, &fact->size_bytes))
			fact->size_bytes = INT64_MAX;
		if (facts->layer_users[walk.layer] <= 1)
			fact->unique_bytes += size;
	}
}

struct image_facts *image_facts_make(const struct state *state)
{
	struct image_facts *facts = mem_zalloc(1, sizeof(*facts));

	facts->state = state;
	facts->images = mem_zalloc(state->images.count, sizeof(*facts->images));
	facts->layer_users = mem_zalloc(state->layers.count, sizeof(*facts->layer_users));
	image_facts_count_users(facts);
	image_facts_count_layers(facts);
	for (size_t i = 0; i < state->images.count; i++) {
		if (state->images.items[i].is_unreadable)
			facts->images[i].size_bytes = facts->images[i].unique_bytes = -1;
		else
			image_facts_add_sizes(facts, i);
	}
	return facts;
}

void image_facts_free(struct image_facts *facts)
{
	if (!facts)
		return;
	free(facts->images);
	free(facts->layer_users);
	free(facts);
}

bool image_facts_is_intermediate(const struct image_facts *facts, size_t image)
{
	return facts->images[image].ref_count == 0 && facts->images[image].has_children;
}

int64_t image_facts_layers_bytes(const struct image_facts *facts)
{
	int64_t sum = 0;

	for (size_t i = 0; i < facts->state->layers.count; i++) {
		if (facts->layer_users[i] > 0 &&
		    __builtin_add_overflow(sum, facts->state->layers.items[i].size_bytes, &sum))
			return INT64_MAX;
	}
	return sum;
}
