/* image_prune.h - dockerd's ImagesPrune and ImageDelete, played on the records (docker-data-root.md
 * §4.2). */
#ifndef GC_PLAN_IMAGE_PRUNE_H
#define GC_PLAN_IMAGE_PRUNE_H

#include "gc/plan/selection.h"

/*
 * Decides which tags and images `docker image prune` (with scope.all_images: -a) removes after the
 * containers in SELECTION are gone, and fills drop_ref, drop_image and image_order.
 */
void image_prune(struct selection *selection, const struct state *state);

#endif
