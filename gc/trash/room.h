/* room.h - tells whether there is room on a file system. */
#ifndef GC_TRASH_ROOM_H
#define GC_TRASH_ROOM_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Says in *HAS_ROOM whether so many bytes can be written, and so many files made, in the file
 * system of the directory DIRFD: with a file that never has a name, because the numbers of statvfs
 * hold reserves of which some are root's and some (ext4: up to 4096 blocks) nobody's. One that
 * cannot be written has room: what is done next tells better. 0 or -1; the error has no path.
 */
int room_find(int dirfd, uint64_t bytes, uint64_t inodes, bool *has_room, struct err *err) MUST_USE;

#endif
