/* mountinfo.c - which mounts of which processes use a data root (docker-data-root.md §6). */
#include "overlay2/mountinfo.h"

#include "metadata/base/file.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "overlay2/mountline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOUNTINFO_MAX ((size_t)64 << 20)
#define MOUNTINFO_LINK_MAX 256
#define MOUNTINFO_DEVICE_MAX 32

/* What is looked for, and what has been found. */
struct mountinfo_scan {
	struct mountinfo_list *uses;
	const char *root_path;
	int overlay2_fd;
	char device[MOUNTINFO_DEVICE_MAX]; /* of its file system, "major:minor" */
	char *place;                       /* where the data root is in that file system; owned */
};

/* The mounts of one namespace. */
struct mountinfo_space {
	char *bytes;
	struct mountline *mounts;
	size_t count, capacity;
	struct map by_id;
};

static void mountinfo_space_cleanup(struct mountinfo_space *space)
{
	free(space->bytes);
	free(space->mounts);
	map_done(&space->by_id);
}

/* The text of a file of unknown length (proc tells none). NULL with errno set. */
static char *mountinfo_read(int fd)
{
	char *bytes = NULL;
	size_t len = 0;
	size_t capacity = 0;
	ssize_t got;

	do {
		if (len + 1 >= capacity) {
			capacity = capacity ? capacity * 2 : 16384;
			bytes = mem_resize(bytes, capacity, 1);
		}
		got = read(fd, bytes + len, capacity - len - 1);
		if (got > 0)
			len += (size_t)got;
	} while ((got > 0 && len < MOUNTINFO_MAX) || (got < 0 && errno == EINTR));
	if (got < 0) {
		free(bytes);
		return NULL;
	}
	bytes[len] = '\0';
	return bytes;
}

/* Reads DIR/mountinfo. Returns 1, 0 when the process is gone, or -1. */
static int mountinfo_space_load(struct mountinfo_space *space, int proc_fd, const char *dir,
                                struct err *err)
{
	AUTO(str) char *path = mem_print("%s/mountinfo", dir);
	AUTO(close) int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	char *rest;

	/* EINVAL: a process that is ending has no mounts any more */
	if (fd < 0 && (errno == ENOENT || errno == ESRCH || errno == EINVAL || errno == EACCES || errno == EINVAL))
		return 0;
	if (fd < 0)
		return err_errno(err, "%s: open", path);
	space->bytes = mountinfo_read(fd);
	if (!space->bytes)
		return errno == EINVAL || errno == ESRCH ? 0 : err_errno(err, "%s: read", path);
	rest = space->bytes;
	for (size_t number = 1; *rest != '\0'; number++) {
		char *line = rest;
		struct mountline mount;

		rest = line + strcspn(line, "\n");
		if (*rest != '\0')
			*rest++ = '\0';
		if (!mountline_parse(&mount, line))
			return err_set(err, ERR_CORRUPT, "%s: line %zu: is no mount", path, number);
		space->mounts =
		    mem_grow(space->mounts, space->count, &space->capacity, sizeof(*space->mounts));
		space->mounts[space->count] = mount;
		(void)map_set(&space->by_id, mount.id, space->count++);
	}
	return 1;
}

/* Where PATH is in the file system of MOUNT, which it is reached through. The caller frees. */
static char *mountinfo_place(const struct mountline *mount, const char *path)
{
	const char *below = mountline_below(mount->point, path);
	bool is_top = strcmp(mount->root, "/") == 0;

	if (!below || *below == '\0')
		return mem_text(below ? mount->root : "");
	return mem_print("%s/%s", is_top ? "" : mount->root, below);
}

/* Finds which file system holds the data root, and where in it, by the mounts of this process. */
static int mountinfo_locate(struct mountinfo_scan *scan, int proc_fd, struct err *err)
{
	__attribute__((
	    cleanup(mountinfo_space_cleanup))) struct mountinfo_space space = { .by_id = MAP_INIT };
	const struct mountline *best = NULL;

	if (mountinfo_space_load(&space, proc_fd, "self", err) < 0)
		return -1;
	for (size_t i = 0; i < space.count; i++) {
		const struct mountline *mount = &space.mounts[i];

		/* of several on one point the last is on top */
		if (mountline_below(mount->point, scan->root_path) &&
		    (!best || strlen(mount->point) >= strlen(best->point)))
			best = mount;
	}
	if (!best)
		return err_set(err, ERR_CORRUPT, "self/mountinfo: no mount holds %s",
		               scan->root_path);
	(void)snprintf(scan->device, sizeof(scan->device), "%s", best->device);
	scan->place = mountinfo_place(best, scan->root_path);
	return 0;
}

