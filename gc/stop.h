/* stop.h - SIGINT and SIGTERM: end soon, at a point from which a run can be resumed. */
#ifndef GC_STOP_H
#define GC_STOP_H

#include <stdbool.h>

/*
 * From now on the first SIGINT or SIGTERM makes the returned flag true; a second one of the same
 * kind ends the program at once, which the journal makes safe, too. Signals that are ignored
 * (nohup, a background job) stay so. Returns the one flag of the process.
 */
const volatile bool *stop_on_signals(void);

/* The number of the signal that has made the flag true, or 0. */
int stop_signal(void);

#endif
