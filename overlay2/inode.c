/* inode.c - all that an inode is but its content: what a copy of a file must have, too. */
#include "overlay2/inode.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void inode_done(struct inode *inode)
{
	free(inode->target);
	for (size_t i = 0; i < inode->xattr_count; i++) {
		free(inode->xattrs[i].name);
		free(inode->xattrs[i].value);
	}
	free(inode->xattrs);
	*inode = (struct inode)INODE_INIT;
}

void inode_add_xattr(struct inode *inode, const char *name, const void *value, size_t len)
{
	inode->xattrs = mem_grow(inode->xattrs, inode->xattr_count, &inode->xattr_capacity,
	                         sizeof(*inode->xattrs));
	inode->xattrs[inode->xattr_count++] =
	    (struct inode_xattr){ mem_text(name), mem_copy(value, len), len };
}

void inode_copy(struct inode *copy, const struct inode *inode)
{
	*copy = *inode;
	copy->target = mem_text(inode->target);
	copy->xattrs = NULL;
	copy->xattr_count = 0;
	copy->xattr_capacity = 0;
	for (size_t i = 0; i < inode->xattr_count; i++)
		inode_add_xattr(copy, inode->xattrs[i].name, inode->xattrs[i].value,
		                inode->xattrs[i].len);
}

static int inode_compare(const void *left, const void *right)
{
	const struct inode_xattr *a = left;
	const struct inode_xattr *b = right;

	return strcmp(a->name, b->name);
}

void inode_sort(struct inode *inode)
{
	if (inode->xattr_count > 1)
		qsort(inode->xattrs, inode->xattr_count, sizeof(*inode->xattrs), inode_compare);
}

/* What is hashed: words that tell every two inodes apart, each value after its length. */
void inode_checksum(const struct inode *inode, char hex[CHECKSUM_HEX_SIZE])
{
	AUTO(text) struct text text = TEXT_INIT;

	text_print(&text, "%o %ju:%ju %ju %u:%u ", inode->mode, (uintmax_t)inode->uid,
	           (uintmax_t)inode->gid, (uintmax_t)inode->size, inode->rdev_major,
	           inode->rdev_minor);
	text_print(&text, "%jd.%09ld %jd.%09ld ", (intmax_t)inode->mtime.tv_sec,
	           inode->mtime.tv_nsec, (intmax_t)inode->atime.tv_sec, inode->atime.tv_nsec);
	text_print(&text, "%" PRIx32 " %" PRIu32 " %zu %s", inode->flags, inode->project,
	           inode->target ? strlen(inode->target) : 0, inode->target ? inode->target : "");
	for (size_t i = 0; i < inode->xattr_count; i++) {
		const struct inode_xattr *xattr = &inode->xattrs[i];

		text_print(&text, " %zu %zu %s=", strlen(xattr->name), xattr->len, xattr->name);
		text_add(&text, xattr->value, xattr->len);
	}
	checksum_of(text.data, text.len, hex);
}
