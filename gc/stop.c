/* stop.c - signals and a time limit: end soon, at a point from which a run can be resumed. */
#include "gc/stop.h"

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

/* A signal handler can reach nothing else: the one place with mutable globals. A bool is written
 * in one piece on every machine that Linux runs on. */
static volatile bool is_stopped;
static volatile sig_atomic_t stopped_by;
static int64_t asked_ms; /* atomic: when the first signal came that a second one may follow; 0 */

static int64_t stop_clock_ms(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1; /* never 0 */
}

static void stop_handle(int signal_number)
{
	if (stopped_by == 0)
		stopped_by = signal_number;
	is_stopped = true;
}

static void stop_handle_twice(int signal_number)
{
	int64_t now = stop_clock_ms();
	int64_t first = 0;

	stop_handle(signal_number);
	if (__atomic_compare_exchange_n(&asked_ms, &first, now, false, __ATOMIC_RELAXED,
	                                __ATOMIC_RELAXED) ||
	    now - first < STOP_SAME_MS)
		return;
	(void)signal(signal_number, SIG_DFL); /* the signal is a valid one */
	(void)raise(signal_number);           /* it ends the program when this returns */
}

static const struct {
	int number;
	void (*handle)(int);
} stop_signals[] = {
	{ SIGINT, stop_handle_twice },
	{ SIGTERM, stop_handle_twice },
	{ SIGHUP, stop_handle },
};

#define STOP_SIGNAL_COUNT (sizeof(stop_signals) / sizeof(stop_signals[0]))

const volatile bool *stop_on_signals(void)
{
	struct sigaction action = { .sa_flags = SA_RESTART };

	(void)sigemptyset(&action.sa_mask); /* these cannot fail */
	for (size_t i = 0; i < STOP_SIGNAL_COUNT; i++)
		(void)sigaddset(&action.sa_mask, stop_signals[i].number);
	for (size_t i = 0; i < STOP_SIGNAL_COUNT; i++) {
		struct sigaction old;

		action.sa_handler = stop_signals[i].handle;
		if (sigaction(stop_signals[i].number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaction(stop_signals[i].number, &action, NULL);
	}
	return &is_stopped;
}

void stop_after(int64_t milliseconds)
{
	struct sigaction action = { .sa_handler = stop_handle, .sa_flags = SA_RESTART };
	const struct itimerval timer = { .it_value = { milliseconds / 1000,
		                                       milliseconds % 1000 * 1000 } };

	(void)sigemptyset(&action.sa_mask); /* none of these can fail */
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

int stop_signal(void)
{
	return stopped_by;
}

const char *stop_words(void)
{
	return stopped_by == SIGALRM ? "time limit reached" : "interrupted";
}
