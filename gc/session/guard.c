/* guard.c - nobody else uses the data root: dockerd's own locks, its pid file, mounts, and ours. */
#include "gc/session/guard.h"

#include "gc/session/daemon.h"
#include "gc/session/holder.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

/* Which dockerd holds which: docker-data-root.md §6.1, bolt-buildkit.md §1.7. */
static const char *const guard_files[] = {
	"volumes/metadata.db",
	"buildkit/snapshots.db",
	"buildkit/cache.db",
	"buildkit/metadata_v2.db",
	"buildkit/containerdmeta.db",
	"buildkit/history.db",       /* 24.0 and later */
	"buildkit/history_c8d.db",   /* 27.0 and later */
	"buildkit/metadata.db",      /* 19.03 and earlier */
	"network/files/local-kv.db", /* held from 26.0 on */
	"swarm/worker/tasks.db",
	"containerd/daemon/io.containerd.metadata.v1.bolt/meta.db", /* dockerd's own containerd */
};

#define GUARD_FILE_COUNT (sizeof(guard_files) / sizeof(guard_files[0]))

struct guard {
	int fds[GUARD_FILE_COUNT]; /* locked; -1: none */
	int own_fd;                /* of the root, locked; -1: not taken */
};

static struct guard *guard_new(void)
{
	struct guard *guard = mem_zalloc(1, sizeof(*guard));

	for (size_t i = 0; i < GUARD_FILE_COUNT; i++)
		guard->fds[i] = -1;
	guard->own_fd = -1;
	return guard;
}

void guard_release(struct guard *guard)
{
	if (!guard)
		return;
	for (size_t i = 0; i < GUARD_FILE_COUNT; i++)
		own_close_fd(guard->fds[i]);
	own_close_fd(guard->own_fd);
	free(guard);
}

/* Opens a database for locking; *FD becomes -1 if there is none. */
static int guard_open(int root_fd, const char *path, int *fd, struct err *err)
{
	struct err local = ERR_INIT;

	*fd = file_open(root_fd, path, 0, &local);
	if (*fd >= 0 || err_has_code(&local, ENOENT) || err_has_code(&local, ENOTDIR))
		return 0;
	if (err)
		*err = local;
	return -1;
}

/* Locks FD; *IS_HELD: somebody else has it. */
static int guard_lock(int fd, const char *path, int operation, bool *is_held, struct err *err)
{
	*is_held = flock(fd, operation | LOCK_NB) < 0;
	if (*is_held && errno != EWOULDBLOCK)
		return err_errno(err, "%s: lock (so nobody can tell whether a daemon uses it)",
		                 path);
	return 0;
}

static int guard_busy(const char *root_path, const char *path, int fd, struct err *err)
{
	struct holder holder;

	if (!holder_find(&holder, fd, "/proc"))
		return err_set(err, ERR_BUSY, "%s is in use: another process has locked %s",
		               root_path, path);
	return err_set(err, ERR_BUSY, "%s is in use by %s (pid %d), which has locked %s", root_path,
	               holder.command, holder.pid, path);
}

/* Takes the locks of dockerd's databases and keeps them. */
static int guard_hold(struct guard *guard, int root_fd, const char *root_path, struct err *err)
{
	for (size_t i = 0; i < GUARD_FILE_COUNT; i++) {
		bool is_held;

		if (guard_open(root_fd, guard_files[i], &guard->fds[i], err) < 0)
			return -1;
		if (guard->fds[i] < 0)
			continue;
		if (guard_lock(guard->fds[i], guard_files[i], LOCK_EX, &is_held, err) < 0)
			return -1;
		if (is_held)
			return guard_busy(root_path, guard_files[i], guard->fds[i], err);
	}
	return 0;
}

/* Says whether somebody has one of the locks; a shared one is taken for a moment only. */
static int guard_look(int root_fd, bool *is_alive, struct err *err)
{
	for (size_t i = 0; i < GUARD_FILE_COUNT && !*is_alive; i++) {
		AUTO(close) int fd = -1;

		if (guard_open(root_fd, guard_files[i], &fd, err) < 0)
			return -1;
		if (fd >= 0 && guard_lock(fd, guard_files[i], LOCK_SH, is_alive, err) < 0)
			return -1;
	}
	return 0;
}

/* Takes drydock's own lock: the root directory, so that it needs no room and leaves nothing. */
static int guard_own(struct guard *guard, int root_fd, const char *root_path, struct err *err)
{
	struct holder holder;
	bool is_held;

	guard->own_fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (guard->own_fd < 0)
		return err_errno(err, "%s: open", root_path);
	if (guard_lock(guard->own_fd, root_path, LOCK_EX, &is_held, err) < 0)
		return -1;
	if (!is_held)
		return 0;
	if (!holder_find(&holder, guard->own_fd, "/proc"))
		return err_set(err, ERR_BUSY, "another drydock is at work on %s", root_path);
	return err_set(err, ERR_BUSY, "another drydock (pid %d) is at work on %s", holder.pid,
	               root_path);
}

int guard_acquire(struct guard **guard, int root_fd, const char *root_path, enum guard_mode mode,
                  bool *is_alive, struct err *err)
{
	AUTO(guard) struct guard *taken = guard_new();
	struct holder daemon;
	bool is_held = false;

	if (mode == GUARD_WRITE && guard_own(taken, root_fd, root_path, err) < 0)
		return -1;
	if (mode == GUARD_LOOK ? guard_look(root_fd, &is_held, err) < 0
	                       : guard_hold(taken, root_fd, root_path, err) < 0)
		return -1;
	if (!is_held && daemon_find(&daemon, &daemon_paths_default, root_fd, root_path)) {
		if (mode != GUARD_LOOK)
			return err_set(err, ERR_BUSY,
			               "%s is in use by dockerd (pid %d), says its pid file",
			               root_path, daemon.pid);
		is_held = true;
	}
	if (is_alive)
		*is_alive = is_held;
	*guard = TAKE(taken, NULL);
	return 0;
}

int guard_check_mounts(const struct mountinfo_list *uses, struct err *err)
{
	const struct mountinfo_use *first = uses->items;

	if (uses->count == 0)
		return 0;
	if (uses->count == 1)
		return err_set(err, ERR_BUSY, "%s (pid %d) has %s mounted", first->command,
		               first->pid, first->mount_point);
	return err_set(err, ERR_BUSY, "%s (pid %d) has %s mounted, and %zu more mounts are in use",
	               first->command, first->pid, first->mount_point, uses->count - 1);
}
