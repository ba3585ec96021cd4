/* manifest.h - what an archive says of its own entries, so that any damage is found and named. */
#ifndef OVERLAY2_MANIFEST_H
#define OVERLAY2_MANIFEST_H

#include "overlay2/checksum.h"
#include "overlay2/inode.h"
#include "metadata/base/text.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * An archive of drydock is a tar file (pax) whose entries are named as they are below the data
 * root, and these, which are drydock's own:
 *   .drydock/archive.jsonl       the first: what the archive is and what it holds (run_archive.h)
 *   .drydock/edited/...          files of which only entries were taken out, as they were before
 *   .drydock/files/N             see MANIFEST_XATTR_PATH
 *   .drydock/manifest/N.jsonl    after every MANIFEST_PART entries: a line about each of them
 *   .drydock/end.json            the last: how many there are
 * A line of a manifest names an entry and its type; for a file it has the XXH3-128 of the content
 * ("xxh3"; where there are holes, of each stretch of data with its offset in front, 64 bits little
 * endian, but for one at 0), and for all but hard links that of owner, mode, times, attributes, ...
 * ("inode", see inode.c). Lines are a function of what was read, so a reader makes them anew and
 * compares.
 */
#define MANIFEST_OWN ".drydock/"
#define MANIFEST_HEAD MANIFEST_OWN "archive.jsonl"
#define MANIFEST_EDITED MANIFEST_OWN "edited/"
#define MANIFEST_FILES MANIFEST_OWN "files/"
#define MANIFEST_PARTS MANIFEST_OWN "manifest/"
#define MANIFEST_END MANIFEST_OWN "end.json"
#define MANIFEST_PART 1024

/* What tar has no field for stands in attributes of entries that files do not have: "socket" for a
 * FIFO that is a socket; flags in hexadecimal and the project, if either is not 0; the path of an
 * entry .drydock/files/N, which is one with holes whose path libarchive (3.6) would cut. */
#define MANIFEST_XATTR_TYPE "trusted.drydock.type"
#define MANIFEST_XATTR_PATH "trusted.drydock.path"
#define MANIFEST_XATTR_FLAGS "trusted.drydock.flags"

struct manifest {
	struct text lines; /* of the part that is being collected */
	size_t line_count;
	uint64_t part_count;         /* that are complete */
	uint64_t entry_count;        /* lines in all */
	uint64_t content_bytes;      /* of all entries, holes included */
	struct checksum *part_hash;  /* of all complete parts; owned */
	char hex[CHECKSUM_HEX_SIZE]; /* scratch */
};

void manifest_init(struct manifest *manifest);
void manifest_done(struct manifest *manifest);

/* Adds an entry of the tree. CONTENT is the checksum of a regular file, NULL for others. */
void manifest_add(struct manifest *manifest, const char *path, const struct inode *inode,
                  const char *content);

/* Adds another name PATH of the entry TARGET. */
void manifest_add_link(struct manifest *manifest, const char *path, const char *target);

/* Adds a file of drydock's own. */
void manifest_add_own(struct manifest *manifest, const char *name, uint64_t size,
                      const char *content);

/* Says whether it is time for manifest_cut(). */
bool manifest_is_full(const struct manifest *manifest);

/* Ends the part whose text is manifest->lines: the next one begins, without lines. Its number,
 * from 1, is returned. */
uint64_t manifest_cut(struct manifest *manifest);

/* The text of MANIFEST_END; the caller frees. */
char *manifest_end(struct manifest *manifest) MUST_USE;

/* The name of the part NUMBER; the caller frees. */
char *manifest_part_name(uint64_t number) MUST_USE;

/*
 * Finds the first line in which what was read, manifest->lines, is not what PART (LEN bytes) says
 * and returns the words for it: "path: is not as it was written", ... The caller frees; NULL: all
 * is well.
 */
char *manifest_compare(const struct manifest *manifest, const char *part, size_t len) MUST_USE;

#endif