/* Adds the directory of overlay2 that PATH (below overlay2/) lies in or, as l/LINK, leads to. */
static void mountinfo_add_dir(struct mountinfo_use *use, const struct mountinfo_scan *scan,
                              const char *path)
{
	char target[MOUNTINFO_LINK_MAX];
	char *name = target;
	ssize_t len;

	if (strncmp(path, "l/", 2) == 0) {
		AUTO(str) char *link = mem_copy(path, strcspn(path + 2, "/") + 2);

		len = scan->overlay2_fd < 0
		          ? -1
		          : readlinkat(scan->overlay2_fd, link, target, sizeof(target) - 1);
		if (len < 3 || strncmp(target, "../", 3) != 0)
			return;
		target[len] = '\0';
		name = target + 3;
	} else {
		(void)snprintf(target, sizeof(target), "%s", path);
	}
	name[strcspn(name, "/")] = '\0';
	if (!id_is_dir(name))
		return;
	for (size_t i = 0; i < use->dir_count; i++) {
		if (strcmp(use->dirs[i], name) == 0)
			return;
	}
	use->dirs = mem_resize(use->dirs, use->dir_count + 1, sizeof(*use->dirs));
	use->dirs[use->dir_count++] = mem_text(name);
}

/*
 * Says whether PATH, an option of an overlay mount, is in this overlay2/; adds its directory. A
 * relative one ("l/LINK", "<id>/diff": dockerd makes them when the options get too long) is
 * when such an entry exists.
 */
static bool mountinfo_is_layer(struct mountinfo_use *use, const struct mountinfo_scan *scan,
                               const char *path)
{
	const char *below = path;

	if (path[0] == '/') {
		below = mountline_below(scan->root_path, path);
		below = below ? mountline_below("overlay2", below) : NULL;
	} else if (scan->overlay2_fd < 0 ||
	           faccessat(scan->overlay2_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		below = NULL;
	}
	if (!below)
		return false;
	mountinfo_add_dir(use, scan, below);
	return true;
}

static bool mountinfo_is_overlay_use(struct mountinfo_use *use, const struct mountinfo_scan *scan,
                                     const struct mountline *mount)
{
	static const char *const keys[] = { "lowerdir=", "lowerdir+=", "datadir+=", "upperdir=",
		                            "workdir=" };
	AUTO(str) char *options = mem_text(mount->options);
	char *rest = NULL;
	bool is_use = false;

	for (char *option = strtok_r(options, ",", &rest); option;
	     option = strtok_r(NULL, ",", &rest)) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			char *list = option + strlen(keys[i]);

			if (strncmp(option, keys[i], strlen(keys[i])) != 0)
				continue;
			while (list) {
				const char *path = mountline_next_path(&list);

				is_use |= mountinfo_is_layer(use, scan, path);
			}
		}
	}
	return is_use;
}

/*
 * Says whether PLACE, below the data root, is more than a part at its top, and in a
 * part that drydock removes from.
 */
static bool mountinfo_is_inner(const char *below)
{
	return below && strchr(below, '/') && !mountline_below("volumes", below) &&
	       !mountline_below("plugins", below);
}

/* Says how MOUNT uses the data root, if it does. */
static bool mountinfo_is_use(struct mountinfo_use *use, const struct mountinfo_scan *scan,
                             const struct mountinfo_space *space, const struct mountline *mount)
{
	AUTO(str) char *place = NULL;
	const char *below;
	size_t parent;

	if (strcmp(mount->type, "overlay") == 0 && mountinfo_is_overlay_use(use, scan, mount)) {
		use->use = MOUNT_USE_OVERLAY;
		return true;
	}
	if (map_get(&space->by_id, mount->parent, &parent) &&
	    strcmp(space->mounts[parent].device, scan->device) == 0) {
		place = mountinfo_place(&space->mounts[parent], mount->point);
		below = mountline_below(scan->place, place);
		use->use = MOUNT_USE_BELOW;
	} else {
		below = NULL;
	}
	if (!mountinfo_is_inner(below)) {
		below = strcmp(mount->device, scan->device) == 0
		            ? mountline_below(scan->place, mount->root)
		            : NULL;
		use->use = MOUNT_USE_BIND;
	}
	if (!mountinfo_is_inner(below))
		return false;
	if (mountline_below("overlay2", below))
		mountinfo_add_dir(use, scan, mountline_below("overlay2", below));
	return true;
}

