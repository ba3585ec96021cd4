/* needs.c - what an object must find in the data root when it comes back to it. */
#include "gc/run/needs.h"

#include "gc/run/target.h"
#include "metadata/base/file.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct needs {
	struct trash *trash;
	int root_fd;
	const struct run *run;
	const struct run_step *step;
};

/* The first word of the file NAME (NULL: the object itself) in the object; NULL if there is none.
 * Owned. */
static char *needs_read(const struct needs *needs, const char *name)
{
	AUTO(str)
	char *path =
	    name ? mem_print("%s/%s", needs->step->place, name) : mem_text(needs->step->place);
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	struct err ignored = ERR_INIT;

	if (file_read(needs->root_fd, path, FILE_LINE_MAX, &bytes.data, &bytes.len, &ignored) < 0)
		return NULL;
	bytes.data[strcspn(bytes.data, " \t\r\n")] = '\0';
	return TAKE(bytes.data, NULL);
}

/* The words when nothing of KIND called NAME is in the data root. */
static char *needs_object(const struct needs *needs, enum action_kind kind, const char *name)
{
	AUTO(str) char *path = target_path(kind, name);
	struct err ignored = ERR_INIT;
	bool exists = false;

	if (!target_name(kind, path))
		return NULL; /* dockerd does not find it either */
	if (trash_has_source(needs->trash, path, &exists, &ignored) == 0 && exists)
		return NULL;
	return mem_print("needs %s %s, which is not there", action_kind_name(kind), name);
}

/* The same for a layer by its "sha256:<chain ID>". */
static char *needs_layer(const struct needs *needs, const char *digest)
{
	const char *hex = digest ? id_digest_hex(digest) : NULL;

	return hex ? needs_object(needs, ACTION_LAYER, hex) : NULL;
}

/* The same for the directory that the file NAME in the object names. */
static char *needs_dir(const struct needs *needs, const char *name)
{
	AUTO(str) char *dir = needs_read(needs, name);

	return dir && id_is_dir(dir) ? needs_object(needs, ACTION_DIR, dir) : NULL;
}

static char *needs_of_layer(const struct needs *needs)
{
	AUTO(str) char *parent = needs_read(needs, "parent");
	char *missing = needs_layer(needs, parent);

	return missing ? missing : needs_dir(needs, "cache-id");
}

static char *needs_of_mount(const struct needs *needs)
{
	AUTO(str) char *parent = needs_read(needs, "parent");
	char *missing = needs_layer(needs, parent);

	if (!missing)
		missing = needs_dir(needs, "init-id");
	return missing ? missing : needs_dir(needs, "mount-id");
}

/* A container without a mount had none before, unless that is a step of the same run. */
static char *needs_of_container(const struct needs *needs)
{
	const char *id = target_name(ACTION_CONTAINER, needs->step->path);

	for (size_t i = 0; i < needs->run->step_count; i++) {
		const struct run_step *step = &needs->run->steps[i];

		if (step->kind == ACTION_MOUNT &&
		    strcmp(target_name(ACTION_MOUNT, step->path), id) == 0)
			return needs_object(needs, ACTION_MOUNT, id);
	}
	return NULL;
}

static char *needs_of_image(const struct needs *needs)
{
	struct image image = { .id = mem_text(target_name(ACTION_IMAGE, needs->step->path)) };
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	struct err ignored = ERR_INIT;
	char *missing = NULL;

	if (file_read(needs->root_fd, needs->step->place, FILE_RECORD_MAX, &bytes.data, &bytes.len,
	              &ignored) == 0 &&
	    image_parse(&image, bytes.data, bytes.len, &ignored) == 0 && image.chain_id)
		missing = needs_object(needs, ACTION_LAYER, image.chain_id);
	image_done(&image);
	return missing;
}

static char *needs_of_metadata(const struct needs *needs)
{
	return needs_object(needs, ACTION_IMAGE,
	                    target_name(ACTION_IMAGE_METADATA, needs->step->path));
}

/* ../<directory>/diff */
static char *needs_of_link(const struct needs *needs)
{
	char target[256];
	ssize_t len = readlinkat(needs->root_fd, needs->step->place, target, sizeof(target) - 1);

	if (len < 0 || strncmp(target, "../", 3) != 0)
		return NULL;
	target[len] = '\0';
	target[3 + strcspn(target + 3, "/")] = '\0';
	return id_is_dir(target + 3) ? needs_object(needs, ACTION_DIR, target + 3) : NULL;
}

static char *needs_of_tag(const struct needs *needs)
{
	const char *hex = id_digest_hex(needs->step->detail);

	return hex ? needs_object(needs, ACTION_IMAGE, hex) : NULL;
}

char *needs_missing(struct trash *trash, int root_fd, const struct run *run,
                    const struct run_step *step)
{
	static char *(*const rows[ACTION_KIND_COUNT])(const struct needs *needs) = {
		[ACTION_UNTAG] = needs_of_tag,
		[ACTION_CONTAINER] = needs_of_container,
		[ACTION_IMAGE_METADATA] = needs_of_metadata,
		[ACTION_IMAGE] = needs_of_image,
		[ACTION_MOUNT] = needs_of_mount,
		[ACTION_LAYER] = needs_of_layer,
		[ACTION_LINK] = needs_of_link,
	};
	const struct needs needs = { trash, root_fd, run, step };

	return rows[step->kind] && step->reason == REASON_PRUNED ? rows[step->kind](&needs) : NULL;
}
