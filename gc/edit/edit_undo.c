/* edit_undo.c - entries that edits have taken out of a file go back into it. */
#include "gc/edit/edit_undo.h"

#include "gc/edit/edit.h"
#include "gc/edit/edit_cache.h"
#include "gc/edit/edit_network.h"
#include "gc/edit/retag.h"
#include "gc/edit/rewrite.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "metadata/bolt_undo.h"
#include "metadata/bolt_write.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* A database, before the edits and now. */
struct undo {
	const struct edit_site *site;
	struct run *run;
	struct run_step *steps;
	size_t count;
	struct run_step *planned; /* copies of steps that are STEP_PLANNED where those are
	                             STEP_DETACHED: what the edit was asked for; texts borrowed */
	struct bolt *old, *now;
	struct network_list networks; /* of the old one */
};

static void undo_cleanup(struct undo *undo)
{
	free(undo->planned);
	bolt_close(undo->old);
	bolt_close(undo->now);
	network_list_done(&undo->networks);
}

/* ---- networks: what would be in the way ---- */

/* Reads "172.18.0.1/16"; false for anything else. */
static bool undo_parse_subnet(const char *words, uint32_t *address, uint32_t *mask)
{
	AUTO(str) char *host = mem_text(words);
	char *slash = strchr(host, '/');
	struct in_addr parsed;
	uint64_t bits;

	if (!slash)
		return false;
	*slash = '\0';
	if (inet_pton(AF_INET, host, &parsed) != 1 || !text_parse_u64(slash + 1, 32, &bits))
		return false;
	*address = ntohl(parsed.s_addr);
	*mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
	return true;
}

static bool undo_overlaps(const char *left, const char *right)
{
	uint32_t a;
	uint32_t b;
	uint32_t a_mask;
	uint32_t b_mask;

	return undo_parse_subnet(left, &a, &a_mask) && undo_parse_subnet(right, &b, &b_mask) &&
	       (a & a_mask & b_mask) == (b & a_mask & b_mask);
}

/* dockerd would take two networks of one name or with one subnet, and lose one of them. */
static void undo_check_network(const struct undo *undo, struct run_step *step)
{
	const struct network_list *now = &undo->site->graph->state->networks;
	const struct network *network;
	size_t item;

	if (!map_get(&undo->networks.by_id, step->object, &item) ||
	    map_get(&now->by_id, step->object, NULL))
		return;
	network = &undo->networks.items[item];
	for (size_t i = 0; i < now->count; i++) {
		const struct network *other = &now->items[i];
		AUTO(str) char *words = NULL;

		if (strcmp(other->name, network->name) == 0)
			words = mem_print("another network is called %s now", other->name);
		else if (undo_overlaps(other->bridge_address, network->bridge_address))
			words = mem_print("network %s has its addresses now", other->name);
		if (words) {
			run_step_set(step, STEP_FAILED, words);
			return;
		}
	}
}

/* ---- changes ---- */

/* What the edits of COUNT steps from FIRST on change in the old file; the caller frees. */
static struct bolt_edit *undo_edit(const struct undo *undo, size_t first, size_t count,
                                   bool has_counts)
{
	static const struct network_list none = NETWORK_LIST_INIT;
	struct bolt_edit *edit = bolt_edit_new();

	edit_collect(edit, undo->old, has_counts ? &undo->networks : &none, &undo->planned[first],
	             count);
	return edit;
}

static void undo_plan(struct undo *undo)
{
	for (size_t i = 0; i < undo->count; i++)
		undo->planned[i].state =
		    undo->steps[i].state == STEP_DETACHED ? STEP_PLANNED : STEP_HELD;
}

/* Says whether RUN will take the mark "deleted" off a record. */
static bool undo_is_marked(const struct run *run, const char *record)
{
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->kind == ACTION_CACHE_MARK && strcmp(step->object, record) == 0)
			return step->state == STEP_DETACHED;
	}
	return false;
}

/* Marks the records of the steps as deleted: their snapshots are not there yet. Returns whether
 * there were any. */
static bool undo_add_marks(const struct undo *undo, struct bolt_edit *back)
{
	bool has_marks = false;

	if (undo->steps->kind != ACTION_CACHE_RECORD)
		return false;
	for (size_t i = 0; i < undo->count; i++) {
		if (undo->planned[i].state != STEP_PLANNED ||
		    !undo_is_marked(undo->run, undo->steps[i].object))
			continue;
		edit_cache_marks(back, undo->old, &undo->planned[i], 1);
		has_marks = true;
	}
	return has_marks;
}

/* Collects in *BACK what puts back the entries of all steps; those for which that cannot be done
 * become STEP_FAILED. */
