/* trash.c - where what a run has detached waits to be erased: .drydock/<run>/<number>. */
#include "gc/trash/trash.h"

#include "gc/trash/loan.h"
#include "gc/trash/newfile.h"
#include "gc/trash/trash_part.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct trash *trash_new(int root_fd, int64_t run, const struct cut *cut)
{
	struct trash *trash = mem_zalloc(1, sizeof(*trash));

	trash->root_fd = root_fd;
	trash->run = run;
	trash->cut = cut;
	trash->dir_fd = -1;
	return trash;
}

void trash_free(struct trash *trash)
{
	if (!trash)
		return;
	for (size_t i = 0; i < trash->part_count; i++) {
		own_close_fd(trash->parts[i].run_fd);
		own_close_fd(trash->parts[i].fd);
		free(trash->parts[i].dir);
	}
	free(trash->parts);
	own_close_fd(trash->dir_fd);
	free(trash->dir);
	for (size_t i = 0; i < trash->kept_count; i++)
		own_close_fd(trash->kept_fds[i]);
	free(trash->kept_fds);
	free(trash);
}

void trash_keep(struct trash *trash, int fd)
{
	trash->kept_fds = mem_grow(trash->kept_fds, trash->kept_count, &trash->kept_capacity,
	                           sizeof(*trash->kept_fds));
	trash->kept_fds[trash->kept_count++] = fd;
}

int64_t trash_run(const struct trash *trash)
{
	return trash->run;
}

const struct cut *trash_cut(const struct trash *trash)
{
	return trash->cut;
}

const char *trash_name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int trash_enter(struct trash *trash, const char *path, struct err *err)
{
	const char *name = trash_name_of(path);
	AUTO(str) char *dir = mem_copy(path, name > path ? (size_t)(name - path) - 1 : 0);
	size_t part_len;
	int fd = -1;

	if (trash->dir && trash->dir_fd >= 0 && strcmp(trash->dir, dir) == 0)
		return 0;
	if (trash_part_walk(trash, dir, &fd, &part_len, err) < 0)
		return -1;
	own_close_fd(trash->dir_fd);
	free(trash->dir);
	trash->dir = TAKE(dir, NULL);
	trash->dir_fd = fd;
	trash->dir_part_len = part_len;
	return 0;
}

int trash_dir_of(struct trash *trash, const char *path, struct err *err)
{
	if (trash_enter(trash, path, err) < 0)
		return -1;
	if (trash->dir_fd < 0) {
		errno = ENOENT;
		return err_errno(err, "%s: open", trash->dir);
	}
	return trash->dir_fd;
}

int trash_place(struct trash *trash, const char *path, size_t seq, char **place, struct err *err)
{
	if (trash_enter(trash, path, err) < 0)
		return -1;
	*place = mem_print("%.*s%s" TRASH_DIR "/%lld/%zu", (int)trash->dir_part_len, trash->dir,
	                   trash->dir_part_len > 0 ? "/" : "", (long long)trash->run, seq);
	return 0;
}

bool trash_owns(const struct trash *trash, const char *path, size_t seq, const char *place)
{
	AUTO(str) char *end = mem_print(TRASH_DIR "/%lld/%zu", (long long)trash->run, seq);
	size_t len = trash_part_len(place);

	if (strcmp(place + len + (len > 0), end) != 0)
		return false;
	return len == 0 || (strncmp(place, path, len) == 0 && path[len] == '/');
}

int trash_know(struct trash *trash, const char *place, struct err *err)
{
	struct trash_part *part;

	if (trash_part_get(trash, place, trash_part_len(place), false, &part, err) < 0)
		return -1;
	if (!part->is_mount)
		return err_set(err, ERR_STATE,
		               "%s: is not mounted: it was a file system of its own when the run "
		               "began",
		               part->dir);
	return 0;
}

int trash_has(struct trash *trash, const char *place, bool *exists, struct err *err)
{
	struct trash_part *part;
	struct stat st;

	if (trash_part_get(trash, place, trash_part_len(place), false, &part, err) < 0)
		return -1;
	*exists = part->run_fd >= 0 &&
	          fstatat(part->run_fd, trash_name_of(place), &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*exists && part->run_fd >= 0 && errno != ENOENT)
		return err_errno(err, "%s: stat", place);
	return 0;
}

int trash_has_source(struct trash *trash, const char *path, bool *exists, struct err *err)
{
	struct stat st;

	if (trash_enter(trash, path, err) < 0)
		return -1;
	*exists = trash->dir_fd >= 0 &&
	          fstatat(trash->dir_fd, trash_name_of(path), &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*exists && trash->dir_fd >= 0 && errno != ENOENT)
		return err_errno(err, "%s: stat", path);
	return 0;
}

