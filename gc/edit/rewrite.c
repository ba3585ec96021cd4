/* rewrite.c - changes to a database of dockerd, in one replacement of its file. */
#include "gc/edit/rewrite.h"

#include "gc/trash/replace.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <assert.h>
#include <string.h>
#include <sys/file.h>

/* The database that everything is locked by, for as long as a session (rewrite.h). */
#define REWRITE_NEVER "volumes/metadata.db"

/* What the new file is compared with. */
struct rewrite {
	const struct bolt *old;
	const struct bolt_edit *edit;
	int lock_fd; /* of the new file; -1: not yet */
};

static char *rewrite_temporary(const struct trash *trash, const char *path)
{
	return mem_print("%s.new-drydock%lld", trash_name_of(path), (long long)trash_run(trash));
}

int rewrite_clean(struct trash *trash, const char *path, struct err *err)
{
	AUTO(str) char *temporary = rewrite_temporary(trash, path);

	return replace_clean(trash, path, temporary, err);
}

/* Locks the new file and reads it as if it were any database. */
static int rewrite_check(void *context, int dirfd, const char *name, struct err *err)
{
	struct rewrite *rewrite = context;
	AUTO(bolt) struct bolt *new = NULL;
	AUTO(close) int fd = file_open(dirfd, name, 0, err);

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_errno(err, "%s: lock", name);
	if (bolt_open(&new, dirfd, name, err) < 0)
		return err_wrap(err, "read the new file");
	if (bolt_compare(new, rewrite->old, rewrite->edit, err) < 0)
		return err_wrap(err, "the new file is not as it should be");
	rewrite->lock_fd = TAKE(fd, -1);
	return 0;
}

static int rewrite_replace(struct trash *trash, const char *path, struct rewrite *rewrite,
                           const char *place, struct err *err)
{
	AUTO(str) char *temporary = rewrite_temporary(trash, path);
	AUTO(str) char *bytes = NULL;
	struct replacement replacement = { .path = path,
		                           .temporary = temporary,
		                           .place = place,
		                           .check = rewrite_check,
		                           .context = rewrite };

	if (bolt_write(&bytes, &replacement.len, rewrite->old, rewrite->edit, err) < 0)
		return err_wrap(err, "%s", path);
	replacement.bytes = bytes;
	return replace_file(trash, &replacement, err);
}

int rewrite_apply(struct trash *trash, const char *path, const struct bolt_edit *edit,
                  const char *place, struct err *err)
{
	const char *name = trash_name_of(path);
	AUTO(bolt) struct bolt *old = NULL;
	struct rewrite rewrite = { .edit = edit, .lock_fd = -1 };
	int dirfd = trash_dir_of(trash, path, err);
	int result;

	assert(strcmp(path, REWRITE_NEVER) != 0);
	if (dirfd < 0)
		return -1;
	if (bolt_open(&old, dirfd, name, err) < 0)
		return name > path ? err_wrap(err, "%.*s", (int)(name - path) - 1, path) : -1;
	if (bolt_edit_is_done(edit, old))
		return rewrite_clean(trash, path, err);
	rewrite.old = old;
	result = rewrite_replace(trash, path, &rewrite, place, err);
	if (result == 0)
		trash_keep(trash, TAKE(rewrite.lock_fd, -1));
	own_close_fd(rewrite.lock_fd);
	return result;
}

int rewrite_return(struct trash *trash, const char *path, const char *place, struct err *err)
{
	const char *name = trash_name_of(place);
	AUTO(close) int fd = -1;
	int run_fd;

	assert(strcmp(path, REWRITE_NEVER) != 0);
	if (trash_run_dir(trash, place, false, &run_fd, err) < 0)
		return -1;
	fd = file_open(run_fd, name, 0, err);
	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_errno(err, "%s: lock", place);
	if (trash_return_over(trash, place, path, err) < 0)
		return -1;
	trash_keep(trash, TAKE(fd, -1));
	return 0;
}
