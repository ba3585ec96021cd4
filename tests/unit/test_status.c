/* test_status.c - whoever asks is told what is being done, and nothing else happens. */
#include "tests/unit/check.h"

#include "gc/show/status.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES_MAX 1024

/* What BODY, in a process of its own, has printed on its words; it must end with exit status 0. */
static void told(void (*body)(struct status *status), char lines[LINES_MAX])
{
	int ends[2];
	size_t len = 0;
	ssize_t got;
	int status = 0;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		FILE *words = fdopen(ends[1], "w");

		(void)close(ends[0]);
		body(status_start(words));
		_exit(0);
	}
	(void)close(ends[1]);
	while (len < LINES_MAX - 1 && (got = read(ends[0], lines + len, LINES_MAX - 1 - len)) > 0)
		len += (size_t)got;
	lines[len] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Asks this process, and waits until the signal has been taken. */
static void ask(void)
{
	sigset_t pending;

	(void)kill(getpid(), SIGUSR1);
	do {
		(void)sigpending(&pending);
	} while (sigismember(&pending, SIGUSR1));
}

/* The same twice; the second one is taken only when the first has been answered. */
static void ask_and_wait(void)
{
	ask();
	ask();
}

static void say(struct status *status)
{
	status_say(status, "reading the data root");
	ask_and_wait();
}

static void count(struct status *status)
{
	struct progress progress = {
		.what = "erasing", .status = status, .unit = PROGRESS_THINGS, .total = 4000
	};

	progress_start(&progress, progress_clock_ms() - 2000);
	progress_show(&progress, 1000, progress_clock_ms());
	ask_and_wait();
}

static void count_what_has_no_total(struct status *status)
{
	struct progress progress = { .what = "archiving", .status = status };

	progress_start(&progress, progress_clock_ms());
	ask_and_wait();
}

static void whoever_asks_is_told_the_phase(void **state)
{
	char lines[LINES_MAX];

	(void)state;
	told(say, lines);
	assert_int_equal(strncmp(lines, "drydock: reading the data root  0s\n",
	                         strlen("drydock: reading the data root  0s\n")),
	                 0);
}

static void what_is_counted_is_told_in_numbers_without_a_terminal(void **state)
{
	char lines[LINES_MAX];

	(void)state;
	told(count, lines);
	assert_int_equal(strncmp(lines, "drydock: erasing  25%  1000 of 4000  ",
	                         strlen("drydock: erasing  25%  1000 of 4000  ")),
	                 0);
	assert_non_null(strstr(lines, " left\n"));
}

static void what_has_no_total_yet_is_no_hundred_percent(void **state)
{
	char lines[LINES_MAX];

	(void)state;
	told(count_what_has_no_total, lines);
	assert_non_null(strstr(lines, "drydock: archiving  0s\n"));
}

static void nobody_to_tell_is_no_matter(void **state)
{
	struct progress progress = { .what = "erasing", .total = 4 };

	(void)state;
	status_say(NULL, "reading");
	status_count(NULL, &progress, 1);
	progress_start(&progress, 0);
	progress_show(&progress, 1, 5000);
	progress_end(&progress);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_asks_is_told_the_phase),
		cmocka_unit_test(what_is_counted_is_told_in_numbers_without_a_terminal),
		cmocka_unit_test(what_has_no_total_yet_is_no_hundred_percent),
		cmocka_unit_test(nobody_to_tell_is_no_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
