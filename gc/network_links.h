/* network_links.h - what removed networks have left in the kernel: said, and removed if wanted. */
#ifndef GC_NETWORK_LINKS_H
#define GC_NETWORK_LINKS_H

#include "gc/command.h"
#include "gc/run/run.h"

/*
 * Looks for the bridges of the networks that RUN has removed (bridge.h). Those that are there are
 * named in words, with the command that removes them; with --force those that are this machine's
 * own are removed. A failure is a warning with the command, no more: the next boot ends them all.
 * The session is that which the run was planned from; of a network that it does not know any more
 * (the run was resumed) only the usual name is looked for, and nothing is removed.
 */
void network_links_end(const struct command_call *call, const struct run *run);

#endif
