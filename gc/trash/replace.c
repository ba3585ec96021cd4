/* replace.c - a new version of a file that stays, which takes its place in one rename. */
#include "gc/trash/replace.h"

#include "gc/trash/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int replace_clean(struct trash *trash, const char *path, const char *temporary, struct err *err)
{
	struct err local = ERR_INIT;
	int dirfd = trash_dir_of(trash, path, &local);

	if (dirfd < 0) {
		if (err_has_code(&local, ENOENT))
			return 0;
		if (err)
			*err = local;
		return -1;
	}
	cut_here(trash_cut(trash), "unlink", temporary);
	if (unlinkat(dirfd, temporary, 0) < 0 && errno != ENOENT)
		return err_errno(err, "%s: remove %s beside it", path, temporary);
	return 0;
}

/* Makes the new file, which takes the place of the old one if all is well with it. */
static int replace_do(int dirfd, const struct replacement *replacement, const struct cut *cut,
                      struct err *err)
{
	const char *name = trash_name_of(replacement->path);
	const char *temporary = replacement->temporary;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "stat");
	if (replacement->mode)
		st.st_mode = replacement->mode;
	cut_here(cut, "write", temporary);
	if (newfile_write(dirfd, temporary, replacement->bytes, replacement->len, &st, err) < 0)
		return -1;
	if (replacement->attribute)
		newfile_mark(dirfd, temporary, replacement->attribute);
	cut_here(cut, "check", temporary);
	if (replacement->check &&
	    replacement->check(replacement->context, dirfd, temporary, err) < 0)
		return -1;
	cut_here(cut, "rename", replacement->path);
	if (renameat(dirfd, temporary, dirfd, name) < 0)
		return err_errno(err, "replace");
	return 0;
}

int replace_file(struct trash *trash, const struct replacement *replacement, struct err *err)
{
	const struct cut *cut = trash_cut(trash);
	int dirfd;

	if ((replacement->place &&
	     trash_save(trash, replacement->path, replacement->place, err) < 0) ||
	    replace_clean(trash, replacement->path, replacement->temporary, err) < 0)
		return -1;
	dirfd = trash_dir_of(trash, replacement->path, err);
	if (dirfd < 0)
		return -1;
	if (replace_do(dirfd, replacement, cut, err) < 0) {
		(void)unlinkat(dirfd, replacement->temporary, 0); /* *ERR tells the first failure */
		return err_wrap(err, "%s", replacement->path);
	}
	cut_here(cut, "sync", replacement->path);
	/* the barrier comes before anything is lost, so a failure here is told there again */
	(void)fsync(dirfd);
	return 0;
}
