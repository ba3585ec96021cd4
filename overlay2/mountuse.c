/* mountuse.c - whether a mount uses a data root, by whatever name; private to mountinfo.c. */
#include "overlay2/mountuse.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINK_TARGET_MAX 256

static void root_add_home(struct mountuse_root *root, char *home)
{
	if (!map_set(&root->home_map, home, 0)) {
		free(home);
		return;
	}
	root->homes =
	    mem_grow(root->homes, root->home_count, &root->home_capacity, sizeof(*root->homes));
	root->homes[root->home_count++] = home;
}

static void root_add_part(struct mountuse_root *root, const char *prefix,
                          struct mountspace_place place)
{
	root->parts =
	    mem_grow(root->parts, root->part_count, &root->part_capacity, sizeof(*root->parts));
	root->parts[root->part_count].prefix = mem_text(prefix);
	root->parts[root->part_count++].place = place;
}

void mountuse_root_init(struct mountuse_root *root, const char *root_path, int overlay2_fd,
                        const struct mountspace *own)
{
	struct mountspace_place place = mountspace_locate(own, root_path);

	root->overlay2_fd = overlay2_fd;
	root_add_home(root, mem_print("%s/overlay2", root_path));
	if (place.path)
		root_add_part(root, "", place);
	for (size_t i = 0; i < own->count; i++) {
		const char *below = mountline_below(root_path, own->mounts[i].point);

		/* a part at the top that is a file system of its own */
		if (!below || *below == '\0' || strchr(below, '/'))
			continue;
		place = mountspace_locate(own, own->mounts[i].point);
		root_add_part(root, below, place);
	}
}

void mountuse_root_learn(struct mountuse_root *root, const struct mountspace *space)
{
	for (size_t i = 0; i < space->count; i++) {
		const struct mountline *mount = &space->mounts[i];

		for (size_t k = 0; k < root->part_count; k++) {
			const struct mountuse_part *part = &root->parts[k];
			AUTO(str) char *name = NULL;

			if (strcmp(part->place.device, mount->device) != 0)
				continue;
			name = mountspace_name(mount, part->place.path);
			if (name && *part->prefix == '\0')
				root_add_home(root, mem_print("%s/overlay2", name));
			else if (name && strcmp(part->prefix, "overlay2") == 0)
				root_add_home(root, TAKE(name, NULL));
		}
	}
}

void mountuse_root_done(struct mountuse_root *root)
{
	for (size_t i = 0; i < root->part_count; i++) {
		free(root->parts[i].prefix);
		free(root->parts[i].place.path);
	}
	for (size_t i = 0; i < root->home_count; i++)
		free(root->homes[i]);
	free(root->parts);
	free(root->homes);
	map_done(&root->home_map);
	*root = (struct mountuse_root)MOUNTUSE_ROOT_INIT;
}

static void use_add_dir(struct mountinfo_use *use, const char *name)
{
	for (size_t i = 0; i < use->dir_count; i++) {
		if (strcmp(use->dirs[i], name) == 0)
			return;
	}
	use->dirs = mem_resize(use->dirs, use->dir_count + 1, sizeof(*use->dirs));
	use->dirs[use->dir_count++] = mem_text(name);
}

/* The directory that l/LINK leads to, or NULL. The caller frees. */
static char *root_follow(const struct mountuse_root *root, const char *link)
{
	AUTO(str) char *path = mem_print("l/%.*s", (int)strcspn(link, "/"), link);
	char target[LINK_TARGET_MAX];
	ssize_t len = readlinkat(root->overlay2_fd, path, target, sizeof(target) - 1);

	if (len < 3 || strncmp(target, "../", 3) != 0)
		return NULL;
	target[len] = '\0';
	return mem_copy(target + 3, strcspn(target + 3, "/"));
}

/*
 * The directory that PATH, below overlay2/, lies in or as l/LINK leads to; it must exist in this
 * overlay2/, for other data roots are called /var/lib/docker, too, in their containers. The
 * caller frees; NULL: none.
 */
