/* finding.c - what is remarkable about a data root: one row per kind of finding. */
#include "metadata/base/finding.h"

#include "metadata/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(code, name, class, meaning)                                                            \
	[FINDING_##code] = { name, meaning, FINDING_##code, FINDING_##class }

static const struct finding_row rows[FINDING_COUNT] = {
	ROW(REFS_UNREADABLE, "tags-unreadable", BLOCK,
	    "the tags cannot be read: every image is kept"),
	ROW(REFS_EMPTY, "tags-empty", BLOCK,
	    "there are images but no tag at all, as after a lost repositories.json: every image is "
	    "kept"),
	ROW(REF_INVALID, "tag-invalid", DAMAGE, "dockerd ignores this entry of repositories.json"),
	ROW(REF_STALE, "tag-stale", GARBAGE, "the tag names an image that does not exist"),
	ROW(IMAGE_UNREADABLE, "image-unreadable", BLOCK,
	    "the image config cannot be read: every layer is kept"),
	ROW(IMAGE_LAYERS_GONE, "image-layers-gone", DAMAGE,
	    "dockerd does not load the image: layers of it are gone or unreadable"),
	ROW(IMAGE_PARENT_INVALID, "image-parent-invalid", DAMAGE,
	    "the parent of the image is no image ID"),
	ROW(ID_DAMAGED, "id-damaged", DAMAGE,
	    "leads nowhere, but nearly to something that exists: the ID is damaged"),
	ROW(KEPT_UNKNOWN, "kept-unknown", BLOCK,
	    "is needed and cannot be read: everything that it could need is kept"),
	ROW(LAYER_UNREADABLE, "layer-unreadable", DAMAGE, "dockerd does not load the layer"),
	ROW(LAYER_CYCLE, "layer-cycle", BLOCK, "the parents of the layer form a circle"),
	ROW(LAYER_PARENT_GONE, "layer-parent-gone", DAMAGE,
	    "the parent of the layer does not exist"),
	ROW(LAYER_DIR_GONE, "layer-dir-gone", DAMAGE,
	    "the layer's directory in overlay2 does not exist"),
	ROW(MOUNT_UNREADABLE, "mount-unreadable", DAMAGE, "dockerd does not load the mount"),
	ROW(MOUNT_TORN, "mount-torn", DAMAGE,
	    "the mount has no parent although its container's image has layers"),
	ROW(CONTAINER_UNREADABLE, "container-unreadable", DAMAGE,
	    "the container's config cannot be read: it is kept, and every image"),
	ROW(CONTAINER_NO_CONFIG, "container-no-config", DAMAGE,
	    "the container has files but no config.v2.json: it is kept, and every network and "
	    "volume"),
	ROW(CONTAINER_NO_MOUNT, "container-no-mount", DAMAGE,
	    "the container has no mount: dockerd neither lists nor removes it"),
	ROW(CONTAINER_OTHER_DRIVER, "container-other-driver", NOTE,
	    "the container belongs to another storage driver: it is kept"),
	ROW(CACHE_UNREADABLE, "cache-unreadable", BLOCK,
	    "the build cache cannot be read: everything it could hold is kept"),
	ROW(CACHE_OLD_FORMAT, "cache-old-format", NOTE,
	    "the build cache is of dockerd 19.03 or older: everything it could hold is kept"),
	ROW(CACHE_DB_GONE, "cache-db-gone", DAMAGE,
	    "build cache records name snapshots but snapshots.db is gone: everything it could hold "
	    "is kept"),
	ROW(CACHE_NO_RECORD, "cache-no-record", DAMAGE,
	    "a build cache snapshot that no record leads to, unless one of them is damaged: it is "
	    "kept"),
	ROW(CACHE_LOST, "cache-lost", GARBAGE,
	    "build cache that no record leads to: BuildKit never prunes it"),
	ROW(CACHE_DIR_GONE, "cache-dir-gone", DAMAGE,
	    "the directory of a build cache snapshot does not exist: builds that need it fail"),
	ROW(VOLUMES_UNREADABLE, "volumes-unreadable", DAMAGE, "the volume database cannot be read"),
	ROW(NETWORKS_UNREADABLE, "networks-unreadable", DAMAGE,
	    "the network database cannot be read"),
	ROW(NETWORK_SANDBOX, "network-sandbox", NOTE,
	    "a container that is gone has left a sandbox in the network: it is kept until dockerd "
	    "has started"),
	ROW(DIR_UNREADABLE, "dir-unreadable", BLOCK,
	    "the layer directory cannot be read: every layer directory is kept"),
	ROW(DIR_NO_LINK, "dir-no-link", DAMAGE, "the layer directory has no usable link file"),
	ROW(LOWER_INVALID, "lower-invalid", DAMAGE,
	    "the lower file of the layer directory cannot be read"),
	ROW(LOWER_GONE, "lower-gone", DAMAGE, "the lower file names a link that does not exist"),
	ROW(LOWER_CYCLE, "lower-cycle", DAMAGE, "layer directories name each other as lower"),
	ROW(LINK_INVALID, "link-invalid", DAMAGE,
	    "an entry of overlay2/l is no link to a layer directory: it is kept"),
	ROW(LINK_MISSING, "link-missing", DAMAGE,
	    "the directory's link in overlay2/l does not exist"),
	ROW(OVERLAY2_UNKNOWN, "overlay2-unknown", NOTE,
	    "an entry of overlay2 that drydock does not know: it is kept"),
	ROW(DIR_MOUNTED, "dir-mounted", NOTE, "the directory is in use by a mount: it is kept"),
	ROW(OTHER_DRIVER, "other-driver", NOTE,
	    "the storage of another driver: it is never touched"),
	ROW(CONTAINERD_STORE, "containerd-store", NOTE,
	    "a containerd image store: it is never touched"),
	ROW(USERNS_ROOT, "userns-root", NOTE,
	    "a data root of its own (userns-remap): name it with --root"),
	ROW(DAEMON_ALIVE, "daemon-alive", NOTE,
	    "a daemon uses this data root: what is shown may be changing"),
	ROW(UNKNOWN_FILE, "unknown-file", NOTE, "a file that drydock does not know: it is kept"),
};

const struct finding_row *finding_row(enum finding_code code)
{
	return &rows[code];
}

void finding_add(struct finding_list *list, enum finding_code code, const char *path,
                 const char *detail, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, detail);
	if (vasprintf(&text, detail, args) < 0)
		text = mem_text("");
	va_end(args);
	list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = (struct finding){ code, mem_text(path), text };
}

void finding_add_err(struct finding_list *list, enum finding_code code, const char *path,
                     struct err *err)
{
	finding_add(list, code, path, "%s", err->text);
	err_clear(err);
}

static int finding_compare(const void *left, const void *right)
{
	const struct finding *a = left;
	const struct finding *b = right;
	int order;

	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	order = strcmp(a->path, b->path);
	return order ? order : strcmp(a->detail, b->detail);
}

void finding_list_sort(struct finding_list *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), finding_compare);
}

size_t finding_list_count(const struct finding_list *list, enum finding_class class)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += rows[list->items[i].code].class == class;
	return count;
}

void finding_list_done(struct finding_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].path);
		free(list->items[i].detail);
	}
	free(list->items);
	*list = (struct finding_list)FINDING_LIST_INIT;
}
