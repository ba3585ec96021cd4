/* drill.h - running and cutting off sweeps on the story of yard.h. */
#ifndef TESTS_UNIT_DRILL_H
#define TESTS_UNIT_DRILL_H

#include "gc/sweep/sweep.h"
#include "metadata/base/text.h"
#include "tests/unit/yard.h"

#include <stdbool.h>
#include <sys/types.h>

#define DRILL_SCOPE "cail"

/* How far apart loops over all points of a run may be: under a sanitizer, which is slow, not each
 * point is tried; the default build has been at all of them. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DRILL_STRIDE 5
#else
#define DRILL_STRIDE 1
#endif
#define DRILL_KILLED 42 /* exit status of a process that ended itself at a cut */

struct drill {
	struct yard *yard;
	void (*story)(struct yard *yard); /* makes what is there; yard_story() at first */
	const char *scope;                /* what a killed run prunes; DRILL_SCOPE at first */
	struct journal *journal;
	struct run *run; /* of the last sweep or resume */
	struct err err;
	struct rules rules;         /* what sweeps are planned with; the test fills them in */
	char *archive;              /* where sweeps archive to; owned; NULL: nowhere */
	struct archiving archiving; /* of the last of them */
	bool is_quarantine;         /* sweeps erase nothing */
	struct text log;            /* every cut: "rename path\n" */
	/* When a cut comes: the one after `cut_at` others (-1: none), or one with this line. */
	int cut_at;
	char *cut_line;     /* owned; "rename path" */
	bool is_stop, stop; /* then stop is set; otherwise the process ends */
};

/* For cmocka: a drill with the story. */
int drill_setup(void **state);
int drill_teardown(void **state);

/* Group setup: gives the process mounts of its own; where that is not allowed nothing happens. */
int drill_unshare(void **state);

/* The cut of a drill, which is the context. */
void drill_cut(void *context, const char *what, const char *path);

/* What every sweep of the drill is done with. */
struct sweep_options drill_options(struct drill *drill);

/* Reads the root again, with its journal. */
void drill_reopen(struct drill *drill);

/* The same drill with everything made anew. */
void drill_again(struct drill *drill);

/* The same with overlay2 on a file system of its own, which drill_unpin(drill, "overlay2")
 * unmounts; false where mounting is not allowed. */
bool drill_again_mounted(struct drill *drill);

/* Plans SCOPE and carries it out; returns what sweep_run() returns. */
int drill_start(struct drill *drill, const char *scope);

/* The same, and it must not fail. */
void drill_sweep(struct drill *drill, const char *scope);

/* Reads the root again and goes on with what was cut off. False: there is nothing. */
bool drill_resume(struct drill *drill);

/* Reads the root again and resumes the run that drill->run is, whatever its state; returns what
 * sweep_resume() returns. */
int drill_resume_run(struct drill *drill);

/* Sweeps (or resumes) in another process that ends at the cut. Returns true if it came so far. */
bool drill_kill(struct drill *drill, bool is_resume);
bool drill_kill_at(struct drill *drill, int at, bool is_resume);

/* The same, before the object is renamed, which must happen. */
void drill_kill_before(struct drill *drill, enum action_kind kind, const char *word);

/* The next cut at that place stops what is being done; drill_go_on() ends that, and says whether it
 * came so far. */
void drill_stop_at(struct drill *drill, int at);
bool drill_go_on(struct drill *drill);

/* Waits for a process that may end itself at a cut; says whether it did. */
bool drill_was_killed(pid_t child);

/* The step about an object. */
struct run_step *drill_step(const struct drill *drill, enum action_kind kind, const char *word);

/* The same, which must be in that state. */
const struct run_step *drill_expect_step(const struct drill *drill, enum action_kind kind,
                                         const char *word, enum step_state expected);

/* What every step of the run has removed is back. */
void drill_expect_all_restored(const struct drill *drill);

/* What repositories.json holds; the caller frees. */
char *drill_tags(const struct drill *drill);

/* Record, directory and link of a layer are (not) there. */
void drill_expect_layer(const struct drill *drill, const char *word, bool is_there);

/* The data root as a picture, once it has been read (which changes atimes of symlinks). Owned. */
char *drill_portrait(struct drill *drill);

/* All that the story keeps is there. */
void drill_expect_kept(const struct drill *drill);

/* All that the story plans with DRILL_SCOPE is gone, also from the trash. */
void drill_expect_swept(const struct drill *drill);

/* No record is without what it needs: dockerd starts, and what it loads works. */
void drill_expect_startable(const struct drill *drill);

/* Binds the object to itself, so that it cannot be moved; false where that is not allowed. */
bool drill_pin(const struct drill *drill, const char *path);
void drill_unpin(const struct drill *drill, const char *path);

#endif
