/* settings.h - what the command line asked for, as plain values. */
#ifndef GC_SESSION_SETTINGS_H
#define GC_SESSION_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_JSONL };

/* The values of an option that may be given more than once. */
struct settings_list {
	const char **items; /* owned, as an array */
	size_t count, capacity;
};

/* Texts are borrowed from argv. */
struct settings {
	const char *root;      /* --root; NULL: the default */
	const char *state_dir; /* --state-dir: where the journal is; NULL: <root>/.drydock */
	bool read_only;        /* --read-only */
	enum output_format format;
	unsigned jobs; /* --jobs; 0: one per processor */
	bool is_quiet, is_verbose;
	/* of single commands */
	bool all;                       /* -a */
	bool volumes;                   /* --volumes */
	const char *archive;            /* --archive; NULL: none, "-": standard output */
	bool docker_compat;             /* --docker-compat */
	struct settings_list filters;   /* --filter */
	struct settings_list keep;      /* --keep */
	struct settings_list keep_from; /* --keep-from */
	unsigned keep_last;             /* --keep-last; 0: not given */
	bool quarantine;                /* --quarantine */
	const char *until_free;         /* --until-free; NULL: not given */
	int64_t time_limit_ms;          /* --time-limit; 0: none */
	bool force;                     /* -f */
	bool dry_run;                   /* --dry-run */
	bool orphans;                   /* --orphans */
	bool exit_code;                 /* --exit-code: garbage found by a dry run is exit 4 */
	bool no_trunc;                  /* --no-trunc: tables show whole IDs */
	bool help, version;             /* instead of a command */
	const char *const *arguments;   /* what stands after the command */
	size_t argument_count;
};

#endif
