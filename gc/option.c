/* option.c - the options of all commands: one table, from which parsing and help are made. */
#include "gc/option.h"

#include "metadata/base/duration.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define JOBS_MAX 1024

#define ROW(id, letter, name, kind, field, argument, help)                                         \
	[OPTION_##id] = { name,     letter, OPTION_##kind, offsetof(struct settings, field),       \
		          argument, help }

static const struct option rows[OPTION_ID_COUNT] = {
	ROW(ALL, 'a', "all", FLAG, all, NULL,
	    "prune: all that is unused, not just what is dangling (volumes: anonymous); ls: "
	    "intermediate images, too"),
	ROW(ARCHIVE, 0, "archive", TEXT, archive, "FILE",
	    "first write what goes to FILE (- is standard output), for 'run restore'"),
	ROW(DOCKER_COMPAT, 0, "docker-compat", FLAG, docker_compat, NULL,
	    "networks: only running containers use one, as for Docker"),
	ROW(DRY_RUN, 'n', "dry-run", FLAG, dry_run, NULL,
	    "show what would be removed, write nothing"),
	ROW(EXIT_CODE, 0, "exit-code", FLAG, exit_code, NULL,
	    "with --dry-run: exit status 4 when there is something to remove"),
	ROW(FILTER, 0, "filter", LIST, filters, "KEY=VALUE",
	    "only what it means, as Docker takes it: label=KEY[=VALUE], label!=..., until=TIME"),
	ROW(FORCE, 'f', "force", FLAG, force, NULL, "do not ask for confirmation"),
	ROW(KEEP, 0, "keep", LIST, keep, "PATTERN",
	    "images that stay: REPOSITORY[:TAG] or REPOSITORY@DIGEST with *, ? and [...], or an "
	    "ID"),
	ROW(KEEP_FROM, 0, "keep-from", LIST, keep_from, "FILE",
	    "the same, a pattern a line; !PATTERN takes back, # comments"),
	ROW(KEEP_LAST, 0, "keep-last", NUMBER, keep_last, "N",
	    "the N newest tagged images of each repository stay"),
	ROW(NO_TRUNC, 0, "no-trunc", FLAG, no_trunc, NULL, "show whole IDs in tables"),
	ROW(ORPHANS, 0, "orphans", FLAG, orphans, NULL, "only what nothing keeps"),
	ROW(QUARANTINE, 0, "quarantine", FLAG, quarantine, NULL,
	    "move away, erase nothing: 'run commit' or 'run rollback' ends that"),
	ROW(TIME_LIMIT, 0, "time-limit", TIME, time_limit_ms, "TIME",
	    "end after that time (90s, 1h30m), at a point where 'run resume' goes on"),
	ROW(UNTIL_FREE, 0, "until-free", TEXT, until_free, "SIZE",
	    "remove only as much, the oldest first, as it takes to have SIZE (10GB, 20%) free"),
	ROW(VOLUMES, 0, "volumes", FLAG, volumes, NULL, "prune anonymous volumes, too"),
	ROW(ROOT, 0, "root", TEXT, root, "DIR",
	    "Docker's data root (default: data-root of daemon.json, or /var/lib/docker)"),
	ROW(STATE_DIR, 0, "state-dir", TEXT, state_dir, "DIR",
	    "where the journal is (default: .drydock in the data root)"),
	ROW(READ_ONLY, 0, "read-only", FLAG, read_only, NULL,
	    "take no lock, write nothing; commands that remove are refused"),
	ROW(FORMAT, 0, "format", WORD, format, "FORMAT", "table, json or jsonl (default: table)"),
	ROW(JOBS, 'j', "jobs", NUMBER, jobs, "N", "number of threads (default: one a processor)"),
	ROW(QUIET, 'q', "quiet", FLAG, is_quiet, NULL, "no notes and no progress"),
	ROW(VERBOSE, 'v', "verbose", FLAG, is_verbose, NULL, "show everything, cut no list"),
	ROW(HELP, 'h', "help", FLAG, help, NULL, "show this help"),
	ROW(VERSION, 0, "version", FLAG, version, NULL, "show the version"),
};

