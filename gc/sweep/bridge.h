/* bridge.h - the bridge of a network in the kernel, which stays when the network's record goes. */
#ifndef GC_SWEEP_BRIDGE_H
#define GC_SWEEP_BRIDGE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#define BRIDGE_NAME_SIZE 16 /* IFNAMSIZ: 15 characters */

enum bridge_state {
	BRIDGE_GONE,   /* no link of that name here, or none that dockerd has made for it */
	BRIDGE_IN_USE, /* something is connected to it, or a dockerd runs beside us that may be its
	                  owner: the data root may be a copy */
	BRIDGE_LEFT,   /* a bridge of that name without ports; its address is not known */
	BRIDGE_OWN, /* the same with the network's address: what drydock works on is the data root
	               of this very machine */
};

/*
 * Looks for the link NAME in the network namespace of this process. ADDRESS is what the network's
 * record says ("172.18.0.1/16"); "" when it is not known. A NAME that no link can have is
 * BRIDGE_GONE. Changes nothing.
 */
enum bridge_state bridge_look(const char *name, const char *address);

/* Takes the bridge NAME down and removes it. Returns 0, or -1: it is as it was. */
int bridge_remove(const char *name, struct err *err) MUST_USE;

#endif
