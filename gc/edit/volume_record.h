/* volume_record.h - what dockerd knows of volumes beside their directories: it comes back, too. */
#ifndef GC_EDIT_VOLUME_RECORD_H
#define GC_EDIT_VOLUME_RECORD_H

#include "gc/run/run.h"
#include "gc/trash/cut.h"
#include "metadata/base/err.h"

/*
 * A dockerd that starts without the directory of a volume drops its record from
 * volumes/metadata.db, and with it the labels. Puts the records of all volumes that are
 * STEP_RESTORED in RUN into that database again; one that is there stays as it is. The lock on the
 * file is held by the session. Returns 0, also when there is nothing to do, or -1: nothing has
 * changed.
 */
int volume_records_return(const struct run *run, int root_fd, const struct cut *cut,
                          struct err *err) MUST_USE;

#endif
