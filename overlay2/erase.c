/* erase.c - removing detached trees for good, in parallel, with exact accounting. */
#include "overlay2/erase.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/pool.h"
#include "overlay2/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>

#define ERASE_LOCKS ((size_t)64) /* power of two */
/* How often a directory that others fill meanwhile is emptied again. */
#define ERASE_ROUNDS 100
#define ERASE_JOBS_MIN 8u

struct erasure {
	struct erase_item *items;
	struct usage freed; /* atomic: of all items */
	size_t done_count;  /* atomic */
	erase_progress *progress;
	void *context;
	pthread_mutex_t lock; /* for the errors of items */
	/* An inode with several names is looked at and unlinked under one of these, so that
	 * exactly one thread sees its last link go. */
	pthread_mutex_t inode_locks[ERASE_LOCKS];
};

/* A directory that its owner may not enter is made so. */
static int erase_open_forced(int dirfd, const char *name)
{
	AUTO(close) int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO(str) char *path = NULL;

	if (fd < 0)
		return -1;
	path = mem_print("/proc/self/fd/%d", fd); /* there is no chmod for O_PATH */
	if (chmod(path, S_IRWXU) < 0) {
		errno = EACCES;
		return -1;
	}
	return treedir_open(fd, ".");
}

static int erase_open(int dirfd, const char *name)
{
	int fd = treedir_open(dirfd, name);

	return fd < 0 && errno == EACCES ? erase_open_forced(dirfd, name) : fd;
}

/* unlinkat(), after making the directory writable if that is what it lacks. */
static int erase_unlink(const struct walk_spot *spot, int flags)
{
	struct stat st;

	if (unlinkat(spot->fd, spot->name, flags) == 0)
		return 0;
	if (errno != EACCES || !spot->dir)
		return -1;
	if (fstat(spot->fd, &st) < 0 || (st.st_mode & S_IRWXU) == S_IRWXU ||
	    fchmod(spot->fd, (st.st_mode & ALLPERMS) | S_IRWXU) < 0) {
		errno = EACCES;
		return -1;
	}
	return unlinkat(spot->fd, spot->name, flags);
}

/* An inode with more than one name: it is freed if it turns out to have no other any more. */
static int erase_linked(struct erasure *run, const struct walk_spot *spot, struct statx *stx)
{
	pthread_mutex_t *lock = &run->inode_locks[stx->stx_ino % ERASE_LOCKS];
	int result;

	(void)pthread_mutex_lock(lock);
	result = treedir_stat(spot->fd, spot->name, stx);
	if (result == 0)
		result = erase_unlink(spot, 0);
	(void)pthread_mutex_unlock(lock);
	return result;
}

static bool erase_top(void *context, size_t item, int *dirfd, const char **path)
{
	struct erase_item *tree = &((struct erasure *)context)->items[item];

	*dirfd = tree->dirfd;
	*path = tree->name;
	if (id_is_name(tree->name))
		return true;
	(void)err_set(&tree->err, ERR_STATE, "%s: is no name of an entry", tree->name);
	return false;
}

static void erase_entry(void *context, const struct walk_spot *spot, const struct statx *stx,
                        struct usage *sum)
{
	struct erasure *run = context;
	struct statx last = *stx;
	struct usage usage;

	if ((stx->stx_nlink > 1 ? erase_linked(run, spot, &last) : erase_unlink(spot, 0)) < 0) {
		if (errno != ENOENT)
			walk_fail(spot, "unlink");
		return;
	}
	usage = walk_usage(&last);
	if (last.stx_nlink <= 1)
		usage_add(sum, &usage);
}

static void erase_add(void *context, size_t item, const struct usage *sum)
{
	struct erasure *run = context;

	walk_add_usage(&run->items[item].freed, sum);
	walk_add_usage(&run->freed, sum);
}

static bool erase_leave(void *context, struct treedir *dir, const struct walk_spot *spot)
{
	const struct usage usage = { 0, dir->allocated_bytes, 1 };

	if (erase_unlink(spot, AT_REMOVEDIR) == 0) {
		erase_add(context, dir->item, &usage);
		return true;
	}
	if ((errno == ENOTEMPTY || errno == EEXIST) && dir->rounds++ < ERASE_ROUNDS)
		return false;
	if (errno != ENOENT)
		walk_fail(spot, "remove directory");
	return true;
}

static void erase_mount(void *context, const struct walk_spot *spot)
{
	(void)context;
	errno = EBUSY;
	walk_fail(spot, "is a mount point");
}

static void erase_fail(void *context, size_t item, const struct err *err)
{
	struct erasure *run = context;

	(void)pthread_mutex_lock(&run->lock);
	if (!err_is_set(&run->items[item].err))
		run->items[item].err = *err;
	(void)pthread_mutex_unlock(&run->lock);
}

static void erase_end(void *context, size_t item, bool is_whole)
{
	struct erasure *run = context;

	run->items[item].is_done = is_whole;
	(void)__atomic_add_fetch(&run->done_count, 1, __ATOMIC_RELAXED);
}

static void erase_tick(void *context)
{
	struct erasure *run = context;
	const struct usage freed = {
		__atomic_load_n(&run->freed.apparent_bytes, __ATOMIC_RELAXED),
		__atomic_load_n(&run->freed.allocated_bytes, __ATOMIC_RELAXED),
		__atomic_load_n(&run->freed.inodes, __ATOMIC_RELAXED),
	};

	if (run->progress)
		run->progress(run->context, &freed,
		              __atomic_load_n(&run->done_count, __ATOMIC_RELAXED));
}

/* Removing waits for the disk more than for a processor: other threads can go on meanwhile. */
static unsigned erase_jobs(unsigned jobs)
{
	if (jobs > 0)
		return jobs;
	jobs = 2 * pool_jobs(0);
	return jobs < ERASE_JOBS_MIN ? ERASE_JOBS_MIN : jobs;
}

void erase(struct erase_item *items, size_t count, unsigned jobs, const volatile bool *stop,
           erase_progress *progress, void *context)
{
	static const struct walk_ops ops = {
		.top = erase_top,
		.entry = erase_entry,
		.leave = erase_leave,
		.add = erase_add,
		.mount = erase_mount,
		.fail = erase_fail,
		.end = erase_end,
		.tick = erase_tick,
		.open = erase_open,
	};
	struct erasure run = { .items = items, .progress = progress, .context = context };
	struct walk_plan plan = {
		.ops = &ops, .context = &run, .count = count, .jobs = erase_jobs(jobs), .stop = stop
	};

	for (size_t i = 0; i < count; i++) {
		items[i].freed = (struct usage){ 0, 0, 0 };
		items[i].is_done = false;
		items[i].err = (struct err)ERR_INIT;
	}
	(void)pthread_mutex_init(&run.lock, NULL);
	for (size_t i = 0; i < ERASE_LOCKS; i++)
		(void)pthread_mutex_init(&run.inode_locks[i], NULL);
	walk_run(&plan);
	for (size_t i = 0; i < ERASE_LOCKS; i++)
		(void)pthread_mutex_destroy(&run.inode_locks[i]);
	(void)pthread_mutex_destroy(&run.lock);
}