static char *root_find_dir(const struct mountuse_root *root, const char *path)
{
	const char *link = mountline_below("l", path);
	AUTO(str) char *name = link ? root_follow(root, link) : mem_copy(path, strcspn(path, "/"));

	if (!name || !id_is_dir(name) ||
	    faccessat(root->overlay2_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
	return TAKE(name, NULL);
}

/* What PATH is below overlay2/, if it is; a relative one is, for dockerd makes such ones there when
 * the options get too long. */
static const char *root_below_home(const struct mountuse_root *root, const char *path)
{
	if (path[0] != '/')
		return path;
	for (size_t i = 0; i < root->home_count; i++) {
		const char *below = mountline_below(root->homes[i], path);

		if (below)
			return below;
	}
	return NULL;
}

/* Says whether PATH, an option of an overlay mount, is in this overlay2/; adds its directory. */
static bool use_add_layer(struct mountinfo_use *use, const struct mountuse_root *root,
                          const char *path)
{
	const char *below = root_below_home(root, path);
	AUTO(str) char *dir = NULL;

	if (!below)
		return false;
	if (*below == '\0') /* overlay2/ as a whole */
		return *path != '\0';
	dir = root_find_dir(root, below);
	if (!dir)
		return false;
	use_add_dir(use, dir);
	return true;
}

static bool use_is_overlay(struct mountinfo_use *use, const struct mountuse_root *root,
                           const struct mountline *mount)
{
	static const char *const names[] = { "lowerdir", "lowerdir+", "datadir+", "upperdir",
		                             "workdir" };
	AUTO(str) char *options = mem_text(mount->options);
	char *rest = options;
	bool is_use = false;
	char *value;

	if (root->overlay2_fd < 0 || strcmp(mount->type, "overlay") != 0)
		return false;
	for (;;) {
		const char *name = mountline_next_option(&rest, &value);

		if (!name)
			return is_use;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			while (value && strcmp(name, names[i]) == 0)
				is_use |= use_add_layer(use, root, mountline_next_path(&value));
		}
	}
}

/*
 * What PLACE is below the data root, if it is more than a part at its top and in a part that
 * drydock removes from. The caller frees; NULL: it is not.
 */
static char *root_find_inner(const struct mountuse_root *root, const char *device, const char *path)
{
	for (size_t i = 0; i < root->part_count; i++) {
		const struct mountuse_part *part = &root->parts[i];
		AUTO(str) char *inner = NULL;
		const char *below;

		if (strcmp(part->place.device, device) != 0)
			continue;
		below = mountline_below(part->place.path, path);
		if (!below || *below == '\0')
			continue;
		inner = mem_print("%s%s%s", part->prefix, *part->prefix ? "/" : "", below);
		if (strchr(inner, '/') && !mountline_below("volumes", inner) &&
		    !mountline_below("plugins", inner))
			return TAKE(inner, NULL);
	}
	return NULL;
}

/* Adds the layer directory that INNER, below the data root, is in. */
static void use_add_inner(struct mountinfo_use *use, const char *inner)
{
	const char *below = mountline_below("overlay2", inner);
	AUTO(str) char *name = below ? mem_copy(below, strcspn(below, "/")) : NULL;

	if (name && id_is_dir(name))
		use_add_dir(use, name);
}

bool mountuse_find(struct mountinfo_use *use, const struct mountuse_root *root,
                   const struct mountspace *space, const struct mountline *mount)
{
	struct mountspace_place point = mountspace_locate_point(space, mount);
	AUTO(str) char *path = point.path;
	AUTO(str) char *below = path ? root_find_inner(root, point.device, path) : NULL;
	AUTO(str) char *bound = root_find_inner(root, mount->device, mount->root);
	bool is_overlay = use_is_overlay(use, root, mount);

	if (is_overlay)
		use->use = MOUNT_USE_OVERLAY;
	else
		use->use = below ? MOUNT_USE_BELOW : MOUNT_USE_BIND;
	if (below)
		use_add_inner(use, below);
	if (bound)
		use_add_inner(use, bound);
	return is_overlay || below || bound;
}
