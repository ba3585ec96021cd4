/* archive_out.c - an archive that is being written: pax and zstd, entry by entry. */
#include "overlay2/archive_out.h"

#include "metadata/base/mem.h"
#include "metadata/base/pool.h"
#include "overlay2/archive_file.h"
#include "overlay2/archive_item.h"
#include "overlay2/manifest.h"
#include "overlay2/regions.h"

#include <archive.h>
#include <archive_entry.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARCHIVE_OUT_BUFFER ((size_t)1 << 20)
#define ARCHIVE_OUT_HOLE ((size_t)64 << 20) /* of which so much is written at a time */

struct archive_out {
	struct archive_file *file; /* borrowed */
	struct archive *archive;
	struct archive_entry *entry;
	struct manifest manifest;
	struct checksum *content;
	char *buffer;     /* ARCHIVE_OUT_BUFFER */
	const char *hole; /* ARCHIVE_OUT_HOLE zeros, which are never looked at */
	struct archive_sum sum;
	uint64_t renamed_count; /* MANIFEST_FILES */
	bool is_given_up;
};

/* ---- libarchive's side ---- */

/* libarchive is not told of failures, or it would not free all that it has; archive_out_try() looks
 * for them. */
static la_ssize_t archive_out_write(struct archive *archive, void *context, const void *bytes,
                                    size_t len)
{
	struct archive_out *out = context;

	(void)archive;
	if (!out->is_given_up)
		(void)!archive_file_write(out->file, bytes, len);
	return (la_ssize_t)len;
}

/* Puts the failure of libarchive into words. */
static int archive_out_fail(struct archive_out *out, struct err *err)
{
	const char *words = archive_error_string(out->archive);

	if (!err_is_set(&out->file->err))
		(void)err_set(&out->file->err, ERR_SYSTEM, "%s: write: %s", out->file->path,
		              words ? words : "failed");
	if (err)
		*err = out->file->err;
	return -1;
}

bool archive_out_has_failed(const struct archive_out *out)
{
	return err_is_set(&out->file->err);
}

/* A warning is a failure: something would not be in the archive as it is on disk. */
static int archive_out_try(struct archive_out *out, int result, struct err *err)
{
	return result == ARCHIVE_OK && !archive_out_has_failed(out) ? 0
	                                                            : archive_out_fail(out, err);
}

static int archive_out_open(struct archive_out *out, unsigned threads, struct err *err)
{
	char count[16];

	(void)snprintf(count, sizeof(count), "%u", threads);
	/* libraries older than 3.6, or without threads, do it alone */
	if (archive_out_try(out, archive_write_add_filter_zstd(out->archive), err) < 0)
		return -1;
	(void)archive_write_set_filter_option(out->archive, "zstd", "threads", count);
	archive_clear_error(out->archive);
	if (archive_out_try(out, archive_write_set_format_pax(out->archive), err) < 0 ||
	    /* names are bytes; attributes stand once, as GNU tar reads them, too */
	    archive_out_try(
		out, archive_write_set_format_option(out->archive, "pax", "hdrcharset", "BINARY"),
		err) < 0 ||
	    archive_out_try(
		out, archive_write_set_format_option(out->archive, "pax", "xattrheader", "SCHILY"),
		err) < 0 ||
	    archive_out_try(out, archive_write_set_bytes_in_last_block(out->archive, 1), err) < 0)
		return -1;
	return archive_out_try(
	    out, archive_write_open(out->archive, out, NULL, archive_out_write, NULL), err);
}

int archive_out_new(struct archive_out **out, struct archive_file *file, unsigned threads,
                    struct err *err)
{
	AUTO(archive_out) struct archive_out *made = mem_zalloc(1, sizeof(*made));
	void *hole;

