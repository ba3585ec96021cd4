/* archive_item.c - how an inode stands in an entry of tar, both ways. */
#include "overlay2/archive_item.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "overlay2/manifest.h"
#include "overlay2/regions.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

static void archive_item_write_inode(struct archive_entry *entry, const char *path,
                                     const struct inode *inode)
{
	/* tar knows no sockets; who reads it without drydock gets a FIFO */
	mode_t mode = S_ISSOCK(inode->mode) ? (inode->mode & ALLPERMS) | S_IFIFO : inode->mode;

	archive_entry_clear(entry);
	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_uid(entry, inode->uid);
	archive_entry_set_gid(entry, inode->gid);
	archive_entry_set_size(entry, (la_int64_t)inode->size);
	archive_entry_set_mtime(entry, inode->mtime.tv_sec, inode->mtime.tv_nsec);
	archive_entry_set_atime(entry, inode->atime.tv_sec, inode->atime.tv_nsec);
	archive_entry_set_ctime(entry, inode->ctime.tv_sec, inode->ctime.tv_nsec);
	archive_entry_set_rdevmajor(entry, inode->rdev_major);
	archive_entry_set_rdevminor(entry, inode->rdev_minor);
	if (inode->target)
		archive_entry_set_symlink(entry, inode->target);
	for (size_t i = 0; i < inode->xattr_count; i++)
		archive_entry_xattr_add_entry(entry, inode->xattrs[i].name, inode->xattrs[i].value,
		                              inode->xattrs[i].len);
}

/* What tar has no field for goes into attributes that no file has (archive_item_take_own() takes
 * them out). */
static void archive_item_write_own(struct archive_entry *entry, const struct inode *inode)
{
	char words[32];

	if (S_ISSOCK(inode->mode))
		archive_entry_xattr_add_entry(entry, MANIFEST_XATTR_TYPE, "socket", 6);
	if (inode->flags != 0 || inode->project != 0) {
		(void)snprintf(words, sizeof(words), "%08x %u", inode->flags, inode->project);
		archive_entry_xattr_add_entry(entry, MANIFEST_XATTR_FLAGS, words, strlen(words));
	}
}

void archive_item_write(struct archive_entry *entry, const char *path, const struct inode *inode)
{
	archive_item_write_inode(entry, path, inode);
	archive_item_write_own(entry, inode);
}

/* Says whether PATH stands in the header that every tar has; where it does not and there are holes,
 * libarchive 3.6 writes a part of it only. */
static bool archive_item_is_plain(const char *path)
{
	size_t len = strlen(path);
	const char *slash;

	for (const char *at = path; *at != '\0'; at++) {
		if (*at & 0x80)
			return false;
	}
	if (len <= 100)
		return true;
	slash = strchr(path + len - 101, '/');
	return slash && slash > path && slash - path <= 155;
}

void archive_item_write_holes(struct archive_entry *entry, const char *path,
                              const struct regions *regions, uint64_t *renamed_count)
{
	if (regions->count == 0) /* without any region it would not be sparse */
		archive_entry_sparse_add_entry(entry, 0, 0);
	for (size_t i = 0; i < regions->count; i++) {
		const struct region *region = &regions->items[i];

		archive_entry_sparse_add_entry(entry, region->start, region->end - region->start);
	}
	if (!archive_item_is_plain(path)) {
		AUTO(str)
		char *name = mem_print(MANIFEST_FILES "%ju", (uintmax_t)++ * renamed_count);

		archive_entry_set_pathname(entry, name);
		archive_entry_xattr_add_entry(entry, MANIFEST_XATTR_PATH, path, strlen(path));
	}
}

/* ---- reading ---- */

/* Says whether PATH is relative and every component is a name. */
static bool archive_item_is_path(const char *path)
{
	char name[NAME_MAX + 1];

	for (;;) {
		size_t len = strcspn(path, "/");

		if (len >= sizeof(name))
			return false;
		(void)memcpy(name, path, len);
		name[len] = '\0';
		if (!id_is_name(name))
			return false;
		if (path[len] == '\0')
			return true;
		path += len + 1;
	}
}

