/* walk.c - trees of any shape visited by several threads, every entry once, no mount crossed. */
#include "overlay2/walk.h"

#include "metadata/base/mem.h"
#include "metadata/base/pool.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#define WALK_BUFFER_SIZE ((size_t)64 << 10)
#define WALK_PATH_MAX 512

struct walk {
	const struct walk_plan *plan;
	const struct walk_ops *ops;
	void *context;
	struct treedir_cache cache;
	char *buffers; /* WALK_BUFFER_SIZE for each worker */
	size_t next;   /* tree; under the pool's lock */
};

static bool walk_is_stopped(const struct walk *walk)
{
	return walk->plan->stop && __atomic_load_n(walk->plan->stop, __ATOMIC_RELAXED);
}

static void mark_incomplete(bool *is_incomplete)
{
	__atomic_store_n(is_incomplete, true, __ATOMIC_RELAXED);
}

/* Reports *ERR, which happened at SPOT. */
static void walk_fail_err(const struct walk_spot *spot, struct err *err)
{
	char path[WALK_PATH_MAX];

	mark_incomplete(spot->is_incomplete);
	if (spot->dir)
		treedir_path(path, sizeof(path), spot->dir, spot->name);
	(void)err_wrap(err, "%s", spot->dir ? path : spot->name);
	spot->walk->ops->fail(spot->walk->context, spot->item, err);
}

void walk_fail(const struct walk_spot *spot, const char *text)
{
	struct err err = ERR_INIT;

	(void)err_errno(&err, "%s", text);
	walk_fail_err(spot, &err);
}

struct usage walk_usage(const struct statx *stx)
{
	bool is_sized = S_ISREG(stx->stx_mode) || S_ISLNK(stx->stx_mode);

	return (struct usage){ is_sized ? stx->stx_size : 0, stx->stx_blocks * 512, 1 };
}

void walk_add_usage(struct usage *sum, const struct usage *part)
{
	if (part->inodes == 0)
		return;
	(void)__atomic_add_fetch(&sum->apparent_bytes, part->apparent_bytes, __ATOMIC_RELAXED);
	(void)__atomic_add_fetch(&sum->allocated_bytes, part->allocated_bytes, __ATOMIC_RELAXED);
	(void)__atomic_add_fetch(&sum->inodes, part->inodes, __ATOMIC_RELAXED);
}

/* Where *DIR itself is; below the top without a descriptor. */
static struct walk_spot walk_spot_of(const struct walk *walk, struct treedir *dir)
{
	return (struct walk_spot){ dir->item, dir->parent,         dir->base_fd,
		                   dir->name, &dir->is_incomplete, walk };
}

/* Fills where *DIR itself is and keeps its parent open until walk_unpin_spot(). */
static int walk_pin_spot(struct walk *walk, struct treedir *dir, struct walk_spot *spot,
                         struct err *err)
{
	*spot = walk_spot_of(walk, dir);
	if (!dir->parent)
		return 0;
	spot->fd = treedir_pin(&walk->cache, dir->parent, err);
	return spot->fd < 0 ? -1 : 0;
}

static void walk_unpin_spot(struct walk *walk, const struct walk_spot *spot)
{
	if (spot->dir)
		treedir_unpin(&walk->cache, spot->dir);
}

/* Gives *DIR back: when everything below it is done, it is left, then maybe its parent, ... */
static bool walk_leave(struct walk *walk, struct treedir *dir)
{
	struct err err = ERR_INIT;
	struct walk_spot spot;
	bool is_left = true;

	if (dir->is_incomplete || !dir->is_known || !walk->ops->leave)
		return true;
	if (walk_pin_spot(walk, dir, &spot, &err) < 0) {
		walk_fail_err(&spot, &err);
		return true;
	}
	is_left = walk->ops->leave(walk->context, dir, &spot);
	walk_unpin_spot(walk, &spot);
	return is_left;
}

