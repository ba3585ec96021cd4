/* shim_calls.c - every call of the C library that the shim counts, and may stop. */
#undef _FILE_OFFSET_BITS /* else the two spellings of each call would be one */
#undef _FORTIFY_SOURCE

#include "tests/crash/shim.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

/* The C library's own function of that name. */
static void *shim_next(const char *name)
{
	void *next = dlsym(RTLD_NEXT, name);

	if (!next)
		abort();
	return next;
}

static bool shim_stops(const char *call, enum shim_kind kind, int dirfd, const char *name)
{
	return shim_decide(call, kind, dirfd, name) != SHIM_GOES_ON;
}

/* Their parameters have no good names in the headers. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* Functions of fixed form. NAME is declared by the C library; FAILED is what it returns then. */
#define SHIM(type, name, params, args, kind, dirfd, path, failed)                                  \
	type name params                                                                           \
	{                                                                                          \
		static type(*next) params;                                                         \
                                                                                                   \
		if (!next)                                                                         \
			*(void **)&next = shim_next(#name);                                        \
		if (shim_stops(#name, kind, dirfd, path))                                          \
			return failed;                                                             \
		return next args;                                                                  \
	}

/* Writes: half of one can be done. */
#define SHIM_WRITE(name, params, args, half_args)                                                  \
	ssize_t name params                                                                        \
	{                                                                                          \
		static ssize_t(*next) params;                                                      \
                                                                                                   \
		if (!next)                                                                         \
			*(void **)&next = shim_next(#name);                                        \
		switch (shim_decide(#name, SHIM_WRITES, fd, NULL)) {                               \
		case SHIM_GOES_ON:                                                                 \
			return next args;                                                          \
		case SHIM_FAILS:                                                                   \
			return -1;                                                                 \
		case SHIM_IS_TORN:                                                                 \
			(void)!next half_args;                                                     \
			break;                                                                     \
		}                                                                                  \
		shim_die();                                                                        \
	}

/* Opens: the mode is there when a file may be made. */
#define SHIM_OPEN(name, params, dirfd, next_args)                                                  \
	int name params                                                                            \
	{                                                                                          \
		mode_t mode = 0;                                                                   \
                                                                                                   \
		if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {                       \
			va_list list;                                                              \
                                                                                                   \
			va_start(list, flags);                                                     \
			mode = va_arg(list, mode_t);                                               \
			va_end(list);                                                              \
		}                                                                                  \
		if (shim_stops("open",                                                             \
		               (flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE   \
		                   ? SHIM_CHANGES                                                  \
		                   : SHIM_READS,                                                   \
		               dirfd, path))                                                       \
			return -1;                                                                 \
		return (int)syscall next_args;                                                     \
	}

SHIM_OPEN(open, (const char *path, int flags, ...), AT_FDCWD,
          (SYS_openat, AT_FDCWD, path, flags, mode))
SHIM_OPEN(open64, (const char *path, int flags, ...), AT_FDCWD,
          (SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode))
SHIM_OPEN(openat, (int dirfd, const char *path, int flags, ...), dirfd,
          (SYS_openat, dirfd, path, flags, mode))
SHIM_OPEN(openat64, (int dirfd, const char *path, int flags, ...), dirfd,
          (SYS_openat, dirfd, path, flags | O_LARGEFILE, mode))

/* What fortified programs call when there is no mode. */
int __openat64_2(int dirfd, const char *path, int flags); /* NOLINT(bugprone-reserved-identifier) */
int __openat64_2(int dirfd, const char *path, int flags)  /* NOLINT(bugprone-reserved-identifier) */
{
	return openat64(dirfd, path, flags);
}

SHIM_WRITE(write, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size / 2))
SHIM_WRITE(pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at),
           (fd, data, size / 2, at))
SHIM_WRITE(pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at),
           (fd, data, size / 2, at))

#define SHIM_FD(name, params, args, kind) SHIM(int, name, params, args, kind, fd, NULL, -1)
#define SHIM_PATH(name, params, args, kind) SHIM(int, name, params, args, kind, AT_FDCWD, path, -1)
#define SHIM_AT(name, params, args, kind) SHIM(int, name, params, args, kind, dirfd, path, -1)

SHIM_FD(ftruncate, (int fd, off_t size), (fd, size), SHIM_CHANGES)
SHIM_FD(ftruncate64, (int fd, off64_t size), (fd, size), SHIM_CHANGES)
SHIM_FD(fsync, (int fd), (fd), SHIM_CHANGES)
SHIM_FD(fdatasync, (int fd), (fd), SHIM_CHANGES)
SHIM_FD(syncfs, (int fd), (fd), SHIM_CHANGES)
SHIM_FD(fchmod, (int fd, mode_t mode), (fd, mode), SHIM_CHANGES)
SHIM_FD(fchown, (int fd, uid_t user, gid_t group), (fd, user, group), SHIM_CHANGES)
SHIM_PATH(chmod, (const char *path, mode_t mode), (path, mode), SHIM_CHANGES)
SHIM_PATH(unlink, (const char *path), (path), SHIM_CHANGES)
SHIM_PATH(rmdir, (const char *path), (path), SHIM_CHANGES)
SHIM_PATH(mkdir, (const char *path, mode_t mode), (path, mode), SHIM_CHANGES)
SHIM_PATH(utime, (const char *path, const struct utimbuf *times), (path, times), SHIM_CHANGES)
SHIM_AT(mkdirat, (int dirfd, const char *path, mode_t mode), (dirfd, path, mode), SHIM_CHANGES)
SHIM_AT(unlinkat, (int dirfd, const char *path, int flags), (dirfd, path, flags), SHIM_CHANGES)
SHIM_AT(linkat, (int dirfd, const char *path, int to_fd, const char *to, int flags),
        (dirfd, path, to_fd, to, flags), SHIM_CHANGES)
SHIM_AT(renameat, (int dirfd, const char *path, int to_fd, const char *to),
        (dirfd, path, to_fd, to), SHIM_CHANGES)
SHIM_AT(renameat2, (int dirfd, const char *path, int to_fd, const char *to, unsigned flags),
        (dirfd, path, to_fd, to, flags), SHIM_CHANGES)

SHIM_FD(fsetxattr, (int fd, const char *key, const void *data, size_t size, int flags),
        (fd, key, data, size, flags), SHIM_CHANGES)

SHIM_FD(fremovexattr, (int fd, const char *key), (fd, key), SHIM_CHANGES)
SHIM_FD(fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), SHIM_CHANGES)
SHIM_FD(fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size),
        SHIM_CHANGES)

SHIM_FD(flock, (int fd, int how), (fd, how), SHIM_READS)
SHIM_FD(fstat64, (int fd, struct stat64 *st), (fd, st), SHIM_READS)
SHIM_PATH(stat64, (const char *path, struct stat64 *st), (path, st), SHIM_READS)
SHIM_PATH(lstat64, (const char *path, struct stat64 *st), (path, st), SHIM_READS)
SHIM_PATH(access, (const char *path, int mode), (path, mode), SHIM_READS)
SHIM_AT(faccessat, (int dirfd, const char *path, int mode, int flags), (dirfd, path, mode, flags),
        false)
SHIM_AT(fstatat64, (int dirfd, const char *path, struct stat64 *st, int flags),
        (dirfd, path, st, flags), SHIM_READS)
SHIM_AT(statx, (int dirfd, const char *path, int flags, unsigned mask, struct statx *stx),
        (dirfd, path, flags, mask, stx), SHIM_READS)

#define SHIM_SIZE(name, params, args, dirfd, path)                                                 \
	SHIM(ssize_t, name, params, args, SHIM_READS, dirfd, path, -1)

SHIM_SIZE(read, (int fd, void *data, size_t size), (fd, data, size), fd, NULL)
SHIM_SIZE(pread, (int fd, void *data, size_t size, off_t at), (fd, data, size, at), fd, NULL)
SHIM_SIZE(pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at), fd, NULL)
SHIM_SIZE(fgetxattr, (int fd, const char *key, void *data, size_t size), (fd, key, data, size), fd,
          NULL)
