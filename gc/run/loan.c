/* loan.c - directories that the trash borrows where there is no room to make its own. */
#include "gc/run/loan.h"

#include "metadata/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* trust/: until 20.10 */
static const char *const lenders[] = { "tmp", "runtimes", "trust", "swarm" };

#define LENDER_COUNT (sizeof(lenders) / sizeof(lenders[0]))

static bool loan_is_empty(int fd)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	return file_list(&entries, fd, ".", NULL) == 0 && entries.count == 0;
}

/* Renames directory LENDER of the root if it is there, empty and private. */
static int loan_try(int root_fd, const char *lender, int dirfd, const char *name, bool *is_taken,
                    struct err *err)
{
	struct err local = ERR_INIT;
	AUTO(close) int fd = file_open(root_fd, lender, O_DIRECTORY, &local);
	struct stat st;

	if (fd < 0 && (err_has_code(&local, ENOENT) || local.kind == ERR_CORRUPT))
		return 0; /* is not there, or no directory */
	if (fd < 0) {
		*err = local;
		return -1;
	}
	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s: stat", lender);
	if ((st.st_mode & S_IRWXO) != 0 || !loan_is_empty(fd))
		return 0;
	(void)fsetxattr(fd, LOAN_ATTRIBUTE, lender, strlen(lender), 0); /* see LOAN_ATTRIBUTE */
	/* one that cannot be moved, because it is a mount, say, is none to borrow */
	*is_taken = renameat2(root_fd, lender, dirfd, name, RENAME_NOREPLACE) == 0;
	if (!*is_taken)
		(void)fremovexattr(fd, LOAN_ATTRIBUTE);
	return 0;
}

int loan_take(int root_fd, int dirfd, const char *name, bool *is_taken, struct err *err)
{
	*is_taken = false;
	for (size_t i = 0; i < LENDER_COUNT && !*is_taken; i++) {
		if (loan_try(root_fd, lenders[i], dirfd, name, is_taken, err) < 0)
			return -1;
	}
	return 0;
}

/* Whose directory FD is, or NULL. */
static const char *loan_lender(int fd)
{
	char value[16];
	ssize_t len = fgetxattr(fd, LOAN_ATTRIBUTE, value, sizeof(value));

	for (size_t i = 0; len > 0 && i < LENDER_COUNT; i++) {
		if ((size_t)len == strlen(lenders[i]) &&
		    memcmp(value, lenders[i], (size_t)len) == 0)
			return lenders[i];
	}
	return NULL;
}

/* A directory that has just been given back when a run was cut off still has its attribute. */
static void loan_settle(int root_fd)
{
	for (size_t i = 0; i < LENDER_COUNT; i++) {
		AUTO(close) int fd = file_open(root_fd, lenders[i], O_DIRECTORY, NULL);

		if (fd >= 0 && loan_lender(fd))
			(void)fremovexattr(fd, LOAN_ATTRIBUTE);
	}
}

bool loan_return(int root_fd, int dirfd, const char *name)
{
	AUTO(close) int fd = file_open(dirfd, name, O_DIRECTORY, NULL);
	const char *lender = fd >= 0 ? loan_lender(fd) : NULL;
	bool is_back = lender && loan_is_empty(fd) &&
	               renameat2(dirfd, name, root_fd, lender, RENAME_NOREPLACE) == 0;

	loan_settle(root_fd);
	return is_back;
}

void loan_replace(int root_fd, int dirfd, const char *name)
{
	AUTO(close) int fd = file_open(dirfd, name, O_DIRECTORY, NULL);
	const char *lender = fd >= 0 ? loan_lender(fd) : NULL;
	AUTO(close) int made = -1;
	struct stat st;

	if (!lender || fstat(fd, &st) < 0 ||
	    (mkdirat(root_fd, lender, S_IRWXU) < 0 && errno != EEXIST))
		return;
	/* also of one that dockerd has made since: it gives it the same */
	made = file_open(root_fd, lender, O_DIRECTORY, NULL);
	if (made >= 0 && fchown(made, st.st_uid, st.st_gid) == 0 &&
	    fchmod(made, st.st_mode & 07777) == 0)
		(void)fremovexattr(fd, LOAN_ATTRIBUTE);
}
