/* mountspace.c - the mounts of one mount namespace, and where its paths really are. */
#include "overlay2/mountspace.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define MOUNTINFO_MAX ((size_t)64 << 20) /* some 300,000 mounts; the kernel allows 100,000 */

/* Reads to the end of FD; files of proc do not tell their length. */
static int mountspace_read(struct text *text, int fd, const char *path, struct err *err)
{
	char buffer[16384];
	ssize_t got;

	do {
		got = read(fd, buffer, sizeof(buffer));
		if (got > 0)
			text_add(text, buffer, (size_t)got);
		if (text->len > MOUNTINFO_MAX)
			return err_set(err, ERR_CORRUPT, "%s: has more than %zu bytes", path,
			               MOUNTINFO_MAX);
	} while (got > 0 || (got < 0 && errno == EINTR));
	return got < 0 ? err_errno(err, "%s: read", path) : 0;
}

static enum mountspace_outcome mountspace_parse(struct mountspace *space, const char *path,
                                                struct err *err)
{
	char *rest = space->bytes;

	for (size_t number = 1; *rest != '\0'; number++) {
		char *line = rest;

		rest = line + strcspn(line, "\n");
		if (*rest != '\0')
			*rest++ = '\0';
		space->mounts =
		    mem_grow(space->mounts, space->count, &space->capacity, sizeof(*space->mounts));
		if (!mountline_parse(&space->mounts[space->count], line)) {
			(void)err_set(err, ERR_CORRUPT, "%s: line %zu: is no mount", path, number);
			return MOUNTSPACE_FAILED;
		}
		space->count++;
	}
	for (size_t i = 0; i < space->count; i++)
		(void)map_set(&space->by_id, space->mounts[i].id, i);
	return MOUNTSPACE_READ;
}

/* A process that ends: its mountinfo cannot be opened, or has no mounts (EINVAL) any more. */
static bool mountspace_is_gone(const struct err *err)
{
	return err_has_code(err, ENOENT) || err_has_code(err, ESRCH) || err_has_code(err, EINVAL);
}

enum mountspace_outcome mountspace_load(struct mountspace *space, int proc_fd, const char *path,
                                        struct err *err)
{
	AUTO(close) int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	AUTO(text) struct text text = TEXT_INIT;

	if (fd < 0)
		(void)err_errno(err, "%s: open", path);
	if (fd < 0 || mountspace_read(&text, fd, path, err) < 0) {
		if (!mountspace_is_gone(err))
			return MOUNTSPACE_FAILED;
		err_clear(err);
		return MOUNTSPACE_GONE;
	}
	space->bytes = text_take(&text);
	return mountspace_parse(space, path, err);
}

/* DIR and what is BELOW it, as one path. The caller frees. */
static char *mountspace_join(const char *dir, const char *below)
{
	if (*below == '\0')
		return mem_text(dir);
	return mem_print("%s/%s", strcmp(dir, "/") == 0 ? "" : dir, below);
}

/* Where PATH is when it is reached through MOUNT. */
static struct mountspace_place mountspace_place(const struct mountline *mount, const char *path)
{
	const char *below = mountline_below(mount->point, path);

	if (!below)
		return (struct mountspace_place){ NULL, NULL };
	return (struct mountspace_place){ mount->device, mountspace_join(mount->root, below) };
}

struct mountspace_place mountspace_locate(const struct mountspace *space, const char *path)
{
	const struct mountline *best = NULL;

	for (size_t i = 0; i < space->count; i++) {
		const struct mountline *mount = &space->mounts[i];

		/* of several on one point the last is on top */
		if (mountline_below(mount->point, path) &&
		    (!best || strlen(mount->point) >= strlen(best->point)))
			best = mount;
	}
	return best ? mountspace_place(best, path) : (struct mountspace_place){ NULL, NULL };
}

struct mountspace_place mountspace_locate_point(const struct mountspace *space,
                                                const struct mountline *mount)
{
	size_t parent;

	if (!map_get(&space->by_id, mount->parent, &parent) || &space->mounts[parent] == mount)
		return (struct mountspace_place){ NULL, NULL };
	return mountspace_place(&space->mounts[parent], mount->point);
}

char *mountspace_name(const struct mountline *mount, const char *path)
{
	const char *below = mountline_below(mount->root, path);

	return below ? mountspace_join(mount->point, below) : NULL;
}

void mountspace_done(struct mountspace *space)
{
	free(space->bytes);
	free(space->mounts);
	map_done(&space->by_id);
	*space = (struct mountspace)MOUNTSPACE_INIT;
}
