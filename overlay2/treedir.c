/* treedir.c - the directories of trees that are being walked, few of them open at a time. */
#include "overlay2/treedir.h"

#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TREEDIR_OPEN_MAX ((size_t)256)
#define TREEDIR_OPEN_MIN ((size_t)16)

void treedir_cache_init(struct treedir_cache *cache, size_t limit,
                        int (*open)(int dirfd, const char *name))
{
	struct rlimit files;

	*cache = (struct treedir_cache){ .limit = limit, .open = open };
	(void)pthread_mutex_init(&cache->lock, NULL);
	if (limit > 0)
		return;
	cache->limit = TREEDIR_OPEN_MAX;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur / 4 < TREEDIR_OPEN_MAX)
		cache->limit = (size_t)files.rlim_cur / 4;
	if (cache->limit < TREEDIR_OPEN_MIN)
		cache->limit = TREEDIR_OPEN_MIN;
}

void treedir_cache_done(struct treedir_cache *cache)
{
	(void)pthread_mutex_destroy(&cache->lock);
}

int treedir_open(int dirfd, const char *name)
{
	const int how = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dirfd, name, how | O_NOATIME);

	if (fd < 0 && errno == EPERM) /* not the owner: the atime is not ours to keep */
		fd = openat(dirfd, name, how);
	return fd;
}

int treedir_stat(int fd, const char *name, struct statx *stx)
{
	const unsigned mask = STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_INO | STATX_SIZE |
	                      STATX_BLOCKS | STATX_MNT_ID;
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;

	return statx(fd, name, *name == '\0' ? flags | AT_EMPTY_PATH : flags, mask, stx);
}

int treedir_mount_id_old(int fd, uint64_t *mount_id)
{
	AUTO(str) char *path = mem_print("/proc/self/fdinfo/%d", fd);
	FILE *file = fopen(path, "re");
	int found = 0;
	char line[128];

	if (!file)
		return -1;
	while (found != 1 && fgets(line, sizeof(line), file))
		found = sscanf(line, "mnt_id: %" SCNu64, mount_id); /* NOLINT(cert-err34-c) */
	(void)fclose(file);                                         /* only read */
	if (found == 1)
		return 0;
	errno = ENOSYS;
	return -1;
}

/* The number of the mount of the open FD, which *STX is about. */
static int mount_id_of(const struct statx *stx, int fd, uint64_t *mount_id)
{
	if (!(stx->stx_mask & STATX_MNT_ID))
		return treedir_mount_id_old(fd, mount_id);
	*mount_id = stx->stx_mnt_id;
	return 0;
}

int treedir_mount_id(int fd, uint64_t *mount_id)
{
	struct statx stx;

	return treedir_stat(fd, "", &stx) < 0 ? -1 : mount_id_of(&stx, fd, mount_id);
}

struct treedir *treedir_new(struct treedir *parent, const char *name, size_t item, int base_fd)
{
	size_t size = strlen(name) + 1;
	struct treedir *dir = mem_resize(NULL, sizeof(*dir) + size, 1);

	*dir = (struct treedir){
		.parent = parent, .item = item, .base_fd = base_fd, .refs = 1, .fd = -1
	};
	(void)memcpy(dir->name, name, size);
	if (parent)
		(void)__atomic_add_fetch(&parent->refs, 1, __ATOMIC_RELAXED);
	return dir;
}

/* Takes *DIR out of the list of open ones. Under lock. */
static void cache_unlink(struct treedir_cache *cache, struct treedir *dir)
{
	*(dir->newer ? &dir->newer->older : &cache->newest) = dir->older;
	*(dir->older ? &dir->older->newer : &cache->oldest) = dir->newer;
	dir->newer = NULL;
	dir->older = NULL;
}

/* Puts *DIR in front of the list of open ones. Under lock. */
static void cache_link(struct treedir_cache *cache, struct treedir *dir)
{
	dir->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = dir;
	cache->newest = dir;
}

