/* watch.h - what a user sees and does while a run is at work: progress, and signals. */
#ifndef GC_WATCH_H
#define GC_WATCH_H

#include "gc/command.h"
#include "gc/show/progress.h"
#include "gc/sweep/sweep.h"

#include <stdbool.h>

/* Plain data; at its place until watch_end(). */
struct watch {
	struct progress progress;
	enum sweep_phase phase;
	struct usage total; /* what is expected; zero: not known */
	bool has_phase;
};

/*
 * What runs are carried out with for CALL: its number of threads; signals stop them; progress is
 * shown by WATCH, which has its total, where there is a terminal, and told where somebody asks.
 */
struct sweep_options watch_options(struct watch *watch, const struct command_call *call);

/* Takes the progress away. */
void watch_end(struct watch *watch);

#endif
