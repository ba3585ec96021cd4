/* restore.c - what an archive holds goes back into the data root. */
#include "gc/back/restore.h"

#include "gc/archive/archive_check.h"
#include "gc/back/attach.h"
#include "gc/back/restore_stage.h"
#include "gc/edit/edit.h"
#include "gc/sweep/begin.h"
#include "gc/trash/trash.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- reading ---- */

static void restore_tell_read(void *context, uint64_t content_bytes)
{
	const struct restore_options *options = context;

	options->progress(options->context, RESTORE_READS, content_bytes, 0);
}

int restore_read(struct archive_head *head, const char *file, const struct restore_options *options,
                 struct err *err)
{
	struct restore_options watched = *options;
	AUTO(close) int fd = file_open(AT_FDCWD, file, 0, err);
	const struct archive_check check = {
		.name = file,
		.fd = fd,
		.stop = options->stop,
		.progress = options->progress ? restore_tell_read : NULL,
		.context = &watched,
	};

	if (fd < 0 || archive_check(&check, head, err) < 0)
		return -1;
	head->file = mem_text(file);
	return 0;
}

/* The words when a tag stands for another image now. */
static char *restore_tag_obstacle(const struct state *state, const struct run_step *step)
{
	const char *there;

	return ref_list_has(&state->refs, step->object, step->detail, &there) || !there
	           ? NULL
	           : mem_print("is %s now", there);
}

/* The words when another network has the name. */
static char *restore_network_obstacle(const struct state *state, const struct run_step *step)
{
	for (size_t i = 0; i < state->networks.count; i++) {
		const struct network *network = &state->networks.items[i];

		if (strcmp(network->name, step->detail) == 0 &&
		    strcmp(network->id, step->object) != 0)
			return mem_print("another network is called %s now", network->name);
	}
	return NULL;
}

/* The words for what is at the place of STEP: *WORDS, the caller frees; NULL: nothing. 0 or -1. */
static int restore_obstacle(char **words, const struct run_step *step, const struct graph *graph,
                            struct trash *trash, struct err *err)
{
	bool exists = action_is_edit(step->kind) && edit_is_open(graph, step);

	*words = NULL;
	if (step->kind == ACTION_UNTAG)
		*words = restore_tag_obstacle(graph->state, step);
	if (step->kind == ACTION_NETWORK)
		*words = restore_network_obstacle(graph->state, step);
	if (!action_is_edit(step->kind) &&
	    !(step->kind == ACTION_CACHE && cache_is_empty(&graph->state->cache)) &&
	    trash_has_source(trash, step->path, &exists, err) < 0)
		return -1;
	if (exists && !*words)
		*words = mem_text("exists already");
	return 0;
}

int restore_look(struct run *run, const struct session *session, struct err *err)
{
	const struct cut none = { NULL, NULL };
	AUTO(trash) struct trash *trash = trash_new(session->root->fd, 0, &none);

	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];
		AUTO(str) char *words = NULL;

		if (step->state != STEP_PLANNED)
			continue;
		if (restore_obstacle(&words, step, session->graph, trash, err) < 0)
			return -1;
		if (words)
			run_step_set(step, STEP_FAILED, words);
	}
	run_count(run);
	return 0;
}

/* ---- the run ---- */

/* What is being done. */
struct restore {
	struct run *run;
	struct journal *journal;
	const struct session *session;
	const struct restore_options *options;
	struct trash *trash;
	struct archive_head *head; /* its run may have been taken */
};

static int restore_save(const struct restore *restore, const char *words, struct err *err)
{
	run_count(restore->run);
	cut_here(&restore->options->cut, "journal", words);
	return journal_save(restore->journal, restore->run, 0, restore->run->step_count, err);
}

static void restore_tell_moved(void *context, size_t done_count)
{
	const struct restore *restore = context;

	restore->options->progress(restore->options->context, RESTORE_MOVES, done_count,
	                           restore->run->step_count);
}

/* Directories get the times that they had, when they hold what they held. */
static int restore_set_times(const struct restore *restore, struct err *err)
{
	return restore->run->problem_count > 0
	           ? 0
	           : dir_times_set(&restore->run->dirs, restore->trash, err);
}

/* The trash is emptied, and the run is over. */
static int restore_finish(const struct restore *restore, struct err *err)
{
	struct run *run = restore->run;
	bool is_empty = false;

	run_count(run);
	if (restore_stage_clear(restore->trash, &restore->options->cut, err) < 0 ||
	    trash_remove(restore->trash, &is_empty, err) < 0 ||
	    restore_set_times(restore, err) < 0 || trash_sync(restore->trash, err) < 0)
		return -1;
	if (!is_empty && !run->note)
		run->note = mem_text("something is left in its trash");
	run->state = is_empty ? RUN_DONE : RUN_INCOMPLETE;
	run->finished = time(NULL);
	return restore_save(restore, "done", err);
}

