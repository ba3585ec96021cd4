/* main.c - the only place that prints an error and ends the program. */
#include "gc/command.h"
#include "gc/console.h"
#include "gc/exit_status.h"
#include "gc/show/status.h"
#include "metadata/base/err.h"

#include <signal.h>
#include <stdio.h>

#define HINT_MAX 64

/* What was buffered for stdout must have reached it, or the user has half a list. */
static int main_flush(FILE *out, FILE *words)
{
	if (fflush(out) == 0 && !ferror(out))
		return EXIT_STATUS_DONE;
	(void)fprintf(words, "drydock: write standard output: %m\n");
	return EXIT_STATUS_FAILED;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct console console;
	char hint[HINT_MAX];
	int status;

	/* a reader that goes away must not stop a run in the middle */
	(void)signal(SIGPIPE, SIG_IGN);
	console_init(&console);
	console.status = status_start(console.words);
	status = command_main(&console, argc, argv, hint, sizeof(hint), &err);
	if (err_is_set(&err))
		(void)fprintf(console.words, "drydock: %s\n", err.text);
	if (err.kind == ERR_USAGE)
		(void)fprintf(console.words, "See 'drydock %s--help'\n", hint);
	return status | main_flush(console.out, console.words);
}
