/* file.h - reading small files and directories of a data root without changing a byte or an atime.
 */
#ifndef METADATA_BASE_FILE_H
#define METADATA_BASE_FILE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <fcntl.h> /* O_DIRECTORY, for FLAGS */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Largest record that is read whole: image configs are some KiB, bolt files some MiB. */
#define FILE_RECORD_MAX ((size_t)64 << 20)
/* Largest of the one-line files (diff, parent, cache-id, link, ...). */
#define FILE_LINE_MAX ((size_t)64 << 10)

/*
 * Opens a file or directory for reading: no symlink is followed in its last component, a
 * device or FIFO is never opened (O_NONBLOCK, checked with fstat), atime stays as it is
 * (O_NOATIME where the caller may). FLAGS: 0 or O_DIRECTORY. PATH is under DIRFD; the words of
 * the error begin with PATH. Returns a descriptor that the caller closes, or -1.
 */
int file_open(int dirfd, const char *path, int flags, struct err *err) MUST_USE;

/*
 * Opens the directory PATH ("a/b/c") under DIRFD for reading, component by component, so that no
 * symlink is followed in any of them. Errors as for file_open, naming the path as far as it went: a
 * directory that does not exist is told by err_has_code(err, ENOENT). The caller closes.
 */
int file_open_dir(int dirfd, const char *path, struct err *err) MUST_USE;

/*
 * Reads the regular file PATH under DIRFD whole. *BYTES gets *LEN bytes and a NUL after
 * them; the caller frees. More than MAX bytes are ERR_CORRUPT, allocated never.
 * Returns 0 or -1 (ERR_SYSTEM; ENOENT is told by err_has_code).
 */
int file_read(int dirfd, const char *path, size_t max, char **bytes, size_t *len,
              struct err *err) MUST_USE;

/* The same for a descriptor that stays the caller's; NAME is for the error only. */
int file_read_fd(int fd, const char *name, size_t max, char **bytes, size_t *len,
                 struct err *err) MUST_USE;

/* The bytes of a file, with a NUL after them; owned. */
struct file_bytes {
	char *data;
	size_t len;
};

#define FILE_BYTES_INIT                                                                            \
	{                                                                                          \
		NULL, 0                                                                            \
	}

enum file_outcome {
	FILE_READ,   /* *BYTES are its bytes */
	FILE_ABSENT, /* no such file; *ERR is empty */
	FILE_BROKEN, /* *ERR (ERR_CORRUPT) says why it is none that can be read: a finding */
	FILE_FAILED, /* *ERR (ERR_SYSTEM) says nothing about the record: give up */
};

/* file_read() for the records of a data root, where each outcome has its own answer. */
enum file_outcome file_read_record(int dirfd, const char *path, size_t max,
                                   struct file_bytes *bytes, struct err *err) MUST_USE;

void file_bytes_done(struct file_bytes *bytes);

static inline void file_bytes_cleanup(struct file_bytes *bytes)
{
	file_bytes_done(bytes);
}

/* What readdir says of an entry. */
struct file_entry {
	char *name;
	unsigned char type; /* DT_REG, DT_DIR, ...; never DT_UNKNOWN */
};

/* The entries of a directory but "." and "..", sorted bytewise. */
struct file_entries {
	struct file_entry *items;
	size_t count;
	size_t capacity;
};

#define FILE_ENTRIES_INIT                                                                          \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Lists the directory PATH under DIRFD into *ENTRIES (caller frees with _done). 0 or -1. */
int file_list(struct file_entries *entries, int dirfd, const char *path, struct err *err) MUST_USE;

/*
 * The same for a place where something that is not ours may be, no component of PATH a symlink:
 * what does not exist or is no directory has no entries.
 */
int file_list_if_dir(struct file_entries *entries, int dirfd, const char *path,
                     struct err *err) MUST_USE;

void file_entries_done(struct file_entries *entries);

static inline void file_entries_cleanup(struct file_entries *entries)
{
	file_entries_done(entries);
}

#endif
