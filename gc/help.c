/* help.c - usage texts, made from the tables of commands and options. */
#include "gc/help.h"

#include "gc/option.h"
#include "metadata/base/text.h"

#include <string.h>

#define HELP_OPTION_WIDTH 24 /* of "-f, --force" before its text */
#define HELP_TEXT_WIDTH 70

/* Writes TEXT from column HELP_OPTION_WIDTH + 2 on, broken at blanks. */
static void help_print_wrapped(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > 0 && column + 1 + word > HELP_TEXT_WIDTH) {
			(void)fprintf(out, "\n%*s", HELP_OPTION_WIDTH + 2, "");
			column = 0;
		}
		(void)fprintf(out, "%s%.*s", column > 0 ? " " : "", (int)word, text);
		column += word + (column > 0);
		text += word + strspn(text + word, " ");
	}
	(void)fputc('\n', out);
}

/* What an option means for one command, where its row says it for many. */
static const struct {
	const char *group, *name;
	enum option_id option;
	const char *help;
} help_texts[] = {
	{ "system", "prune", OPTION_ALL,
	  "all images without a container and all build cache, not just dangling ones" },
	{ "system", "prune", OPTION_FILTER,
	  "only what it means, as Docker takes it: label=KEY[=VALUE], label!=KEY[=VALUE] (of all "
	  "but "
	  "build cache), until=TIME" },
	{ "system", "prune", OPTION_FORCE,
	  "do not ask for confirmation; bridges that networks leave in the kernel go, too" },
	{ "run", "resume", OPTION_ARCHIVE,
	  "write what goes to FILE (- is standard output) in place of the archive it began with" },
	{ "run", "restore", OPTION_DRY_RUN,
	  "show what would come back and what is in its way, write nothing" },
	{ "image", "ls", OPTION_ALL, "intermediate images, too" },
	{ "image", "prune", OPTION_ALL, "all images without a container, not just dangling ones" },
	{ "container", "ls", OPTION_ALL, "taken as Docker's; all containers are listed anyway" },
	{ "network", "prune", OPTION_FORCE,
	  "do not ask for confirmation; bridges that networks leave in the kernel go, too" },
	{ "volume", "prune", OPTION_ALL, "all unused volumes, not just anonymous ones" },
	{ "volume", "prune", OPTION_FILTER,
	  "only what it means, as Docker takes it: label=KEY[=VALUE], label!=KEY[=VALUE], all=1" },
	{ "builder", "prune", OPTION_ALL, "all build cache, not just what is dangling" },
	{ "builder", "prune", OPTION_FILTER,
	  "only what it means, as Docker takes it: until=TIME, id=PATTERN, type=TYPE" },
};

/* COMMAND is NULL for options of all. */
static const char *help_text(const struct command *command, enum option_id option)
{
	for (size_t i = 0; command && i < sizeof(help_texts) / sizeof(help_texts[0]); i++) {
		if (help_texts[i].option == option &&
		    strcmp(help_texts[i].group, command->group) == 0 &&
		    strcmp(help_texts[i].name, command->name) == 0)
			return help_texts[i].help;
	}
	return option_row(option)->help;
}

static void help_print_options(FILE *out, uint32_t options, const struct command *command)
{
	for (enum option_id id = 0; id < OPTION_ID_COUNT; id++) {
		const struct option *row = option_row(id);
		AUTO(text) struct text words = TEXT_INIT;

		if (!(options & OPTION_BIT(id)))
			continue;
		if (row->letter)
			text_print(&words, "-%c, --%s", row->letter, row->name);
		else
			text_print(&words, "    --%s", row->name);
		if (row->argument)
			text_print(&words, " %s", row->argument);
		(void)fprintf(out, "  %-*s", HELP_OPTION_WIDTH, words.data);
		help_print_wrapped(out, help_text(command, id));
	}
}

/* Writes the commands of GROUP (NULL: of all). */
static size_t help_print_commands(FILE *out, const char *group)
{
	size_t count;
	const struct command *commands = command_table(&count);
	size_t printed = 0;

	for (size_t i = 0; i < count; i++) {
		char words[64];

		if (group && strcmp(commands[i].group, group) != 0)
			continue;
		(void)snprintf(words, sizeof(words), "%s %s%s%s", commands[i].group,
		               commands[i].name, *commands[i].arguments ? " " : "",
		               commands[i].arguments);
		(void)fprintf(out, "  %-*s%s\n", HELP_OPTION_WIDTH, words, commands[i].summary);
		printed++;
	}
	return printed;
}

void help_print_program(FILE *out)
{
	(void)fputs("Usage:  drydock [OPTIONS] COMMAND\n"
	            "\n"
	            "Offline garbage collector for Docker's data root (overlay2), for use while\n"
	            "dockerd is stopped.\n"
	            "\n"
	            "Commands:\n",
	            out);
	(void)help_print_commands(out, NULL);
	(void)fputs("\nOptions:\n", out);
	help_print_options(out, OPTION_GLOBAL, NULL);
	(void)fputs("\n"
	            "Exit status (the numbers add up): 0 done, 1 repaired, 4 problems left,\n"
	            "8 failed, 16 usage, 32 interrupted (run resume), 64 data root in use.\n"
	            "\n"
	            "Run 'drydock COMMAND --help' for more information on a command.\n",
	            out);
}

bool help_print_group(FILE *out, const char *group)
{
	AUTO(str) char *text = NULL;
	size_t len = 0;
	FILE *buffer = open_memstream(&text, &len);
	size_t printed;

	if (!buffer)
		return false;
	printed = help_print_commands(buffer, group);
	(void)fclose(buffer);
	if (printed == 0)
		return false;
	(void)fprintf(out,
	              "Usage:  drydock %s COMMAND\n\nCommands:\n%s\n"
	              "Run 'drydock %s COMMAND --help' for more information on a command.\n",
	              group, text, group);
	return true;
}

void help_print_command(FILE *out, const struct command *command)
{
	(void)fprintf(out, "Usage:  drydock %s %s [OPTIONS]%s%s\n\n%c%s\n\n", command->group,
	              command->name, *command->arguments ? " " : "", command->arguments,
	              command->summary[0], command->summary + 1);
	if (command->options) {
		(void)fputs("Options:\n", out);
		help_print_options(out, command->options, command);
		(void)fputc('\n', out);
	}
	(void)fputs("Global options:\n", out);
	help_print_options(out, OPTION_GLOBAL, NULL);
}
