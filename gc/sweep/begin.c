/* begin.c - a run gets its number, and its steps their places in the trash. */
#include "gc/sweep/begin.h"

#include "gc/run/target.h"
#include "metadata/base/mem.h"

#include <string.h>

int begin_number(struct run *run, struct journal *journal, int root_fd, struct err *err)
{
	AUTO(trash_dirs) struct trash_dirs dirs = TRASH_DIRS_INIT;
	int64_t least = run->id;

	if (journal_next_id(journal, &run->id, err) < 0 || trash_find(&dirs, root_fd, err) < 0)
		return -1;
	if (run->id < least)
		run->id = least;
	if (dirs.count > 0 && dirs.items[dirs.count - 1].run >= run->id)
		run->id = dirs.items[dirs.count - 1].run + 1;
	return 0;
}

/* A daemon must be able to run beside what is in quarantine: it takes every directory in volumes/
 * for a volume, in containers/ for a container, ... */
static int begin_check_part(const struct run *run, const struct run_step *step, struct err *err)
{
	const char *trash = strstr(step->place, TRASH_DIR "/");
	size_t len = trash ? (size_t)(trash - step->place) : 0;

	if (run->work != RUN_QUARANTINE || len == 0 ||
	    (len == strlen("overlay2/") && strncmp(step->place, "overlay2/", len) == 0))
		return 0;
	return err_set(err, ERR_STATE,
	               "%.*s is a mount of its own: dockerd would stumble over a quarantine in it "
	               "(--archive keeps things elsewhere)",
	               (int)len - 1, step->place);
}

int begin_place(struct run *run, struct trash *trash, struct err *err)
{
	for (size_t i = 0; i < run->step_count; i++) {
		struct run_step *step = &run->steps[i];
		size_t owner = run_place_owner(run, i);

		if (!target_name(step->kind, step->path))
			return err_set(err, ERR_CORRUPT, "%s: is no path of a %s", step->path,
			               action_kind_name(step->kind));
		if (owner < i)
			step->place = mem_text(run->steps[owner].place);
		else if (trash_place(trash, step->path, i + 1, &step->place, err) < 0)
			return -1;
		if (begin_check_part(run, step, err) < 0 ||
		    dir_times_note(&run->dirs, trash, step->path, err) < 0)
			return -1;
	}
	return 0;
}

int begin_again(const struct run *run, struct trash *trash, struct err *err)
{
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];
		size_t owner = run_place_owner(run, i);

		if (trash_owns(trash, step->path, owner + 1, step->place) &&
		    trash_know(trash, step->place, err) < 0)
			return -1;
	}
	return 0;
}
