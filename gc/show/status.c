/* status.c - what the program is doing, told to whoever sends SIGUSR1. */
#include "gc/show/status.h"

#include "metadata/base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct status {
	FILE *words;
	pthread_mutex_t lock; /* for what follows */
	struct progress progress;
	uint64_t done;
	bool is_counted;
};

static void status_print(struct status *status)
{
	char text[PROGRESS_TEXT_MAX];
	struct progress progress;
	uint64_t done;
	bool is_counted;

	(void)pthread_mutex_lock(&status->lock);
	progress = status->progress;
	done = status->done;
	is_counted = status->is_counted;
	(void)pthread_mutex_unlock(&status->lock);
	(void)fprintf(
	    status->words, "%sdrydock: %s\n", progress.is_shown ? PROGRESS_CLEAR : "",
	    progress_text(text, &progress, is_counted ? &done : NULL, progress_clock_ms()));
	(void)fflush(status->words);
}

static void *status_answer(void *context)
{
	sigset_t signals;
	int number;

	(void)sigemptyset(&signals); /* these cannot fail */
	(void)sigaddset(&signals, SIGUSR1);
	for (;;) {
		if (sigwait(&signals, &number) == 0)
			status_print(context);
	}
	return NULL;
}

/* Makes the thread, to which no signal comes but the one that it waits for. */
static bool status_make_thread(struct status *status)
{
	sigset_t all;
	sigset_t old;
	pthread_t thread;
	bool is_made;

	(void)sigfillset(&all); /* these cannot fail */
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	is_made = pthread_create(&thread, NULL, status_answer, status) == 0;
	if (is_made)
		(void)pthread_detach(thread);
	(void)sigaddset(&old, SIGUSR1);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return is_made;
}

struct status *status_start(FILE *words)
{
	struct status *status = mem_zalloc(1, sizeof(*status));

	status->words = words;
	(void)pthread_mutex_init(&status->lock, NULL);
	status_say(status, "beginning");
	if (status_make_thread(status))
		return status;
	(void)signal(SIGUSR1, SIG_IGN); /* it is a valid one */
	(void)pthread_mutex_destroy(&status->lock);
	free(status);
	return NULL;
}

void status_say(struct status *status, const char *what)
{
	const struct progress progress = { .what = what, .start_ms = progress_clock_ms() };

	if (!status)
		return;
	(void)pthread_mutex_lock(&status->lock);
	status->progress = progress;
	status->is_counted = false;
	(void)pthread_mutex_unlock(&status->lock);
}

void status_count(struct status *status, const struct progress *progress, uint64_t done)
{
	if (!status)
		return;
	(void)pthread_mutex_lock(&status->lock);
	status->progress = *progress;
	status->done = done;
	status->is_counted = progress->total > 0 || done > 0;
	(void)pthread_mutex_unlock(&status->lock);
}
