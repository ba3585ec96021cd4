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
	OPTION_ARCHIVE,
	OPTION_DOCKER_COMPAT,
	OPTION_DRY_RUN,
	OPTION_EXIT_CODE,
	OPTION_FILTER,
	OPTION_FORCE,
	OPTION_KEEP,
	OPTION_KEEP_FROM,
	OPTION_KEEP_LAST,
	OPTION_NO_TRUNC,
	OPTION_ORPHANS,
	OPTION_QUARANTINE,
	OPTION_TIME_LIMIT,
	OPTION_UNTIL_FREE,
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

/* The options that decide what goes. */
#define OPTION_SCOPE                                                                               \
	(OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_DOCKER_COMPAT) | OPTION_BIT(OPTION_FILTER) |   \
	 OPTION_BIT(OPTION_KEEP) | OPTION_BIT(OPTION_KEEP_FROM) | OPTION_BIT(OPTION_KEEP_LAST) |   \
	 OPTION_BIT(OPTION_VOLUMES) | OPTION_BIT(OPTION_UNTIL_FREE))

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char *, not empty */
	OPTION_NUMBER, /* unsigned */
	OPTION_TIME,   /* int64_t, milliseconds, 1 and up */
	OPTION_WORD,   /* enum output_format */
	OPTION_LIST,   /* struct settings_list; each time that it is given adds a value */
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

/* Frees the lists in *SETTINGS. */
void option_settings_done(struct settings *settings);

static inline void option_settings_cleanup(struct settings *settings)
{
	option_settings_done(settings);
}

/* Those of OPTIONS (bits) that are set in SETTINGS as one could type them: " --all --filter a=b",
 * quoted for a shell where needed; "" when there are none. The caller frees. */
char *option_given_words(const struct settings *settings, uint32_t options) MUST_USE;

/* "-f, --force" or "--root", as messages name it. */
const char *option_words(enum option_id id, char words[64]);

#endif
