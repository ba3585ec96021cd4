/* trash_part.c - the parts of a data root that have a trash of their own. */
#include "gc/trash/trash_part.h"

#include "gc/trash/loan.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Which mount FD is on; before Linux 5.8 which device, so a rename across a bind mount fails. */
static int trash_mount_id(int fd, uint64_t *id, struct err *err)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0)
		return err_errno(err, "stat");
	if (stx.stx_mask & STATX_MNT_ID)
		*id = stx.stx_mnt_id;
	else
		*id = 1ULL << 63 | (uint64_t)stx.stx_dev_major << 31 | stx.stx_dev_minor;
	return 0;
}

/* Goes from *FD, on mount *MOUNT, into the directory NAME; says in *IS_CROSSED whether it is on
 * another mount. *FD becomes -1 if there is no such directory. */
static int trash_part_step(int *fd, const char *name, uint64_t *mount, bool *is_crossed,
                           struct err *err)
{
	AUTO(close) int next = file_open(*fd, name, O_DIRECTORY, err);
	uint64_t id = 0;

	if (next < 0 && !err_has_code(err, ENOENT))
		return -1;
	(void)close(*fd); /* read only */
	*fd = TAKE(next, -1);
	if (*fd < 0) {
		err_clear(err);
		return 0;
	}
	if (trash_mount_id(*fd, &id, err) < 0)
		return err_wrap(err, "%s", name);
	*is_crossed = id != *mount;
	*mount = id;
	return 0;
}

int trash_part_walk(const struct trash *trash, const char *dir, int *fd, size_t *part_len,
                    struct err *err)
{
	AUTO(close) int at = openat(trash->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(str) char *rest = mem_text(dir);
	struct err local = ERR_INIT; /* so that ENOENT is told even when nobody asks */
	size_t pos = 0;
	size_t len = 0;
	uint64_t mount = 0;

	if (at < 0)
		return err_errno(err, "data root: open");
	if (trash_mount_id(at, &mount, err) < 0)
		return err_wrap(err, "data root");
	while (at >= 0 && dir[pos] != '\0') {
		size_t end = pos + strcspn(dir + pos, "/");
		bool is_crossed = false;

		rest[end] = '\0';
		if (trash_part_step(&at, rest + pos, &mount, &is_crossed, &local) < 0) {
			if (err)
				*err = local;
			return pos > 0 ? err_wrap(err, "%.*s", (int)pos - 1, dir) : -1;
		}
		if (is_crossed)
			len = end;
		pos = end + (dir[end] == '/');
	}
	*fd = TAKE(at, -1);
	*part_len = len;
	return 0;
}

/* Makes <DIRFD>/NAME if it is not there: with nothing to make it of, another directory is taken
 * (loan.h), which may have INNER in it. */
static int trash_part_make(const struct trash *trash, int dirfd, const char *name, bool may_borrow,
                           const char *inner, struct err *err)
{
	bool is_taken = false;
	int error;

	cut_here(trash->cut, "mkdir", name);
	if (mkdirat(dirfd, name, 0700) == 0 || errno == EEXIST)
		return 0;
	error = errno;
	if (may_borrow && (error == ENOSPC || error == EDQUOT) &&
	    loan_take(trash->root_fd, dirfd, name, inner, &is_taken, err) < 0)
		return -1;
	errno = error;
	return is_taken ? 0 : err_errno(err, "%s: make directory", name);
}

/* Opens <DIRFD>/NAME; *FD stays as it is when there is none. */
static int trash_part_open(int dirfd, const char *name, int *fd, struct err *err)
{
	int opened = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (opened < 0 && errno == ENOENT)
		return 0;
	if (opened < 0)
		return err_errno(err, "%s: open", name);
	*fd = opened;
	return 0;
}

/* Opens the directory of the run (with MAKE: makes it); dockerd's lend theirs in the root only. */
static int trash_part_open_run(const struct trash *trash, struct trash_part *part, bool make,
                               struct err *err)
{
	AUTO(str) char *name = mem_print("%lld", (long long)trash->run);
	AUTO(close) int home = -1;
	bool is_root = part->dir[0] == '\0';

	if (make && trash_part_make(trash, part->fd, TRASH_DIR, is_root, name, err) < 0)
		return -1;
	if (trash_part_open(part->fd, TRASH_DIR, &home, err) < 0)
		return -1;
	if (home < 0)
		return 0;
	if (make && trash_part_make(trash, home, name, is_root, NULL, err) < 0)
		return err_wrap(err, TRASH_DIR);
	if (trash_part_open(home, name, &part->run_fd, err) < 0)
		return err_wrap(err, TRASH_DIR);
	return 0;
}

static struct trash_part *trash_part_find(const struct trash *trash, const char *dir, size_t len)
{
	for (size_t i = 0; i < trash->part_count; i++) {
		if (strlen(trash->parts[i].dir) == len &&
		    strncmp(trash->parts[i].dir, dir, len) == 0)
			return &trash->parts[i];
	}
	return NULL;
}

int trash_part_get(struct trash *trash, const char *dir, size_t len, bool make,
                   struct trash_part **part, struct err *err)
{
	struct trash_part *found = trash_part_find(trash, dir, len);

	if (!found) {
		AUTO(str) char *path = mem_copy(dir, len);
		size_t part_len;
		int fd = -1;

		if (trash_part_walk(trash, path, &fd, &part_len, err) < 0)
			return -1;
		if (fd < 0) {
			errno = ENOENT;
			return err_errno(err, "%s: open", path);
		}
		trash->parts = mem_grow(trash->parts, trash->part_count, &trash->part_capacity,
		                        sizeof(*trash->parts));
		found = &trash->parts[trash->part_count++];
		*found = (struct trash_part){
			.dir = TAKE(path, NULL), .fd = fd, .run_fd = -1, .is_mount = part_len == len
		};
	}
	if (found->run_fd < 0 && trash_part_open_run(trash, found, make, err) < 0)
		return len > 0 ? err_wrap(err, "%s", found->dir) : -1;
	*part = found;
	return 0;
}

size_t trash_part_len(const char *place)
{
	const char *end = strstr(place, TRASH_DIR "/");

	return end && end > place ? (size_t)(end - place) - 1 : 0;
}
