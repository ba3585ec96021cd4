/* edit_network.h - what leaves local-kv.db with a network (bolt-buildkit.md §4.2). */
#ifndef GC_EDIT_EDIT_NETWORK_H
#define GC_EDIT_EDIT_NETWORK_H

#include "gc/run/run.h"
#include "metadata/bolt_edit.h"
#include "metadata/network.h"

/*
 * Adds to EDIT what those of COUNT STEPS that are STEP_PLANNED want changed in OLD: every key of
 * the network (also the driver's own, without which the bridge would come back at each start), its
 * stale endpoints, and the count of networks that its config-only network has. NETWORKS are those
 * of OLD.
 */
void edit_networks(struct bolt_edit *edit, const struct bolt *old,
                   const struct network_list *networks, const struct run_step *steps, size_t count);

/*
 * The way back, once the keys of those networks are there again: adds to EDIT that the config-only
 * network of each is counted in NOW. NETWORKS are those before the networks went.
 */
void edit_networks_join(struct bolt_edit *edit, const struct bolt *now,
                        const struct network_list *networks, const struct run_step *steps,
                        size_t count);

#endif
