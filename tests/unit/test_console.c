/* test_console.c - only a clear yes is a yes. */
#include "tests/unit/check.h"

#include "gc/console.h"

#include <stdlib.h>
#include <string.h>

/* Answers the question with BYTES; *WORDS gets what was printed, freed by the caller. */
static bool ask(const char *bytes, char **words)
{
	char buffer[64];
	size_t len = 0;
	struct console console = { .can_ask = true };
	bool answer;

	(void)strncpy(buffer, bytes, sizeof(buffer) - 1);
	buffer[sizeof(buffer) - 1] = '\0';
	console.in = *bytes ? fmemopen(buffer, strlen(bytes), "r") : fopen("/dev/null", "r");
	console.words = open_memstream(words, &len);
	assert_non_null(console.in);
	assert_non_null(console.words);
	answer = console_ask(&console, "Are you sure you want to continue?");
	(void)fclose(console.in);
	(void)fclose(console.words);
	return answer;
}

static bool is_yes(const char *bytes)
{
	char *words = NULL;
	bool answer = ask(bytes, &words);

	free(words);
	return answer;
}

static void y_and_yes_in_any_case_mean_yes(void **state)
{
	static const char *const answers[] = {
		"y\n", "Y\n", "yes\n", "YES\n", " y \n", "y\r\n", "y"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_true(is_yes(answers[i]));
}

static void everything_else_means_no(void **state)
{
	static const char *const answers[] = {
		"",     "\n",    "n\n", "no\n",     "ye\n", "yep\n",
		"yy\n", "y y\n", "j\n", "yes no\n", "ny\n", "\ny\n"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_false(is_yes(answers[i]));
}

static void question_reads_as_in_docker(void **state)
{
	char *words = NULL;

	(void)state;
	(void)ask("n\n", &words);
	assert_string_equal(words, "Are you sure you want to continue? [y/N] ");
	free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(y_and_yes_in_any_case_mean_yes),
		cmocka_unit_test(everything_else_means_no),
		cmocka_unit_test(question_reads_as_in_docker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
