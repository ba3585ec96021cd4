/* progress.h - how far a long action is, on a terminal. */
#ifndef GC_SHOW_PROGRESS_H
#define GC_SHOW_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PROGRESS_TEXT_MAX 160
#define PROGRESS_CLEAR "\r\033[K"

struct status;

enum progress_unit { PROGRESS_BYTES, PROGRESS_THINGS };

/*
 * One line that is rewritten in place: "removing  45%  1.2GB of 2.7GB  310MB/s  5s left". It
 * appears when the action takes longer than a second, and goes away at the end.
 */
struct progress {
	FILE *words;           /* borrowed; NULL: nothing is shown */
	struct status *status; /* borrowed; follows all of it (status.h). May be NULL */
	const char *what;      /* borrowed for ever: "removing" */
	enum progress_unit unit;
	uint64_t total;            /* expected, in units */
	int64_t start_ms, last_ms; /* of the caller's clock */
	bool is_shown;
};

/*
 * Begins with the words, what, unit and total of PROGRESS; words are NULL where there is no
 * terminal. NOW_MS is any monotonic clock.
 */
void progress_start(struct progress *progress, int64_t now_ms);

/* Shows that DONE units are done, at most five times a second. */
void progress_show(struct progress *progress, uint64_t done, int64_t now_ms);

/* Takes the line away. */
void progress_end(struct progress *progress);

/*
 * "removing  45%  1.2GB of 2.7GB  310MB/s  5s left" into TEXT, at NOW_MS; with *DONE units done.
 * DONE NULL: "removing  12s", because nothing of it is counted. Returns TEXT.
 */
const char *progress_text(char text[PROGRESS_TEXT_MAX], const struct progress *progress,
                          const uint64_t *done, int64_t now_ms);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t progress_clock_ms(void);

#endif