/* Pins *DIR if it is open. Under lock. */
static int cache_pin_open(struct treedir_cache *cache, struct treedir *dir)
{
	if (dir->fd < 0)
		return -1;
	dir->pins++;
	if (cache->newest != dir) {
		cache_unlink(cache, dir);
		cache_link(cache, dir);
	}
	return dir->fd;
}

/* Takes the descriptor of the directory that has not been used for longest; -1: all are pinned.
 * Under lock. */
static int cache_evict(struct treedir_cache *cache)
{
	struct treedir *dir = cache->oldest;
	int fd;

	while (dir && dir->pins > 0)
		dir = dir->newer;
	if (!dir)
		return -1;
	cache_unlink(cache, dir);
	cache->count--;
	fd = dir->fd;
	dir->fd = -1;
	return fd;
}

/* Opens *DIR under PARENT_FD; when there are no descriptors left, another one is closed. */
static int cache_open(struct treedir_cache *cache, int parent_fd, const char *name)
{
	for (;;) {
		int fd = cache->open(parent_fd, name);
		int victim;

		if (fd >= 0 || (errno != EMFILE && errno != ENFILE))
			return fd;
		(void)pthread_mutex_lock(&cache->lock);
		victim = cache_evict(cache);
		(void)pthread_mutex_unlock(&cache->lock);
		if (victim < 0) {
			errno = EMFILE;
			return -1;
		}
		(void)close(victim); /* only read */
	}
}

/* Learns what *DIR is when it is open for the first time. */
static int treedir_learn(struct treedir *dir, const struct statx *stx, int fd, struct err *err)
{
	dir->dev_major = stx->stx_dev_major;
	dir->dev_minor = stx->stx_dev_minor;
	dir->inode = stx->stx_ino;
	dir->allocated_bytes = stx->stx_blocks * 512;
	if (mount_id_of(stx, fd, &dir->mount_id) < 0)
		return err_errno(err, "find out the mount");
	if (dir->parent && dir->mount_id != dir->parent->mount_id) {
		errno = EXDEV;
		return err_errno(err, "open");
	}
	dir->is_known = true;
	return 0;
}

/* Makes sure that FD is *DIR, and that reading it goes on where it stopped. */
static int treedir_check(struct treedir *dir, int fd, struct err *err)
{
	struct statx stx;

	if (treedir_stat(fd, "", &stx) < 0)
		return err_errno(err, "stat");
	if (!dir->is_known)
		return treedir_learn(dir, &stx, fd, err);
	if (stx.stx_ino != dir->inode || stx.stx_dev_major != dir->dev_major ||
	    stx.stx_dev_minor != dir->dev_minor)
		return err_set(err, ERR_CORRUPT, "was replaced by another directory meanwhile");
	if (dir->offset != 0 && lseek(fd, dir->offset, SEEK_SET) < 0)
		return err_errno(err, "seek");
	return 0;
}

/* Makes FD the descriptor of *DIR unless another thread has been faster, and pins it. */
static int cache_install(struct treedir_cache *cache, struct treedir *dir, int fd)
{
	int unneeded = -1;

	(void)pthread_mutex_lock(&cache->lock);
	if (dir->fd >= 0) {
		unneeded = fd;
		fd = cache_pin_open(cache, dir);
	} else {
		if (cache->count >= cache->limit)
			unneeded = cache_evict(cache);
		cache->count += 1;
		dir->fd = fd;
		dir->pins++;
		cache_link(cache, dir);
	}
	(void)pthread_mutex_unlock(&cache->lock);
	own_close_fd(unneeded);
	return fd;
}

/* Opens and pins *DIR, whose parent is open as PARENT_FD. */
static int treedir_pin_below(struct treedir_cache *cache, struct treedir *dir, int parent_fd,
                             struct err *err)
{
	AUTO(close) int fd = cache_open(cache, parent_fd, dir->name);

	if (fd < 0)
		return err_errno(err, "open");
	if (treedir_check(dir, fd, err) < 0)
		return -1;
	return cache_install(cache, dir, TAKE(fd, -1));
}

