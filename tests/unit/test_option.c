/* test_option.c - the command line is read as Docker reads its own. */
#include "tests/unit/check.h"

#include "gc/option.h"

#include <string.h>

#define WORDS_MAX 8

/* Parses LINE, words separated by blanks ("''" is an empty word), after "drydock". */
struct parsed {
	char line[256];
	char *argv[WORDS_MAX + 2];
	int argc;
	struct settings settings;
	uint32_t given;
	struct err err;
	int result;
};

static void parse(struct parsed *parsed, const char *line)
{
	static char program[] = "drydock";
	char *rest = NULL;

	*parsed = (struct parsed){ .argc = 1 };
	(void)strncpy(parsed->line, line, sizeof(parsed->line) - 1);
	parsed->argv[0] = program;
	for (char *word = strtok_r(parsed->line, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (strcmp(word, "''") == 0)
			*word = '\0';
		parsed->argv[parsed->argc++] = word;
	}
	parsed->result = option_parse(&parsed->settings, &parsed->given, parsed->argc, parsed->argv,
	                              &parsed->err);
}

static void assert_refused(const char *line, const char *text)
{
	struct parsed parsed;

	parse(&parsed, line);
	assert_int_equal(parsed.result, -1);
	assert_int_equal(parsed.err.kind, ERR_USAGE);
	assert_string_equal(parsed.err.text, text);
}

static void options_stand_anywhere(void **state)
{
	static const char *const lines[] = {
		"--root /x -a -f system prune",    "system prune --root /x -a -f",
		"system --root=/x prune -af",      "system -fa prune --root /x",
		"-f system --all prune --root=/x",
	};
	struct parsed parsed;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		parse(&parsed, lines[i]);
		assert_int_equal(parsed.result, 0);
		assert_string_equal(parsed.settings.root, "/x");
		assert_true(parsed.settings.all && parsed.settings.force);
		assert_int_equal(parsed.settings.argument_count, 2);
		assert_string_equal(parsed.settings.arguments[0], "system");
		assert_string_equal(parsed.settings.arguments[1], "prune");
	}
}

static void number_may_be_part_of_its_word(void **state)
{
	static const char *const lines[] = {
		"-j4", "-j=4", "-j 4", "--jobs 4", "--jobs=4", "-aj4"
	};
	struct parsed parsed;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		parse(&parsed, lines[i]);
		assert_int_equal(parsed.result, 0);
		assert_int_equal(parsed.settings.jobs, 4);
		assert_int_equal(parsed.settings.argument_count, 0);
	}
}

static void format_is_one_of_three_words(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed, "--format jsonl");
	assert_int_equal(parsed.settings.format, OUTPUT_JSONL);
	parse(&parsed, "--format=json");
	assert_int_equal(parsed.settings.format, OUTPUT_JSON);
	assert_refused("--format xml",
	               "invalid argument \"xml\" for \"--format\" flag: table, json or jsonl");
}

static void flags_can_be_switched_off(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed, "-f --force=false --all=true");
	assert_int_equal(parsed.result, 0);
	assert_false(parsed.settings.force);
	assert_true(parsed.settings.all);
	assert_refused("--force=maybe",
	               "invalid argument \"maybe\" for \"-f, --force\" flag: true or false");
}

static void two_dashes_end_the_options(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed, "layer why -- -f --root");
	assert_int_equal(parsed.result, 0);
	assert_false(parsed.settings.force);
	assert_int_equal(parsed.settings.argument_count, 4);
	assert_string_equal(parsed.settings.arguments[2], "-f");
	assert_string_equal(parsed.settings.arguments[3], "--root");
}

static void single_dash_is_an_argument(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed, "layer why -");
	assert_int_equal(parsed.result, 0);
	assert_string_equal(parsed.settings.arguments[2], "-");
}

static void what_was_given_is_told(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed, "-n --root x --force=false");
	assert_int_equal(parsed.given, OPTION_BIT(OPTION_DRY_RUN) | OPTION_BIT(OPTION_ROOT) |
	                                   OPTION_BIT(OPTION_FORCE));
}

