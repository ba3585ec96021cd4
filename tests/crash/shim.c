/* shim.c - preloaded into drydock: ends it, cuts its file system off, or fails it, at one call. */
/*
 * Every call of the C library that reaches a file system is counted, those that SQLite makes
 * included; standard streams are not. The environment says what happens at which one:
 *
 *   CRASH_DO=kill        SIGKILL before the call
 *           =torn        the same, but of a write the first half is done
 *           =cut:DIR[:DIR]   the file systems of DIR are shut down, nothing in memory gets to the
 *                        disk; then SIGKILL
 *           =ERRNO       (a number) the call fails with it, and is not done
 *   CRASH_AT=N           at the N-th call, from 1
 *   CRASH_STAY=1         errors: every later call that counts fails in the same way
 *   CRASH_CHANGES=1      only calls that change a file system count
 *   CRASH_UNDER=DIR      only calls on paths below DIR count
 *   CRASH_SITE=HASH      only calls from this place in the program count
 *   CRASH_LOG=FILE       gets a line for each call that counts: number, site, call, path
 *   CRASH_SITES=1        with sites in it (slow)
 *   CRASH_HIT=FILE       gets the line of the call that was hit
 *
 * A site is the call and the chain of return addresses that led to it, relative to where the
 * program and libraries were loaded; an address that repeats (recursion) counts once.
 */
#include "tests/crash/shim.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHIM_SHUTDOWN _IOR('X', 125, uint32_t) /* XFS_IOC_GOINGDOWN, EXT4_IOC_SHUTDOWN */
#define SHIM_NOLOGFLUSH 2u
#define SHIM_FRAMES 48
#define SHIM_MODULES 16
#define SHIM_LINE (PATH_MAX + 256)

enum shim_act { SHIM_NOTHING, SHIM_KILL, SHIM_TORN, SHIM_CUT, SHIM_FAIL };

struct shim_module {
	uintptr_t begin, end;
};

static struct {
	enum shim_act act;
	int error;          /* SHIM_FAIL */
	char cut[PATH_MAX]; /* SHIM_CUT: directories */
	const char *under;  /* NULL: everywhere */
	uint64_t at, site;  /* site 0: any */
	bool does_stay, is_changes, has_sites;
	int log, hit; /* descriptors, -1: none */
	uint64_t count;
	struct shim_module modules[SHIM_MODULES];
	size_t module_count;
} shim = { .log = -1, .hit = -1 };

/* ---- what happens ---- */

static int shim_add_module(struct dl_phdr_info *info, size_t size, void *context)
{
	uintptr_t end = info->dlpi_addr;

	(void)size;
	(void)context;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type == PT_LOAD &&
		    info->dlpi_addr + part->p_vaddr + part->p_memsz > end)
			end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
	}
	if (shim.module_count < SHIM_MODULES)
		shim.modules[shim.module_count++] = (struct shim_module){ info->dlpi_addr, end };
	return 0;
}

static int shim_open(const char *name)
{
	const char *path = getenv(name);

	return path ? (int)syscall(SYS_openat, AT_FDCWD, path,
	                           O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
	            : -1;
}

static uint64_t shim_number(const char *name, int base)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, base) : 0;
}

__attribute__((constructor)) static void shim_start(void)
{
	const char *act = getenv("CRASH_DO");
	void *frames[1];

	shim.at = shim_number("CRASH_AT", 10);
	shim.site = shim_number("CRASH_SITE", 16);
	shim.does_stay = getenv("CRASH_STAY") != NULL;
	shim.is_changes = getenv("CRASH_CHANGES") != NULL;
	shim.has_sites = shim.site != 0 || getenv("CRASH_SITES") != NULL;
	shim.under = getenv("CRASH_UNDER");
	shim.log = shim_open("CRASH_LOG");
	shim.hit = shim_open("CRASH_HIT");
	if (shim.has_sites) {
		(void)backtrace(frames, 1); /* loads what it needs now */
		(void)dl_iterate_phdr(shim_add_module, NULL);
	}
	if (!act)
		return;
	if (strcmp(act, "kill") == 0)
		shim.act = SHIM_KILL;
	else if (strcmp(act, "torn") == 0)
		shim.act = SHIM_TORN;
	else if (strncmp(act, "cut:", 4) == 0)
		shim.act = SHIM_CUT;
	else
		shim.act = SHIM_FAIL;
	if (shim.act == SHIM_CUT)
		(void)snprintf(shim.cut, sizeof(shim.cut), "%s", act + 4);
	shim.error = shim.act == SHIM_FAIL ? (int)strtol(act, NULL, 10) : 0;
}

void shim_die(void)
{
	(void)syscall(SYS_kill, (long)getpid(), (long)SIGKILL);
	for (;;)
		(void)pause();
}

