/* archive_tree.c - whole directory trees put into an archive, whatever is in them. */
#include "overlay2/archive_tree.h"

#include "metadata/base/file.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "overlay2/archive_out.h"
#include "overlay2/treedir.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ARCHIVE_TREE_PATH_MAX 512 /* of a path in an error */

/* An inode with several names, and the first of them that was met. */
struct archive_name {
	char *inode; /* owned; the key in the map */
	char *path;  /* owned */
};

/* A directory that is being gone through. */
struct archive_level {
	struct treedir *dir; /* pinned only while something is done in it */
	struct file_entries entries;
	size_t next;
	size_t path_len; /* of its path */
};

struct archive_trees {
	struct archive_out *out;
	const volatile bool *stop;
	struct treedir_cache cache;
	struct map by_inode;
	struct archive_name *names;
	size_t name_count, name_capacity;
	struct archive_level *levels;
	size_t level_count, level_capacity;
	struct text path;  /* of what is being done */
	uint64_t mount_id; /* that the tree is on */
	uint64_t content_bytes;
	archive_tree_progress *progress;
	void *context;
};

struct archive_trees *archive_trees_new(struct archive_out *out, const volatile bool *stop)
{
	struct archive_trees *trees = mem_zalloc(1, sizeof(*trees));

	trees->out = out;
	trees->stop = stop;
	treedir_cache_init(&trees->cache, 0, treedir_open);
	return trees;
}

static void archive_trees_leave(struct archive_trees *trees)
{
	struct archive_level *level = &trees->levels[--trees->level_count];
	struct treedir *parent = level->dir->parent;

	treedir_close(&trees->cache, level->dir);
	file_entries_done(&level->entries);
	free(level->dir);
	if (parent)
		parent->refs--;
}

void archive_trees_free(struct archive_trees *trees)
{
	if (!trees)
		return;
	while (trees->level_count > 0)
		archive_trees_leave(trees);
	free(trees->levels);
	map_done(&trees->by_inode);
	for (size_t i = 0; i < trees->name_count; i++) {
		free(trees->names[i].inode);
		free(trees->names[i].path);
	}
	free(trees->names);
	text_done(&trees->path);
	treedir_cache_done(&trees->cache);
	free(trees);
}

void archive_trees_watch(struct archive_trees *trees, archive_tree_progress *each, void *context)
{
	trees->progress = each;
	trees->context = context;
}

/* Puts the path of what is being done before *ERR, which reading it has set. */
static int archive_trees_fail(const struct archive_trees *trees, struct err *err)
{
	const struct text *path = &trees->path;
	char words[ARCHIVE_TREE_PATH_MAX];

	if (archive_out_has_failed(trees->out)) /* then it names the archive */
		return -1;
	if (path->len < sizeof(words))
		return err_wrap(err, "%s", path->data);
	(void)memcpy(words, path->data, sizeof(words) - 4);
	(void)strcpy(words + sizeof(words) - 4, "...");
	return err_wrap(err, "%s", words);
}

/* The first name of the inode, or NULL: it is this one, which is kept. */
static const char *archive_trees_known(struct archive_trees *trees, const struct inode *inode)
{
	AUTO(str) char *key = mem_print("%" PRIx64 ":%" PRIx64, inode->device, inode->number);
	struct archive_name *name;
	size_t at;

	if (map_get(&trees->by_inode, key, &at))
		return trees->names[at].path;
	trees->names =
	    mem_grow(trees->names, trees->name_count, &trees->name_capacity, sizeof(*trees->names));
	name = &trees->names[trees->name_count++];
	*name =
	    (struct archive_name){ TAKE(key, NULL), mem_copy(trees->path.data, trees->path.len) };
	(void)map_set(&trees->by_inode, name->inode, trees->name_count - 1);
	return NULL;
}

static void archive_trees_done(struct archive_trees *trees, const struct inode *inode)
{
	trees->content_bytes += inode->size;
	if (trees->progress)
		trees->progress(trees->context, trees->content_bytes);
}

static int archive_trees_is_mount(struct err *err)
{
	err_clear(err);
	errno = EBUSY;
	return err_errno(err, "is a mount point");
}

/* Adds what is no directory: NAME under DIRFD. */
static int archive_trees_leaf(struct archive_trees *trees, int dirfd, const char *name,
                              struct err *err)
{
	AUTO(inode) struct inode inode = INODE_INIT;
	AUTO(close) int fd = -1;
	const char *known = NULL;
	int result;

