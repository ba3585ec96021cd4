/* archive_in.c - an archive that is being read: entry by entry, compared with its manifests. */
#include "overlay2/archive_in.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "overlay2/archive_item.h"
#include "overlay2/manifest.h"

#include <archive.h>
#include <archive_entry.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ARCHIVE_IN_BUFFER ((size_t)1 << 20)
#define ARCHIVE_IN_PART_MAX ((size_t)64 << 20) /* bytes of a manifest */

struct archive_in {
	char *name;
	struct archive *archive;
	struct archive_entry *entry; /* libarchive's */
	struct archive_item item;
	char *path, *target; /* of the item; owned */
	bool has_item;       /* whose end has not been reached */
	bool is_read;        /* all of its content */
	bool is_first;       /* nothing has been given yet */
	bool is_ended;       /* MANIFEST_END was there */
	uint64_t data_end;   /* where the last piece ended */
	struct manifest manifest;
	struct checksum *content;
};

const char *archive_in_name(const struct archive_in *in)
{
	return in->name;
}

/* Puts the failure of libarchive into words. */
static int archive_in_fail(const struct archive_in *in, struct err *err)
{
	const char *words = archive_error_string(in->archive);
	int code = archive_errno(in->archive);

	if (code == EIO || code == ENOMEM || code == EISDIR)
		return err_set(err, ERR_SYSTEM, "%s: read: %s", in->name, words ? words : "failed");
	if (in->is_first)
		return err_set(err, ERR_CORRUPT, "%s: is no archive of drydock (%s)", in->name,
		               words ? words : "not understood");
	return err_set(err, ERR_CORRUPT, "%s: is damaged or not whole: %s%s%s", in->name,
	               in->path ? in->path : "", in->path ? ": " : "",
	               words ? words : "cannot be read");
}

int archive_in_new(struct archive_in **in, int fd, const char *name, struct err *err)
{
	AUTO(archive_in) struct archive_in *made = mem_zalloc(1, sizeof(*made));

	made->name = mem_text(name);
	made->is_first = true;
	manifest_init(&made->manifest);
	made->content = checksum_new();
	made->archive = archive_read_new();
	if (!made->archive)
		abort(); /* as mem_zalloc() does without memory */
	if (archive_read_support_filter_zstd(made->archive) != ARCHIVE_OK ||
	    archive_read_support_format_tar(made->archive) != ARCHIVE_OK ||
	    archive_read_open_fd(made->archive, fd, ARCHIVE_IN_BUFFER) != ARCHIVE_OK)
		return archive_in_fail(made, err);
	*in = TAKE(made, NULL);
	return 0;
}

void archive_in_free(struct archive_in *in)
{
	if (!in)
		return;
	if (in->archive)
		(void)archive_read_free(in->archive); /* only read */
	inode_done(&in->item.inode);
	manifest_done(&in->manifest);
	checksum_free(in->content);
	free(in->name);
	free(in->path);
	free(in->target);
	free(in);
}

/* ---- content ---- */

/* A piece that does not follow the one before begins another region (manifest.h). */
static void archive_in_hash(struct archive_in *in, const void *bytes, size_t len, uint64_t offset)
{
	uint64_t begin = htole64(offset);

	if (offset != in->data_end)
		checksum_add(in->content, &begin, sizeof(begin));
	checksum_add(in->content, bytes, len);
	in->data_end = offset + len;
}

int archive_in_data(struct archive_in *in, const void **bytes, size_t *len, uint64_t *offset,
                    struct err *err)
{
	la_int64_t at = 0;
	int result;

	*len = 0;
	*offset = 0;
	while (!in->is_read) {
		result = archive_read_data_block(in->archive, bytes, len, &at);
		if (result == ARCHIVE_EOF) {
			*len = 0;
			in->is_read = true;
			break;
		}
		if (result != ARCHIVE_OK)
			return archive_in_fail(in, err);
		if (*len == 0) /* where the last hole ends */
			continue;
		if (at < 0 || (uint64_t)at < in->data_end ||
		    (uint64_t)at + *len > in->item.inode.size)
			return err_set(err, ERR_CORRUPT,
			               "%s: is damaged: %s: data at a wrong place", in->name,
			               in->path);
		*offset = (uint64_t)at;
		archive_in_hash(in, *bytes, *len, *offset);
		break;
	}
	return 0;
}

int archive_in_content(struct archive_in *in, size_t max, char **bytes, size_t *len,
                       struct err *err)
{
	AUTO(text) struct text text = TEXT_INIT;
	const void *piece = NULL;
	size_t piece_len = 0;
	uint64_t offset = 0;

	do {
		if (archive_in_data(in, &piece, &piece_len, &offset, err) < 0)
			return -1;
		if (piece_len > max - text.len || (piece_len > 0 && offset != text.len))
			return err_set(err, ERR_CORRUPT, "%s: is damaged: %s: cannot be that large",
			               in->name, in->path);
		text_add(&text, piece, piece_len);
	} while (piece_len > 0);
	*len = text.len;
	*bytes = text_take(&text);
	return 0;
}

/* ---- entries ---- */

