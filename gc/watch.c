/* watch.c - what a user sees and does while a run is at work: progress, and signals. */
#include "gc/watch.h"

#include "gc/stop.h"

/* The bytes of USAGE that are told in a phase; 0: it is counted in things. */
static uint64_t watch_bytes(enum sweep_phase phase, const struct usage *usage)
{
	switch (phase) {
	case SWEEP_ARCHIVE:
	case SWEEP_CHECK:
		return usage->apparent_bytes;
	case SWEEP_ERASE:
		return usage->allocated_bytes;
	case SWEEP_DETACH:
	case SWEEP_RETURN:
	default:
		return 0;
	}
}

static void watch_begin_phase(struct watch *watch, enum sweep_phase phase, size_t total_count)
{
	static const char *const words[] = {
		[SWEEP_ARCHIVE] = "archiving", [SWEEP_CHECK] = "checking the archive",
		[SWEEP_DETACH] = "detaching",  [SWEEP_RETURN] = "putting back",
		[SWEEP_ERASE] = "erasing",
	};
	uint64_t bytes = watch_bytes(phase, &watch->total);

	progress_end(&watch->progress);
	watch->phase = phase;
	watch->has_phase = true;
	watch->progress.what = words[phase];
	watch->progress.unit = bytes > 0 ? PROGRESS_BYTES : PROGRESS_THINGS;
	watch->progress.total = bytes > 0 ? bytes : total_count;
	progress_start(&watch->progress, progress_clock_ms());
}

static void watch_call(void *context, enum sweep_phase phase, size_t done_count, size_t total_count,
                       const struct usage *freed)
{
	struct watch *watch = context;

	if (!watch->has_phase || watch->phase != phase)
		watch_begin_phase(watch, phase, total_count);
	progress_show(&watch->progress,
	              watch->progress.unit == PROGRESS_BYTES ? watch_bytes(phase, freed)
	                                                     : done_count,
	              progress_clock_ms());
}

struct sweep_options watch_options(struct watch *watch, const struct command_call *call)
{
	const struct console *console = call->console;
	bool is_shown = console->shows_progress && !call->settings->is_quiet;

	watch->progress.words = is_shown ? console->words : NULL;
	watch->progress.status = console->status;
	return (struct sweep_options){ .jobs = call->settings->jobs,
		                       .stop = stop_on_signals(),
		                       .progress = watch_call,
		                       .context = watch };
}

void watch_end(struct watch *watch)
{
	progress_end(&watch->progress);
}
