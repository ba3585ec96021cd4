/* image_facts.h - what follows from the records about each image: who uses it, how large it is. */
#ifndef GC_SHOW_IMAGE_FACTS_H
#define GC_SHOW_IMAGE_FACTS_H

#include "metadata/base/own.h"
#include "metadata/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_fact {
	bool has_children;      /* some image names it as parent */
	size_t ref_count;       /* tags and digests */
	size_t container_count; /* containers made from it */
	int64_t size_bytes;     /* sum of its layers' `size`; -1: unreadable */
	int64_t unique_bytes;   /* of those that no other listed image has */
};

struct image_facts {
	struct image_fact *images; /* per state.images */
	size_t *layer_users;       /* per state.layers: listed images that contain it */
	const struct state *state; /* borrowed */
};

/* Linear in images times the depth of their chains. The caller frees. */
struct image_facts *image_facts_make(const struct state *state) MUST_USE;

void image_facts_free(struct image_facts *facts);

OWN_DEFINE(image_facts, struct image_facts *, image_facts_free)

/* Docker lists it with -a only: no tag, no digest, but children. */
bool image_facts_is_intermediate(const struct image_facts *facts, size_t image);

/* What all layers of listed images hold, each counted once. */
int64_t image_facts_layers_bytes(const struct image_facts *facts);

#endif