	if (inode_open(&inode, dirfd, name, &fd, err) < 0)
		return -1;
	if (S_ISDIR(inode.mode))
		return err_set(err, ERR_STATE, "was replaced while it was looked at");
	if (inode.mount_id != 0 && inode.mount_id != trees->mount_id)
		return archive_trees_is_mount(err);
	if (inode.link_count > 1)
		known = archive_trees_known(trees, &inode);
	result = known ? archive_out_link(trees->out, trees->path.data, known, err)
	               : archive_out_add(trees->out, trees->path.data, &inode, fd, err);
	if (result == 0 && !known)
		archive_trees_done(trees, &inode);
	return result;
}

/* Adds the directory *DIR, which is taken, and goes into it. */
static int archive_trees_enter(struct archive_trees *trees, struct treedir *dir, struct err *err)
{
	AUTO(inode) struct inode inode = INODE_INIT;
	struct archive_level *level;
	int fd;
	int result;

	trees->levels = mem_grow(trees->levels, trees->level_count, &trees->level_capacity,
	                         sizeof(*trees->levels));
	level = &trees->levels[trees->level_count++];
	*level = (struct archive_level){ .dir = dir,
		                         .entries = FILE_ENTRIES_INIT,
		                         .path_len = trees->path.len };
	fd = treedir_pin(&trees->cache, dir, err);
	if (fd < 0)
		return err_has_code(err, EXDEV) ? archive_trees_is_mount(err) : -1;
	result = dir->mount_id != trees->mount_id ? archive_trees_is_mount(err)
	                                          : inode_read(&inode, fd, err);
	if (result == 0)
		result = archive_out_add(trees->out, trees->path.data, &inode, -1, err);
	if (result == 0)
		result = file_list(&level->entries, fd, ".", err);
	treedir_unpin(&trees->cache, dir);
	archive_trees_done(trees, &inode);
	return result;
}

/* Does the next entry of the innermost directory. */
static int archive_trees_entry(struct archive_trees *trees, struct err *err)
{
	struct archive_level *level = &trees->levels[trees->level_count - 1];
	const struct file_entry *entry = &level->entries.items[level->next++];
	int result;
	int fd;

	trees->path.len = level->path_len;
	text_print(&trees->path, "/%s", entry->name);
	if (entry->type == DT_DIR)
		return archive_trees_enter(trees, treedir_new(level->dir, entry->name, 0, -1), err);
	fd = treedir_pin(&trees->cache, level->dir, err);
	if (fd < 0)
		return -1;
	result = archive_trees_leaf(trees, fd, entry->name, err);
	treedir_unpin(&trees->cache, level->dir);
	return result;
}

static int archive_trees_top(struct archive_trees *trees, int dirfd, const char *name,
                             struct err *err)
{
	struct statx stx;

	if (treedir_mount_id(dirfd, &trees->mount_id) < 0)
		return err_errno(err, "find out the mount");
	if (treedir_stat(dirfd, name, &stx) < 0)
		return err_errno(err, "stat");
	return S_ISDIR(stx.stx_mode)
	           ? archive_trees_enter(trees, treedir_new(NULL, name, 0, dirfd), err)
	           : archive_trees_leaf(trees, dirfd, name, err);
}

static int archive_trees_check_stop(const struct archive_trees *trees, struct err *err)
{
	if (!trees->stop || !__atomic_load_n(trees->stop, __ATOMIC_RELAXED))
		return 0;
	errno = EINTR;
	return err_errno(err, "archive");
}

int archive_trees_add(struct archive_trees *trees, int dirfd, const char *name, const char *path,
                      struct err *err)
{
	trees->path.len = 0;
	text_print(&trees->path, "%s", path);
	if (archive_trees_top(trees, dirfd, name, err) < 0)
		return archive_trees_fail(trees, err);
	while (trees->level_count > 0) {
		const struct archive_level *level = &trees->levels[trees->level_count - 1];

		if (archive_trees_check_stop(trees, err) < 0)
			return -1;
		if (level->next >= level->entries.count)
			archive_trees_leave(trees);
		else if (archive_trees_entry(trees, err) < 0)
			return archive_trees_fail(trees, err);
	}
	return 0;
}
