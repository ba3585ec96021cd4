/* stop.h - signals and a time limit: end soon, at a point from which a run can be resumed. */
#ifndef GC_STOP_H
#define GC_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Signals of this many milliseconds are one: timeout(1) sends its signal to the process, and then
 * to the group of processes that it is in. */
#define STOP_SAME_MS 50

/*
 * From now on the first SIGINT or SIGTERM makes the returned flag true; a second one, of whatever
 * kind, ends the program at once, which the journal makes safe, too. SIGHUP only ever makes it
 * true: a terminal that goes away sends it more than once. Signals that are ignored (nohup, a
 * background job) stay so. Returns the one flag of the process, which time may have made true.
 */
const volatile bool *stop_on_signals(void);

/* Makes the same flag true when MILLISECONDS (1 and up) have passed from now on. */
void stop_after(int64_t milliseconds);

/* The number of the signal that has made the flag true first (SIGALRM: time has passed), or 0. */
int stop_signal(void);

/* "interrupted", or "time limit reached". */
const char *stop_words(void);

#endif