/* Reads the rest of the entry and puts it into the manifest. */
static int archive_in_finish(struct archive_in *in, struct err *err)
{
	char hex[CHECKSUM_HEX_SIZE];
	const void *bytes = NULL;
	uint64_t offset = 0;
	size_t len = 0;

	if (!in->has_item)
		return 0;
	do {
		if (archive_in_data(in, &bytes, &len, &offset, err) < 0)
			return -1;
	} while (len > 0);
	in->has_item = false;
	checksum_finish(in->content, hex);
	if (in->item.kind == ARCHIVE_ITEM_LINK)
		manifest_add_link(&in->manifest, in->path, in->target);
	else if (in->item.kind == ARCHIVE_ITEM_OWN)
		manifest_add_own(&in->manifest, in->path, in->item.inode.size, hex);
	else
		manifest_add(&in->manifest, in->path, &in->item.inode,
		             S_ISREG(in->item.inode.mode) ? hex : NULL);
	return 0;
}

/* Makes the entry that libarchive has read the item. */
static int archive_in_take(struct archive_in *in, struct err *err)
{
	char hex[CHECKSUM_HEX_SIZE];
	const char *wrong;

	inode_done(&in->item.inode);
	free(TAKE(in->path, NULL));
	free(TAKE(in->target, NULL));
	checksum_finish(in->content, hex); /* what was before is no part of it */
	in->is_read = false;
	in->data_end = 0;
	wrong = archive_item_read(&in->item, &in->path, &in->target, in->entry);
	if (!wrong && !in->path)
		wrong = "its name cannot be read";
	if (wrong && in->is_first)
		return err_set(err, ERR_CORRUPT, "%s: is no archive of drydock", in->name);
	if (wrong)
		return err_set(err, ERR_CORRUPT, "%s: is damaged: %s: %s", in->name,
		               in->path ? in->path : "an entry", wrong);
	in->item.path = in->path;
	in->item.target = in->target;
	return 0;
}

/* The item is a manifest: does it say what was read? */
static int archive_in_compare(struct archive_in *in, struct err *err)
{
	AUTO(str) char *part = NULL;
	AUTO(str) char *wrong = NULL;
	AUTO(str) char *expected = manifest_part_name(in->manifest.part_count + 1);
	size_t len = 0;

	if (archive_in_content(in, ARCHIVE_IN_PART_MAX, &part, &len, err) < 0)
		return -1;
	wrong = strcmp(in->path, expected) != 0
	            ? mem_print("%s: is not where it should be", in->path)
	            : manifest_compare(&in->manifest, part, len);
	if (wrong)
		return err_set(err, ERR_CORRUPT, "%s: is damaged: %s", in->name, wrong);
	(void)manifest_cut(&in->manifest);
	return 0;
}

/* The item is the end. */
static int archive_in_compare_end(struct archive_in *in, struct err *err)
{
	AUTO(str) char *end = NULL;
	AUTO(str) char *expected = NULL;
	bool is_cut = in->manifest.line_count == 0;
	size_t len = 0;

	if (archive_in_content(in, ARCHIVE_IN_PART_MAX, &end, &len, err) < 0)
		return -1;
	expected = manifest_end(&in->manifest);
	if (!is_cut || !end || strcmp(end, expected) != 0)
		return err_set(err, ERR_CORRUPT,
		               "%s: is damaged: it does not hold what its end says", in->name);
	in->is_ended = true;
	return 0;
}

/* Reads on to the next entry that is there; *IS_END when there is none. */
static int archive_in_header(struct archive_in *in, bool *is_end, struct err *err)
{
	int result = archive_read_next_header(in->archive, &in->entry);

	*is_end = result == ARCHIVE_EOF;
	if (*is_end)
		return 0;
	if (result != ARCHIVE_OK)
		return archive_in_fail(in, err);
	if (in->is_ended)
		return err_set(err, ERR_CORRUPT, "%s: is damaged: there is more after its end",
		               in->name);
	if (archive_in_take(in, err) < 0)
		return -1;
	if (in->is_first != (strcmp(in->path, MANIFEST_HEAD) == 0))
		return err_set(err, ERR_CORRUPT,
		               in->is_first ? "%s: is no archive of drydock"
		                            : "%s: is damaged: it begins twice",
		               in->name);
	in->is_first = false;
	return 0;
}

int archive_in_next(struct archive_in *in, const struct archive_item **item, struct err *err)
{
	for (;;) {
		bool is_end;

		if (archive_in_finish(in, err) < 0 || archive_in_header(in, &is_end, err) < 0)
			return -1;
		if (is_end)
			break;
		if (strncmp(in->path, MANIFEST_PARTS, strlen(MANIFEST_PARTS)) == 0) {
			if (archive_in_compare(in, err) < 0)
				return -1;
		} else if (strcmp(in->path, MANIFEST_END) == 0) {
			if (archive_in_compare_end(in, err) < 0)
				return -1;
		} else {
			in->has_item = true;
			*item = &in->item;
			return 0;
		}
	}
	if (in->is_first)
		return err_set(err, ERR_CORRUPT, "%s: is no archive of drydock: it is empty",
		               in->name);
	if (!in->is_ended)
		return err_set(err, ERR_CORRUPT, "%s: is not whole: its end is missing", in->name);
	*item = NULL;
	return 0;
}
