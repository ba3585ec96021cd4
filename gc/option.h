/* option.h - the options of all commands: one table, from which parsing and help are made. */
#ifndef GC_OPTION_H
#define GC_OPTION_H

#include "gc/session/settings.h"
#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdint.h>

/* Rows of the table in option.c, in the order in which help shows them. */
enum option_id {
	OPTION_ALL,
	OPTION_DOCKER_COMPAT,
	OPTION_DRY_RUN,
	OPTION_EXIT_CODE,
	OPTION_FORCE,
	OPTION_NO_TRUNC,
	OPTION_ORPHANS,
	OPTION_VOLUMES,
	/* of every command */
	OPTION_ROOT,
	OPTION_STATE_DIR,
	OPTION_READ_ONLY,
	OPTION_FORMAT,
	OPTION_JOBS,
	OPTION_QUIET,
	OPTION_VERBOSE,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_ID_COUNT
};

#define OPTION_BIT(id) (UINT32_C(1) << (id))

/* The options that every command takes. */
#define OPTION_GLOBAL                                                                              \
	(OPTION_BIT(OPTION_ROOT) | OPTION_BIT(OPTION_STATE_DIR) | OPTION_BIT(OPTION_READ_ONLY) |   \
	 OPTION_BIT(OPTION_FORMAT) | OPTION_BIT(OPTION_JOBS) | OPTION_BIT(OPTION_QUIET) |          \
	 OPTION_BIT(OPTION_VERBOSE) | OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION))

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char *, not empty */
	OPTION_NUMBER, /* unsigned */
	OPTION_WORD,   /* enum output_format */
};

struct option {
	const char *name; /* without the dashes */
	char letter;      /* of the short form; 0: none */
	enum option_kind kind;
	size_t offset;        /* of the field in struct settings */
	const char *argument; /* as help calls it; NULL for flags */
	const char *help;
};

/* The row of an option; never NULL. */
const struct option *option_row(enum option_id id);

/*
 * Reads ARGV[1..ARGC-1] into *SETTINGS, Docker's way: options stand anywhere, short ones may be
 * clustered (-af) and hold their argument (-j4), long ones take "--name=value" or the next word;
 * flags take "=true" and "=false"; "--" ends them. ARGV is reordered: settings->arguments, which
 * points into it, is what is no option. *GIVEN gets OPTION_BIT of each option that was there.
 * Returns 0 or -1 (ERR_USAGE, naming the option); the arguments are set in both cases.
 */
int option_parse(struct settings *settings, uint32_t *given, int argc, char **argv,
                 struct err *err) MUST_USE;

/* "-f, --force" or "--root", as messages name it. */
const char *option_words(enum option_id id, char words[64]);

#endif
