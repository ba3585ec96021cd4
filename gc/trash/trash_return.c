/* trash_return.c - the way back: from the trash to where things were. */
#include "gc/trash/trash_part.h"

#include "metadata/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int trash_run_dir(struct trash *trash, const char *place, bool make, int *fd, struct err *err)
{
	struct trash_part *part;

	if (trash_part_get(trash, place, trash_part_len(place), make, &part, err) < 0)
		return -1;
	*fd = part->run_fd;
	return 0;
}

/* PLACE is empty: has PATH been filled before? */
static int trash_return_missed(struct trash *trash, const char *path,
                               enum trash_return_result *result, struct err *err)
{
	bool exists;

	if (trash_has_source(trash, path, &exists, err) < 0)
		return -1;
	*result = exists ? TRASH_RETURNED_BEFORE : TRASH_LOST;
	return 0;
}

int trash_return(struct trash *trash, const char *place, const char *path,
                 enum trash_return_result *result, struct err *err)
{
	int run_fd;

	if (trash_enter(trash, path, err) < 0 ||
	    trash_run_dir(trash, place, false, &run_fd, err) < 0)
		return -1;
	if (run_fd < 0)
		return trash_return_missed(trash, path, result, err);
	if (trash->dir_fd < 0) {
		errno = ENOENT;
		return err_errno(err, "%s: open its directory", path);
	}
	cut_here(trash->cut, "rename", place);
	if (trash_rename(run_fd, trash_name_of(place), trash->dir_fd, trash_name_of(path)) == 0) {
		*result = TRASH_RETURNED;
		return 0;
	}
	if (errno == EEXIST) {
		*result = TRASH_TAKEN;
		return 0;
	}
	if (errno != ENOENT)
		return err_errno(err, "%s: move to %s", place, path);
	return trash_return_missed(trash, path, result, err);
}

int trash_exchange(struct trash *trash, const char *place, const char *path, struct err *err)
{
	int dirfd = trash_dir_of(trash, path, err);
	int run_fd;

	if (dirfd < 0 || trash_run_dir(trash, place, false, &run_fd, err) < 0)
		return -1;
	cut_here(trash->cut, "rename", place);
	if (renameat2(run_fd, trash_name_of(place), dirfd, trash_name_of(path), RENAME_EXCHANGE) <
	    0)
		return err_errno(err, "%s: change places with %s", path, place);
	return 0;
}

int trash_return_over(struct trash *trash, const char *place, const char *path, struct err *err)
{
	int dirfd = trash_dir_of(trash, path, err);
	int run_fd;

	if (dirfd < 0 || trash_run_dir(trash, place, false, &run_fd, err) < 0)
		return -1;
	cut_here(trash->cut, "rename", place);
	if (renameat(run_fd, trash_name_of(place), dirfd, trash_name_of(path)) < 0)
		return err_errno(err, "%s: move to %s", place, path);
	cut_here(trash->cut, "sync", path);
	/* the barrier comes before the run is over, so a failure here is told there again */
	(void)fsync(dirfd);
	return 0;
}

int trash_set_time(struct trash *trash, const char *path, const struct timespec *mtime,
                   struct err *err)
{
	const struct timespec times[2] = { { 0, UTIME_OMIT }, *mtime };
	struct err local = ERR_INIT;
	AUTO(close)
	int fd = file_open_dir(trash->root_fd, *path == '\0' ? "." : path, &local);

	if (fd < 0 && err_has_code(&local, ENOENT))
		return 0;
	if (fd < 0) {
		if (err)
			*err = local;
		return -1;
	}
	return futimens(fd, times) < 0 ? err_errno(err, "%s: set time", path) : 0;
}
