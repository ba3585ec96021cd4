/* holder.c - which process holds a lock, from /proc/locks. */
#include "gc/session/holder.h"

#include "metadata/base/mem.h"
#include "metadata/base/own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void holder_close_file(FILE *file)
{
	if (file)
		(void)fclose(file); /* read only */
}

OWN_DEFINE(holder_file, FILE *, holder_close_file)

bool holder_command(int pid, const char *proc, char command[HOLDER_COMMAND_SIZE])
{
	AUTO(str) char *path = mem_print("%s/%d/comm", proc, pid);
	AUTO(holder_file) FILE *file = fopen(path, "re");

	if (!file || !fgets(command, HOLDER_COMMAND_SIZE, file))
		return false;
	command[strcspn(command, "\n")] = '\0';
	return true;
}

/* A line of /proc/locks: "1: FLOCK  ADVISORY  WRITE 868 fe:00:10952709 0 EOF" (proc(5)). */
static bool holder_parse(const char *line, int *pid, dev_t *device, unsigned long long *inode)
{
	unsigned major_number;
	unsigned minor_number;
	int number;

	/* NOLINTNEXTLINE(cert-err34-c): written by the kernel, and every field is checked below */
	if (sscanf(line, "%d: FLOCK %*s %*s %d %x:%x:%llu", &number, pid, &major_number,
	           &minor_number, inode) != 5)
		return false;
	*device = makedev(major_number, minor_number);
	return *pid > 0;
}

bool holder_find(struct holder *holder, int fd, const char *proc)
{
	AUTO(str) char *path = mem_print("%s/locks", proc);
	AUTO(holder_file) FILE *file = fopen(path, "re");
	char line[256];
	bool is_found = false;
	struct stat st;

	if (!file || fstat(fd, &st) < 0)
		return false;
	while (fgets(line, sizeof(line), file)) {
		struct holder candidate;
		dev_t device;
		unsigned long long inode;

		if (!holder_parse(line, &candidate.pid, &device, &inode) || inode != st.st_ino ||
		    !holder_command(candidate.pid, proc, candidate.command))
			continue;
		if (device == st.st_dev) {
			*holder = candidate;
			return true;
		}
		if (!is_found) /* the device may be that of the disk below */
			*holder = candidate;
		is_found = true;
	}
	return is_found;
}
