/* fuzz_rules.c - what users type and journals hold: moments, filters, patterns, words of rules. */
#include "gc/plan/glob.h"
#include "gc/plan/rules.h"
#include "metadata/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool is_true)
{
	if (!is_true)
		abort();
}

static void check_until(const char *text)
{
	const struct until_clock clock = { { 1795500138, 468137788 }, 19800 };
	struct timestamp time = { 0, 0 };
	struct err err = ERR_INIT;

	if (until_parse(text, &clock, &time, &err) == 0)
		require(time.nanoseconds < 1000000000);
	else
		require(err.kind == ERR_USAGE);
}

/* The words of RULES; the caller frees. */
static char *words_of(const struct rules *rules)
{
	AUTO(text) struct text text = TEXT_INIT;

	rules_print(&text, &rules->filters, &rules->keep);
	return text_take(&text);
}

/* Whatever the rules are, their words are read as the same words. */
static void check_words(const struct rules *rules)
{
	AUTO(rules) struct rules again = RULES_INIT;
	AUTO(str) char *first = words_of(rules);
	AUTO(str) char *copy = mem_text(first);
	AUTO(str) char *second = NULL;
	char *rest = NULL;

	for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		require(rules_read_word(&again, word));
	second = words_of(&again);
	require(strcmp(first, second) == 0);
}

static void check_typed(const char *text)
{
	AUTO(rules) struct rules rules = RULES_INIT;
	struct filter_request request = { .given = &text, .given_count = 1 };

	for (int verb = 0; verb < FILTER_VERB_COUNT; verb++) {
		struct err err = ERR_INIT;

		request.verb = (enum filter_verb)verb;
		filter_set_done(&rules.filters);
		require((filter_set_make(&rules.filters, &request, &err) == 0) != err_is_set(&err));
		check_words(&rules);
	}
	if (keep_rules_add(&rules.keep, text, NULL) == 0)
		require(!glob_fault(text));
	(void)!keep_rules_add_line(&rules.keep, text, strlen(text), text, NULL);
	check_words(&rules);
}

/* The first line is a pattern, the rest a text. */
static void check_glob(char *text)
{
	char *end = strchr(text, '\n');
	AUTO(str) char *pattern = end ? mem_copy(text, (size_t)(end - text)) : NULL;

	if (pattern && !glob_fault(pattern))
		(void)glob_matches(pattern, end + 1);
}

static void check_journal(const char *text)
{
	AUTO(rules) struct rules rules = RULES_INIT;

	if (rules_read_word(&rules, text))
		check_words(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(str) char *text = mem_copy(data, size);

	check_until(text);
	check_typed(text);
	check_glob(text);
	check_journal(text);
	return 0;
}
