/* state.c - everything that Docker's records say about a data root, read once. */
#include "metadata/state.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

/* The records under image/overlay2, which a fresh root may not have yet. */
static int state_load_images(struct state *state, int image_fd, struct finding_list *findings,
                             struct err *err)
{
	if (image_fd < 0)
		return 0;
	if (ref_list_load(&state->refs, image_fd, findings, err) < 0 ||
	    image_list_load(&state->images, image_fd, findings, err) < 0 ||
	    layer_list_load(&state->layers, image_fd, findings, err) < 0 ||
	    mount_list_load(&state->mounts, image_fd, findings, err) < 0)
		return err_wrap(err, "image/overlay2");
	return 0;
}

int state_load(struct state **state, const struct root *root, struct finding_list *findings,
               struct err *err)
{
	AUTO(state) struct state *loaded = mem_zalloc(1, sizeof(*loaded));

	if (state_load_images(loaded, root->image_fd, findings, err) < 0 ||
	    container_list_load(&loaded->containers, root->fd, findings, err) < 0 ||
	    volume_list_load(&loaded->volumes, root->fd, findings, err) < 0 ||
	    network_list_load(&loaded->networks, root->fd, findings, err) < 0 ||
	    cache_load(&loaded->cache, root->fd, findings, err) < 0 ||
	    stray_list_load(&loaded->strays, root->fd, findings, err) < 0)
		return -1;
	*state = TAKE(loaded, NULL);
	return 0;
}

void state_free(struct state *state)
{
	if (!state)
		return;
	ref_list_done(&state->refs);
	image_list_done(&state->images);
	layer_list_done(&state->layers);
	mount_list_done(&state->mounts);
	container_list_done(&state->containers);
	volume_list_done(&state->volumes);
	network_list_done(&state->networks);
	cache_done(&state->cache);
	stray_list_done(&state->strays);
	free(state);
}
