/* restoration.c - putting back what a run has removed, for the user: progress, question, report. */
#include "gc/restoration.h"

#include "gc/archive_option.h"
#include "gc/back/restore.h"
#include "gc/exit_status.h"
#include "gc/outcome.h"
#include "gc/show/progress.h"
#include "gc/show/restore_report.h"
#include "gc/stop.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "overlay2/archive_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define RESTORATION_LINES_MAX 10 /* of each list before the question */

/* ---- progress ---- */

struct restoration_watch {
	struct progress progress;
	enum restore_phase phase;
	uint64_t total_bytes; /* of content; 0: not known */
	bool has_phase;
};

static void restoration_watch_call(void *context, enum restore_phase phase, uint64_t done,
                                   uint64_t total)
{
	static const struct {
		const char *what;
		enum progress_unit unit;
	} rows[] = {
		[RESTORE_READS] = { "reading the archive", PROGRESS_BYTES },
		[RESTORE_MAKES] = { "restoring", PROGRESS_BYTES },
		[RESTORE_MOVES] = { "putting back", PROGRESS_THINGS },
	};
	struct restoration_watch *watch = context;

	if (!watch->has_phase || watch->phase != phase) {
		progress_end(&watch->progress);
		watch->phase = phase;
		watch->has_phase = true;
		watch->progress.what = rows[phase].what;
		watch->progress.unit = rows[phase].unit;
		watch->progress.total = total > 0 ? total : watch->total_bytes;
		progress_start(&watch->progress, progress_clock_ms());
	}
	progress_show(&watch->progress, done, progress_clock_ms());
}

static struct restore_options restoration_options(const struct command_call *call,
                                                  struct restoration_watch *watch)
{
	bool is_shown = call->console->shows_progress && !call->settings->is_quiet;

	watch->progress.words = is_shown ? call->console->words : NULL;
	watch->progress.status = call->console->status;
	return (struct restore_options){ .stop = stop_on_signals(),
		                         .progress = restoration_watch_call,
		                         .context = watch };
}

/* ---- before ---- */

/* An archive of another data root may be meant: a disk was replaced, a root was copied. */
static void restoration_note_root(const struct command_call *call, const struct run *run)
{
	const struct root *root = call->session->root;
	char path[ERR_TEXT_MAX];

	if (run->inode == root->inode &&
	    (run->device == root->device || strcmp(run->root_path, root->path) == 0))
		return;
	text_escape(path, sizeof(path), run->root_path, strlen(run->root_path));
	(void)fprintf(call->console->words,
	              "drydock: warning: the archive is of another data root, %s\n", path);
}

static bool restoration_is_wanted(const struct command_call *call,
                                  const struct restore_report *report)
{
	FILE *words = call->console->words;

	(void)fputs(
	    "This will put back what was archived and removed. What exists stays as it is.\n\n",
	    words);
	restore_report_lists(words, report, call->settings->is_verbose ? 0 : RESTORATION_LINES_MAX);
	(void)fputc('\n', words);
	return console_ask(call->console, "Are you sure you want to continue?");
}

/* ---- after ---- */

/* What follows from the RESULT of restore_run() or restore_resume(); RUN may be NULL. */
static int restoration_end(const struct command_call *call, struct journal_home *home,
                           const struct run *run, int result, struct err *err)
{
	const struct restore_report report = { .run = run,
		                               .state = call->session->state,
		                               .root = call->session->root->path };
	int bits = EXIT_STATUS_DONE;
	int verified;

	if (run && run_is_unfinished(run)) {
		(void)fprintf(call->console->words,
		              "drydock: %s%s'drydock run resume' finishes run %" PRId64 "\n",
		              result == 0 ? stop_words() : "", result == 0 ? "; " : "", run->id);
		bits |= EXIT_STATUS_INTERRUPTED;
	}
	if (result < 0 || !run) {
		if (!run || !run_is_unfinished(run))
			(void)fputs("drydock: nothing was restored\n", call->console->words);
		return -1;
	}
	journal_home_return(home, call, run);
	restore_report_print(call->console->out, &report, call->settings->format);
	outcome_problems(call, run);
	if (run->problem_count > 0 || run->state == RUN_INCOMPLETE)
		bits |= EXIT_STATUS_LEFT;
	verified = outcome_verify(call, home->journal, run, err);
	return verified < 0 ? -1 : bits | verified;
}

