/* treedir.h - the directories of trees that are being walked, few of them open at a time. */
#ifndef OVERLAY2_TREEDIR_H
#define OVERLAY2_TREEDIR_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * One directory. It lives as long as anything below it does, and is known by its name under its
 * parent: so a tree may be of any depth, whatever PATH_MAX and RLIMIT_NOFILE are.
 */
struct treedir {
	struct treedir *parent; /* NULL: the top of its tree */
	size_t item;            /* number of the tree */
	int base_fd;            /* the top: what its name is under; borrowed */
	unsigned refs;          /* atomic; whoever works on it, and every directory below it */
	bool is_incomplete;     /* atomic; something below it failed or was left out */
	unsigned rounds;        /* how often it had to be read again */
	off_t offset;           /* how far it has been read; its reader only */

	/* known once it has been open, unchanged then */
	bool is_known;
	uint32_t dev_major, dev_minor;
	uint64_t inode;
	uint64_t mount_id;
	uint64_t allocated_bytes;

	/* of the cache, under its lock */
	int fd; /* -1: not open */
	unsigned pins;
	struct treedir *newer, *older;

	char name[]; /* one component; the top: a path under base_fd */
};

/* The directories that are open: at most `limit`, the least recently used are closed. */
struct treedir_cache {
	pthread_mutex_t lock;
	struct treedir *newest, *oldest;
	size_t count;
	size_t limit;
	int (*open)(int dirfd, const char *name); /* treedir_open(), or one that tries harder */
};

/* LIMIT descriptors, 0: what RLIMIT_NOFILE leaves room for. */
void treedir_cache_init(struct treedir_cache *cache, size_t limit,
                        int (*open)(int dirfd, const char *name));

void treedir_cache_done(struct treedir_cache *cache);

/* Opens the directory NAME to be read, with its atime kept; no symlink is followed. -1: errno. */
int treedir_open(int dirfd, const char *name) MUST_USE;

/* A directory NAME below PARENT, or with PARENT NULL the top of tree number ITEM under BASE_FD.
 * It has one reference; PARENT gets one more. */
struct treedir *treedir_new(struct treedir *parent, const char *name, size_t item,
                            int base_fd) MUST_USE;

/*
 * Opens *DIR, or finds it open, and keeps it open until treedir_unpin(). A directory that had to
 * be closed meanwhile is opened again through its parents and must be the same (ERR_CORRUPT when
 * it is not). Returns the descriptor, which stays the cache's; -1 with ERR_SYSTEM, where errno
 * EXDEV says that it is on another mount than its parent.
 */
int treedir_pin(struct treedir_cache *cache, struct treedir *dir, struct err *err) MUST_USE;

void treedir_unpin(struct treedir_cache *cache, struct treedir *dir);

/* Closes *DIR, which nobody has pinned and nobody will. */
void treedir_close(struct treedir_cache *cache, struct treedir *dir);

/* Fills what is wanted to know of NAME under FD ("": FD itself); no symlink is followed, no
 * automount started. 0 or -1: errno. */
int treedir_stat(int fd, const char *name, struct statx *stx) MUST_USE;

/* The number of the mount that the open FD is on. 0 or -1: errno. */
int treedir_mount_id(int fd, uint64_t *mount_id) MUST_USE;

/* The same by other means than statx(): for Linux before 5.8. */
int treedir_mount_id_old(int fd, uint64_t *mount_id) MUST_USE;

/* Writes the path of NAME (NULL: of *DIR itself) into OUT for a message: "..." stands for what
 * would make it too long. */
void treedir_path(char *out, size_t size, const struct treedir *dir, const char *name);

#endif
