/* restore.h - what an archive holds goes back into the data root. */
#ifndef GC_BACK_RESTORE_H
#define GC_BACK_RESTORE_H

#include "gc/archive/archive_head.h"
#include "gc/run/journal.h"
#include "gc/run/run.h"
#include "gc/session/session.h"
#include "gc/trash/cut.h"

#include <stdbool.h>
#include <stdint.h>

enum restore_phase {
	RESTORE_READS, /* the whole archive is read; done is bytes of content */
	RESTORE_MAKES, /* it is made beside its places; done is bytes of content */
	RESTORE_MOVES, /* done and total are steps */
};

/* Called now and then; may be NULL. */
typedef void restore_progress(void *context, enum restore_phase phase, uint64_t done,
                              uint64_t total);

struct restore_options {
	const volatile bool *stop; /* becomes true: end soon, resumable. May be NULL */
	restore_progress *progress;
	void *context;
	struct cut cut; /* for tests */
};

/*
 * Reads the archive FILE from end to end: it is whole and sound. *HEAD (ARCHIVE_HEAD_INIT; the
 * caller frees) gets what is in it. Returns 0, or -1: ERR_CORRUPT, ERR_STATE, ERR_SYSTEM (EINTR
 * when it was stopped); all begin with FILE.
 */
int restore_read(struct archive_head *head, const char *file, const struct restore_options *options,
                 struct err *err) MUST_USE;

/* Steps of RUN whose object has something else at its place become STEP_FAILED with the reason, as
 * far as that can be told before anything is made; changes nothing on disk. SESSION is of the root
 * as it is now. 0 or -1. */
int restore_look(struct run *run, const struct session *session, struct err *err) MUST_USE;

/*
 * Puts back what HEAD, which restore_read() has read from an absolute path, holds; its run is
 * taken and becomes *RUN. SESSION was opened with SESSION_WRITE.
 *   1. the run and its steps are written to the journal;
 *   2. everything is made in the trash, from the archive, which is checked once more;
 *   3. a barrier, then the journal says "detached";
 *   4. one rename each brings it to its place, in the order of attach.h;
 *   5. what could not go to its place is removed from the trash, directories get the times that
 *      they had if all of it could, a barrier, then the journal says "done".
 * Nothing that is in the data root is replaced or removed. Returns 0 when the run came to an end of
 * its own (`problem_count` steps could not be done), or was stopped and is unfinished. Returns -1
 * when 2 failed, then all is as before and the run is over, or when the journal or a barrier
 * failed: resumable. *RUN is set whenever it is in the journal, else NULL.
 */
int restore_run(struct run **run, struct journal *journal, const struct session *session,
                struct archive_head *head, const struct restore_options *options,
                struct err *err) MUST_USE;

/*
 * Goes on with RUN, a RUN_RESTORE that was cut off. SESSION has been opened since. Needs the
 * archive unless everything was made already. Returns as restore_run().
 */
int restore_resume(struct run *run, struct journal *journal, const struct session *session,
                   const struct restore_options *options, struct err *err) MUST_USE;

#endif
