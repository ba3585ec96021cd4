/* loan.c - directories that the trash borrows where there is no room to make its own. */
#include "gc/run/loan.h"

#include "metadata/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static const struct {
	const char *dir, *name;
} lenders[] = {
	{ ".", "tmp" },      { "image/overlay2/layerdb", "tmp" },
	{ ".", "runtimes" }, { ".", "trust" }, /* until 20.10 */
	{ ".", "swarm" },
};

#define LENDER_COUNT (sizeof(lenders) / sizeof(lenders[0]))

/* Opens the directory PATH; *IS_THERE says whether there is one. 0 or -1. */
static int loan_open(int *fd, int dirfd, const char *path, bool *is_there, struct err *err)
{
	struct err local = ERR_INIT;

	*fd = file_open_dir(dirfd, path, &local);
	*is_there = *fd >= 0;
	if (*is_there || err_has_code(&local, ENOENT) || local.kind == ERR_CORRUPT)
		return 0;
	*err = local;
	return -1;
}

/* Renames directory NAME of FROM_FD if it is there and empty. */
static int loan_try(struct loan *loan, int from_fd, const char *name, int dirfd, const char *to,
                    struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	AUTO(close) int fd = -1;
	struct stat st;
	bool is_there;

	if (loan_open(&fd, from_fd, name, &is_there, err) < 0)
		return -1;
	if (!is_there)
		return 0;
	if (file_list(&entries, fd, ".", err) < 0 || fstat(fd, &st) < 0)
		return err_is_set(err) ? -1 : err_errno(err, "%s: stat", name);
	if (entries.count > 0)
		return 0;
	/* one that cannot be moved, because it is a mount, say, is none to borrow */
	if (renameat2(from_fd, name, dirfd, to, RENAME_NOREPLACE) < 0)
		return 0;
	*loan = (struct loan){ NULL, name, st.st_mode & 07777, st.st_uid, st.st_gid };
	(void)fchmod(fd, S_IRWXU); /* .drydock, in which the trash is, is closed to others */
	return 0;
}

int loan_take(struct loan *loan, int root_fd, int dirfd, const char *name, bool *is_taken,
              struct err *err)
{
	*is_taken = false;
	for (size_t i = 0; i < LENDER_COUNT && !*is_taken; i++) {
		AUTO(close) int from = -1;
		bool is_there;

		if (loan_open(&from, root_fd, lenders[i].dir, &is_there, err) < 0)
			return -1;
		if (!is_there)
			continue;
		if (loan_try(loan, from, lenders[i].name, dirfd, name, err) < 0)
			return err_wrap(err, "%s/%s", lenders[i].dir, lenders[i].name);
		*is_taken = loan->name != NULL;
		if (*is_taken)
			loan->dir = lenders[i].dir;
	}
	return 0;
}

void loan_return(struct loan *loan, int root_fd)
{
	struct err ignored = ERR_INIT;
	AUTO(close) int dirfd = -1;
	AUTO(close) int fd = -1;

	if (!loan->name)
		return;
	dirfd = file_open_dir(root_fd, loan->dir, &ignored);
	if (dirfd >= 0 && mkdirat(dirfd, loan->name, S_IRWXU) == 0) {
		fd = openat(dirfd, loan->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && fchown(fd, loan->user, loan->group) == 0)
			(void)fchmod(fd, loan->mode); /* no more than dockerd would do anew */
	}
	loan->name = NULL;
}