/* Everything is in the trash: to its places. */
static int restore_attach(const struct restore *restore, struct err *err)
{
	struct restore watched = *restore;
	const struct attach work = {
		.run = restore->run,
		.graph = restore->session->graph,
		.trash = restore->trash,
		.root_fd = restore->session->root->fd,
		.stop = restore->options->stop,
		.progress = restore->options->progress ? restore_tell_moved : NULL,
		.context = &watched,
	};
	bool is_stopped = false;

	if (attach(&work, &is_stopped, err) < 0 || restore_save(restore, "restored", err) < 0)
		return -1;
	return is_stopped ? 0 : restore_finish(restore, err);
}

/* Making it has failed with *ERR: all is as before, and the run is over. Returns -1. */
static int restore_give_up(const struct restore *restore, struct err *err)
{
	struct run *run = restore->run;
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state == STEP_PLANNED)
			run_step_set(&run->steps[i], STEP_FAILED, "was not tried");
	}
	free(run->note);
	run->note = mem_print("nothing was restored: %s", err->text);
	(void)!restore_finish(restore, &ignored); /* *ERR tells the first failure */
	return -1;
}

/* Makes everything in the trash; the run is RUN_DETACHED then, or stopped. */
static int restore_make(const struct restore *restore, struct err *err)
{
	struct run *run = restore->run;
	struct err local = ERR_INIT;
	const struct restore_stage stage = { .run = run,
		                             .trash = restore->trash,
		                             .head = restore->head,
		                             .options = restore->options };

	if (restore_stage(&stage, &local) < 0) {
		if (err_has_code(&local, EINTR) && restore->options->stop &&
		    *restore->options->stop)
			return 0;
		if (err)
			*err = local;
		return restore_give_up(restore, err ? err : &local);
	}
	if (trash_sync(restore->trash, err) < 0)
		return -1;
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state == STEP_PLANNED)
			run_step_set(&run->steps[i], STEP_DETACHED, NULL);
	}
	run->state = RUN_DETACHED;
	return restore_save(restore, "detached", err);
}

static int restore_carry_out(const struct restore *restore, struct err *err)
{
	int result = 0;

	if (restore->run->state == RUN_PLANNED)
		result = restore_make(restore, err);
	if (result == 0 && restore->run->state == RUN_DETACHED)
		result = restore_attach(restore, err);
	return result < 0 ? err_wrap(err, "run %lld", (long long)restore->run->id) : 0;
}

int restore_run(struct run **run, struct journal *journal, const struct session *session,
                struct archive_head *head, const struct restore_options *options, struct err *err)
{
	AUTO(run) struct run *made = TAKE(head->run, NULL);
	AUTO(trash) struct trash *trash = NULL;
	struct restore restore = { made, journal, session, options, NULL, head };
	int result;

	*run = NULL;
	free(made->command);
	free(made->root_path);
	made->command = mem_print("run restore %s", head->file);
	free(made->archive);
	made->archive = mem_text(head->file);
	made->root_path = mem_text(session->root->path); /* the archive may be from elsewhere */
	made->device = session->root->device;
	made->inode = session->root->inode;
	made->started = time(NULL);
	if (begin_number(made, journal, session->root->fd, err) < 0)
		return -1;
	trash = trash_new(session->root->fd, made->id, &options->cut);
	restore.trash = trash;
	if (begin_place(made, trash, err) < 0 || restore_look(made, session, err) < 0)
		return -1;
	cut_here(&options->cut, "journal", "begin");
	if (journal_begin(journal, made, err) < 0)
		return -1;
	result = restore_carry_out(&restore, err);
	*run = TAKE(made, NULL);
	return result;
}

/* Reads the archive of RUN again, of which nothing has gone to its place yet. */
static int restore_read_again(struct run *run, struct archive_head *head,
                              const struct session *session, const struct restore_options *options,
                              struct err *err)
{
	if (restore_read(head, run->archive, options, err) < 0)
		return -1;
	if (strcmp(head->run->digest, run->digest) != 0 || head->run->step_count != run->step_count)
		return err_set(err, ERR_STATE, "%s: is another archive than when run %lld began",
		               run->archive, (long long)run->id);
	for (size_t i = 0; i < run->step_count; i++)
		run_step_set(&run->steps[i], STEP_PLANNED, NULL);
	return restore_look(run, session, err);
}

int restore_resume(struct run *run, struct journal *journal, const struct session *session,
                   const struct restore_options *options, struct err *err)
{
	AUTO(archive_head) struct archive_head head = ARCHIVE_HEAD_INIT;
	AUTO(trash) struct trash *trash = NULL;
	struct restore restore = { run, journal, session, options, NULL, &head };

	trash = trash_new(session->root->fd, run->id, &options->cut);
	restore.trash = trash;
	if (begin_again(run, trash, err) < 0)
		return err_wrap(err, "run %lld", (long long)run->id);
	if (run->state == RUN_PLANNED && restore_read_again(run, &head, session, options, err) < 0)
		return err_wrap(err, "run %lld", (long long)run->id);
	if (run->state == RUN_INCOMPLETE)
		return restore_finish(&restore, err);
	return restore_carry_out(&restore, err);
}