SHIM_SIZE(getdents64, (int fd, void *data, size_t size), (fd, data, size), fd, NULL)
SHIM_SIZE(readlink, (const char *path, char *data, size_t size), (path, data, size), AT_FDCWD, path)
SHIM_SIZE(readlinkat, (int dirfd, const char *path, char *data, size_t size),
          (dirfd, path, data, size), dirfd, path)

SHIM(DIR *, fdopendir, (int fd), (fd), SHIM_READS, fd, NULL, NULL)
SHIM(struct dirent64 *, readdir64, (DIR * dir), (dir), SHIM_READS, dirfd(dir), NULL, NULL)
SHIM(FILE *, fopen64, (const char *path, const char *mode), (path, mode), SHIM_READS, AT_FDCWD,
     path, NULL)
SHIM(char *, realpath, (const char *path, char *out), (path, out), SHIM_READS, AT_FDCWD, path, NULL)

/* Closes all the same: a descriptor is gone even if closing it fails. */
int close(int fd)
{
	bool is_stopped = shim_stops("close", SHIM_READS, fd, NULL);
	int error = errno;
	int result = (int)syscall(SYS_close, fd);

	if (!is_stopped)
		return result;
	errno = error;
	return -1;
}

/* Locks of SQLite; the argument is a pointer or a number, and both fit. */
int fcntl64(int fd, int command, ...)
{
	static int (*next)(int fd, int command, ...);
	va_list list;
	void *argument;

	va_start(list, command);
	argument = va_arg(list, void *);
	va_end(list);
	if (!next)
		*(void **)&next = shim_next("fcntl64");
	if (shim_stops("fcntl", SHIM_READS, fd, NULL))
		return -1;
	return next(fd, command, argument);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
