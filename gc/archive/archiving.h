/* archiving.h - what a run will remove is written to an archive first, and read back. */
#ifndef GC_ARCHIVE_ARCHIVING_H
#define GC_ARCHIVE_ARCHIVING_H

#include "gc/graph/graph.h"
#include "gc/run/run.h"
#include "gc/trash/trash.h"
#include "metadata/base/err.h"
#include "overlay2/archive_out.h"
#include "overlay2/checksum.h"

#include <stdbool.h>
#include <stdint.h>

enum archiving_phase { ARCHIVING_WRITES, ARCHIVING_CHECKS };

/* Called now and then with the bytes of content so far; may be NULL. */
typedef void archiving_progress(void *context, enum archiving_phase phase, uint64_t content_bytes);

struct archiving {
	const char *path;          /* absolute, or ARCHIVE_FILE_STDOUT */
	bool may_replace;          /* an archive of the same run that is there already */
	unsigned jobs;             /* threads; 0: one per processor */
	const volatile bool *stop; /* may be NULL */
	archiving_progress *progress;
	void *context;
	/* results */
	bool is_stopped; /* *stop became true: there is no archive */
	struct archive_sum sum;
	uint64_t size_bytes;          /* of the archive */
	char hash[CHECKSUM_HEX_SIZE]; /* XXH3-128 of the archive */
};

/*
 * Writes the objects of all steps of RUN that are STEP_PLANNED or STEP_DETACHED to the archive,
 * from where they are: at their path, or in the TRASH. It is synced, read again from end to end and
 * compared, and only then gets its name; standard output cannot be read again, there each write
 * must have succeeded. Changes nothing in the data root, whose descriptor is ROOT_FD. GRAPH is of
 * the root as it is now. Returns 0, or -1, then there is no new archive: ERR_SYSTEM (ENOSPC, ...);
 * ERR_STATE: something else is there already, or it is in the data root.
 */
int archiving_do(struct archiving *archiving, const struct run *run, struct trash *trash,
                 const struct graph *graph, int root_fd, struct err *err) MUST_USE;

#endif
