/* archiving.c - what a run will remove is written to an archive first, and read back. */
#include "gc/archive/archiving.h"

#include "gc/archive/archive_check.h"
#include "gc/archive/archive_head.h"
#include "gc/edit/cache_links.h"
#include "gc/edit/edit.h"
#include "metadata/base/mem.h"
#include "overlay2/archive_file.h"
#include "overlay2/archive_tree.h"
#include "overlay2/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where the object of a step is. */
struct archiving_source {
	bool is_there;
	bool is_in_trash;
};

struct archiving_work {
	struct archiving *archiving;
	const struct run *run;
	struct trash *trash;
	const struct graph *graph;
	struct archiving_source *sources; /* one a step */
	bool is_edit_written[ACTION_KIND_COUNT];
	struct archive_file *file;
};

static void archiving_work_cleanup(struct archiving_work *work)
{
	free(work->sources);
	archive_file_free(work->file);
}

/* ---- where the archive is ---- */

/* Says in *IS_INSIDE whether the directory FD is the data root or in it. */
static int archiving_look_up(int fd, int root_fd, bool *is_inside, struct err *err)
{
	AUTO(close) int at = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat root;
	struct stat st;
	struct stat above = { .st_ino = 0 };

	if (at < 0 || fstat(root_fd, &root) < 0)
		return err_errno(err, "open");
	for (;;) {
		int parent;

		if (fstat(at, &st) < 0)
			return err_errno(err, "stat");
		*is_inside = st.st_ino == root.st_ino && st.st_dev == root.st_dev;
		if (*is_inside || (st.st_ino == above.st_ino && st.st_dev == above.st_dev))
			return 0;
		above = st;
		parent = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (parent < 0)
			return err_errno(err, "open the directory above");
		(void)close(at); /* only looked at */
		at = parent;
	}
}

/* Before anything is made there. The path is absolute and the user's: symlinks are followed. */
static int archiving_check_place(const char *path, int root_fd, struct err *err)
{
	const char *slash = strrchr(path, '/');
	AUTO(str) char *dir = NULL;
	AUTO(close) int fd = -1;
	bool is_inside = false;

	if (!slash)
		return 0; /* standard output */
	dir = mem_copy(path, (size_t)(slash - path) + 1);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s: open its directory", path);
	if (archiving_look_up(fd, root_fd, &is_inside, err) < 0)
		return err_wrap(err, "%s", path);
	if (is_inside)
		return err_set(err, ERR_STATE, "%s: is in the data root itself", path);
	return 0;
}

/* What a run that was cut off has archived before may be replaced, and nothing else. */
static int archiving_check_old(const struct archiving_work *work, struct err *err)
{
	const struct archive_file *file = work->file;
	AUTO(archive_head) struct archive_head head = ARCHIVE_HEAD_INIT;
	AUTO(close) int fd = -1;
	struct archive_check check = { .name = file->path };
	struct err ignored = ERR_INIT;

	if (!file->name)
		return 0;
	fd = openat(file->dirfd, file->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return 0;
	check.fd = fd;
	if (fd >= 0 && archive_check_head(&check, &head, &ignored) == 0 &&
	    strcmp(head.run->digest, work->run->digest) == 0 &&
	    head.run->started == work->run->started && head.run->inode == work->run->inode)
		return 0;
	return err_set(err, ERR_STATE, "%s: exists already, and is no archive of this run",
	               file->path);
}

static int archiving_open(struct archiving_work *work, int root_fd, struct err *err)
{
	const struct archiving *archiving = work->archiving;

	if (archiving_check_place(archiving->path, root_fd, err) < 0 ||
	    archive_file_new(&work->file, archiving->path, archiving->may_replace, err) < 0)
		return -1;
	return archiving->may_replace ? archiving_check_old(work, err) : 0;
}

/* ---- what goes into it ---- */

/* The old file of edits is in the trash once one of them has been done. */
static bool archiving_is_edited(const struct archiving_work *work, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		const struct run_step *step = &work->run->steps[i];

		if ((step->state == STEP_PLANNED || step->state == STEP_DETACHED) &&
		    !edit_is_open(work->graph, step))
			return true;
	}
	return false;
}

static int archiving_find(const struct archiving_work *work, size_t at,
                          struct archiving_source *source, struct err *err)
{
	const struct run_step *step = &work->run->steps[at];
	size_t first;
	size_t end = run_group(work->run, at, &first);

	if (step->state != STEP_PLANNED && step->state != STEP_DETACHED)
		return 0;
	if (trash_has(work->trash, step->place, &source->is_in_trash, err) < 0)
		return -1;
	if (source->is_in_trash && action_is_edit(step->kind))
		source->is_in_trash = archiving_is_edited(work, first, end);
	source->is_there = source->is_in_trash;
	return source->is_there ? 0
	                        : trash_has_source(work->trash, step->path, &source->is_there, err);
}

static int archiving_look(struct archiving_work *work, struct err *err)
{
	work->sources = mem_zalloc(work->run->step_count, sizeof(*work->sources));
	for (size_t i = 0; i < work->run->step_count; i++) {
		if (archiving_find(work, i, &work->sources[i], err) < 0)
			return -1;
	}
	return 0;
}

