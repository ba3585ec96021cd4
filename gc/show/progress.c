/* progress.c - how far a long action is, on a terminal. */
#include "gc/show/progress.h"

#include "gc/show/size_text.h"
#include "gc/show/status.h"

#include <inttypes.h>
#include <time.h>

#define PROGRESS_DELAY_MS 1000 /* what is done by then needs no progress */
#define PROGRESS_INTERVAL_MS 200

void progress_start(struct progress *progress, int64_t now_ms)
{
	progress->start_ms = progress->last_ms = now_ms;
	progress->is_shown = false;
	status_count(progress->status, progress, 0);
}

static const char *progress_amount(char text[SIZE_TEXT_MAX], enum progress_unit unit,
                                   uint64_t amount)
{
	if (unit == PROGRESS_BYTES)
		return size_text(text, amount);
	(void)snprintf(text, SIZE_TEXT_MAX, "%" PRIu64, amount);
	return text;
}

/* "5s", "3m20s", "2h05m". */
static void progress_time_text(char *text, size_t size, uint64_t seconds)
{
	if (seconds < 60)
		(void)snprintf(text, size, "%" PRIu64 "s", seconds);
	else if (seconds < 3600)
		(void)snprintf(text, size, "%" PRIu64 "m%02" PRIu64 "s", seconds / 60,
		               seconds % 60);
	else
		(void)snprintf(text, size, "%" PRIu64 "h%02" PRIu64 "m", seconds / 3600,
		               seconds / 60 % 60);
}

const char *progress_text(char text[PROGRESS_TEXT_MAX], const struct progress *progress,
                          const uint64_t *done, int64_t now_ms)
{
	int64_t passed_ms = now_ms - progress->start_ms;
	uint64_t so_far = done ? *done : 0;
	uint64_t total = progress->total > so_far ? progress->total : so_far;
	double rate = passed_ms > 0 ? (double)so_far * 1000 / (double)passed_ms : 0; /* a second */
	char amount[SIZE_TEXT_MAX];
	char all[SIZE_TEXT_MAX];
	char speed[SIZE_TEXT_MAX];
	char left[32] = "";

	if (!done) {
		progress_time_text(left, sizeof(left), (uint64_t)(passed_ms / 1000));
		(void)snprintf(text, PROGRESS_TEXT_MAX, "%s  %s", progress->what, left);
		return text;
	}
	if (rate >= 1)
		progress_time_text(left, sizeof(left), (uint64_t)((double)(total - so_far) / rate));
	(void)snprintf(text, PROGRESS_TEXT_MAX, "%s %3d%%  %s of %s  %s/s%s%s%s", progress->what,
	               total > 0 ? (int)((double)so_far * 100 / (double)total) : 100,
	               progress_amount(amount, progress->unit, so_far),
	               progress_amount(all, progress->unit, total),
	               progress_amount(speed, progress->unit, (uint64_t)rate), *left ? "  " : "",
	               left, *left ? " left" : "");
	return text;
}

void progress_show(struct progress *progress, uint64_t done, int64_t now_ms)
{
	char text[PROGRESS_TEXT_MAX];

	status_count(progress->status, progress, done);
	if (!progress->words || now_ms - progress->start_ms < PROGRESS_DELAY_MS ||
	    now_ms - progress->last_ms < PROGRESS_INTERVAL_MS)
		return;
	(void)fprintf(progress->words, PROGRESS_CLEAR "%s",
	              progress_text(text, progress, &done, now_ms));
	(void)fflush(progress->words);
	progress->last_ms = now_ms;
	progress->is_shown = true;
}

void progress_end(struct progress *progress)
{
	if (progress->is_shown) {
		(void)fputs(PROGRESS_CLEAR, progress->words);
		(void)fflush(progress->words);
	}
	progress->is_shown = false;
}

int64_t progress_clock_ms(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
