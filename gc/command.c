/* command.c - the commands: one table, from which running and help are made. */
#include "gc/command.h"

#include "gc/archive_option.h"
#include "gc/cmd.h"
#include "gc/exit_status.h"
#include "gc/help.h"
#include "gc/option.h"
#include "gc/plan/keep_file.h"
#include "gc/show/finding_report.h"
#include "gc/show/status.h"
#include "gc/stop.h"
#include "gc/until_free.h"

#include <string.h>

#define O(id) OPTION_BIT(OPTION_##id)
#define PRUNE (O(ARCHIVE) | O(DRY_RUN) | O(EXIT_CODE) | O(FORCE) | O(QUARANTINE) | O(TIME_LIMIT))
#define LIST O(NO_TRUNC)
#define FREE O(UNTIL_FREE)
#define KEEP (O(KEEP) | O(KEEP_FROM) | O(KEEP_LAST))

static const struct command commands[] = {
	{ "system", "df", NULL, cmd_system_df, COMMAND_READS, LIST, "", 0, 0,
	  "Show what takes the space, and what could be freed" },
	{ "system", "prune", NULL, cmd_system_prune, COMMAND_WRITES,
	  FREE | PRUNE | O(ALL) | O(VOLUMES) | O(DOCKER_COMPAT) | O(FILTER) | KEEP, "", 0, 0,
	  "Remove what nothing needs, and what Docker has lost" },
	{ "image", "ls", "list", cmd_image_ls, COMMAND_READS, LIST | O(ALL), "", 0, 0,
	  "List images" },
	{ "image", "prune", NULL, cmd_image_prune, COMMAND_WRITES,
	  FREE | PRUNE | O(ALL) | O(FILTER) | KEEP, "", 0, 0,
	  "Remove dangling images, with -a all that no container uses" },
	{ "container", "ls", "list", cmd_container_ls, COMMAND_READS, LIST | O(ALL), "", 0, 0,
	  "List containers" },
	{ "container", "prune", NULL, cmd_container_prune, COMMAND_WRITES, FREE | PRUNE | O(FILTER),
	  "", 0, 0, "Remove stopped containers" },
	{ "network", "ls", "list", cmd_network_ls, COMMAND_READS, LIST, "", 0, 0, "List networks" },
	{ "network", "prune", NULL, cmd_network_prune, COMMAND_WRITES,
	  PRUNE | O(FILTER) | O(DOCKER_COMPAT), "", 0, 0,
	  "Remove networks that no container uses" },
	{ "volume", "ls", "list", cmd_volume_ls, COMMAND_READS, LIST, "", 0, 0, "List volumes" },
	{ "volume", "prune", NULL, cmd_volume_prune, COMMAND_WRITES, PRUNE | O(FILTER) | O(ALL), "",
	  0, 0, "Remove anonymous volumes that no container uses, with -a named ones, too" },
	{ "builder", "du", NULL, cmd_builder_du, COMMAND_READS, LIST, "", 0, 0,
	  "List the build cache" },
	{ "builder", "prune", NULL, cmd_builder_prune, COMMAND_WRITES,
	  FREE | PRUNE | O(FILTER) | O(ALL), "", 0, 0,
	  "Remove the dangling build cache, with -a all of it" },
	{ "layer", "ls", "list", cmd_layer_ls, COMMAND_READS, LIST | O(ORPHANS), "", 0, 0,
	  "List the layer directories of overlay2, and what keeps each" },
	{ "layer", "prune", NULL, cmd_layer_prune, COMMAND_WRITES, PRUNE, "", 0, 0,
	  "Remove what Docker has lost: orphan layers and leftovers" },
	{ "layer", "why", NULL, cmd_layer_why, COMMAND_READS, 0, "ID", 1, 1,
	  "Tell what keeps a directory, layer, image, network, volume, ..." },
	{ "run", "ls", "list", cmd_run_ls, COMMAND_ALONE, 0, "", 0, 0,
	  "List the runs in the journal" },
	{ "run", "show", NULL, cmd_run_show, COMMAND_ALONE, LIST, "N", 1, 1,
	  "Show what run N did, action by action" },
	{ "run", "resume", NULL, cmd_run_resume, COMMAND_WRITES, O(ARCHIVE) | O(TIME_LIMIT), "[N]",
	  0, 1, "Finish a run that was interrupted" },
	{ "run", "restore", NULL, cmd_run_restore, COMMAND_RETURNS,
	  O(DRY_RUN) | O(FORCE) | O(TIME_LIMIT), "FILE", 1, 1,
	  "Put back what a run has archived and removed" },
	{ "run", "commit", NULL, cmd_run_commit, COMMAND_WRITES,
	  O(DRY_RUN) | O(FORCE) | O(TIME_LIMIT), "N", 1, 1,
	  "Erase for good what run N has put in quarantine" },
	{ "run", "rollback", NULL, cmd_run_rollback, COMMAND_RETURNS, O(DRY_RUN) | O(TIME_LIMIT),
	  "N", 1, 1, "Put back what run N has moved away" },
	{ "run", "forget", NULL, cmd_run_forget, COMMAND_WRITES, 0, "N", 1, 1,
	  "Give up a run that was interrupted; what it moved away stays there" },
};