static int archiving_write_head(const struct archiving_work *work, struct archive_out *out,
                                struct err *err)
{
	const struct run *run = work->run;
	bool *is_in = mem_zalloc(run->step_count, sizeof(*is_in));
	AUTO(str) char *text = NULL;
	size_t len;

	for (size_t i = 0; i < run->step_count; i++)
		is_in[i] = work->sources[i].is_there;
	text = archive_head_write(run, is_in, &len);
	free(is_in);
	return archive_out_own(out, MANIFEST_HEAD, text, len, err);
}

/* Adds the object of step AT; that of edits stands once for all of a kind: the first has the file
 * as it was before all of them. */
static int archiving_write_step(struct archiving_work *work, struct archive_trees *trees, size_t at,
                                struct err *err)
{
	const struct run_step *step = &work->run->steps[at];
	AUTO(str) char *path = archive_head_path(step);
	const char *source = work->sources[at].is_in_trash ? step->place : step->path;
	int dirfd = -1;

	if (action_is_edit(step->kind) && work->is_edit_written[step->kind])
		return 0;
	work->is_edit_written[step->kind] = true;
	if (work->sources[at].is_in_trash) {
		if (trash_run_dir(work->trash, step->place, false, &dirfd, err) < 0)
			return -1;
	} else {
		dirfd = trash_dir_of(work->trash, step->path, err);
	}
	return dirfd < 0 ? -1 : archive_trees_add(trees, dirfd, trash_name_of(source), path, err);
}

/* Adds what leads to the records of the build cache that go. */
static int archiving_write_links(const struct archiving_work *work, struct archive_trees *trees,
                                 struct err *err)
{
	bool exists = false;
	size_t at;
	int dirfd;

	if (!cache_links_find(work->run, &at))
		return 0;
	if (trash_has_source(work->trash, CACHE_LINKS_FILE, &exists, err) < 0)
		return -1;
	if (!exists)
		return 0;
	dirfd = trash_dir_of(work->trash, CACHE_LINKS_FILE, err);
	return dirfd < 0
	           ? -1
	           : archive_trees_add(trees, dirfd, cache_links_name, ARCHIVE_HEAD_LINKS, err);
}

static void archiving_tell_written(void *context, uint64_t content_bytes)
{
	const struct archiving *archiving = context;

	archiving->progress(archiving->context, ARCHIVING_WRITES, content_bytes);
}

static int archiving_write(struct archiving_work *work, struct err *err)
{
	struct archiving *archiving = work->archiving;
	AUTO(archive_out) struct archive_out *out = NULL;
	AUTO(archive_trees) struct archive_trees *trees = NULL;

	if (archive_out_new(&out, work->file, archiving->jobs, err) < 0 ||
	    archiving_write_head(work, out, err) < 0)
		return -1;
	trees = archive_trees_new(out, archiving->stop);
	if (archiving->progress)
		archive_trees_watch(trees, archiving_tell_written, archiving);
	for (size_t i = 0; i < work->run->step_count; i++) {
		if (work->sources[i].is_there && archiving_write_step(work, trees, i, err) < 0)
			return -1;
	}
	if (archiving_write_links(work, trees, err) < 0)
		return -1;
	if (archive_out_end(out, &archiving->sum, err) < 0)
		return -1;
	archiving->size_bytes = work->file->size_bytes;
	checksum_finish(work->file->hash, archiving->hash);
	return archive_file_sync(work->file, err);
}

static void archiving_tell_checked(void *context, uint64_t content_bytes)
{
	const struct archiving *archiving = context;

	archiving->progress(archiving->context, ARCHIVING_CHECKS, content_bytes);
}

/* Reads what was written, and gives it its name. */
static int archiving_finish(const struct archiving_work *work, struct err *err)
{
	const struct archiving *archiving = work->archiving;
	AUTO(archive_head) struct archive_head head = ARCHIVE_HEAD_INIT;
	AUTO(close) int fd = -1;
	struct archive_check check = { .name = work->file->path,
		                       .stop = archiving->stop,
		                       .progress =
		                           archiving->progress ? archiving_tell_checked : NULL,
		                       .context = work->archiving };

	if (!work->file->name)
		return 0;
	fd = archive_file_reopen(work->file, err);
	if (fd < 0)
		return -1;
	check.fd = fd;
	if (archive_check(&check, &head, err) < 0)
		return err_wrap(err, "read what was written");
	return archive_file_name(work->file, archiving->may_replace, err);
}

int archiving_do(struct archiving *archiving, const struct run *run, struct trash *trash,
                 const struct graph *graph, int root_fd, struct err *err)
{
	AUTO(archiving_work)
	struct archiving_work work = {
		.archiving = archiving, .run = run, .trash = trash, .graph = graph
	};
	struct err local = ERR_INIT;
	int result = archiving_open(&work, root_fd, &local);

	archiving->is_stopped = false;
	if (result == 0)
		result = archiving_look(&work, &local);
	if (result == 0)
		result = archiving_write(&work, &local);
	if (result == 0)
		result = archiving_finish(&work, &local);
	if (result < 0 && archiving->stop && *archiving->stop && err_has_code(&local, EINTR)) {
		archiving->is_stopped = true;
		return 0;
	}
	if (result < 0 && err)
		*err = local;
	return result < 0 ? err_wrap(err, "archive") : 0;
}
