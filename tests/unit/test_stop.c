/* test_stop.c - the first signal asks, the second one ends; a time limit asks, too. */
#include "tests/unit/check.h"

#include "gc/stop.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a child process does; its exit status, or 128 and the signal that ended it. */
static int in_child(void (*body)(void))
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		/* a test in the background of a shell starts with SIGINT ignored */
		for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
			(void)signal(signals[i], SIG_DFL);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Until another signal is another one. */
static void let_time_pass(void)
{
	const struct timespec time = { 0, (STOP_SAME_MS + 10) * 1000000L };

	(void)nanosleep(&time, NULL);
}

static void one(void)
{
	const volatile bool *stop = stop_on_signals();

	if (*stop || stop_signal() != 0)
		_exit(1);
	(void)raise(SIGTERM);
	_exit(*stop && stop_signal() == SIGTERM && strcmp(stop_words(), "interrupted") == 0 ? 7
	                                                                                    : 2);
}

static void two_of_one(void)
{
	(void)stop_on_signals();
	(void)raise(SIGINT);
	let_time_pass();
	(void)raise(SIGINT);
}

static void two_kinds(void)
{
	(void)stop_on_signals();
	(void)raise(SIGINT);
	let_time_pass();
	(void)raise(SIGTERM);
}

static void two_at_once(void)
{
	const volatile bool *stop = stop_on_signals();

	(void)raise(SIGTERM);
	(void)raise(SIGTERM);
	_exit(*stop ? 7 : 1);
}

static void hang_ups(void)
{
	const volatile bool *stop = stop_on_signals();

	(void)raise(SIGHUP);
	let_time_pass();
	(void)raise(SIGHUP);
	(void)raise(SIGTERM); /* its first */
	_exit(*stop && stop_signal() == SIGHUP ? 7 : 1);
}

static void hang_up_last(void)
{
	(void)stop_on_signals();
	(void)raise(SIGTERM);
	let_time_pass();
	(void)raise(SIGHUP);
	_exit(stop_signal() == SIGTERM ? 7 : 1);
}

static void ignored(void)
{
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)stop_on_signals();
	_exit(raise(SIGINT) == 0 && raise(SIGHUP) == 0 && !*stop_on_signals() ? 7 : 1);
}

static void time_passes(void)
{
	const volatile bool *stop = stop_on_signals();

	stop_after(10);
	while (!*stop)
		let_time_pass();
	if (stop_signal() != SIGALRM || strcmp(stop_words(), "time limit reached") != 0)
		_exit(1);
	(void)raise(SIGINT); /* its first */
	_exit(7);
}

static void time_has_not_passed(void)
{
	stop_after(INT64_C(3600) * 1000);
	_exit(*stop_on_signals() ? 1 : 7);
}

static void the_first_signal_asks(void **state)
{
	(void)state;
	assert_int_equal(in_child(one), 7);
}

static void the_second_ends_the_program(void **state)
{
	(void)state;
	assert_int_equal(in_child(two_of_one), 128 + SIGINT);
	assert_int_equal(in_child(two_kinds), 128 + SIGTERM);
}

static void two_at_the_same_moment_are_one(void **state)
{
	(void)state;
	assert_int_equal(in_child(two_at_once), 7);
}

static void a_terminal_that_goes_away_only_asks(void **state)
{
	(void)state;
	assert_int_equal(in_child(hang_ups), 7);
	assert_int_equal(in_child(hang_up_last), 7);
}

static void an_ignored_signal_stays_ignored(void **state)
{
	(void)state;
	assert_int_equal(in_child(ignored), 7);
}

static void a_time_limit_asks(void **state)
{
	(void)state;
	assert_int_equal(in_child(time_passes), 7);
	assert_int_equal(in_child(time_has_not_passed), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_signal_asks),
		cmocka_unit_test(the_second_ends_the_program),
		cmocka_unit_test(two_at_the_same_moment_are_one),
		cmocka_unit_test(a_terminal_that_goes_away_only_asks),
		cmocka_unit_test(an_ignored_signal_stays_ignored),
		cmocka_unit_test(a_time_limit_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
