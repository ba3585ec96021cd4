/* holder.h - which process holds a lock, from /proc/locks. */
#ifndef GC_SESSION_HOLDER_H
#define GC_SESSION_HOLDER_H

#include <stdbool.h>

#define HOLDER_COMMAND_SIZE 32 /* the kernel's names have at most 15 bytes */

struct holder {
	int pid;
	char command[HOLDER_COMMAND_SIZE];
};

/*
 * Finds who holds a flock(2) on the file that FD is, by device and inode; where PROC/locks has
 * another device number (btrfs, overlay: it is that of the disk below) by the inode alone. PROC is
 * "/proc" (tests pass another). Returns false when nobody is found: it may be on another machine or
 * in another pid namespace.
 */
bool holder_find(struct holder *holder, int fd, const char *proc);

/* Reads the name of process PID into COMMAND; false if there is no such process. */
bool holder_command(int pid, const char *proc, char command[HOLDER_COMMAND_SIZE]);

#endif
