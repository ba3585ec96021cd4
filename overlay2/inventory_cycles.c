/* inventory_cycles.c - layer directories that lead back to themselves by `lower`. */
#include "overlay2/inventory_load.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

enum cycle_state { CYCLE_NEW, CYCLE_OPEN, CYCLE_DONE };

/* A directory that is being looked at, and the next of its lower ones. */
struct cycle_step {
	uint32_t dir;
	uint32_t next;
};

struct cycle_search {
	const struct inventory *inventory;
	struct finding_list *findings;
	uint8_t *states; /* enum cycle_state of each directory */
	struct cycle_step *steps;
	size_t count, capacity;
};

static void cycle_enter(struct cycle_search *search, uint32_t dir)
{
	search->states[dir] = CYCLE_OPEN;
	search->steps =
	    mem_grow(search->steps, search->count, &search->capacity, sizeof(*search->steps));
	search->steps[search->count++] = (struct cycle_step){ dir, 0 };
}

static void cycle_report(const struct cycle_search *search, uint32_t from, uint32_t to)
{
	const struct inventory_dir *dirs = search->inventory->dirs;
	AUTO(str) char *path = mem_print("overlay2/%s/lower", dirs[from].name);

	if (from == to)
		finding_add(search->findings, FINDING_LOWER_CYCLE, path, "names itself");
	else
		finding_add(search->findings, FINDING_LOWER_CYCLE, path,
		            "names %s, which lies on it", dirs[to].name);
}

/* Goes on with the directory on top;. */
static void cycle_step(struct cycle_search *search)
{
	struct cycle_step *top = &search->steps[search->count - 1];
	const struct inventory_dir *dir = &search->inventory->dirs[top->dir];
	uint32_t count = dir->lower_count + dir->unlinked_count;
	uint32_t lower;

	while (top->next < count && search->states[dir->lowers[top->next]] == CYCLE_DONE)
		top->next++;
	if (top->next == count) {
		search->states[top->dir] = CYCLE_DONE;
		search->count--;
		return;
	}
	lower = dir->lowers[top->next++];
	if (search->states[lower] == CYCLE_NEW)
		cycle_enter(search, lower); /* moves *top */
	else
		cycle_report(search, top->dir, lower);
}

void inventory_find_cycles(const struct inventory *inventory, struct finding_list *findings)
{
	AUTO(str) char *states = mem_zalloc(inventory->dir_count, 1);
	struct cycle_search search = { .inventory = inventory,
		                       .findings = findings,
		                       .states = (uint8_t *)states };

	for (size_t i = 0; i < inventory->dir_count; i++) {
		if (search.states[i] == CYCLE_NEW)
			cycle_enter(&search, (uint32_t)i);
		while (search.count > 0)
			cycle_step(&search);
	}
	free(search.steps);
}
