/* command.h - the commands: one table, from which running and help are made. */
#ifndef GC_COMMAND_H
#define GC_COMMAND_H

#include "gc/console.h"
#include "gc/plan/rules.h"
#include "gc/session/session.h"
#include "gc/session/settings.h"
#include "metadata/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* How a command wants the data root; `run` commands open the journal themselves. */
enum command_access {
	COMMAND_ALONE,  /* gets no session */
	COMMAND_READS,  /* SESSION_READ */
	COMMAND_WRITES, /* SESSION_WRITE, or SESSION_PLAN with --dry-run */
	COMMAND_RETURNS /* the same, to put things back: what is kept is no question */
};

struct command;

/* What a command works with. */
struct command_call {
	const struct command *command;
	const struct settings *settings;
	const struct console *console;
	struct session *session; /* NULL for COMMAND_ALONE */
	const struct rules *rules;
};

/* Does the command. Returns bits of exit_status.h, or -1 with *ERR set. */
typedef int command_function(const struct command_call *call, struct err *err);

struct command {
	const char *group; /* "system", "image", ... */
	const char *name;  /* "df", "prune", ... */
	const char *alias; /* another name, as Docker has it; NULL: none */
	command_function *run;
	enum command_access access;
	uint32_t options;      /* OPTION_BITs besides OPTION_GLOBAL */
	const char *arguments; /* "ID", "[N]"; "": none */
	size_t argument_minimum, argument_maximum;
	const char *summary; /* one line, no full stop */
};

/* The table, sorted as help shows it; *COUNT gets its length. */
const struct command *command_table(size_t *count);

/* The row of GROUP NAME, or NULL. */
const struct command *command_find(const char *group, const char *name);

/*
 * Parses the command line, runs the command, prints findings. Returns the exit status; when *ERR is
 * set, its bit is in it and the caller prints it. *HINT gets what `See 'drydock ... --help'` should
 * name ("" or "system prune", HINT_SIZE bytes).
 */
int command_main(const struct console *console, int argc, char **argv, char *hint, size_t hint_size,
                 struct err *err);

#endif
