/* earlier_trash.h - what earlier runs have moved away and is still there. */
#ifndef GC_EARLIER_TRASH_H
#define GC_EARLIER_TRASH_H

#include "gc/command.h"

/*
 * Tells the user of each run that waits in quarantine, and of each directory of a run that was
 * given up, or that no journal knows any more: a journal in memory is lost with a reboot, and one
 * of another --state-dir is not looked for. 0 or -1.
 */
int earlier_trash_tell(const struct command_call *call, struct err *err) MUST_USE;

#endif
