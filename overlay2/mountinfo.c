/* mountinfo.c - which mounts of which processes use a data root (docker-data-root.md §6). */
#include "overlay2/mountinfo.h"

#include "metadata/base/file.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "overlay2/mountspace.h"
#include "overlay2/mountuse.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PROC_LINK_MAX 4096 /* the root of a process is a path */

/* One mount namespace as one process sees it. */
struct mountinfo_view {
	int pid;
	char *key; /* the namespace and the root directory of the process; owned */
	struct mountspace space;
};

struct mountinfo_scan {
	int proc_fd;
	struct mountinfo_view *views;
	size_t count, capacity;
	struct map keys;
};

static void mountinfo_scan_done(struct mountinfo_scan *scan)
{
	for (size_t i = 0; i < scan->count; i++) {
		free(scan->views[i].key);
		mountspace_done(&scan->views[i].space);
	}
	free(scan->views);
	map_done(&scan->keys);
}

/* The target of the link DIR/NAME, or DIR itself if it may not be read. The caller frees. */
static char *proc_link(int proc_fd, const char *dir, const char *name)
{
	AUTO(str) char *path = mem_print("%s/%s", dir, name);
	char target[PROC_LINK_MAX];
	ssize_t len = readlinkat(proc_fd, path, target, sizeof(target));

	return len < 0 ? mem_text(dir) : mem_copy(target, (size_t)len);
}

/*
 * Reads the mounts that the process or thread DIR sees. A process in a chroot sees only a part of
 * its namespace, so one that sees another part is read, too.
 */
static int mountinfo_add_view(struct mountinfo_scan *scan, int pid, const char *dir,
                              struct err *err)
{
	AUTO(str) char *space = proc_link(scan->proc_fd, dir, "ns/mnt");
	AUTO(str) char *root = proc_link(scan->proc_fd, dir, "root");
	AUTO(str) char *path = mem_print("%s/mountinfo", dir);
	struct mountinfo_view view = { .pid = pid, .space = MOUNTSPACE_INIT };
	AUTO(str) char *key = mem_print("%s %s", space, root);

	if (map_get(&scan->keys, key, NULL))
		return 0;
	switch (mountspace_load(&view.space, scan->proc_fd, path, err)) {
	case MOUNTSPACE_READ:
		break;
	case MOUNTSPACE_GONE:
		return 0;
	case MOUNTSPACE_FAILED:
		mountspace_done(&view.space);
		return -1;
	}
	view.key = TAKE(key, NULL);
	scan->views = mem_grow(scan->views, scan->count, &scan->capacity, sizeof(*scan->views));
	scan->views[scan->count] = view;
	(void)map_set(&scan->keys, view.key, scan->count++);
	return 0;
}

/* Threads may have mount namespaces of their own; runtimes written in Go do that. */
static int mountinfo_add_threads(struct mountinfo_scan *scan, int pid, struct err *err)
{
	AUTO(file_entries) struct file_entries threads = FILE_ENTRIES_INIT;
	AUTO(str) char *tasks = mem_print("%d/task", pid);

	if (file_list(&threads, scan->proc_fd, tasks, err) < 0) {
		if (!err_has_code(err, ENOENT) && !err_has_code(err, ESRCH))
			return -1;
		err_clear(err);
		return 0;
	}
	for (size_t i = 0; i < threads.count; i++) {
		AUTO(str) char *dir = mem_print("%s/%s", tasks, threads.items[i].name);

		if (mountinfo_add_view(scan, pid, dir, err) < 0)
			return -1;
	}
	return 0;
}

static int pid_compare(const void *left, const void *right)
{
	const int *a = left;
	const int *b = right;

	return (*a > *b) - (*a < *b);
}

/* The numbers of all processes, ascending; the caller frees. */
static int *mountinfo_list_pids(int proc_fd, size_t *count, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	int *pids;
	uint64_t pid;

	if (file_list(&entries, proc_fd, ".", err) < 0)
		return NULL;
	pids = mem_zalloc(entries.count, sizeof(*pids));
	*count = 0;
	for (size_t i = 0; i < entries.count; i++) {
		if (text_parse_u64(entries.items[i].name, INT_MAX, &pid))
			pids[(*count)++] = (int)pid;
	}
	if (*count > 0)
		qsort(pids, *count, sizeof(*pids), pid_compare);
	return pids;
}