static void undo_collect(struct undo *undo, struct bolt_edit *back)
{
	for (size_t i = 0; i < undo->count; i++) {
		AUTO(bolt_edit) struct bolt_edit *trial = bolt_edit_new();
		AUTO(bolt_edit) struct bolt_edit *edit = NULL;

		if (undo->planned[i].state != STEP_PLANNED)
			continue;
		edit = undo_edit(undo, i, 1, false);
		if (!bolt_undo(trial, edit, undo->old, undo->now)) {
			run_step_set(&undo->steps[i], STEP_FAILED, "something else is there now");
			undo->planned[i].state = STEP_HELD;
			continue;
		}
		(void)!bolt_undo(back, edit, undo->old, undo->now); /* as the trial */
	}
	if (undo->steps->kind == ACTION_NETWORK)
		edit_networks_join(back, undo->now, &undo->networks, undo->planned, undo->count);
}

/* Says whether the file is the old one but for the edits: then that one can come back. */
static bool undo_is_untouched(const struct undo *undo)
{
	AUTO(bolt_edit) struct bolt_edit *edit = undo_edit(undo, 0, undo->count, true);
	struct err ignored = ERR_INIT;

	return bolt_compare_content(undo->now, undo->old, edit, &ignored) == 0;
}

static int undo_apply(struct undo *undo, struct err *err)
{
	const char *path = undo->steps->path;
	AUTO(bolt_edit) struct bolt_edit *back = bolt_edit_new();
	AUTO(bolt_edit) struct bolt_edit *marks = bolt_edit_new();
	bool is_whole = !undo_add_marks(undo, marks) && undo_is_untouched(undo);

	if (!is_whole)
		undo_collect(undo, back);
	if (undo->site->is_trial)
		return 0;
	if (is_whole)
		return rewrite_return(undo->site->trash, path, undo->steps->place, err);
	(void)undo_add_marks(undo, back);
	return rewrite_apply(undo->site->trash, path, back, NULL, err);
}

static int undo_open(struct undo *undo, struct err *err)
{
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	const char *path = undo->steps->path;
	const char *place = undo->steps->place;
	int run_fd;
	int dirfd;

	if (trash_run_dir(undo->site->trash, place, false, &run_fd, err) < 0 ||
	    bolt_open(&undo->old, run_fd, trash_name_of(place), err) < 0)
		return -1;
	dirfd = trash_dir_of(undo->site->trash, path, err);
	if (dirfd < 0 || bolt_open(&undo->now, dirfd, trash_name_of(path), err) < 0)
		return -1;
	if (undo->steps->kind == ACTION_NETWORK)
		network_list_read(&undo->networks, undo->old, &findings);
	return 0;
}

static int undo_database(const struct edit_site *site, struct run *run, size_t first, size_t end,
                         struct err *err)
{
	AUTO(undo)
	struct undo undo = { .site = site,
		             .run = run,
		             .steps = &run->steps[first],
		             .count = end - first,
		             .networks = NETWORK_LIST_INIT };

	if (undo_open(&undo, err) < 0)
		return -1;
	undo.planned = mem_zalloc(undo.count, sizeof(*undo.planned));
	(void)memcpy(undo.planned, undo.steps, undo.count * sizeof(*undo.planned));
	for (size_t i = 0; i < undo.count && undo.steps->kind == ACTION_NETWORK; i++) {
		if (undo.steps[i].state == STEP_DETACHED)
			undo_check_network(&undo, &undo.steps[i]);
	}
	undo_plan(&undo);
	if (undo_apply(&undo, err) < 0)
		return -1;
	for (size_t i = 0; i < undo.count; i++) {
		if (undo.steps[i].state == STEP_DETACHED)
			run_step_set(&undo.steps[i], STEP_RESTORED, NULL);
	}
	return 0;
}

/* Settles the steps whose entries are there again, before a run was cut off, say. Returns how many
 * are left. */
static size_t undo_settle_open(const struct graph *graph, struct run *run, size_t first, size_t end)
{
	size_t left = 0;

	for (size_t i = first; i < end; i++) {
		struct run_step *step = &run->steps[i];

		if (step->state != STEP_DETACHED)
			continue;
		if (edit_is_open(graph, step))
			run_step_set(step, STEP_RESTORED, NULL);
		else
			left++;
	}
	return left;
}

static void undo_missed(struct run *run, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		if (run->steps[i].state == STEP_DETACHED)
			run_step_set(&run->steps[i], STEP_FAILED,
			             "its old file is not in the trash");
	}
}

int edit_undo(const struct edit_site *site, struct run *run, size_t first, size_t end,
              struct err *err)
{
	struct run_step *steps = &run->steps[first];
	bool exists;

	if (!trash_owns(site->trash, steps->path, run_place_owner(run, first) + 1, steps->place))
		return err_set(err, ERR_CORRUPT, "its place is none that drydock makes");
	if (undo_settle_open(site->graph, run, first, end) == 0)
		return site->is_trial ? 0 : edit_clean(site->trash, steps, err);
	if (trash_has(site->trash, steps->place, &exists, err) < 0)
		return -1;
	if (!exists) {
		undo_missed(run, first, end);
		return 0;
	}
	return steps->kind == ACTION_UNTAG ? retag_apply(site, steps, end - first, err)
	                                   : undo_database(site, run, first, end, err);
}