static void walk_release(struct walk *walk, struct pool_worker *worker, struct treedir *dir)
{
	while (dir && __atomic_sub_fetch(&dir->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		struct treedir *parent = dir->parent;

		treedir_close(&walk->cache, dir);
		if (!walk_leave(walk, dir)) {
			dir->refs = 1;
			dir->offset = 0;
			pool_push(worker, dir);
			return;
		}
		if (parent && dir->is_incomplete)
			mark_incomplete(&parent->is_incomplete);
		if (!parent && walk->ops->end)
			walk->ops->end(walk->context, dir->item, !dir->is_incomplete);
		free(dir);
		dir = parent;
	}
}

/* NAME in *DIR, which is open as FD: a directory becomes a task, anything else is done here. */
static void walk_entry(struct walk *walk, struct pool_worker *worker, const struct walk_spot *spot,
                       unsigned char type, struct usage *sum)
{
	const struct walk_ops *ops = walk->ops;
	struct statx stx;

	if (type != DT_DIR && treedir_stat(spot->fd, spot->name, &stx) < 0) {
		if (errno != ENOENT)
			walk_fail(spot, "stat");
		return;
	}
	if (type == DT_DIR || S_ISDIR(stx.stx_mode)) {
		pool_push(worker, treedir_new(spot->dir, spot->name, spot->item, -1));
	} else if ((stx.stx_mask & STATX_MNT_ID) && stx.stx_mnt_id != spot->dir->mount_id) {
		if (ops->mount)
			ops->mount(walk->context, spot);
	} else {
		ops->entry(walk->context, spot, &stx, sum);
	}
}

/* Visits the LEN bytes of directory entries in BUFFER. */
static void walk_chunk(struct walk *walk, struct pool_worker *worker, struct treedir *dir,
                       const char *buffer, size_t len)
{
	struct walk_spot spot = { dir->item, dir, dir->fd, NULL, &dir->is_incomplete, walk };
	struct usage sum = { 0, 0, 0 };

	for (size_t at = 0; at < len;) {
		const struct dirent64 *entry = (const void *)(buffer + at);

		at += entry->d_reclen;
		spot.name = entry->d_name;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (walk_is_stopped(walk)) {
			mark_incomplete(&dir->is_incomplete);
			break;
		}
		walk_entry(walk, worker, &spot, entry->d_type, &sum);
	}
	walk->ops->add(walk->context, dir->item, &sum);
}

/* The offset of the entry after the last one in BUFFER. */
static off_t chunk_end(const char *buffer, size_t len)
{
	off_t end = 0;

	for (size_t at = 0; at < len;) {
		const struct dirent64 *entry = (const void *)(buffer + at);

		at += entry->d_reclen;
		end = (off_t)entry->d_off;
	}
	return end;
}

/*
 * Reads *DIR, which is open, from where it has been read to. A full buffer means that there is
 * more: then the rest is another task, so that several threads can share a large directory, and
 * a directory of a million directories does not become a million tasks at once.
 */
static void walk_read(struct walk *walk, struct pool_worker *worker, struct treedir *dir)
{
	char *buffer = walk->buffers + pool_worker_number(worker) * WALK_BUFFER_SIZE;
	bool is_full = false;

	while (!is_full) {
		ssize_t len = getdents64(dir->fd, buffer, WALK_BUFFER_SIZE);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0) {
			struct walk_spot spot = walk_spot_of(walk, dir);

			walk_fail(&spot, "read directory");
		}
		if (len <= 0)
			return;
		dir->offset = chunk_end(buffer, (size_t)len);
		is_full = (size_t)len > WALK_BUFFER_SIZE / 2;
		if (is_full) {
			(void)__atomic_add_fetch(&dir->refs, 1, __ATOMIC_RELAXED);
			pool_offer(worker, dir);
		}
		walk_chunk(walk, worker, dir, buffer, (size_t)len);
	}
}

