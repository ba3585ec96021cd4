/* ref.h - repositories.json: the tags and digests that name images (docker-data-root.md §1.2). */
#ifndef METADATA_REF_H
#define METADATA_REF_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"

#include <stdbool.h>
#include <stddef.h>

enum ref_kind {
	REF_TAG,     /* name:tag */
	REF_DIGEST,  /* name@sha256:... */
	REF_INVALID, /* an entry that dockerd does not take for a reference, or does not find under
	                its repository, or whose value is no image ID: kept in the file, and what it
	                names is kept, too */
};

struct ref {
	char *name;       /* the inner key, e.g. "busybox:1.36"; owned */
	char *repository; /* the outer key, e.g. "busybox"; owned */
	char *image_id;   /* 64 hex; NULL when the value is no image ID. Owned */
	char *value;      /* the value as it stands in the file. Owned */
	enum ref_kind kind;
};

/*
 * An extended attribute of repositories.json that drydock sets when it takes the last entry out. A
 * file that dockerd writes, also in place of a lost one, does not have it.
 */
#define REF_EMPTIED_ATTRIBUTE "trusted.drydock.emptied"

struct ref_list {
	struct ref *items; /* sorted by name, then repository, bytewise */
	size_t count;
	size_t capacity;
	bool is_missing;    /* the file does not exist: dockerd starts with no tag */
	bool is_unreadable; /* every image counts as tagged */
	bool is_emptied;    /* that it has no entry is no loss: drydock took them out */
};

#define REF_LIST_INIT                                                                              \
	{                                                                                          \
		NULL, 0, 0, false, false, false                                                    \
	}

/*
 * Reads repositories.json under IMAGE_FD (image/overlay2) into *REFS; the caller frees.
 * Go's rules: case-insensitive "Repositories", first value only, unknown keys ignored, last
 * duplicate wins; null and {"Repositories":null} are unreadable (dockerd panics on them). A file
 * that cannot be understood is a finding and `is_unreadable`, not an error. Returns -1 for
 * ERR_SYSTEM only.
 */
int ref_list_load(struct ref_list *refs, int image_fd, struct finding_list *findings,
                  struct err *err) MUST_USE;

/*
 * The same for the LEN bytes of a file. Entries that are no references are findings
 * (FINDING_REF_INVALID). Returns 0, or -1 with ERR_CORRUPT and *REFS empty.
 */
int ref_list_parse(struct ref_list *refs, const char *bytes, size_t len,
                   struct finding_list *findings, struct err *err) MUST_USE;

/*
 * The text of repositories.json without the entries for which DROP[i] is true, as dockerd would
 * write it: compact, keys sorted, empty repositories left out, no newline at the end;
 * "Repositories" is never null. Entries of kind REF_INVALID stay as they are. Returns an owned
 * string of *LEN bytes.
 */
char *ref_list_format(const struct ref_list *refs, const bool *drop, size_t *len) MUST_USE;

/* The index of the first entry called NAME, or `count`. A name may stand in several repositories,
 * of which only its own makes it valid. Logarithmic. */
size_t ref_list_find(const struct ref_list *refs, const char *name);

/* Says whether NAME has VALUE in some repository; *OTHER (may be NULL) is what it has else, NULL if
 * it is not there. Borrowed. */
bool ref_list_has(const struct ref_list *refs, const char *name, const char *value,
                  const char **other);

void ref_list_done(struct ref_list *refs);

static inline void ref_list_cleanup(struct ref_list *refs)
{
	ref_list_done(refs);
}

#endif