static int mountinfo_add_all(struct mountinfo_scan *scan, struct err *err)
{
	size_t count = 0;
	int *pids = mountinfo_list_pids(scan->proc_fd, &count, err);
	int result = pids ? 0 : -1;

	for (size_t i = 0; i < count && result == 0; i++) {
		AUTO(str) char *dir = mem_print("%d", pids[i]);

		result = mountinfo_add_view(scan, pids[i], dir, err);
		if (result == 0)
			result = mountinfo_add_threads(scan, pids[i], err);
	}
	free(pids);
	return result;
}

/* The name of the command of a process, "?" when it is gone. The caller frees. */
static char *proc_command(int proc_fd, int pid)
{
	AUTO(str) char *path = mem_print("%d/comm", pid);
	AUTO(close) int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	char name[64];
	ssize_t len = fd < 0 ? -1 : read(fd, name, sizeof(name));

	if (len <= 0)
		return mem_text("?");
	if (name[len - 1] == '\n')
		len--;
	return mem_copy(name, (size_t)len);
}

static void mountinfo_use_done(struct mountinfo_use *use)
{
	for (size_t i = 0; i < use->dir_count; i++)
		free(use->dirs[i]);
	free(use->dirs);
	free(use->command);
	free(use->mount_point);
}

static int name_compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Adds what VIEW has mounted of the data root. */
static void mountinfo_add_uses(struct mountinfo_list *uses, const struct mountinfo_scan *scan,
                               const struct mountinfo_view *view, const struct mountuse_root *root)
{
	for (size_t i = 0; i < view->space.count; i++) {
		const struct mountline *mount = &view->space.mounts[i];
		struct mountinfo_use use = { .pid = view->pid };

		if (!mountuse_find(&use, root, &view->space, mount)) {
			mountinfo_use_done(&use);
			continue;
		}
		if (use.dir_count > 0)
			qsort(use.dirs, use.dir_count, sizeof(*use.dirs), name_compare);
		use.command = proc_command(scan->proc_fd, view->pid);
		use.mount_point = mem_text(mount->point);
		uses->items =
		    mem_grow(uses->items, uses->count, &uses->capacity, sizeof(*uses->items));
		uses->items[uses->count++] = use;
	}
}

static int use_compare(const void *left, const void *right)
{
	const struct mountinfo_use *a = left;
	const struct mountinfo_use *b = right;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return strcmp(a->mount_point, b->mount_point);
}

static int mountinfo_find(struct mountinfo_list *uses, struct mountinfo_scan *scan,
                          struct mountuse_root *root, const char *root_path, int overlay2_fd,
                          struct err *err)
{
	AUTO(mountspace) struct mountspace own = MOUNTSPACE_INIT;

	switch (mountspace_load(&own, scan->proc_fd, "self/mountinfo", err)) {
	case MOUNTSPACE_READ:
		break;
	case MOUNTSPACE_GONE:
		return err_set(err, ERR_SYSTEM, "self/mountinfo: cannot be read");
	case MOUNTSPACE_FAILED:
		return -1;
	}
	mountuse_root_init(root, root_path, overlay2_fd, &own);
	if (mountinfo_add_all(scan, err) < 0)
		return -1;
	for (size_t i = 0; i < scan->count; i++)
		mountuse_root_learn(root, &scan->views[i].space);
	for (size_t i = 0; i < scan->count; i++)
		mountinfo_add_uses(uses, scan, &scan->views[i], root);
	if (uses->count > 0)
		qsort(uses->items, uses->count, sizeof(*uses->items), use_compare);
	return 0;
}

int mountinfo_load(struct mountinfo_list *uses, const char *proc, const char *root_path,
                   int overlay2_fd, struct err *err)
{
	AUTO(close) int proc_fd = open(proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mountinfo_scan scan = { .proc_fd = proc_fd, .keys = MAP_INIT };
	struct mountuse_root root = MOUNTUSE_ROOT_INIT;
	int result;

	if (proc_fd < 0)
		return err_errno(err, "%s: open", proc);
	result = mountinfo_find(uses, &scan, &root, root_path, overlay2_fd, err);
	mountinfo_scan_done(&scan);
	mountuse_root_done(&root);
	return result < 0 ? err_wrap(err, "%s", proc) : 0;
}

void mountinfo_list_done(struct mountinfo_list *uses)
{
	for (size_t i = 0; i < uses->count; i++)
		mountinfo_use_done(&uses->items[i]);
	free(uses->items);
	*uses = (struct mountinfo_list)MOUNTINFO_LIST_INIT;
}
