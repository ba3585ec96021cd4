/* archive_make.c - trees made anew from an archive, each at a place that is given for it. */
#include "overlay2/archive_make.h"

#include "metadata/base/file.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "overlay2/treedir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct archive_place {
	char *path; /* in the archive; owned; the key in the map */
	char *name; /* under dirfd; owned */
	int dirfd;
};

/* A directory that is being filled. */
struct archive_room {
	struct treedir *dir;
	struct inode inode; /* what it will be */
	char *path;         /* owned */
};

/* What gets flags at the very end, when nothing more is done with it. */
struct archive_seal {
	char *path; /* owned */
	uint32_t flags;
	bool is_dir;
};

struct archive_maker {
	struct archive_place *places;
	size_t place_count, place_capacity;
	struct map by_path;
	struct treedir_cache cache;
	struct archive_room *rooms;
	size_t room_count, room_capacity;
	struct archive_seal *seals;
	size_t seal_count, seal_capacity;
	uint64_t content_bytes;
};

struct archive_maker *archive_maker_new(void)
{
	struct archive_maker *maker = mem_zalloc(1, sizeof(*maker));

	treedir_cache_init(&maker->cache, 0, treedir_open);
	return maker;
}

uint64_t archive_maker_bytes(const struct archive_maker *maker)
{
	return maker->content_bytes;
}

void archive_maker_add(struct archive_maker *maker, const char *path, int dirfd, const char *name)
{
	struct archive_place *place;

	maker->places = mem_grow(maker->places, maker->place_count, &maker->place_capacity,
	                         sizeof(*maker->places));
	place = &maker->places[maker->place_count++];
	*place = (struct archive_place){ mem_text(path), mem_text(name), dirfd };
	(void)map_set(&maker->by_path, place->path, maker->place_count - 1);
}

/* The place that PATH is at or in; NULL: none. */
static const struct archive_place *archive_maker_find(const struct archive_maker *maker,
                                                      const char *path)
{
	AUTO(str) char *part = mem_text(path);

	for (;;) {
		char *slash;
		size_t at;

		if (map_get(&maker->by_path, part, &at))
			return &maker->places[at];
		slash = strrchr(part, '/');
		if (!slash)
			return NULL;
		*slash = '\0';
	}
}

/* ---- directories that are being filled ---- */

static void archive_maker_forget_room(struct archive_maker *maker)
{
	struct archive_room *room = &maker->rooms[--maker->room_count];

	treedir_close(&maker->cache, room->dir);
	free(room->dir);
	inode_done(&room->inode);
	free(room->path);
}

void archive_maker_free(struct archive_maker *maker)
{
	if (!maker)
		return;
	while (maker->room_count > 0)
		archive_maker_forget_room(maker);
	free(maker->rooms);
	treedir_cache_done(&maker->cache);
	map_done(&maker->by_path);
	for (size_t i = 0; i < maker->place_count; i++) {
		free(maker->places[i].path);
		free(maker->places[i].name);
	}
	free(maker->places);
	for (size_t i = 0; i < maker->seal_count; i++)
		free(maker->seals[i].path);
	free(maker->seals);
	free(maker);
}

/* The innermost directory has all that is in it: now it can get its times. */
static int archive_maker_leave(struct archive_maker *maker, struct err *err)
{
	struct archive_room *room = &maker->rooms[maker->room_count - 1];
	int fd = treedir_pin(&maker->cache, room->dir, err);

	if (fd < 0)
		return err_wrap(err, "%s", room->path);
	if (inode_set(&room->inode, fd, err) < 0)
		return err_wrap(err, "%s", room->path);
	treedir_unpin(&maker->cache, room->dir);
	archive_maker_forget_room(maker);
	return 0;
}

/* What follows the directory DIR and a slash in PATH; NULL when PATH is not in it. */
static const char *archive_maker_below(const char *dir, const char *path)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

