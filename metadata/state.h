/* state.h - everything that Docker's records say about a data root, read once. */
#ifndef METADATA_STATE_H
#define METADATA_STATE_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/own.h"
#include "metadata/cache.h"
#include "metadata/container.h"
#include "metadata/image.h"
#include "metadata/layer.h"
#include "metadata/mount.h"
#include "metadata/network.h"
#include "metadata/ref.h"
#include "metadata/root.h"
#include "metadata/stray.h"
#include "metadata/volume.h"

struct state {
	struct ref_list refs;
	struct image_list images;
	struct layer_list layers;
	struct mount_list mounts;
	struct container_list containers;
	struct volume_list volumes;
	struct network_list networks;
	struct cache cache;
	struct stray_list strays;
};

/*
 * Reads every record of ROOT. The caller frees with state_free. Findings are added for what is
 * broken; an error is returned only for what makes any answer impossible (ERR_SYSTEM, or
 * ERR_CORRUPT for a directory that is none).
 */
int state_load(struct state **state, const struct root *root, struct finding_list *findings,
               struct err *err) MUST_USE;

void state_free(struct state *state);

OWN_DEFINE(state, struct state *, state_free)

#endif