/* An archive that was not read because of a signal. */
static bool restoration_is_stopped(const struct command_call *call,
                                   const struct restore_options *options, struct err *err)
{
	if (!*options->stop || !err_has_code(err, EINTR))
		return false;
	err_clear(err);
	(void)fprintf(call->console->words, "drydock: %s: nothing was restored\n", stop_words());
	return true;
}

static int restoration_carry_out(const struct command_call *call, struct archive_head *head,
                                 struct restoration_watch *watch,
                                 const struct restore_options *options, struct err *err)
{
	AUTO(journal_home) struct journal_home home = JOURNAL_HOME_INIT;
	AUTO(run) struct run *run = NULL;
	int result;

	if (journal_home_start(&home, call, head->run->step_count, err) < 0)
		return -1;
	head->run->id = home.first_id;
	result = restore_run(&run, home.journal, call->session, head, options, err);
	progress_end(&watch->progress);
	return restoration_end(call, &home, run, result, err);
}

/* The archive has been read. */
static int restoration_decide(const struct command_call *call, struct archive_head *head,
                              struct restoration_watch *watch,
                              const struct restore_options *options, struct err *err)
{
	const struct settings *settings = call->settings;
	const struct restore_report report = { .run = head->run,
		                               .state = call->session->state,
		                               .root = call->session->root->path,
		                               .is_plan = true };

	restoration_note_root(call, head->run);
	if (restore_look(head->run, call->session, err) < 0)
		return -1;
	if (settings->dry_run || restore_report_count(&report) == 0) {
		restore_report_print(call->console->out, &report, settings->format);
		return !settings->dry_run && head->run->problem_count > 0 ? EXIT_STATUS_LEFT
		                                                          : EXIT_STATUS_DONE;
	}
	if (!settings->force && !restoration_is_wanted(call, &report)) {
		(void)fputs("drydock: nothing was restored\n", call->console->words);
		return EXIT_STATUS_DONE;
	}
	return restoration_carry_out(call, head, watch, options, err);
}

int restoration_start(const struct command_call *call, const char *file, struct err *err)
{
	AUTO(archive_head) struct archive_head head = ARCHIVE_HEAD_INIT;
	AUTO(str) char *path = NULL;
	struct restoration_watch watch = { .has_phase = false };
	const struct restore_options options = restoration_options(call, &watch);
	int result;

	if (strcmp(file, ARCHIVE_FILE_STDOUT) == 0)
		return err_set(err, ERR_USAGE,
		               "an archive is read twice: put what comes from a pipe into a file");
	if (archive_option_path(&path, file, err) < 0)
		return -1;
	result = restore_read(&head, path, &options, err);
	progress_end(&watch.progress);
	if (result < 0)
		return restoration_is_stopped(call, &options, err) ? EXIT_STATUS_INTERRUPTED : -1;
	head.run->archive = mem_text(path);
	for (size_t i = 0; i < head.run->step_count; i++)
		watch.total_bytes += head.run->steps[i].usage.apparent_bytes;
	return restoration_decide(call, &head, &watch, &options, err);
}

int restoration_resume(const struct command_call *call, struct journal_home *home, struct run *run,
                       struct err *err)
{
	struct restoration_watch watch = { .has_phase = false };
	const struct restore_options options = restoration_options(call, &watch);
	int result;

	if (call->settings->archive)
		return err_set(err, ERR_USAGE,
		               "run %" PRId64 " is a restore: it removes nothing to archive",
		               run->id);
	result = restore_resume(run, home->journal, call->session, &options, err);
	progress_end(&watch.progress);
	return restoration_end(call, home, run, result, err);
}
