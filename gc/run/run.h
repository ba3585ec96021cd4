/* run.h - one run: what it was asked to do, and what has become of each of its actions. */
#ifndef GC_RUN_RUN_H
#define GC_RUN_RUN_H

#include "gc/plan/plan.h"
#include "gc/trash/dir_times.h"
#include "metadata/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rules;

enum run_state {
	RUN_PLANNED,  /* things are being moved into the trash; unfinished */
	RUN_DETACHED, /* all of that is on disk for good; the trash is being erased; unfinished */
	RUN_DONE,     /* nothing is left to do */
	RUN_QUARANTINED, /* all of that waits in the trash until the user decides */
	RUN_RETURNING,   /* the trash is going back to where it was; unfinished */
	RUN_RETURNED,    /* nothing is left to take back */
	RUN_INCOMPLETE,  /* over, but the trash still holds what could not be erased: see `note` */
	RUN_FORGOTTEN,   /* given up by the user; its trash may still be there */
	RUN_STATE_COUNT
};

/* What a run does. */
enum run_work {
	RUN_PRUNE,
	/* Brings back what an archive holds: PLANNED while that is put into the trash, DETACHED
	 * while it goes to its places; `archive` is that file. */
	RUN_RESTORE,
	RUN_QUARANTINE, /* as RUN_PRUNE, but nothing is erased until the user says so */
	RUN_WORK_COUNT
};

enum step_state {
	STEP_PLANNED,
	STEP_DETACHED, /* in the trash; `error`: why it could not be erased, or taken back */
	STEP_ERASED,   /* gone for good; `freed` is what that gave */
	STEP_GONE,     /* was gone before this run came to it */
	STEP_DROPPED,  /* given up by a resumed run: it is needed again, `error` says so */
	STEP_HELD,     /* stays because of another step that failed, `error` names it */
	STEP_FAILED,   /* could not be moved away (or back), `error` says why */
	STEP_RESTORED, /* back at its place */
	STEP_STATE_COUNT
};

/* An action of a plan, on its way. Texts are owned. */
struct run_step {
	enum action_kind kind;
	enum action_reason reason;
	char *object, *path, *detail; /* as in struct action */
	/* Where it is kept until it is erased, below the root; for edits (action_is_edit()) the
	 * old file, one for all steps of a kind. */
	char *place;
	int64_t size_bytes;
	struct usage usage; /* as planned; zero when it was not measured */
	struct usage freed;
	char *error; /* NULL: none */
	enum step_state state;
	/* Not in the journal: */
	bool is_back; /* another one is at its place now, which is left alone */
	bool is_full; /* STEP_FAILED because there was no room */
};

struct run {
	int64_t id; /* 1 and up; also the name of its directory in .drydock */
	enum run_state state;
	enum run_work work;
	char *archive; /* owned; absolute path of the file that all was written to before it went,
	                  "-": standard output, NULL: none */
	char *command; /* owned; what the user asked for, in words: "system prune --all" */
	struct selection_scope scope; /* to plan again; see run_scope.h */
	struct rules *rules;          /* owned; what the scope's filters and keep rules are */
	char digest[33];              /* of the plan */
	/* identity of the data root */
	char *root_path; /* owned */
	uint64_t device, inode;
	int64_t started, finished; /* Unix seconds; finished 0: not yet */
	uint64_t reclaimed_bytes;  /* as planned, in Docker's way of counting */
	struct usage freed;        /* sum over all steps */
	struct dir_times dirs;     /* what the run changes; empty in lists of runs */
	size_t step_count;
	size_t problem_count;   /* steps that failed, are held, or cannot be erased */
	char *note;             /* owned; what the user should know of its end, or NULL */
	struct run_step *steps; /* in order of execution, step_count; NULL in lists of runs. The
	                           number of a step is its index + 1 */
};

/* A new run of PLAN on ROOT, everything planned, with id 0 and no places. COMMAND is copied. */
struct run *run_new(const struct plan *plan, const struct root *root, const char *command,
                    const struct selection_scope *scope) MUST_USE;

void run_free(struct run *run);

OWN_DEFINE(run, struct run *, run_free)

/*
 * The steps that are done with step AT, at once: all edits of its kind, which follow each other;
 * else only it. *FIRST is the index of the first of them, returned is that after the last. The
 * first one's number names their place in the trash.
 */
size_t run_group(const struct run *run, size_t at, size_t *first);

/*
 * The index of the step whose number names the place of step AT in the trash: the first of its
 * group; in a restore the first edit of its kind, because the archive has one old file for all.
 */
size_t run_place_owner(const struct run *run, size_t at);

/* Frees what *RUN holds, not itself. */
void run_done(struct run *run);

/* Sums up `freed` and `problem_count` from the steps. */
void run_count(struct run *run);

/* How many steps are in this state. */
size_t run_count_state(const struct run *run, enum step_state state);

/* Sets the state of a step and its error (copied; NULL: none). */
void run_step_set(struct run_step *step, enum step_state state, const char *error);

/* Says whether the run was cut off before its end. */
static inline bool run_is_unfinished(const struct run *run)
{
	return run->state == RUN_PLANNED || run->state == RUN_DETACHED ||
	       run->state == RUN_RETURNING;
}

/* "planned", "detached", ...: stable names, also in the journal and in JSON. */
const char *run_state_name(enum run_state state);
const char *step_state_name(enum step_state state);
const char *run_work_name(enum run_work work);

#endif
