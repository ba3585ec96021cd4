/* linkset.h - inodes with several names, so that each is counted once, by any thread. */
#ifndef OVERLAY2_LINKSET_H
#define OVERLAY2_LINKSET_H

#include "metadata/base/own.h"
#include "overlay2/usage.h"

#include <stddef.h>
#include <stdint.h>

struct linkset;

/* An inode, and the first item that has a name of it. */
struct linkset_inode {
	uint64_t device;
	uint64_t number;
	size_t item;
	struct usage usage;
};

struct linkset *linkset_new(void) MUST_USE;

void linkset_free(struct linkset *set);

OWN_DEFINE(linkset, struct linkset *, linkset_free)

/* Adds an inode; if it is there already, the smaller item number stays. Any thread. */
void linkset_add(struct linkset *set, const struct linkset_inode *inode);

/* Calls VISIT for every inode once, in any order; no other thread may add meanwhile. */
void linkset_each(const struct linkset *set,
                  void (*visit)(void *context, const struct linkset_inode *inode), void *context);

#endif
