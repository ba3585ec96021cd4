/* console.h - where a command reads and writes: data, words about it, answers. */
#ifndef GC_CONSOLE_H
#define GC_CONSOLE_H

#include <stdbool.h>
#include <stdio.h>

struct status;

/* The streams are borrowed; tests pass their own. */
struct console {
	FILE *in;              /* answers */
	FILE *out;             /* data */
	FILE *words;           /* findings, warnings, questions, progress */
	bool can_ask;          /* somebody is there: in and words are a terminal */
	bool shows_progress;   /* words is a terminal */
	struct status *status; /* is told what is being done; NULL: nobody asks */
};

/* stdin, stdout and stderr of this process. */
void console_init(struct console *console);

/*
 * Asks "QUESTION [y/N] " and reads a line. Only "y" and "yes", in any case, mean yes: an empty
 * line, an end of file and anything else mean no.
 */
bool console_ask(const struct console *console, const char *question);

#endif