	made->file = file;
	manifest_init(&made->manifest);
	made->content = checksum_new();
	made->buffer = mem_zalloc(ARCHIVE_OUT_BUFFER, 1);
	made->archive = archive_write_new();
	made->entry = archive_entry_new();
	if (!made->archive || !made->entry)
		abort(); /* as mem_zalloc() does without memory */
	hole = mmap(NULL, ARCHIVE_OUT_HOLE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	            -1, 0);
	if (hole == MAP_FAILED)
		return err_errno(err, "archive: map memory");
	made->hole = hole;
	if (archive_out_open(made, pool_jobs(threads), err) < 0)
		return -1;
	*out = TAKE(made, NULL);
	return 0;
}

void archive_out_free(struct archive_out *out)
{
	if (!out)
		return;
	out->is_given_up = true; /* nothing more is written when it is freed */
	if (out->archive)
		(void)archive_write_free(out->archive);
	archive_entry_free(out->entry);
	manifest_done(&out->manifest);
	checksum_free(out->content);
	free(out->buffer);
	if (out->hole)
		(void)munmap((void *)(uintptr_t)out->hole, ARCHIVE_OUT_HOLE);
	free(out);
}

/* ---- files of drydock's own ---- */

static int archive_out_data(struct archive_out *out, const void *bytes, size_t len, struct err *err)
{
	const char *from = bytes;

	while (len > 0) {
		la_ssize_t put = archive_write_data(out->archive, from, len);

		if (put <= 0 || archive_out_has_failed(out))
			return archive_out_fail(out, err);
		from += put;
		len -= (size_t)put;
	}
	return 0;
}

static int archive_out_plain(struct archive_out *out, const char *name, const char *bytes,
                             size_t len, struct err *err)
{
	archive_entry_clear(out->entry);
	archive_entry_set_pathname(out->entry, name);
	archive_entry_set_mode(out->entry, S_IFREG | 0600);
	archive_entry_set_size(out->entry, (la_int64_t)len);
	if (archive_out_try(out, archive_write_header(out->archive, out->entry), err) < 0 ||
	    archive_out_data(out, bytes, len, err) < 0)
		return -1;
	return archive_out_try(out, archive_write_finish_entry(out->archive), err);
}

static int archive_out_part(struct archive_out *out, struct err *err)
{
	AUTO(str) char *part = mem_copy(out->manifest.lines.data, out->manifest.lines.len);
	size_t len = out->manifest.lines.len;
	AUTO(str) char *name = manifest_part_name(manifest_cut(&out->manifest));

	return archive_out_plain(out, name, part, len, err);
}

static int archive_out_settle(struct archive_out *out, struct err *err)
{
	return manifest_is_full(&out->manifest) ? archive_out_part(out, err) : 0;
}

int archive_out_own(struct archive_out *out, const char *name, const char *bytes, size_t len,
                    struct err *err)
{
	char hex[CHECKSUM_HEX_SIZE];

	if (archive_out_plain(out, name, bytes, len, err) < 0)
		return -1;
	checksum_of(bytes, len, hex);
	manifest_add_own(&out->manifest, name, len, hex);
	return archive_out_settle(out, err);
}

int archive_out_end(struct archive_out *out, struct archive_sum *sum, struct err *err)
{
	AUTO(str) char *end = NULL;

	if (out->manifest.line_count > 0 && archive_out_part(out, err) < 0)
		return -1;
	end = manifest_end(&out->manifest);
	if (archive_out_plain(out, MANIFEST_END, end, strlen(end), err) < 0 ||
	    archive_out_try(out, archive_write_close(out->archive), err) < 0)
		return -1;
	if (sum)
		*sum = out->sum;
	return 0;
}

/* ---- entries of trees ---- */

/* Copies the region from FD into the archive. */
static int archive_out_region(struct archive_out *out, int fd, const struct region *region,
                              struct err *err)
{
	uint64_t offset = htole64((uint64_t)region->start);

