/* stop.c - SIGINT and SIGTERM: end soon, at a point from which a run can be resumed. */
#include "gc/stop.h"

#include <signal.h>
#include <stddef.h>

/* A signal handler can reach nothing else: the one place with mutable globals. A bool is written
 * in one piece on every machine that Linux runs on. */
static volatile bool is_stopped;
static volatile sig_atomic_t stopped_by;

static void stop_handle(int signal_number)
{
	stopped_by = signal_number;
	is_stopped = true;
}

const volatile bool *stop_on_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction action = { .sa_handler = stop_handle,
			                    .sa_flags = SA_RESTART | (int)SA_RESETHAND };
		struct sigaction old;

		(void)sigemptyset(&action.sa_mask); /* cannot fail */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaction(signals[i], &action, NULL); /* the signal is a valid one */
	}
	return &is_stopped;
}

int stop_signal(void)
{
	return stopped_by;
}
