/* bolt_write.h - a database written anew with changes, in memory (bolt-buildkit.md §1.9). */
#ifndef METADATA_BOLT_WRITE_H
#define METADATA_BOLT_WRITE_H

#include "metadata/bolt.h"
#include "metadata/bolt_edit.h"

/*
 * Makes the file that holds what OLD holds, changed by EDIT: *LEN bytes, which the caller frees. It
 * has the page size and the sequences of OLD, no free page, and the transaction that follows two
 * after that of OLD; every bbolt opens it. Of an empty OLD an empty file is made. Returns 0, or -1
 * with ERR_STATE: a value is put where there is a bucket or into a value, a key that is put is
 * empty or too long, OLD is empty and a value is put into it, or the new file would be larger than
 * BOLT_SIZE_MAX or deeper than BOLT_DEPTH_MAX. Linear in the size of OLD.
 */
int bolt_write(char **bytes, size_t *len, const struct bolt *old, const struct bolt_edit *edit,
               struct err *err) MUST_USE;

/* What is written into a file to change it in place. */
struct bolt_addition {
	char
	    *pages; /* owned; PAGES_LEN bytes that go to byte PAGES_AT, behind all that is in use */
	size_t pages_len;
	uint64_t pages_at;
	char *meta; /* owned; a page that goes to byte META_AT then, and makes the others count */
	size_t meta_len;
	uint64_t meta_at;
};

#define BOLT_ADDITION_INIT                                                                         \
	{                                                                                          \
		.pages = NULL                                                                      \
	}

void bolt_addition_done(struct bolt_addition *addition);

static inline void bolt_addition_cleanup(struct bolt_addition *addition)
{
	bolt_addition_done(addition);
}

/*
 * The same as bolt_write(), in the way of bbolt: what OLD has stays where it is until the meta page
 * of the next transaction has been written, and is free then. The caller frees *ADDITION
 * (BOLT_ADDITION_INIT). Returns as bolt_write(); ERR_STATE for an empty OLD, and for one that has
 * more pages than a short freelist.
 */
int bolt_append(struct bolt_addition *addition, const struct bolt *old,
                const struct bolt_edit *edit, struct err *err) MUST_USE;

/*
 * Compares NEW, as it was read again, with what OLD and EDIT ask for, by code that has nothing in
 * common with bolt_write(): everything of OLD that EDIT does not change is there with the same
 * value and sequence, everything else was put, and all that EDIT says is so. Returns 0, or -1 with
 * ERR_CORRUPT and the first difference: "bucket A: bucket B: key K: ...". Linear in OLD and NEW,
 * but for the changes, which are looked up.
 */
int bolt_compare(const struct bolt *new, const struct bolt *old, const struct bolt_edit *edit,
                 struct err *err) MUST_USE;

/* The same without what is of the file and not of its content: how often it has been written, the
 * size of its pages, its freelist. */
int bolt_compare_content(const struct bolt *new, const struct bolt *old,
                         const struct bolt_edit *edit, struct err *err) MUST_USE;

#endif