/* Leaves all directories that PATH is not in. */
static int archive_maker_leave_to(struct archive_maker *maker, const char *path, struct err *err)
{
	while (maker->room_count > 0 &&
	       !archive_maker_below(maker->rooms[maker->room_count - 1].path, path)) {
		if (archive_maker_leave(maker, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- entries ---- */

/* Where an entry is made. */
struct archive_spot {
	int dirfd;
	const char *name;
	struct treedir *dir; /* pinned; NULL: it is the top of a tree */
};

static int archive_maker_spot(struct archive_maker *maker, const struct archive_place *place,
                              const char *path, struct archive_spot *spot, struct err *err)
{
	struct archive_room *room;
	const char *name;

	if (archive_maker_leave_to(maker, path, err) < 0)
		return -1;
	if (strcmp(place->path, path) == 0) {
		*spot = (struct archive_spot){ place->dirfd, place->name, NULL };
		return 0;
	}
	room = maker->room_count > 0 ? &maker->rooms[maker->room_count - 1] : NULL;
	name = room ? archive_maker_below(room->path, path) : NULL;
	if (!name || strchr(name, '/'))
		return err_set(err, ERR_CORRUPT, "%s: its directory is not in the archive", path);
	*spot =
	    (struct archive_spot){ treedir_pin(&maker->cache, room->dir, err), name, room->dir };
	return spot->dirfd < 0 ? err_wrap(err, "%s", path) : 0;
}

static int archive_maker_dir(struct archive_maker *maker, const struct archive_spot *spot,
                             const struct archive_item *item, struct err *err)
{
	struct archive_room *room;

	if (mkdirat(spot->dirfd, spot->name, S_IRWXU) < 0)
		return err_errno(err, "make directory");
	maker->rooms =
	    mem_grow(maker->rooms, maker->room_count, &maker->room_capacity, sizeof(*maker->rooms));
	room = &maker->rooms[maker->room_count++];
	*room = (struct archive_room){ .dir = treedir_new(spot->dir, spot->name, 0, spot->dirfd),
		                       .path = mem_text(item->path) };
	inode_copy(&room->inode, &item->inode);
	return 0;
}

static int archive_maker_put(int fd, const char *bytes, size_t len, uint64_t offset)
{
	while (len > 0) {
		ssize_t put = pwrite(fd, bytes, len, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		bytes += put;
		len -= (size_t)put;
		offset += (uint64_t)put;
	}
	return 0;
}

static int archive_maker_file(const struct archive_spot *spot, struct archive_in *in,
                              const struct archive_item *item, struct err *err)
{
	AUTO(close)
	int fd = openat(spot->dirfd, spot->name,
	                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	const void *bytes;
	uint64_t offset;
	size_t len;

	if (fd < 0)
		return err_errno(err, "make");
	do {
		if (archive_in_data(in, &bytes, &len, &offset, err) < 0)
			return -1;
		if (len > 0 && archive_maker_put(fd, bytes, len, offset) < 0)
			return err_errno(err, "write");
	} while (len > 0);
	if (ftruncate(fd, (off_t)item->inode.size) < 0)
		return err_errno(err, "set size");
	if (inode_set(&item->inode, fd, err) < 0)
		return -1;
	return close(TAKE(fd, -1)) < 0 ? err_errno(err, "close") : 0;
}

static int archive_maker_other(const struct archive_spot *spot, const struct archive_item *item,
                               struct err *err)
{
	const struct inode *inode = &item->inode;
	int result = S_ISLNK(inode->mode)
	                 ? symlinkat(inode->target, spot->dirfd, spot->name)
	                 : mknodat(spot->dirfd, spot->name, (inode->mode & S_IFMT) | S_IRUSR,
	                           makedev(inode->rdev_major, inode->rdev_minor));

	if (result < 0)
		return err_errno(err, "make");
	return inode_set_at(inode, spot->dirfd, spot->name, err);
}

/* Opens the directory of PATH, which has been made already, and finds its name there. */
static int archive_maker_open_dir(const struct archive_maker *maker, const char *path,
                                  const char **name, struct err *err)
{
	const struct archive_place *place = archive_maker_find(maker, path);
	AUTO(str) char *dir = NULL;

	if (!place)
		return err_set(err, ERR_CORRUPT, "%s: is not in the archive", path);
	if (strcmp(place->path, path) == 0) {
		*name = place->name;
		return openat(place->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	*name = strrchr(path, '/') + 1;
	dir = mem_print("%s%.*s", place->name, (int)(*name - 1 - path - strlen(place->path)),
	                path + strlen(place->path));
	return file_open_dir(place->dirfd, dir, err);
}

static int archive_maker_link(const struct archive_maker *maker, const struct archive_spot *spot,
                              const char *target, struct err *err)
{
	const char *name = "";
	AUTO(close) int fd = archive_maker_open_dir(maker, target, &name, err);

	if (fd < 0)
		return err_is_set(err) ? -1 : err_errno(err, "open the directory of %s", target);
	if (linkat(fd, name, spot->dirfd, spot->name, 0) < 0)
		return err_errno(err, "link to %s", target);
	return 0;
}

static void archive_maker_note_seal(struct archive_maker *maker, const struct archive_item *item)
{
	if (item->kind != ARCHIVE_ITEM_INODE || !inode_is_sealed(&item->inode))
		return;
	maker->seals =
	    mem_grow(maker->seals, maker->seal_count, &maker->seal_capacity, sizeof(*maker->seals));
	maker->seals[maker->seal_count++] =
	    (struct archive_seal){ mem_text(item->path), item->inode.flags,
		                   S_ISDIR(item->inode.mode) };
}

static int archive_maker_do(struct archive_maker *maker, const struct archive_spot *spot,
                            struct archive_in *in, const struct archive_item *item, struct err *err)
{
	if (item->kind == ARCHIVE_ITEM_LINK)
		return archive_maker_link(maker, spot, item->target, err);
	if (S_ISDIR(item->inode.mode))
		return archive_maker_dir(maker, spot, item, err);
	if (S_ISREG(item->inode.mode))
		return archive_maker_file(spot, in, item, err);
	return archive_maker_other(spot, item, err);
}

int archive_maker_item(struct archive_maker *maker, struct archive_in *in,
                       const struct archive_item *item, struct err *err)
{
	const struct archive_place *place = archive_maker_find(maker, item->path);
	struct archive_spot spot = { -1, "", NULL };
	int result;

	if (item->kind == ARCHIVE_ITEM_OWN || !place)
		return 0;
	if (archive_maker_spot(maker, place, item->path, &spot, err) < 0)
		return -1;
	result = archive_maker_do(maker, &spot, in, item, err);
	if (spot.dir)
		treedir_unpin(&maker->cache, spot.dir);
	if (result < 0)
		return err_wrap(err, "%s", item->path);
	archive_maker_note_seal(maker, item);
	maker->content_bytes += item->kind == ARCHIVE_ITEM_INODE ? item->inode.size : 0;
	return 0;
}

static int archive_maker_seal(const struct archive_maker *maker, const struct archive_seal *seal,
                              struct err *err)
{
	const char *name = "";
	AUTO(close) int dirfd = archive_maker_open_dir(maker, seal->path, &name, err);
	AUTO(close) int fd = -1;

	if (dirfd < 0)
		return err_is_set(err) ? -1 : err_errno(err, "open its directory");
	fd = file_open(dirfd, name, seal->is_dir ? O_DIRECTORY : 0, err);
	return fd < 0 ? -1 : inode_seal(seal->flags, fd, err);
}

int archive_maker_end(struct archive_maker *maker, struct err *err)
{
	while (maker->room_count > 0) {
		if (archive_maker_leave(maker, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < maker->seal_count; i++) {
		if (archive_maker_seal(maker, &maker->seals[i], err) < 0)
			return err_wrap(err, "%s", maker->seals[i].path);
	}
	return 0;
}
