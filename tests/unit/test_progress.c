/* test_progress.c - progress is shown when somebody waits, and leaves nothing behind. */
#include "tests/unit/check.h"

#include "gc/show/progress.h"
#include "metadata/base/own.h"

#include <string.h>

static void quick_actions_show_nothing(void **state)
{
	struct progress progress;
	char *text = NULL;
	size_t len = 0;
	FILE *words = open_memstream(&text, &len);

	(void)state;
	assert_non_null(words);
	progress = (struct progress){ .words = words, .what = "removing", .total = 1000 };
	progress_start(&progress, 5000);
	progress_show(&progress, 500, 5999);
	progress_end(&progress);
	(void)fclose(words);
	assert_string_equal(text, "");
	free(text);
}

static void slow_actions_show_rate_and_time_left(void **state)
{
	struct progress progress;
	char *text = NULL;
	size_t len = 0;
	FILE *words = open_memstream(&text, &len);

	(void)state;
	assert_non_null(words);
	progress = (struct progress){ .words = words, .what = "removing", .total = 4000000 };
	progress_start(&progress, 5000);
	progress_show(&progress, 1000000, 7000);
	progress_show(&progress, 1000001, 7100); /* too soon again */
	progress_end(&progress);
	(void)fclose(words);
	assert_string_equal(text, "\r\033[Kremoving  25%  1MB of 4MB  500kB/s  6s left\r\033[K");
	free(text);
}

static void nothing_is_written_without_a_terminal(void **state)
{
	struct progress progress;

	(void)state;
	progress = (struct progress){ .words = NULL, .what = "removing", .total = 1000 };
	progress_start(&progress, 0);
	progress_show(&progress, 500, 60000); /* would crash */
	progress_end(&progress);
	assert_false(progress.is_shown);
}

static void things_are_counted_as_numbers(void **state)
{
	struct progress progress;
	char *text = NULL;
	size_t len = 0;
	FILE *words = open_memstream(&text, &len);

	(void)state;
	assert_non_null(words);
	progress = (struct progress){
		.words = words, .what = "moving", .unit = PROGRESS_THINGS, .total = 5000
	};
	progress_start(&progress, 0);
	progress_show(&progress, 2500, 2000);
	(void)fclose(words);
	assert_string_equal(text, "\r\033[Kmoving  50%  2500 of 5000  1250/s  2s left");
	free(text);
}

static void more_than_expected_is_never_over_all(void **state)
{
	struct progress progress;
	char *text = NULL;
	size_t len = 0;
	FILE *words = open_memstream(&text, &len);

	(void)state;
	assert_non_null(words);
	progress = (struct progress){ .words = words, .what = "removing", .total = 0 };
	progress_start(&progress, 0);
	progress_show(&progress, 2000, 2000);
	progress_show(&progress, 5000, 4000);
	(void)fclose(words);
	assert_non_null(strstr(text, "removing 100%  2kB of 2kB  1kB/s  0s left"));
	assert_non_null(strstr(text, "removing 100%  5kB of 5kB"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quick_actions_show_nothing),
		cmocka_unit_test(slow_actions_show_rate_and_time_left),
		cmocka_unit_test(nothing_is_written_without_a_terminal),
		cmocka_unit_test(things_are_counted_as_numbers),
		cmocka_unit_test(more_than_expected_is_never_over_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