/* The words of --format, by enum output_format. */
static const char *const formats[] = {
	[OUTPUT_TABLE] = "table", [OUTPUT_JSON] = "json", [OUTPUT_JSONL] = "jsonl"
};

const struct option *option_row(enum option_id id)
{
	return &rows[id];
}

const char *option_words(enum option_id id, char words[64])
{
	if (rows[id].letter)
		(void)snprintf(words, 64, "-%c, --%s", rows[id].letter, rows[id].name);
	else
		(void)snprintf(words, 64, "--%s", rows[id].name);
	return words;
}

static bool option_find_name(const char *name, size_t len, enum option_id *id)
{
	for (enum option_id i = 0; i < OPTION_ID_COUNT; i++) {
		if (strlen(rows[i].name) == len && strncmp(rows[i].name, name, len) == 0) {
			*id = i;
			return true;
		}
	}
	return false;
}

static bool option_find_letter(char letter, enum option_id *id)
{
	for (enum option_id i = 0; i < OPTION_ID_COUNT; i++) {
		if (rows[i].letter && rows[i].letter == letter) {
			*id = i;
			return true;
		}
	}
	return false;
}

static int option_invalid(enum option_id id, const char *value, const char *why, struct err *err)
{
	char words[64];

	return err_set(err, ERR_USAGE, "invalid argument \"%s\" for \"%s\" flag: %s", value,
	               option_words(id, words), why);
}

static bool option_read_flag(const char *value, bool *flag)
{
	static const struct {
		const char *word;
		bool flag;
	} words[] = { { "true", true }, { "1", true }, { "false", false }, { "0", false } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i].word) == 0) {
			*flag = words[i].flag;
			return true;
		}
	}
	return false;
}

static void option_add(struct settings_list *list, const char *value)
{
	list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = value;
}

static bool option_read_format(const char *value, enum output_format *format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(value, formats[i]) == 0) {
			*format = (enum output_format)i;
			return true;
		}
	}
	return false;
}

/* A length of time as Docker takes them; less than a millisecond counts as one. */
static bool option_read_time(const char *value, int64_t *milliseconds)
{
	int64_t nanoseconds;

	if (!duration_parse(value, &nanoseconds) || nanoseconds <= 0)
		return false;
	*milliseconds = nanoseconds / 1000000 + (nanoseconds % 1000000 != 0);
	return true;
}

/* Stores VALUE in the field of the option. */
static int option_store(struct settings *settings, enum option_id id, const char *value,
                        struct err *err)
{
	void *field = (char *)settings + rows[id].offset;
	uint64_t number = 0;

	switch (rows[id].kind) {
	case OPTION_FLAG:
		if (!option_read_flag(value, field))
			return option_invalid(id, value, "true or false", err);
		return 0;
	case OPTION_TEXT:
		if (*value == '\0')
			return option_invalid(id, value, "it is empty", err);
		*(const char **)field = value;
		return 0;
	case OPTION_NUMBER:
		if (!text_parse_u64(value, JOBS_MAX, &number) || number == 0)
			return option_invalid(id, value, "a number from 1 to 1024", err);
		*(unsigned *)field = (unsigned)number;
		return 0;
	case OPTION_TIME:
		if (!option_read_time(value, field))
			return option_invalid(id, value, "a time, as 90s or 1h30m", err);
		return 0;
	case OPTION_WORD:
		if (!option_read_format(value, field))
			return option_invalid(id, value, "table, json or jsonl", err);
		return 0;
	case OPTION_LIST:
		option_add(field, value);
		return 0;
	}
	return 0;
}

/* What option_parse walks over. */
struct option_walk {
	char **argv;
	int argc;
	int next; /* index of the word after the current one */
};

static bool option_takes_argument(enum option_id id)
{
	return rows[id].argument != NULL;
}

static int option_parse_long(struct settings *settings, uint32_t *given, struct option_walk *words,
                             const char *word, struct err *err)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const char *value = equals ? equals + 1 : NULL;
	enum option_id id;

	if (!option_find_name(word, len, &id))
		return err_set(err, ERR_USAGE, "unknown flag: --%.*s", (int)len, word);
	if (!value && option_takes_argument(id)) {
		if (words->next >= words->argc)
			return err_set(err, ERR_USAGE, "flag needs an argument: --%s", word);
		value = words->argv[words->next++];
	}
	*given |= OPTION_BIT(id);
	return option_store(settings, id, value ? value : "true", err);
}

