/* amend.c - a database changed in place: for the one that is never replaced. */
#include "gc/edit/amend.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Reads what the file FD will be, and compares it with what is meant. */
static int amend_check(int fd, const char *name, const struct bolt *old,
                       const struct bolt_edit *edit, const struct bolt_addition *addition,
                       struct err *err)
{
	const size_t end = (size_t)addition->pages_at + addition->pages_len;
	AUTO(str) char *bytes = mem_zalloc(end, 1);
	AUTO(bolt) struct bolt *new = NULL;

	for (size_t at = 0; at < addition->pages_at;) {
		ssize_t got = pread(fd, bytes + at, (size_t)addition->pages_at - at, (off_t)at);

		if (got < 0)
			return err_errno(err, "%s: read", name);
		if (got == 0)
			break; /* bolt_parse() will miss it */
		at += (size_t)got;
	}
	(void)memcpy(bytes + addition->pages_at, addition->pages, addition->pages_len);
	(void)memcpy(bytes + addition->meta_at, addition->meta, addition->meta_len);
	if (bolt_parse(&new, bytes, end, err) < 0 || bolt_compare_content(new, old, edit, err) < 0)
		return err_wrap(err, "%s: as it would be", name);
	return 0;
}

static int amend_write(int fd, const char *name, const char *bytes, size_t len, uint64_t at,
                       struct err *err)
{
	while (len > 0) {
		ssize_t put = pwrite(fd, bytes, len, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_errno(err, "%s: write", name);
		bytes += put;
		len -= (size_t)put;
		at += (uint64_t)put;
	}
	return fdatasync(fd) < 0 ? err_errno(err, "%s: sync", name) : 0;
}

int amend(int dirfd, const char *name, const struct bolt *old, const struct bolt_edit *edit,
          const struct cut *cut, struct err *err)
{
	AUTO(bolt_addition) struct bolt_addition addition = BOLT_ADDITION_INIT;
	AUTO(close) int fd = -1;

	if (bolt_append(&addition, old, edit, err) < 0)
		return err_wrap(err, "%s", name);
	fd = openat(dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s: open", name);
	if (amend_check(fd, name, old, edit, &addition, err) < 0)
		return -1;
	cut_here(cut, "pages", name);
	if (amend_write(fd, name, addition.pages, addition.pages_len, addition.pages_at, err) < 0)
		return -1;
	cut_here(cut, "meta", name);
	return amend_write(fd, name, addition.meta, addition.meta_len, addition.meta_at, err);
}
