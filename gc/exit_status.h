/* exit_status.h - what the exit status says: bits as fsck(8) has them, one scheme for all commands.
 */
#ifndef GC_EXIT_STATUS_H
#define GC_EXIT_STATUS_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"

/* They add up: 4 + 32 is "interrupted, and something could not be read". */
enum {
	EXIT_STATUS_DONE = 0,
	EXIT_STATUS_REPAIRED = 1,     /* problems were found and repaired */
	EXIT_STATUS_LEFT = 4,         /* problems are left: blocking findings, failed actions */
	EXIT_STATUS_FAILED = 8,       /* operational: I/O, no space, no permission, no data root */
	EXIT_STATUS_USAGE = 16,       /* the command line is wrong; nothing was done */
	EXIT_STATUS_INTERRUPTED = 32, /* stopped by a signal; `run resume` goes on */
	EXIT_STATUS_BUSY = 64,        /* a daemon, a mount or another drydock uses the data root */
};

/* The bit of an error; 0 for ERR_NONE. */
int exit_status_of_err(const struct err *err);

/* EXIT_STATUS_LEFT when a record that decides what is alive could not be read, else 0. */
int exit_status_of_findings(const struct finding_list *findings);

#endif
