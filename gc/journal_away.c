/* journal_away.c - the journal of runs that began while the data root had no room for one. */
#include "gc/journal_away.h"

#include "metadata/base/mem.h"

#include <errno.h>
#include <stdlib.h>

int journal_away_look(struct journal **journal, const struct root *root, struct err *err)
{
	struct err local = ERR_INIT;

	if (journal_open(journal, root, JOURNAL_AWAY_DIR, JOURNAL_READ, &local) == 0)
		return 0;
	if (err_has_code(&local, EACCES))
		return 0;
	*err = local;
	return -1;
}

static int away_list(const struct root *root, struct run_list *runs, struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;

	if (journal_away_look(&journal, root, err) < 0)
		return -1;
	return journal ? journal_list(journal, runs, err) : 0;
}

static const struct run *away_find(const struct run_list *runs, int64_t id)
{
	for (size_t i = 0; i < runs->count; i++) {
		if (runs->items[i].id == id)
			return &runs->items[i];
	}
	return NULL;
}

/* Which of two records of run ID counts: that elsewhere while it is at work, else that at home. */
static bool away_counts(const struct run_list *home, const struct run_list *elsewhere, int64_t id)
{
	const struct run *away = away_find(elsewhere, id);

	return away && (run_is_unfinished(away) || !away_find(home, id));
}

static int away_compare(const void *left, const void *right)
{
	const struct run *a = left;
	const struct run *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

int journal_away_runs(struct run_list *runs, const struct root *root, const char *state_dir,
                      struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	AUTO(run_list) struct run_list found = RUN_LIST_INIT;
	AUTO(run_list) struct run_list others = RUN_LIST_INIT;

	if (journal_open(&journal, root, state_dir, JOURNAL_READ, err) < 0 ||
	    journal_list(journal, &found, err) < 0 ||
	    (!state_dir && away_list(root, &others, err) < 0))
		return -1;
	for (size_t i = 0; i < found.count;) {
		if (!away_counts(&found, &others, found.items[i].id)) {
			i++;
			continue;
		}
		run_done(&found.items[i]);
		found.items[i] = found.items[--found.count];
	}
	for (size_t i = 0; i < others.count; i++) {
		if (away_find(&found, others.items[i].id))
			continue;
		found.items =
		    mem_grow(found.items, found.count, &found.capacity, sizeof(*found.items));
		found.items[found.count++] = TAKE(others.items[i], (struct run){ 0 });
	}
	if (found.count > 0)
		qsort(found.items, found.count, sizeof(*found.items), away_compare);
	*runs = TAKE(found, (struct run_list)RUN_LIST_INIT);
	return 0;
}

int journal_away_holds(const struct root *root, const char *state_dir, int64_t id, bool *is_away,
                       struct err *err)
{
	AUTO(journal) struct journal *journal = NULL;
	AUTO(run_list) struct run_list found = RUN_LIST_INIT;
	AUTO(run_list) struct run_list others = RUN_LIST_INIT;

	*is_away = false;
	if (state_dir)
		return 0;
	if (away_list(root, &others, err) < 0)
		return -1;
	if (!away_find(&others, id))
		return 0;
	if (journal_open(&journal, root, NULL, JOURNAL_READ, err) < 0 ||
	    journal_list(journal, &found, err) < 0)
		return -1;
	*is_away = away_counts(&found, &others, id);
	return 0;
}

int journal_away_open(struct journal **journal, const struct root *root, const char *state_dir,
                      int64_t id, enum journal_access access, struct err *err)
{
	bool is_away;

	if (journal_away_holds(root, state_dir, id, &is_away, err) < 0)
		return -1;
	return journal_open(journal, root, is_away ? JOURNAL_AWAY_DIR : state_dir, access, err);
}
