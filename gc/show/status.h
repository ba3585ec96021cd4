/* status.h - what the program is doing, told to whoever sends SIGUSR1. */
#ifndef GC_SHOW_STATUS_H
#define GC_SHOW_STATUS_H

#include "gc/show/progress.h"

#include <stdint.h>
#include <stdio.h>

struct status;

/*
 * From now on each SIGUSR1 prints one line on WORDS (borrowed for ever), at once, by a thread of
 * its own, whatever the other ones wait for; it stops nothing. To be called before any other thread
 * is made: they inherit that it is blocked. Returns what to tell, to the end of the program; NULL,
 * which all of these take, when there is no thread to be had: SIGUSR1 is ignored then.
 */
struct status *status_start(FILE *words);

/* What is being done now; WHAT is borrowed for ever: "reading the data root". */
void status_say(struct status *status, const char *what);

/* The same, counted: what PROGRESS says, of which DONE units are done. */
void status_count(struct status *status, const struct progress *progress, uint64_t done);

#endif
