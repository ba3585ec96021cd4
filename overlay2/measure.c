/* measure.c - the exact size of trees, in parallel, without touching an atime. */
#include "overlay2/measure.h"

#include "overlay2/linkset.h"
#include "overlay2/walk.h"

#include <pthread.h>
#include <stdint.h>

struct measurement {
	struct measure_item *items;
	struct linkset *links;
	pthread_mutex_t lock;
	struct err *err;    /* the first failure; under lock */
	bool has_failed;    /* under lock */
	volatile bool stop; /* atomic: there is no use going on */
};

static bool measure_top(void *context, size_t item, int *dirfd, const char **path)
{
	const struct measurement *run = context;

	*dirfd = run->items[item].dirfd;
	*path = run->items[item].path;
	return true;
}

static void measure_entry(void *context, const struct walk_spot *spot, const struct statx *stx,
                          struct usage *sum)
{
	const struct measurement *run = context;
	struct usage usage = walk_usage(stx);

	if (stx->stx_nlink > 1) {
		struct linkset_inode inode = {
			.device = (uint64_t)stx->stx_dev_major << 32 | stx->stx_dev_minor,
			.number = stx->stx_ino,
			.item = spot->item,
			.usage = usage,
		};

		linkset_add(run->links, &inode);
	} else {
		usage_add(sum, &usage);
	}
}

static void measure_enter(void *context, struct treedir *dir, struct usage *sum)
{
	(void)context;
	sum->allocated_bytes += dir->allocated_bytes;
	sum->inodes++;
}

static void measure_add(void *context, size_t item, const struct usage *sum)
{
	const struct measurement *run = context;

	walk_add_usage(&run->items[item].usage, sum);
}

static void measure_missing(void *context, size_t item)
{
	const struct measurement *run = context;

	run->items[item].is_missing = true;
}

static void measure_fail(void *context, size_t item, const struct err *err)
{
	struct measurement *run = context;

	(void)item;
	(void)pthread_mutex_lock(&run->lock);
	if (!run->has_failed && run->err)
		*run->err = *err;
	run->has_failed = true;
	(void)pthread_mutex_unlock(&run->lock);
	__atomic_store_n(&run->stop, true, __ATOMIC_RELAXED);
}

/* A hard link counts in the first item that has it. */
static void measure_link(void *context, const struct linkset_inode *inode)
{
	const struct measurement *run = context;

	usage_add(&run->items[inode->item].usage, &inode->usage);
}

int measure(struct measure_item *items, size_t count, unsigned jobs, struct err *err)
{
	static const struct walk_ops ops = {
		.top = measure_top,
		.entry = measure_entry,
		.enter = measure_enter,
		.add = measure_add,
		.missing = measure_missing,
		.fail = measure_fail,
		.open = treedir_open,
		.is_own_mount = true,
	};
	AUTO(linkset) struct linkset *links = linkset_new();
	struct measurement run = { .items = items, .links = links, .err = err };
	struct walk_plan plan = {
		.ops = &ops, .context = &run, .count = count, .jobs = jobs, .stop = &run.stop
	};

	for (size_t i = 0; i < count; i++) {
		items[i].usage = (struct usage){ 0, 0, 0 };
		items[i].is_missing = false;
	}
	(void)pthread_mutex_init(&run.lock, NULL);
	walk_run(&plan);
	(void)pthread_mutex_destroy(&run.lock);
	if (run.has_failed)
		return -1;
	linkset_each(links, measure_link, &run);
	return 0;
}
