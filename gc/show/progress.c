/* progress.c - how far a long action is, on a terminal. */
#include "gc/show/progress.h"

#include "gc/show/size_text.h"

#include <inttypes.h>
#include <time.h>

#define PROGRESS_DELAY_MS 1000 /* what is done by then needs no progress */
#define PROGRESS_INTERVAL_MS 200
#define PROGRESS_CLEAR "\r\033[K"

void progress_start(struct progress *progress, int64_t now_ms)
{
	progress->start_ms = progress->last_ms = now_ms;
	progress->is_shown = false;
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

static void progress_print(const struct progress *progress, uint64_t done, int64_t passed_ms)
{
	uint64_t total = progress->total > done ? progress->total : done;
	double rate = (double)done * 1000 / (double)passed_ms; /* units a second */
	char amount[SIZE_TEXT_MAX];
	char all[SIZE_TEXT_MAX];
	char speed[SIZE_TEXT_MAX];
	char left[32] = "";

	if (rate >= 1)
		progress_time_text(left, sizeof(left), (uint64_t)((double)(total - done) / rate));
	(void)fprintf(progress->words, PROGRESS_CLEAR "%s %3d%%  %s of %s  %s/s%s%s%s",
	              progress->what, total > 0 ? (int)((double)done * 100 / (double)total) : 100,
	              progress_amount(amount, progress->unit, done),
	              progress_amount(all, progress->unit, total),
	              progress_amount(speed, progress->unit, (uint64_t)rate), *left ? "  " : "",
	              left, *left ? " left" : "");
	(void)fflush(progress->words);
}

void progress_show(struct progress *progress, uint64_t done, int64_t now_ms)
{
	if (!progress->words || now_ms - progress->start_ms < PROGRESS_DELAY_MS ||
	    now_ms - progress->last_ms < PROGRESS_INTERVAL_MS)
		return;
	progress_print(progress, done, now_ms - progress->start_ms);
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
