/* target.c - what the path of an action of each kind looks like. */
#include "gc/run/target.h"

#include "gc/trash/trash.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <string.h>

/* The whole path is the prefix. */
static bool target_is_end(const char *name)
{
	return *name == '\0';
}

static bool target_is_volume(const char *name)
{
	return id_is_name(name) && strcmp(name, "metadata.db") != 0;
}

/* Every path: its components are looked at before. */
static bool target_is_path(const char *name)
{
	return *name != '\0';
}

static const struct {
	const char *prefix;
	bool (*is_name)(const char *name); /* of what follows the prefix */
} targets[ACTION_KIND_COUNT] = {
	[ACTION_UNTAG] = { "image/overlay2/repositories.json", target_is_end },
	[ACTION_CONTAINER] = { "containers/", id_is_name },
	[ACTION_IMAGE_METADATA] = { "image/overlay2/imagedb/metadata/sha256/", id_is_hex },
	[ACTION_IMAGE] = { "image/overlay2/imagedb/content/sha256/", id_is_hex },
	[ACTION_CACHE] = { "buildkit", target_is_end },
	[ACTION_CACHE_MARK] = { "buildkit/metadata_v2.db", target_is_end },
	[ACTION_NETWORK] = { "network/files/local-kv.db", target_is_end },
	[ACTION_VOLUME] = { "volumes/", target_is_volume },
	[ACTION_MOUNT] = { "image/overlay2/layerdb/mounts/", target_is_path },
	[ACTION_LAYER] = { "image/overlay2/layerdb/sha256/", id_is_hex },
	[ACTION_STRAY] = { "", target_is_path },
	[ACTION_LINK] = { "overlay2/l/", id_is_link },
	[ACTION_DIR] = { "overlay2/", id_is_dir },
	[ACTION_CACHE_LEASE] = { "buildkit/containerdmeta.db", target_is_end },
	[ACTION_CACHE_SNAPSHOT] = { "buildkit/snapshots.db", target_is_end },
	[ACTION_CACHE_RECORD] = { "buildkit/metadata_v2.db", target_is_end },
};

bool target_is_clean(const char *path)
{
	char component[256];

	for (;;) {
		size_t len = strcspn(path, "/");

		if (len >= sizeof(component))
			return false;
		(void)memcpy(component, path, len);
		component[len] = '\0';
		if (!id_is_name(component) || strcmp(component, TRASH_DIR) == 0)
			return false;
		if (path[len] == '\0')
			return true;
		path += len + 1;
	}
}

const char *target_name(enum action_kind kind, const char *path)
{
	size_t len = strlen(targets[kind].prefix);

	if (!target_is_clean(path) || strncmp(path, targets[kind].prefix, len) != 0 ||
	    !targets[kind].is_name(path + len))
		return NULL;
	return path + len;
}

char *target_path(enum action_kind kind, const char *name)
{
	return mem_print("%s%s", targets[kind].prefix, name);
}