/* *DIR is no directory, or none any more: the entry at its place is done. */
static void walk_other(struct walk *walk, struct treedir *dir, struct err *err)
{
	struct usage sum = { 0, 0, 0 };
	struct walk_spot spot;
	struct statx stx;

	err_clear(err);
	if (walk_pin_spot(walk, dir, &spot, err) < 0) {
		walk_fail_err(&spot, err);
		return;
	}
	if (treedir_stat(spot.fd, spot.name, &stx) < 0) {
		walk_fail(&spot, "stat");
	} else {
		walk->ops->entry(walk->context, &spot, &stx, &sum);
		walk->ops->add(walk->context, spot.item, &sum);
	}
	walk_unpin_spot(walk, &spot);
}

/* *DIR could not be opened. */
static void walk_closed(struct walk *walk, struct treedir *dir, struct err *err)
{
	const struct walk_ops *ops = walk->ops;
	struct walk_spot spot = walk_spot_of(walk, dir);

	if (err_has_code(err, ENOTDIR) || err_has_code(err, ELOOP)) {
		walk_other(walk, dir, err);
	} else if (err_has_code(err, ENOENT)) {
		if (!dir->parent && ops->missing)
			ops->missing(walk->context, dir->item);
	} else if (err_has_code(err, EXDEV)) {
		if (ops->mount)
			ops->mount(walk->context, &spot);
	} else {
		walk_fail_err(&spot, err);
	}
}

/* Says whether the top *DIR, open, is what the walk may go into. */
static bool walk_is_inside(struct walk *walk, struct treedir *dir)
{
	struct walk_spot spot = walk_spot_of(walk, dir);
	uint64_t mount_id;

	if (dir->parent || walk->ops->is_own_mount)
		return true;
	if (treedir_mount_id(dir->base_fd, &mount_id) < 0) {
		walk_fail(&spot, "find out the mount");
		return false;
	}
	if (mount_id == dir->mount_id)
		return true;
	if (walk->ops->mount)
		walk->ops->mount(walk->context, &spot);
	return false;
}

static void walk_dir(struct walk *walk, struct pool_worker *worker, struct treedir *dir)
{
	struct usage sum = { 0, 0, 0 };
	struct err err = ERR_INIT;

	if (treedir_pin(&walk->cache, dir, &err) < 0) {
		walk_closed(walk, dir, &err);
		return;
	}
	if (walk_is_inside(walk, dir)) {
		if (dir->offset == 0 && walk->ops->enter) {
			walk->ops->enter(walk->context, dir, &sum);
			walk->ops->add(walk->context, dir->item, &sum);
		}
		walk_read(walk, worker, dir);
	}
	treedir_unpin(&walk->cache, dir);
}

static void walk_task(struct pool_worker *worker, void *context, void *task)
{
	struct walk *walk = context;
	struct treedir *dir = task;

	if (walk_is_stopped(walk))
		mark_incomplete(&dir->is_incomplete);
	else
		walk_dir(walk, worker, dir);
	walk_release(walk, worker, dir);
}

/* The next tree. */
static void *walk_next(void *context)
{
	struct walk *walk = context;

	while (walk->next < walk->plan->count && !walk_is_stopped(walk)) {
		size_t item = walk->next++;
		const char *path;
		int dirfd;

		if (walk->ops->top(walk->context, item, &dirfd, &path))
			return treedir_new(NULL, path, item, dirfd);
	}
	return NULL;
}

static void walk_tick(void *context)
{
	struct walk *walk = context;

	walk->ops->tick(walk->context);
}

void walk_run(const struct walk_plan *plan)
{
	unsigned jobs = pool_jobs(plan->jobs);
	struct walk walk = { .plan = plan, .ops = plan->ops, .context = plan->context };
	struct pool_plan pool = { .run = walk_task, .next = walk_next, .context = &walk };

	treedir_cache_init(&walk.cache, 0, plan->ops->open);
	while (jobs > 1 &&
	       (size_t)jobs * 4 > walk.cache.limit) /* each keeps a few directories open */
		jobs--;
	pool.jobs = jobs;
	pool.tick = plan->ops->tick ? walk_tick : NULL;
	walk.buffers = mem_zalloc(jobs, WALK_BUFFER_SIZE);
	pool_run(&pool);
	free(walk.buffers);
	treedir_cache_done(&walk.cache);
}