/* For file systems that cannot rename without replacing: nobody else is here, we hold the locks. */
static int trash_rename_checked(int dirfd, const char *name, int run_fd, const char *new_name)
{
	struct stat st;

	if (fstatat(run_fd, new_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			errno = EEXIST; /* else ENOENT, as the rename has it */
		return -1;
	}
	if (errno != ENOENT)
		return -1;
	return renameat(dirfd, name, run_fd, new_name);
}

int trash_rename(int dirfd, const char *name, int run_fd, const char *new_name)
{
	int result = renameat2(dirfd, name, run_fd, new_name, RENAME_NOREPLACE);

	if (result < 0 && (errno == EINVAL || errno == ENOSYS))
		return trash_rename_checked(dirfd, name, run_fd, new_name);
	return result;
}

/* PATH is not there: has it been moved? */
static int trash_missed(struct trash *trash, const char *place, enum trash_result *result,
                        struct err *err)
{
	bool exists;

	if (trash_has(trash, place, &exists, err) < 0)
		return -1;
	*result = exists ? TRASH_MOVED_BEFORE : TRASH_GONE;
	return 0;
}

int trash_move(struct trash *trash, const char *path, const char *place, enum trash_result *result,
               struct err *err)
{
	struct trash_part *part;

	if (trash_enter(trash, path, err) < 0)
		return -1;
	if (trash->dir_fd < 0)
		return trash_missed(trash, place, result, err);
	if (trash_part_get(trash, place, trash_part_len(place), true, &part, err) < 0)
		return -1;
	cut_here(trash->cut, "rename", path);
	if (trash_rename(trash->dir_fd, trash_name_of(path), part->run_fd, trash_name_of(place)) ==
	    0) {
		*result = TRASH_MOVED;
		return 0;
	}
	if (errno == EEXIST) {
		*result = TRASH_REAPPEARED;
		return 0;
	}
	if (errno != ENOENT)
		return err_errno(err, "%s: move to %s", path, place);
	return trash_missed(trash, place, result, err);
}

static int trash_copy(int dirfd, const char *name, int run_fd, const char *new_name,
                      struct err *err)
{
	AUTO(close) int fd = file_open(dirfd, name, 0, err);
	AUTO(str) char *bytes = NULL;
	size_t len;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s: stat", name);
	if (file_read_fd(fd, name, FILE_RECORD_MAX, &bytes, &len, err) < 0)
		return -1;
	return newfile_write(run_fd, new_name, bytes, len, &st, err);
}

/* Opens the directory of PATH, and *PART with nothing at PLACE. */
static int trash_clear_place(struct trash *trash, const char *path, const char *place,
                             struct trash_part **part, struct err *err)
{
	if (trash_dir_of(trash, path, err) < 0 ||
	    trash_part_get(trash, place, trash_part_len(place), true, part, err) < 0)
		return -1;
	cut_here(trash->cut, "unlink", place);
	if (unlinkat((*part)->run_fd, trash_name_of(place), 0) < 0 && errno != ENOENT)
		return err_errno(err, "%s: remove", place);
	return 0;
}

int trash_save_copy(struct trash *trash, const char *path, const char *place, struct err *err)
{
	struct trash_part *part;

	if (trash_clear_place(trash, path, place, &part, err) < 0)
		return -1;
	cut_here(trash->cut, "copy", path);
	if (trash_copy(trash->dir_fd, trash_name_of(path), part->run_fd, trash_name_of(place),
	               err) < 0)
		return err_wrap(err, "%s: copy to %s", path, place);
	return 0;
}

int trash_save(struct trash *trash, const char *path, const char *place, struct err *err)
{
	const char *name = trash_name_of(path);
	const char *new_name = trash_name_of(place);
	struct trash_part *part;

	if (trash_clear_place(trash, path, place, &part, err) < 0)
		return -1;
	cut_here(trash->cut, "link", path);
	if (linkat(trash->dir_fd, name, part->run_fd, new_name, 0) == 0)
		return 0;
	if (errno != EPERM && errno != EMLINK && errno != EOPNOTSUPP && errno != ENOSYS &&
	    errno != EXDEV)
		return err_errno(err, "%s: link to %s", path, place);
	if (trash_copy(trash->dir_fd, name, part->run_fd, new_name, err) < 0)
		return err_wrap(err, "%s: copy to %s", path, place);
	return 0;
}

int trash_sync(struct trash *trash, struct err *err)
{
	for (size_t i = 0; i < trash->part_count; i++) {
		const struct trash_part *part = &trash->parts[i];

		if (part->run_fd < 0)
			continue;
		cut_here(trash->cut, "sync", part->dir);
		/* the fsync because syncfs reports no error before Linux 5.8 */
		if (fsync(part->run_fd) < 0 || syncfs(part->fd) < 0)
			return err_errno(err, "%s%s" TRASH_DIR ": sync", part->dir,
			                 trash_slash(part->dir));
	}
	return 0;
}

int trash_each(struct trash *trash, trash_visit *each, void *context, struct err *err)
{
	for (size_t i = 0; i < trash->part_count; i++) {
		const struct trash_part *part = &trash->parts[i];

		if (part->run_fd >= 0 && each(context, part->dir, part->run_fd, err) < 0)
			return -1;
	}
	return 0;
}

/* Removes the directory NAME; *IS_EMPTY becomes false when it is not empty. */
static int trash_rmdir(const struct trash *trash, int dirfd, const char *name, bool *is_empty,
                       struct err *err)
{
	cut_here(trash->cut, "rmdir", name);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return err_errno(err, TRASH_DIR "/%s: remove", name);
	*is_empty = false;
	return 0;
}

int trash_remove(struct trash *trash, bool *is_empty, struct err *err)
{
	AUTO(str) char *name = mem_print("%lld", (long long)trash->run);
	bool is_home_empty; /* whether it is says nothing: it may hold other runs */

	*is_empty = true;
	for (size_t i = 0; i < trash->part_count; i++) {
		const struct trash_part *part = &trash->parts[i];
		AUTO(close)
		int home =
		    openat(part->fd, TRASH_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (home < 0 && errno == ENOENT)
			continue;
		if (home < 0)
			return err_errno(err, "%s%s" TRASH_DIR ": open", part->dir,
			                 trash_slash(part->dir));
		if (part->dir[0] == '\0')
			loan_replace(trash->root_fd, part->fd, TRASH_DIR);
		if (part->dir[0] == '\0' && loan_return(trash->root_fd, home, name))
			continue;
		if (trash_rmdir(trash, home, name, is_empty, err) < 0 ||
		    (part->dir[0] != '\0' &&
		     trash_rmdir(trash, part->fd, TRASH_DIR, &is_home_empty, err) < 0))
			return -1;
	}
	return 0;
}