/*
 * Collects in *CHAIN the directories from *DIR up to, but without, the nearest one that is open;
 * that one is pinned and in *OPEN (NULL: none is). Returns how many.
 */
static size_t treedir_climb(struct treedir_cache *cache, struct treedir *dir,
                            struct treedir ***chain, struct treedir **open)
{
	size_t capacity = 0;
	size_t count = 0;

	(void)pthread_mutex_lock(&cache->lock);
	for (struct treedir *at = dir; at; at = at->parent) {
		if (cache_pin_open(cache, at) >= 0) {
			*open = at;
			break;
		}
		*chain = mem_grow(*chain, count, &capacity, sizeof(struct treedir *));
		(*chain)[count++] = at;
	}
	(void)pthread_mutex_unlock(&cache->lock);
	return count;
}

static void treedir_free_chain(struct treedir **chain)
{
	free(chain);
}

OWN_DEFINE(treedir_chain, struct treedir **, treedir_free_chain)

/* Opens and pins *DIR when more than its parent has to be opened for it. */
static int treedir_pin_far(struct treedir_cache *cache, struct treedir *dir, struct err *err)
{
	AUTO(treedir_chain) struct treedir **chain = NULL;
	struct treedir *above = NULL;
	size_t count = treedir_climb(cache, dir, &chain, &above);
	int fd = above ? above->fd : chain[count - 1]->base_fd;

	while (count > 0) {
		struct treedir *next = chain[--count];

		fd = treedir_pin_below(cache, next, fd, err);
		if (above)
			treedir_unpin(cache, above);
		if (fd < 0)
			return -1;
		above = next;
	}
	return fd;
}

int treedir_pin(struct treedir_cache *cache, struct treedir *dir, struct err *err)
{
	struct treedir *parent = dir->parent;
	int parent_fd = dir->base_fd;
	int fd;

	(void)pthread_mutex_lock(&cache->lock);
	fd = cache_pin_open(cache, dir);
	if (fd < 0 && parent)
		parent_fd = cache_pin_open(cache, parent);
	(void)pthread_mutex_unlock(&cache->lock);
	if (fd >= 0)
		return fd;
	if (parent && parent_fd < 0)
		return treedir_pin_far(cache, dir, err);
	fd = treedir_pin_below(cache, dir, parent_fd, err);
	if (parent)
		treedir_unpin(cache, parent);
	return fd;
}

void treedir_unpin(struct treedir_cache *cache, struct treedir *dir)
{
	(void)pthread_mutex_lock(&cache->lock);
	dir->pins--;
	(void)pthread_mutex_unlock(&cache->lock);
}

void treedir_close(struct treedir_cache *cache, struct treedir *dir)
{
	int fd;

	(void)pthread_mutex_lock(&cache->lock);
	fd = dir->fd;
	if (fd >= 0) {
		cache_unlink(cache, dir);
		cache->count--;
		dir->fd = -1;
	}
	(void)pthread_mutex_unlock(&cache->lock);
	own_close_fd(fd);
}

/* Puts COMPONENT and, if something follows, a slash before what TEXT holds from *AT on. */
static bool path_prepend(char *text, size_t *at, const char *component)
{
	size_t len = strlen(component);
	bool has_more = text[*at] != '\0';

	if (len + has_more > *at)
		return false;
	if (has_more)
		text[--*at] = '/';
	*at -= len;
	(void)memcpy(text + *at, component, len);
	return true;
}

void treedir_path(char *out, size_t size, const struct treedir *dir, const char *name)
{
	char tail[288]; /* a name of 255 bytes and some before it */
	size_t at = sizeof(tail) - 1;
	bool is_whole = true;

	tail[at] = '\0';
	if (name)
		is_whole = path_prepend(tail, &at, name);
	for (; dir->parent; dir = dir->parent)
		is_whole = is_whole && path_prepend(tail, &at, dir->name);
	(void)snprintf(out, size, "%s%s%s%s", dir->name, is_whole ? "" : "/...",
	               tail[at] == '\0' ? "" : "/", tail + at);
}
