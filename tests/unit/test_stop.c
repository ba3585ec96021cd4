/* test_stop.c - the first signal asks, the second one ends. */
#include "tests/unit/check.h"

#include "gc/stop.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child process does; its exit status, or 128 and the signal that ended it. */
static int in_child(void (*body)(void))
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		/* a test in the background of a shell starts with SIGINT ignored */
		(void)signal(SIGINT, SIG_DFL);
		(void)signal(SIGTERM, SIG_DFL);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void one_of_each(void)
{
	const volatile bool *stop = stop_on_signals();

	if (*stop || stop_signal() != 0)
		_exit(1);
	(void)raise(SIGTERM);
	if (!*stop || stop_signal() != SIGTERM)
		_exit(2);
	(void)raise(SIGINT); /* its first */
	_exit(stop_signal() == SIGINT ? 7 : 3);
}

static void two_of_one(void)
{
	(void)stop_on_signals();
	(void)raise(SIGINT);
	(void)raise(SIGINT);
}

static void ignored(void)
{
	(void)signal(SIGINT, SIG_IGN);
	_exit(!*stop_on_signals() && raise(SIGINT) == 0 && !*stop_on_signals() ? 7 : 1);
}

static void the_first_signal_of_a_kind_asks(void **state)
{
	(void)state;
	assert_int_equal(in_child(one_of_each), 7);
}

static void the_second_ends_the_program(void **state)
{
	(void)state;
	assert_int_equal(in_child(two_of_one), 128 + SIGINT);
}

static void an_ignored_signal_stays_ignored(void **state)
{
	(void)state;
	assert_int_equal(in_child(ignored), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_signal_of_a_kind_asks),
		cmocka_unit_test(the_second_ends_the_program),
		cmocka_unit_test(an_ignored_signal_stays_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