/* CLUSTER is what follows the dash: "af", "j4", "j=4". */
static int option_parse_short(struct settings *settings, uint32_t *given, struct option_walk *words,
                              const char *cluster, struct err *err)
{
	for (const char *letter = cluster; *letter; letter++) {
		const char *value = NULL;
		enum option_id id;

		if (!option_find_letter(*letter, &id))
			return err_set(err, ERR_USAGE, "unknown shorthand flag: '%c' in -%s",
			               *letter, cluster);
		if (letter[1] == '=')
			value = letter + 2;
		else if (option_takes_argument(id) && letter[1])
			value = letter + 1;
		else if (option_takes_argument(id) && words->next < words->argc)
			value = words->argv[words->next++];
		else if (option_takes_argument(id))
			return err_set(err, ERR_USAGE, "flag needs an argument: '%c' in -%s",
			               *letter, cluster);
		*given |= OPTION_BIT(id);
		if (option_store(settings, id, value ? value : "true", err) < 0)
			return -1;
		if (value)
			return 0;
	}
	return 0;
}

int option_parse(struct settings *settings, uint32_t *given, int argc, char **argv, struct err *err)
{
	struct option_walk words = { argv, argc, 1 };
	bool is_ended = false;
	int kept = 0;
	int result = 0;

	*given = 0;
	while (words.next < argc) {
		char *word = argv[words.next++];

		if (is_ended || word[0] != '-' || word[1] == '\0')
			argv[1 + kept++] = word; /* never ahead of what was read */
		else if (strcmp(word, "--") == 0)
			is_ended = true;
		else if (result < 0)
			continue; /* one error is enough; the arguments tell which help is meant */
		else if (word[1] == '-')
			result = option_parse_long(settings, given, &words, word + 2, err);
		else
			result = option_parse_short(settings, given, &words, word + 1, err);
	}
	settings->arguments = argc > 0 ? (const char *const *)(argv + 1) : NULL;
	settings->argument_count = (size_t)kept;
	return result;
}

void option_settings_done(struct settings *settings)
{
	for (enum option_id i = 0; i < OPTION_ID_COUNT; i++) {
		struct settings_list *list = (void *)((char *)settings + rows[i].offset);

		if (rows[i].kind != OPTION_LIST)
			continue;
		free(list->items);
		*list = (struct settings_list){ NULL, 0, 0 };
	}
}

/* Appends a word so that a shell reads it as it is. */
static void option_print_quoted(struct text *text, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "._-/:@=,+%";

	if (*word && word[strspn(word, plain)] == '\0') {
		text_print(text, "%s", word);
		return;
	}
	text_print(text, "'");
	for (; *word; word++)
		text_print(text, *word == '\'' ? "'\\''" : "%c", *word);
	text_print(text, "'");
}

char *option_given_words(const struct settings *settings, uint32_t options)
{
	AUTO(text) struct text text = TEXT_INIT;

	for (enum option_id id = 0; id < OPTION_ID_COUNT; id++) {
		const void *field = (const char *)settings + rows[id].offset;
		const struct settings_list *list = field;

		if (!(options & OPTION_BIT(id)))
			continue;
		if (rows[id].kind == OPTION_FLAG && *(const bool *)field)
			text_print(&text, " --%s", rows[id].name);
		if (rows[id].kind == OPTION_NUMBER && *(const unsigned *)field > 0)
			text_print(&text, " --%s %u", rows[id].name, *(const unsigned *)field);
		if (rows[id].kind == OPTION_TEXT && *(const char *const *)field) {
			text_print(&text, " --%s ", rows[id].name);
			option_print_quoted(&text, *(const char *const *)field);
		}
		for (size_t i = 0; rows[id].kind == OPTION_LIST && i < list->count; i++) {
			text_print(&text, " --%s ", rows[id].name);
			option_print_quoted(&text, list->items[i]);
		}
	}
	return text_take(&text);
}