const struct command *command_table(size_t *count)
{
	*count = sizeof(commands) / sizeof(commands[0]);
	return commands;
}

const struct command *command_find(const char *group, const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *row = &commands[i];

		if (strcmp(row->group, group) == 0 &&
		    (strcmp(row->name, name) == 0 || (row->alias && strcmp(row->alias, name) == 0)))
			return row;
	}
	return NULL;
}

static bool command_has_group(const char *group)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].group, group) == 0)
			return true;
	}
	return false;
}

/* Says whether the words name something that has help, and prints it. */
static bool command_print_help(FILE *out, const char *const *words, size_t count)
{
	const struct command *command;

	if (count == 0) {
		help_print_program(out);
		return true;
	}
	if (count == 1)
		return help_print_group(out, words[0]);
	command = command_find(words[0], words[1]);
	if (command)
		help_print_command(out, command);
	return command != NULL;
}

/* Finds the command that the words name; its own words are taken off settings->arguments. */
static const struct command *command_choose(struct settings *settings, struct err *err)
{
	const char *const *words = settings->arguments;
	const struct command *command;

	if (settings->argument_count == 0 || !command_has_group(words[0])) {
		(void)err_set(err, ERR_USAGE, "'%s' is not a drydock command",
		              settings->argument_count == 0 ? "" : words[0]);
		return NULL;
	}
	if (settings->argument_count == 1) {
		(void)err_set(err, ERR_USAGE, "'%s' needs a command after it", words[0]);
		return NULL;
	}
	command = command_find(words[0], words[1]);
	if (!command) {
		(void)err_set(err, ERR_USAGE, "'%s %s' is not a drydock command", words[0],
		              words[1]);
		return NULL;
	}
	settings->arguments += 2;
	settings->argument_count -= 2;
	return command;
}

/* Checks options and arguments against the row of the command. */
static int command_check(const struct command *command, const struct settings *settings,
                         uint32_t given, const struct console *console, struct err *err)
{
	uint32_t surplus = given & ~(command->options | OPTION_GLOBAL);
	size_t count = settings->argument_count;

	if (surplus)
		return err_set(err, ERR_USAGE, "unknown flag: --%s",
		               option_row((enum option_id)__builtin_ctz(surplus))->name);
	if (count > 0 && command->argument_maximum == 0)
		return err_set(err, ERR_USAGE, "\"drydock %s %s\" accepts no arguments",
		               command->group, command->name);
	if (count < command->argument_minimum)
		return err_set(err, ERR_USAGE, "\"drydock %s %s\" requires %zu argument: %s",
		               command->group, command->name, command->argument_minimum,
		               command->arguments);
	if (count > command->argument_maximum)
		return err_set(err, ERR_USAGE, "\"drydock %s %s\" accepts at most %zu argument",
		               command->group, command->name, command->argument_maximum);
	if (command->access >= COMMAND_WRITES && settings->read_only && !settings->dry_run)
		return err_set(err, ERR_USAGE,
		               "--read-only: \"drydock %s %s\" writes; a prune can --dry-run",
		               command->group, command->name);
	if ((command->options & O(FORCE)) && !settings->dry_run && !settings->force &&
	    !console->can_ask)
		return err_set(err, ERR_USAGE,
		               "there is no terminal to ask on: add --force to do it, or --dry-run "
		               "to look");
	return until_free_check(settings, err) < 0 ? -1
	                                           : archive_option_check(command, settings, err);
}

