/* manifest.c - what an archive says of its own entries, so that any damage is found and named. */
#include "overlay2/manifest.h"

#include "metadata/base/mem.h"
#include "metadata/base/quote.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MANIFEST_PATH_MAX 200 /* of a path in an error */

void manifest_init(struct manifest *manifest)
{
	*manifest = (struct manifest){ .lines = TEXT_INIT };
	manifest->part_hash = checksum_new();
}

void manifest_done(struct manifest *manifest)
{
	text_done(&manifest->lines);
	checksum_free(manifest->part_hash);
	manifest->part_hash = NULL;
}

/* "path" and "type", with which every line begins. */
static void manifest_begin(struct manifest *manifest, const char *path, const char *type)
{
	text_print(&manifest->lines, "{");
	quote_member(&manifest->lines, "path", path);
	quote_member(&manifest->lines, "type", type);
}

static void manifest_finish(struct manifest *manifest)
{
	text_print(&manifest->lines, "}\n");
	manifest->line_count++;
	manifest->entry_count++;
}

static const char *manifest_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "unknown";
	}
}

void manifest_add(struct manifest *manifest, const char *path, const struct inode *inode,
                  const char *content)
{
	manifest_begin(manifest, path, manifest_type(inode->mode));
	if (content) {
		text_print(&manifest->lines, ",\"size_bytes\":%" PRIu64, inode->size);
		quote_member(&manifest->lines, "xxh3", content);
		manifest->content_bytes += inode->size;
	}
	inode_checksum(inode, manifest->hex);
	quote_member(&manifest->lines, "inode", manifest->hex);
	manifest_finish(manifest);
}

void manifest_add_link(struct manifest *manifest, const char *path, const char *target)
{
	manifest_begin(manifest, path, "link");
	quote_member(&manifest->lines, "target", target);
	manifest_finish(manifest);
}

void manifest_add_own(struct manifest *manifest, const char *name, uint64_t size,
                      const char *content)
{
	manifest_begin(manifest, name, "own");
	text_print(&manifest->lines, ",\"size_bytes\":%" PRIu64, size);
	quote_member(&manifest->lines, "xxh3", content);
	manifest_finish(manifest);
}

bool manifest_is_full(const struct manifest *manifest)
{
	return manifest->line_count >= MANIFEST_PART;
}

uint64_t manifest_cut(struct manifest *manifest)
{
	checksum_add(manifest->part_hash, manifest->lines.data, manifest->lines.len);
	manifest->lines.len = 0;
	manifest->line_count = 0;
	return ++manifest->part_count;
}

char *manifest_end(struct manifest *manifest)
{
	checksum_finish(manifest->part_hash, manifest->hex);
	return mem_print("{\"version\":1,\"entries\":%" PRIu64 ",\"content_bytes\":%" PRIu64
	                 ",\"manifests\":%" PRIu64 ",\"xxh3\":\"%s\"}\n",
	                 manifest->entry_count, manifest->content_bytes, manifest->part_count,
	                 manifest->hex);
}

char *manifest_part_name(uint64_t number)
{
	return mem_print(MANIFEST_PARTS "%06" PRIu64 ".jsonl", number);
}

/* The path of a line, as it stands there; the caller frees. */
static char *manifest_line_path(const char *line, size_t len)
{
	static const char begin[] = "{\"path\":\"";
	AUTO(str) char *path = NULL;

	if (len < sizeof(begin) || strncmp(line, begin, sizeof(begin) - 1) != 0)
		return mem_text("its manifest");
	path = mem_copy(line + sizeof(begin) - 1, len - (sizeof(begin) - 1));
	path[strcspn(path, "\"")] = '\0';
	if (strlen(path) > MANIFEST_PATH_MAX)
		(void)strcpy(path + MANIFEST_PATH_MAX - 3, "...");
	return TAKE(path, NULL);
}

char *manifest_compare(const struct manifest *manifest, const char *part, size_t len)
{
	const char *read = manifest->lines.data ? manifest->lines.data : "";
	size_t read_len = manifest->lines.len;
	size_t at = 0;
	size_t line = 0;
	AUTO(str) char *path = NULL;

	if (len == read_len && memcmp(read, part, len) == 0)
		return NULL;
	while (at < len && at < read_len && read[at] == part[at]) {
		at++;
		if (read[at - 1] == '\n')
			line = at;
	}
	if (line >= read_len) {
		path = manifest_line_path(part + line, len - line);
		return mem_print("%s: is missing", path);
	}
	path = manifest_line_path(read + line, read_len - line);
	return mem_print("%s: is not what was written", path);
}
