/* loan.c - directories that the trash borrows where there is no room to make its own. */
#include "gc/trash/loan.h"

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

/* Opens LENDER in the root; *FD is -1 if it is not there, or no directory. 0 or -1. */
static int loan_open(int root_fd, const char *lender, int *fd, struct err *err)
{
	struct err local = ERR_INIT;

	*fd = file_open(root_fd, lender, O_DIRECTORY, &local);
	if (*fd >= 0 || err_has_code(&local, ENOENT) || local.kind == ERR_CORRUPT)
		return 0;
	*err = local;
	return -1;
}

/* Gives back directory NAME under DIRFD, which is FD: says whether it is where it was. */
static bool loan_give_back(int root_fd, int dirfd, const char *name, int fd)
{
	const char *lender = loan_lender(fd);

	if (!lender || !loan_is_empty(fd) ||
	    renameat2(dirfd, name, root_fd, lender, RENAME_NOREPLACE) < 0)
		return false;
	(void)fremovexattr(fd, LOAN_ATTRIBUTE);
	return true;
}

/* What was cut off: a directory that is back still has its attribute, or lies in another one. */
static void loan_settle(int root_fd)
{
	for (size_t i = 0; i < LENDER_COUNT; i++) {
		AUTO(close) int fd = file_open(root_fd, lenders[i], O_DIRECTORY, NULL);
		AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

		if (fd < 0 || file_list(&entries, fd, ".", NULL) < 0)
			continue;
		for (size_t j = 0; j < entries.count; j++) {
			const char *name = entries.items[j].name;
			AUTO(close) int inner = file_open(fd, name, O_DIRECTORY, NULL);

			if (inner >= 0)
				(void)loan_give_back(root_fd, fd, name, inner);
		}
		if (loan_lender(fd))
			(void)fremovexattr(fd, LOAN_ATTRIBUTE);
	}
}

/* Renames directory LENDER of the root, which is FD, if it is empty and private. */
static bool loan_try(int root_fd, const char *lender, int fd, int dirfd, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || (st.st_mode & S_IRWXO) != 0 || !loan_is_empty(fd))
		return false;
	(void)fsetxattr(fd, LOAN_ATTRIBUTE, lender, strlen(lender), 0); /* see LOAN_ATTRIBUTE */
	/* one that cannot be moved, because it is a mount, say, is none to borrow */
	if (renameat2(root_fd, lender, dirfd, name, RENAME_NOREPLACE) == 0)
		return true;
	(void)fremovexattr(fd, LOAN_ATTRIBUTE);
	return false;
}

/*
 * The same for a directory that takes up no name: XFS keeps few names in the inode of a directory,
 * and gives no block for one more. Another lender, whose name is as long, is moved into it as INNER
 * before.
 */
static bool loan_try_full(int root_fd, const char *lender, int fd, int dirfd, const char *name,
                          const char *inner)
{
	for (size_t i = 0; i < LENDER_COUNT; i++) {
		AUTO(close) int other = file_open(root_fd, lenders[i], O_DIRECTORY, NULL);

		if (other < 0 || strlen(lenders[i]) < strlen(name) || !loan_is_empty(fd) ||
		    strcmp(lenders[i], lender) == 0 ||
		    !loan_try(root_fd, lenders[i], other, fd, inner))
			continue;
		(void)fsetxattr(fd, LOAN_ATTRIBUTE, lender, strlen(lender), 0);
		if (renameat2(root_fd, lender, dirfd, name, RENAME_NOREPLACE) == 0)
			return true;
		loan_settle(root_fd);
	}
	return false;
}

int loan_take(int root_fd, int dirfd, const char *name, const char *inner, bool *is_taken,
              struct err *err)
{
	*is_taken = false;
	loan_settle(root_fd);
	for (size_t i = 0; i < LENDER_COUNT && !*is_taken; i++) {
		AUTO(close) int fd = -1;

		if (loan_open(root_fd, lenders[i], &fd, err) < 0)
			return -1;
		if (fd >= 0)
			*is_taken =
			    loan_try(root_fd, lenders[i], fd, dirfd, name) ||
			    (inner && loan_try_full(root_fd, lenders[i], fd, dirfd, name, inner));
	}
	return 0;
}

bool loan_return(int root_fd, int dirfd, const char *name)
{
	AUTO(close) int fd = file_open(dirfd, name, O_DIRECTORY, NULL);
	bool is_back = fd >= 0 && loan_give_back(root_fd, dirfd, name, fd);

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
