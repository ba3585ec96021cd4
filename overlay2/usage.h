/* usage.h - how much room a tree takes, in the three units that fill a disk. */
#ifndef OVERLAY2_USAGE_H
#define OVERLAY2_USAGE_H

#include <stdint.h>

struct usage {
	uint64_t apparent_bytes;  /* st_size of regular files and symlinks, as Docker counts
	                             (directory.Size) */
	uint64_t allocated_bytes; /* st_blocks * 512 of everything, directories too */
	uint64_t inodes;
};

static inline void usage_add(struct usage *sum, const struct usage *part)
{
	sum->apparent_bytes += part->apparent_bytes;
	sum->allocated_bytes += part->allocated_bytes;
	sum->inodes += part->inodes;
}

#endif
