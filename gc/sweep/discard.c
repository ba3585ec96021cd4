/* discard.c - the second half of a run: the trash is erased, and the journal follows. */
#include "gc/sweep/discard.h"

#include "gc/edit/cache_links.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "overlay2/erase.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* So many things are erased between two writes of the journal: what a kill leaves unaccounted. */
#define DISCARD_BATCH ((size_t)1024)

/* Something in the trash that is a step's. */
struct discard_thing {
	size_t step; /* index */
	int dirfd;   /* of the trash */
	char *name;  /* owned */
};

struct discard {
	struct run *run;
	struct journal *journal;
	const struct sweep_options *options;
	struct discard_thing *things; /* sorted by step */
	size_t count, capacity;
	size_t stranger_count; /* names in the trash that are no step's */
	size_t done_count;     /* things of earlier batches */
	struct usage freed;    /* by earlier batches */
};

/* What may be erased: detached things, the old file of edits whatever became of them, what an
 * object that went back to its place has left here in exchange, and the copy of cache_links.h. */
static bool discard_is_ours(const struct run *run, const char *name, size_t *step)
{
	uint64_t seq;

	if (strcmp(name, cache_links_name) == 0)
		return cache_links_find(run, step);
	if (!text_parse_u64(name, run->step_count, &seq) || seq == 0)
		return false;
	*step = (size_t)seq - 1;
	return action_is_edit(run->steps[*step].kind) || run->steps[*step].state == STEP_DETACHED ||
	       run->steps[*step].state == STEP_ERASED || run->steps[*step].state == STEP_RESTORED;
}

static int discard_list_part(void *context, const char *part, int dirfd, struct err *err)
{
	struct discard *discard = context;
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (file_list(&entries, dirfd, ".", err) < 0)
		return err_wrap(err, "%s%s" TRASH_DIR "/%lld", part, trash_slash(part),
		                (long long)discard->run->id);
	for (size_t i = 0; i < entries.count; i++) {
		size_t step;

		if (!discard_is_ours(discard->run, entries.items[i].name, &step)) {
			discard->stranger_count++;
			continue;
		}
		discard->things = mem_grow(discard->things, discard->count, &discard->capacity,
		                           sizeof(*discard->things));
		discard->things[discard->count++] =
		    (struct discard_thing){ step, dirfd, TAKE(entries.items[i].name, NULL) };
	}
	return 0;
}

static int discard_compare(const void *left, const void *right)
{
	size_t a = ((const struct discard_thing *)left)->step;
	size_t b = ((const struct discard_thing *)right)->step;

	return a < b ? -1 : a > b;
}

/* Steps that are in no trash any more were erased just before the run was cut off. */
static void discard_settle_missing(const struct discard *discard)
{
	size_t next = 0;

	for (size_t i = 0; i < discard->run->step_count; i++) {
		struct run_step *step = &discard->run->steps[i];

		while (next < discard->count && discard->things[next].step < i)
			next++;
		if (step->state != STEP_DETACHED ||
		    (next < discard->count && discard->things[next].step == i))
			continue;
		run_step_set(step, STEP_ERASED, NULL);
		step->freed = step->usage;
	}
}

static void discard_progress(void *context, const struct usage *freed, size_t done_count)
{
	const struct discard *discard = context;
	struct usage sum = discard->freed;

	usage_add(&sum, freed);
	discard->options->progress(discard->options->context, SWEEP_ERASE,
	                           discard->done_count + done_count, discard->count, &sum);
}

/* Writes into the step what became of its thing; returns false if it was not finished. */
static bool discard_settle(struct discard *discard, struct run_step *step,
                           const struct erase_item *item)
{
	if (!action_is_edit(step->kind)) { /* that file has been replaced, nothing is freed */
		usage_add(&step->freed, &item->freed);
		usage_add(&discard->freed, &item->freed);
	}
	if (item->is_done && step->state == STEP_DETACHED)
		run_step_set(step, STEP_ERASED, NULL);
	else if (err_is_set(&item->err) && step->state == STEP_DETACHED)
		run_step_set(step, STEP_DETACHED, item->err.text);
	return item->is_done || err_is_set(&item->err);
}

/* Erases things from index FIRST on, one batch; *IS_STOPPED if not all of it was finished. */
static int discard_batch(struct discard *discard, size_t first, size_t count, bool *is_stopped,
                         struct err *err)
{
	const struct sweep_options *options = discard->options;
	struct discard_thing *things = &discard->things[first];
	struct erase_item *items = mem_zalloc(count, sizeof(*items));
	size_t first_step = things[0].step;