static void shim_shut_down(const char *path)
{
	uint32_t flags = SHIM_NOLOGFLUSH;
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0 || syscall(SYS_ioctl, fd, SHIM_SHUTDOWN, &flags) < 0)
		abort(); /* a test without its cut must not pass */
}

/* Cuts off all file systems; the text is used up. */
static void shim_cut_off(void)
{
	char *next = NULL;

	for (char *path = strtok_r(shim.cut, ":", &next); path; path = strtok_r(NULL, ":", &next))
		shim_shut_down(path);
	shim_die();
}

/* ---- which call it is ---- */

static uint64_t shim_mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x100000001b3ULL;
}

static uint64_t shim_address(uintptr_t at)
{
	for (size_t i = 0; i < shim.module_count; i++) {
		if (at >= shim.modules[i].begin && at < shim.modules[i].end)
			return (uint64_t)i << 48 | (at - shim.modules[i].begin);
	}
	return 0;
}

static uint64_t shim_site(const char *call)
{
	void *frames[SHIM_FRAMES];
	int count = backtrace(frames, SHIM_FRAMES);
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *call; call++)
		hash = shim_mix(hash, (unsigned char)*call);
	for (int i = 3; i < count; i++) { /* the shim's own are first */
		bool is_new = true;

		for (int j = 3; j < i; j++)
			is_new = is_new && frames[j] != frames[i];
		if (is_new)
			hash = shim_mix(hash, shim_address((uintptr_t)frames[i]));
	}
	return hash ? hash : 1;
}

/* The path of what a call is about; PATH is NULL for a call on a descriptor. */
static void shim_path(char *out, size_t size, int dirfd, const char *path)
{
	char link[64];
	long len = 0;

	out[0] = '\0';
	if (path && path[0] == '/') {
		(void)snprintf(out, size, "%s", path);
		return;
	}
	if (dirfd == AT_FDCWD)
		(void)snprintf(link, sizeof(link), "/proc/self/cwd");
	else
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
	len = syscall(SYS_readlinkat, AT_FDCWD, link, out, size - 1);
	if (len < 0)
		len = 0;
	out[len] = '\0';
	if (path && path[0] != '\0')
		(void)snprintf(out + len, size - (size_t)len, "/%s", path);
}

static bool shim_is_under(const char *path)
{
	size_t len = shim.under ? strlen(shim.under) : 0;

	return len == 0 ||
	       (strncmp(path, shim.under, len) == 0 && (path[len] == '/' || path[len] == '\0'));
}

static void shim_tell(int fd, uint64_t number, uint64_t site, const char *call, const char *path)
{
	char line[SHIM_LINE];
	int len = snprintf(line, sizeof(line), "%" PRIu64 "\t%" PRIx64 "\t%s\t%s\n", number, site,
	                   call, path);

	for (int i = 0; i < len - 1; i++) { /* one call, one line */
		if (line[i] == '\n')
			line[i] = '?';
	}
	if (syscall(SYS_write, fd, line, (size_t)len) != len)
		abort();
}

/* Says whether this call is the one, or a later one when it stays. */
__attribute__((noinline)) static bool shim_is_hit(const char *call, bool is_change, int dirfd,
                                                  const char *name)
{
	char path[PATH_MAX];
	uint64_t site = 0;
	uint64_t number;
	bool is_hit;

	if ((shim.is_changes && !is_change) || (dirfd >= 0 && dirfd <= 2 && !name))
		return false;
	shim_path(path, sizeof(path), dirfd, name);
	if (!shim_is_under(path))
		return false;
	if (shim.has_sites)
		site = shim_site(call);
	if (shim.site != 0 && site != shim.site)
		return false;
	number = __atomic_add_fetch(&shim.count, 1, __ATOMIC_SEQ_CST);
	if (shim.log >= 0)
		shim_tell(shim.log, number, site, call, path);
	is_hit = shim.act != SHIM_NOTHING && shim.at > 0 &&
	         (number == shim.at || (shim.does_stay && number > shim.at));
	if (is_hit && shim.hit >= 0)
		shim_tell(shim.hit, number, site, call, path);
	return is_hit;
}

enum shim_verdict shim_decide(const char *call, enum shim_kind kind, int dirfd, const char *name)
{
	int before = errno;
	bool is_hit = shim_is_hit(call, kind != SHIM_READS, dirfd, name);

	errno = before;
	if (!is_hit)
		return SHIM_GOES_ON;
	if (shim.act == SHIM_CUT)
		shim_cut_off();
	if (shim.act == SHIM_TORN && kind == SHIM_WRITES)
		return SHIM_IS_TORN;
	if (shim.act != SHIM_FAIL)
		shim_die();
	errno = shim.error;
	return SHIM_FAILS;
}