/* Reads what else decides about what goes: filters, by what the command takes, and keep rules. */
static int command_read_rules(const struct command *command, const struct settings *settings,
                              struct rules *rules, struct err *err)
{
	static const struct {
		const char *group;
		enum filter_verb verb;
	} verbs[] = {
		{ "container", FILTER_CONTAINERS }, { "image", FILTER_IMAGES },
		{ "network", FILTER_NETWORKS },     { "volume", FILTER_VOLUMES },
		{ "builder", FILTER_BUILDER },      { "system", FILTER_SYSTEM },
	};
	struct filter_request request = { .given = settings->filters.items,
		                          .given_count = settings->filters.count,
		                          .has_all = settings->all,
		                          .has_volumes = settings->volumes,
		                          .clock = until_clock_now() };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].group, command->group) == 0)
			request.verb = verbs[i].verb;
	}
	if ((command->options & O(FILTER)) && filter_set_make(&rules->filters, &request, err) < 0)
		return -1;
	rules->keep.last = settings->keep_last;
	for (size_t i = 0; i < settings->keep.count; i++) {
		if (keep_rules_add(&rules->keep, settings->keep.items[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < settings->keep_from.count; i++) {
		if (keep_file_read(&rules->keep, settings->keep_from.items[i], err) < 0)
			return -1;
	}
	return 0;
}

/* Opens what the command wants and runs it. Returns exit status bits; *ERR may be set, too. */
static int command_run(const struct command *command, const struct settings *settings,
                       const struct console *console, struct err *err)
{
	AUTO(session) struct session session = SESSION_INIT;
	AUTO(rules) struct rules rules = RULES_INIT;
	struct command_call call = { command, settings, console, &session, &rules };
	/* --read-only takes no lock, so a daemon is told, not refused */
	bool is_reading = command->access == COMMAND_READS || settings->read_only;
	enum session_access access = is_reading          ? SESSION_READ
	                             : settings->dry_run ? SESSION_PLAN
	                                                 : SESSION_WRITE;
	struct settings shown = *settings;
	int result;
	int bits;

	if (command_read_rules(command, settings, &rules, err) < 0)
		return exit_status_of_err(err);
	if (command->access == COMMAND_ALONE) {
		call.session = NULL;
		result = command->run(&call, err);
		return result < 0 ? exit_status_of_err(err) : result;
	}
	if (settings->time_limit_ms > 0)
		stop_after(settings->time_limit_ms);
	status_say(console->status, "reading the data root");
	result = session_open(&session, settings, access, err);
	status_say(console->status,
	           command->access == COMMAND_READS ? "measuring" : "measuring what goes");
	/* when it cannot be opened the error says all; notes about what else lies there do not help
	 */
	shown.is_quiet = settings->is_quiet || result < 0;
	finding_report_print(console->words, &session.findings, &shown);
	bits = command->access == COMMAND_RETURNS ? EXIT_STATUS_DONE
	                                          : exit_status_of_findings(&session.findings);
	if (result == 0)
		result = command->run(&call, err);
	return bits | (result < 0 ? exit_status_of_err(err) : result);
}

int command_main(const struct console *console, int argc, char **argv, char *hint, size_t hint_size,
                 struct err *err)
{
	AUTO(option_settings) struct settings settings = { .format = OUTPUT_TABLE };
	struct console redirected = *console;
	const struct command *command;
	uint32_t given;
	bool is_help;
	int parsed;

	hint[0] = '\0';
	parsed = option_parse(&settings, &given, argc, argv, err);
	is_help = settings.argument_count > 0 && strcmp(settings.arguments[0], "help") == 0;
	if (is_help) {
		settings.arguments++;
		settings.argument_count--;
	}
	if (settings.argument_count >= 2 &&
	    command_find(settings.arguments[0], settings.arguments[1]))
		(void)snprintf(hint, hint_size, "%s %s ", settings.arguments[0],
		               settings.arguments[1]);
	else if (settings.argument_count >= 1 && command_has_group(settings.arguments[0]))
		(void)snprintf(hint, hint_size, "%s ", settings.arguments[0]);
	if (parsed < 0)
		return exit_status_of_err(err);
	if (settings.version) {
		(void)fputs("drydock " VERSION "\n", console->out);
		return EXIT_STATUS_DONE;
	}
	if ((is_help || settings.help) &&
	    command_print_help(console->out, settings.arguments, settings.argument_count))
		return EXIT_STATUS_DONE;
	if (settings.argument_count == 0) {
		help_print_program(console->words);
		return EXIT_STATUS_USAGE;
	}
	command = command_choose(&settings, err);
	if (!command || command_check(command, &settings, given, console, err) < 0)
		return exit_status_of_err(err);
	if (archive_option_is_stdout(&settings))
		redirected.out = console->words; /* standard output is the archive's */
	return command_run(command, &settings, &redirected, err);
}
