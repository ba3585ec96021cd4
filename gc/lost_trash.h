/* lost_trash.h - what runs moved away of which no journal knows any more. */
#ifndef GC_LOST_TRASH_H
#define GC_LOST_TRASH_H

#include "gc/command.h"

/* Tells the user of each directory of such a run: a journal in memory is lost with a reboot, and
 * one of another --state-dir is not looked for. 0 or -1. */
int lost_trash_tell(const struct command_call *call, struct err *err) MUST_USE;

#endif
