/* untag.c - taking entries out of repositories.json, all at once. */
#include "gc/run/untag.h"

#include "gc/run/newfile.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char *untag_temporary(const struct trash *trash)
{
	return mem_print(".tmp-repositories.json%lld", (long long)trash_run(trash));
}

int untag_clean(struct trash *trash, struct err *err)
{
	AUTO(str) char *name = untag_temporary(trash);
	struct err local = ERR_INIT;
	int dirfd = trash_dir_of(trash, UNTAG_FILE, &local);

	if (dirfd < 0) {
		if (err_has_code(&local, ENOENT))
			return 0;
		if (err)
			*err = local;
		return -1;
	}
	cut_here(trash_cut(trash), "unlink", name);
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return err_errno(err, "image/overlay2/%s: remove", name);
	return 0;
}

/* Gives the directory its new repositories.json; after a failure the old one is in place. */
static int untag_replace(int dirfd, const char *temporary, const char *bytes, size_t len,
                         const struct cut *cut, struct err *err)
{
	const char *name = trash_name_of(UNTAG_FILE);
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "%s: stat", name);
	st.st_mode = 0600; /* as dockerd has it */
	cut_here(cut, "write", temporary);
	if (newfile_write(dirfd, temporary, bytes, len, &st, err) < 0)
		return -1;
	cut_here(cut, "rename", UNTAG_FILE);
	if (renameat(dirfd, temporary, dirfd, name) < 0)
		return err_errno(err, "%s: replace", name);
	return 0;
}

int untag_apply(struct trash *trash, const struct ref_list *refs, const bool *drop,
                const char *place, struct err *err)
{
	AUTO(str) char *temporary = untag_temporary(trash);
	const struct cut *cut = trash_cut(trash);
	AUTO(str) char *bytes = NULL;
	size_t len;
	int dirfd;

	if (trash_save(trash, UNTAG_FILE, place, err) < 0 || untag_clean(trash, err) < 0)
		return -1;
	dirfd = trash_dir_of(trash, UNTAG_FILE, err);
	if (dirfd < 0)
		return -1;
	bytes = ref_list_format(refs, drop, &len);
	if (untag_replace(dirfd, temporary, bytes, len, cut, err) < 0) {
		(void)unlinkat(dirfd, temporary, 0); /* *ERR tells the first failure */
		return err_wrap(err, "image/overlay2");
	}
	cut_here(cut, "sync", "image/overlay2");
	/* the barrier comes before anything is lost, so a failure here is told there again */
	(void)fsync(dirfd);
	return 0;
}