/* libarchive writes attribute names as in a URL, because a record of pax ends its key at "=". */
static bool archive_item_decode(char *name)
{
	char *to = name;

	for (const char *from = name; *from != '\0'; from++) {
		unsigned byte = 0;

		if (*from == '%') {
			if (strspn(from + 1, "0123456789ABCDEFabcdef") < 2 ||
			    sscanf(from + 1, "%2x", &byte) != 1 || byte == 0) /* NOLINT */
				return false;
			*to++ = (char)byte;
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return true;
}

static bool archive_item_read_flags(struct inode *inode, const char *words)
{
	char *end = NULL;

	inode->flags = (uint32_t)strtoul(words, &end, 16);
	if (end == words || *end != ' ')
		return false;
	inode->project = (uint32_t)strtoul(end + 1, &end, 10);
	return *end == '\0';
}

/* Takes an attribute of drydock's own for what it means. Returns false if it is none; *WRONG when
 * it makes no sense. */
static bool archive_item_take_own(struct inode *inode, char **path, const struct inode_xattr *xattr,
                                  const char **wrong)
{
	if (strcmp(xattr->name, MANIFEST_XATTR_TYPE) == 0) {
		if (!S_ISFIFO(inode->mode) || strcmp(xattr->value, "socket") != 0)
			*wrong = "its type is not known";
		inode->mode = (inode->mode & ALLPERMS) | S_IFSOCK;
		return true;
	}
	if (strcmp(xattr->name, MANIFEST_XATTR_FLAGS) == 0) {
		if (!archive_item_read_flags(inode, xattr->value))
			*wrong = "its flags are not known";
		return true;
	}
	if (strcmp(xattr->name, MANIFEST_XATTR_PATH) == 0) {
		if (strncmp(*path, MANIFEST_FILES, strlen(MANIFEST_FILES)) != 0)
			*wrong = "has two paths";
		free(*path);
		*path = mem_text(xattr->value);
		return true;
	}
	return false;
}

/* Reads the attributes; those that are drydock's own into what they mean. */
static const char *archive_item_read_xattrs(struct inode *inode, char **path,
                                            struct archive_entry *entry)
{
	int count = archive_entry_xattr_reset(entry);

	while (count-- > 0) {
		struct inode_xattr *xattr;
		const char *wrong = NULL;
		const char *name;
		const void *value;
		size_t len;

		if (archive_entry_xattr_next(entry, &name, &value, &len) != ARCHIVE_OK)
			return "an attribute cannot be read";
		inode_add_xattr(inode, name, value, len);
		xattr = &inode->xattrs[inode->xattr_count - 1];
		if (!archive_item_decode(xattr->name))
			return "an attribute has no name";
		if (archive_item_take_own(inode, path, xattr, &wrong)) {
			free(xattr->name);
			free(xattr->value);
			inode->xattr_count--;
		}
		if (wrong)
			return wrong;
	}
	inode_sort(inode);
	return NULL;
}

static bool archive_item_is_device(mode_t mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode);
}

static const char *archive_item_read_inode(struct inode *inode, char **path,
                                           struct archive_entry *entry)
{
	const char *target = archive_entry_symlink(entry);

	inode->mode = archive_entry_mode(entry);
	inode->uid = (uid_t)archive_entry_uid(entry);
	inode->gid = (gid_t)archive_entry_gid(entry);
	inode->size = S_ISREG(inode->mode) ? (uint64_t)archive_entry_size(entry) : 0;
	inode->mtime =
	    (struct timespec){ archive_entry_mtime(entry), archive_entry_mtime_nsec(entry) };
	inode->atime =
	    (struct timespec){ archive_entry_atime(entry), archive_entry_atime_nsec(entry) };
	inode->ctime =
	    (struct timespec){ archive_entry_ctime(entry), archive_entry_ctime_nsec(entry) };
	if (archive_item_is_device(inode->mode)) {
		inode->rdev_major = (uint32_t)archive_entry_rdevmajor(entry);
		inode->rdev_minor = (uint32_t)archive_entry_rdevminor(entry);
	}
	if (S_ISLNK(inode->mode)) {
		if (!target)
			return "its target cannot be read";
		inode->target = mem_text(target);
	}
	if (!S_ISREG(inode->mode) && !S_ISDIR(inode->mode) && !S_ISLNK(inode->mode) &&
	    !S_ISFIFO(inode->mode) && !archive_item_is_device(inode->mode))
		return "its type is not known";
	return archive_item_read_xattrs(inode, path, entry);
}

const char *archive_item_read(struct archive_item *item, char **path, char **target,
                              struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	const char *link = archive_entry_hardlink(entry);
	const char *wrong;
	size_t len;

	if (!name)
		return "its name cannot be read";
	*path = mem_text(name);
	len = strlen(*path);
	if (len > 1 && (*path)[len - 1] == '/') /* tar's way to write a directory */
		(*path)[len - 1] = '\0';
	if (link) {
		item->kind = ARCHIVE_ITEM_LINK;
		*target = mem_text(link);
		return archive_item_is_path(*path) && archive_item_is_path(*target)
		           ? NULL
		           : "is no path below a data root";
	}
	wrong = archive_item_read_inode(&item->inode, path, entry);
	if (!archive_item_is_path(*path))
		return "is no path below a data root";
	item->kind = strncmp(*path, MANIFEST_OWN, strlen(MANIFEST_OWN)) == 0 &&
	                     strncmp(*path, MANIFEST_EDITED, strlen(MANIFEST_EDITED)) != 0
	                 ? ARCHIVE_ITEM_OWN
	                 : ARCHIVE_ITEM_INODE;
	return wrong;
}
