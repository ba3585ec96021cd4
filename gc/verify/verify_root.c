/* verify_root.c - reading a root again after a run, and looking for what earlier runs have left. */
#include "gc/verify/verify.h"

#include "gc/plan/mark.h"
#include "gc/trash/trash.h"
#include "metadata/base/mem.h"

#include <stdlib.h>

int verify_root(struct lines *lines, const struct session *session, const struct run *run,
                struct err *err)
{
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	AUTO(state) struct state *state = NULL;
	AUTO(inventory) struct inventory *inventory = NULL;
	const struct verify_view before = { session->state, session->inventory,
		                            &session->findings };
	struct verify_view after = { NULL, NULL, &findings };
	AUTO(graph) struct graph *graph = NULL;
	AUTO(mark) struct mark *mark = NULL;

	if (state_load(&state, session->root, &findings, err) < 0 ||
	    inventory_load(&inventory, session->root->overlay2_fd, &findings, err) < 0)
		return err_wrap(err, "after the run");
	graph = graph_build(state, inventory, &findings);
	mark = mark_baseline(graph);
	mark_find_blocks(mark, graph, &findings);
	finding_list_sort(&findings);
	after.state = state;
	after.inventory = inventory;
	verify_compare(lines, &before, &after, run);
	return 0;
}

static const struct run *verify_find_run(const struct run_list *runs, int64_t id)
{
	for (size_t i = 0; i < runs->count; i++) {
		if (runs->items[i].id == id)
			return &runs->items[i];
	}
	return NULL;
}

int verify_trash(struct lines *lines, struct journal *journal, const struct root *root,
                 struct err *err)
{
	AUTO(trash_dirs) struct trash_dirs dirs = TRASH_DIRS_INIT;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	if (trash_find(&dirs, root->fd, err) < 0 || journal_list(journal, &runs, err) < 0)
		return -1;
	for (size_t i = 0; i < dirs.count; i++) {
		const struct run *run = verify_find_run(&runs, dirs.items[i].run);

		if (!run)
			lines_add(lines, "%s: the journal does not know this run",
			          dirs.items[i].path);
		else if (run->state == RUN_QUARANTINED)
			continue; /* it waits there as it should */
		else if (run->note)
			lines_add(lines, "%s: run %lld is %s: %s", dirs.items[i].path,
			          (long long)run->id, run_state_name(run->state), run->note);
		else if (!run_is_unfinished(run))
			lines_add(lines, "%s: run %lld is %s, yet something is left of it",
			          dirs.items[i].path, (long long)run->id,
			          run_state_name(run->state));
	}
	return 0;
}
