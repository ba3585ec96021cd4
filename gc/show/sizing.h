/* sizing.h - exact sizes for a list of things of which some have nothing on disk. */
#ifndef GC_SHOW_SIZING_H
#define GC_SHOW_SIZING_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/usage.h"

#include <stddef.h>

/* One thing: what is at PATH under DIRFD. */
struct sizing_slot {
	int dirfd;
	char *path;         /* owned; NULL: there is nothing to measure */
	struct usage usage; /* result; zero when there is nothing */
};

struct sizing {
	struct sizing_slot *slots;
	size_t count;
};

/* COUNT slots without a path; the caller fills them in and frees with sizing_free. */
struct sizing *sizing_new(size_t count) MUST_USE;

/* Measures every slot with JOBS threads, hard links counted once. Returns 0 or -1 (ERR_SYSTEM). */
int sizing_measure(struct sizing *sizing, unsigned jobs, struct err *err) MUST_USE;

void sizing_free(struct sizing *sizing);

OWN_DEFINE(sizing, struct sizing *, sizing_free)

#endif