static void errors_name_the_option(void **state)
{
	static const struct {
		const char *line;
		const char *text;
	} cases[] = {
		{ "--foo", "unknown flag: --foo" },
		{ "--foo=1", "unknown flag: --foo" },
		{ "--roo x", "unknown flag: --roo" },
		{ "-x", "unknown shorthand flag: 'x' in -x" },
		{ "-fx", "unknown shorthand flag: 'x' in -fx" },
		{ "--root", "flag needs an argument: --root" },
		{ "-j", "flag needs an argument: 'j' in -j" },
		{ "--root ''", "invalid argument \"\" for \"--root\" flag: it is empty" },
		{ "--root=", "invalid argument \"\" for \"--root\" flag: it is empty" },
		{ "-j 0",
		  "invalid argument \"0\" for \"-j, --jobs\" flag: a number from 1 to 1024" },
		{ "-j x",
		  "invalid argument \"x\" for \"-j, --jobs\" flag: a number from 1 to 1024" },
		{ "-j 9999999999999999999999", "invalid argument \"9999999999999999999999\" for "
		                               "\"-j, --jobs\" flag: a number from "
		                               "1 to 1024" },
		{ "--filters until=1h", "unknown flag: --filters" },
		{ "--filter", "flag needs an argument: --filter" },
		{ "--quarantined", "unknown flag: --quarantined" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(cases[i].line, cases[i].text);
}

static void arguments_are_known_in_spite_of_an_error(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed, "system prune --foo");
	assert_int_equal(parsed.result, -1);
	assert_int_equal(parsed.settings.argument_count, 2);
	assert_string_equal(parsed.settings.arguments[1], "prune");
}

static void every_option_has_a_name_and_help_of_its_own(void **state)
{
	(void)state;
	for (enum option_id i = 0; i < OPTION_ID_COUNT; i++) {
		assert_non_null(option_row(i)->name);
		assert_non_null(option_row(i)->help);
		for (enum option_id j = 0; j < i; j++) {
			assert_string_not_equal(option_row(i)->name, option_row(j)->name);
			assert_true(!option_row(i)->letter ||
			            option_row(i)->letter != option_row(j)->letter);
		}
	}
}

static void lists_take_every_value_in_order(void **state)
{
	struct parsed parsed;

	(void)state;
	parse(&parsed, "--filter label=a=b --keep app:* --filter=until=1h --keep=x");
	assert_int_equal(parsed.result, 0);
	assert_int_equal(parsed.settings.filters.count, 2);
	assert_string_equal(parsed.settings.filters.items[0], "label=a=b");
	assert_string_equal(parsed.settings.filters.items[1], "until=1h");
	assert_int_equal(parsed.settings.keep.count, 2);
	assert_string_equal(parsed.settings.keep.items[1], "x");
	assert_int_equal(parsed.settings.keep_from.count, 0);
	option_settings_done(&parsed.settings);
}

static void what_decides_can_be_typed_again(void **state)
{
	const char *values[] = { "label=a b", "label!=it's", "until=24h", "" };
	struct settings settings = { .all = true, .force = true, .dry_run = true, .keep_last = 3 };
	AUTO(str) char *words = NULL;

	(void)state;
	settings.filters = (struct settings_list){ values, 4, 4 };
	words = option_given_words(&settings, OPTION_SCOPE);
	assert_string_equal(words, " --all --filter 'label=a b' --filter 'label!=it'\\''s' "
	                           "--filter until=24h --filter '' --keep-last 3");
	settings = (struct settings){ .force = true };
	free(words);
	words = option_given_words(&settings, OPTION_SCOPE);
	assert_string_equal(words, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(number_may_be_part_of_its_word),
		cmocka_unit_test(format_is_one_of_three_words),
		cmocka_unit_test(flags_can_be_switched_off),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(single_dash_is_an_argument),
		cmocka_unit_test(what_was_given_is_told),
		cmocka_unit_test(errors_name_the_option),
		cmocka_unit_test(arguments_are_known_in_spite_of_an_error),
		cmocka_unit_test(every_option_has_a_name_and_help_of_its_own),
		cmocka_unit_test(lists_take_every_value_in_order),
		cmocka_unit_test(what_decides_can_be_typed_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