	for (size_t i = 0; i < count; i++)
		items[i] = (struct erase_item){ .dirfd = things[i].dirfd, .name = things[i].name };
	cut_here(&options->cut, "erase", things[0].name);
	erase(items, count, options->jobs, options->stop,
	      options->progress ? discard_progress : NULL, discard);
	for (size_t i = 0; i < count; i++) {
		if (!discard_settle(discard, &discard->run->steps[things[i].step], &items[i]))
			*is_stopped = true;
	}
	free(items);
	discard->done_count += count;
	run_count(discard->run);
	cut_here(&options->cut, "journal", "erased");
	return journal_save(discard->journal, discard->run, first_step,
	                    things[count - 1].step - first_step + 1, err);
}

static int discard_things(struct discard *discard, bool *is_stopped, struct err *err)
{
	const volatile bool *stop = discard->options->stop;

	*is_stopped = false;
	for (size_t first = 0; first < discard->count; first += DISCARD_BATCH) {
		size_t left = discard->count - first;

		*is_stopped |= stop && *stop;
		if (*is_stopped)
			break;
		if (discard_batch(discard, first, left < DISCARD_BATCH ? left : DISCARD_BATCH,
		                  is_stopped, err) < 0)
			return -1;
	}
	return 0;
}

/* The words for a run that could not be finished; NULL: all is well. */
static char *discard_note(const struct discard *discard, bool is_empty)
{
	const struct run *run = discard->run;
	const char *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].state != STEP_DETACHED)
			continue;
		first = first ? first : run->steps[i].error;
		count++;
	}
	if (count > 0)
		return mem_print("%zu could not be erased: %s", count, first ? first : "");
	return is_empty ? NULL
	                : mem_print("%zu in its trash are none of its own and stay",
	                            discard->stranger_count);
}

/* The directories of the run go; then the run is over. */
static int discard_finish(struct discard *discard, struct trash *trash, struct err *err)
{
	struct run *run = discard->run;
	bool is_empty;

	if (trash_remove(trash, &is_empty, err) < 0)
		return -1;
	/* all is as it was before the run */
	if (run->state == RUN_RETURNING && run->problem_count == 0 &&
	    dir_times_set(&run->dirs, trash, err) < 0)
		return -1;
	if (trash_sync(trash, err) < 0)
		return -1;
	free(run->note);
	run->note = discard_note(discard, is_empty);
	run->state = run->note                     ? RUN_INCOMPLETE
	             : run->state == RUN_RETURNING ? RUN_RETURNED
	                                           : RUN_DONE;
	run->finished = time(NULL);
	run_count(run);
	cut_here(&discard->options->cut, "journal", "done");
	return journal_save(discard->journal, run, 0, run->step_count, err);
}

/* Erases what is in the trash. */
static int discard_erase(struct discard *discard, struct trash *trash, bool *is_stopped,
                         struct err *err)
{
	*is_stopped = false;
	if (trash_each(trash, discard_list_part, discard, err) < 0)
		return -1;
	if (discard->count > 0)
		qsort(discard->things, discard->count, sizeof(*discard->things), discard_compare);
	discard_settle_missing(discard);
	return discard_things(discard, is_stopped, err);
}

static void discard_done(struct discard *discard)
{
	for (size_t i = 0; i < discard->count; i++)
		free(discard->things[i].name);
	free(discard->things);
}

int discard_early(struct run *run, struct journal *journal, struct trash *trash,
                  const struct sweep_options *options, bool *is_stopped, struct err *err)
{
	struct discard state = { .run = run, .journal = journal, .options = options };
	int result = discard_erase(&state, trash, is_stopped, err);

	discard_done(&state);
	/* btrfs and XFS give away what was freed after that only */
	return result < 0 ? -1 : trash_sync(trash, err);
}

int discard(struct run *run, struct journal *journal, struct trash *trash,
            const struct sweep_options *options, struct err *err)
{
	struct discard state = { .run = run, .journal = journal, .options = options };
	bool is_stopped = false;
	int result = discard_erase(&state, trash, &is_stopped, err);

	if (result == 0 && !is_stopped)
		result = discard_finish(&state, trash, err);
	discard_done(&state);
	return result;
}