	if (region->start > 0)
		checksum_add(out->content, &offset, sizeof(offset));
	for (off_t at = region->start; at < region->end;) {
		off_t left = region->end - at;
		size_t want = left < (off_t)ARCHIVE_OUT_BUFFER ? (size_t)left : ARCHIVE_OUT_BUFFER;
		ssize_t got = pread(fd, out->buffer, want, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "read");
		if (got == 0)
			return err_set(err, ERR_STATE, "changed while it was read");
		checksum_add(out->content, out->buffer, (size_t)got);
		if (archive_out_data(out, out->buffer, (size_t)got, err) < 0)
			return -1;
		at += got;
	}
	return 0;
}

/* libarchive wants bytes for holes as well, and leaves them out. */
static int archive_out_hole(struct archive_out *out, off_t start, off_t end, struct err *err)
{
	while (start < end) {
		off_t left = end - start;
		size_t len = left < (off_t)ARCHIVE_OUT_HOLE ? (size_t)left : ARCHIVE_OUT_HOLE;

		if (archive_out_data(out, out->hole, len, err) < 0)
			return -1;
		start += (off_t)len;
	}
	return 0;
}

static int archive_out_content(struct archive_out *out, int fd, off_t size,
                               const struct regions *regions, struct err *err)
{
	off_t at = 0;

	for (size_t i = 0; i < regions->count; i++) {
		if (archive_out_hole(out, at, regions->items[i].start, err) < 0 ||
		    archive_out_region(out, fd, &regions->items[i], err) < 0)
			return -1;
		at = regions->items[i].end;
	}
	return archive_out_hole(out, at, size, err);
}

/* What was read is one state of the file only if it is still that. */
static int archive_out_check(const struct inode *inode, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "stat");
	if ((uint64_t)st.st_size != inode->size || st.st_mtim.tv_sec != inode->mtime.tv_sec ||
	    st.st_mtim.tv_nsec != inode->mtime.tv_nsec)
		return err_set(err, ERR_STATE, "changed while it was read");
	return 0;
}

static int archive_out_file(struct archive_out *out, const char *path, const struct inode *inode,
                            int fd, struct err *err)
{
	AUTO(regions) struct regions regions = REGIONS_INIT;
	const off_t size = (off_t)inode->size;

	if (regions_find(&regions, fd, size, err) < 0)
		return -1;
	if (regions_have_holes(&regions, size))
		archive_item_write_holes(out->entry, path, &regions, &out->renamed_count);
	if (archive_out_try(out, archive_write_header(out->archive, out->entry), err) < 0 ||
	    archive_out_content(out, fd, size, &regions, err) < 0)
		return -1;
	return archive_out_check(inode, fd, err);
}

int archive_out_add(struct archive_out *out, const char *path, const struct inode *inode, int fd,
                    struct err *err)
{
	char hex[CHECKSUM_HEX_SIZE];
	int result;

	archive_item_write(out->entry, path, inode);
	result = fd >= 0
	             ? archive_out_file(out, path, inode, fd, err)
	             : archive_out_try(out, archive_write_header(out->archive, out->entry), err);
	if (result < 0 || archive_out_try(out, archive_write_finish_entry(out->archive), err) < 0)
		return -1;
	checksum_finish(out->content, hex);
	manifest_add(&out->manifest, path, inode, fd >= 0 ? hex : NULL);
	out->sum.entry_count++;
	out->sum.content_bytes += inode->size;
	return archive_out_settle(out, err);
}

int archive_out_link(struct archive_out *out, const char *path, const char *target, struct err *err)
{
	archive_entry_clear(out->entry);
	archive_entry_set_pathname(out->entry, path);
	archive_entry_set_mode(out->entry, S_IFREG | 0600);
	archive_entry_set_hardlink(out->entry, target);
	archive_entry_set_size(out->entry, 0);
	if (archive_out_try(out, archive_write_header(out->archive, out->entry), err) < 0 ||
	    archive_out_try(out, archive_write_finish_entry(out->archive), err) < 0)
		return -1;
	manifest_add_link(&out->manifest, path, target);
	out->sum.entry_count++;
	return archive_out_settle(out, err);
}
