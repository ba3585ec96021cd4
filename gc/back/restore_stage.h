/* restore_stage.h - what an archive holds is made in the trash of a run, beside its places. */
#ifndef GC_BACK_RESTORE_STAGE_H
#define GC_BACK_RESTORE_STAGE_H

#include "gc/back/restore.h"
#include "gc/trash/trash.h"

struct restore_stage {
	const struct run *run; /* with its archive and places */
	struct trash *trash;
	const struct archive_head *head; /* all of the archive has been read */
	const struct restore_options *options;
};

/*
 * Empties the trash of the run and makes in it the objects of all steps that are STEP_PLANNED, of
 * those that have hard links to something in others, and old files of edits and records of layers
 * and mounts in any case. Nothing is synced. 0 or -1: ERR_SYSTEM (ENOSPC; EINTR when it was
 * stopped), ERR_CORRUPT (the archive has changed).
 */
int restore_stage(const struct restore_stage *stage, struct err *err) MUST_USE;

/* Erases all that is in the directories of the run. 0 or -1. */
int restore_stage_clear(struct trash *trash, const struct cut *cut, struct err *err) MUST_USE;

#endif