/* The name of the command of a process, as far as it can be read. The caller frees. */
static char *mountinfo_command(int proc_fd, const char *pid)
{
	AUTO(str) char *path = mem_print("%s/comm", pid);
	AUTO(close) int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	char *text = fd < 0 ? NULL : mountinfo_read(fd);

	if (!text)
		return mem_text("?");
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void mountinfo_use_done(struct mountinfo_use *use)
{
	for (size_t i = 0; i < use->dir_count; i++)
		free(use->dirs[i]);
	free(use->dirs);
	free(use->command);
	free(use->mount_point);
}

static int mountinfo_scan_process(struct mountinfo_scan *scan, int proc_fd, const char *pid,
                                  struct err *err)
{
	__attribute__((
	    cleanup(mountinfo_space_cleanup))) struct mountinfo_space space = { .by_id = MAP_INIT };
	int loaded = mountinfo_space_load(&space, proc_fd, pid, err);

	for (size_t i = 0; loaded > 0 && i < space.count; i++) {
		struct mountinfo_use use = { .pid = (int)strtol(pid, NULL, 10) };

		if (!mountinfo_is_use(&use, scan, &space, &space.mounts[i])) {
			mountinfo_use_done(&use);
			continue;
		}
		use.command = mountinfo_command(proc_fd, pid);
		use.mount_point = mem_text(space.mounts[i].point);
		scan->uses->items = mem_grow(scan->uses->items, scan->uses->count,
		                             &scan->uses->capacity, sizeof(*scan->uses->items));
		scan->uses->items[scan->uses->count++] = use;
	}
	return loaded < 0 ? -1 : 0;
}

/* Scans each mount namespace once, by the first process that is in it. */
static int mountinfo_scan_all(struct mountinfo_scan *scan, int proc_fd, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	AUTO(map) struct map seen = MAP_INIT;
	char **names;
	size_t count = 0;
	int result = 0;

	if (file_list(&entries, proc_fd, ".", err) < 0)
		return -1;
	names = mem_zalloc(entries.count, sizeof(*names));
	for (size_t i = 0; i < entries.count && result == 0; i++) {
		const char *pid = entries.items[i].name;
		AUTO(str) char *path = mem_print("%s/ns/mnt", pid);
		char target[MOUNTINFO_LINK_MAX];
		ssize_t len;

		if (pid[strspn(pid, "0123456789")] != '\0')
			continue;
		len = readlinkat(proc_fd, path, target, sizeof(target) - 1);
		if (len < 0) /* gone, or not ours to see: look into it all the same */
			len = snprintf(target, sizeof(target), "pid %s", pid);
		names[count] = mem_copy(target, (size_t)len);
		if (map_set(&seen, names[count++], 0))
			result = mountinfo_scan_process(scan, proc_fd, pid, err);
	}
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return result;
}

static int mountinfo_compare(const void *left, const void *right)
{
	const struct mountinfo_use *a = left;
	const struct mountinfo_use *b = right;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return strcmp(a->mount_point, b->mount_point);
}

int mountinfo_load(struct mountinfo_list *uses, const char *proc, const char *root_path,
                   int overlay2_fd, struct err *err)
{
	struct mountinfo_scan scan = { uses, root_path, overlay2_fd, "", NULL };
	AUTO(close) int proc_fd = open(proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = -1;

	if (proc_fd < 0)
		return err_errno(err, "%s: open", proc);
	if (mountinfo_locate(&scan, proc_fd, err) == 0)
		result = mountinfo_scan_all(&scan, proc_fd, err);
	if (uses->count > 0)
		qsort(uses->items, uses->count, sizeof(*uses->items), mountinfo_compare);
	free(scan.place);
	return result < 0 ? err_wrap(err, "%s", proc) : 0;
}

void mountinfo_list_done(struct mountinfo_list *uses)
{
	for (size_t i = 0; i < uses->count; i++)
		mountinfo_use_done(&uses->items[i]);
	free(uses->items);
	*uses = (struct mountinfo_list)MOUNTINFO_LIST_INIT;
}
