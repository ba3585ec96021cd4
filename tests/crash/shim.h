/* shim.h - the two halves of the preloaded shim: what happens (shim.c), and the calls. */
#ifndef TESTS_CRASH_SHIM_H
#define TESTS_CRASH_SHIM_H

#include <stdbool.h>

enum shim_kind {
	SHIM_READS,   /* changes nothing on a file system */
	SHIM_CHANGES, /* does */
	SHIM_WRITES,  /* does, and can be done by half */
};

enum shim_verdict {
	SHIM_GOES_ON,
	SHIM_FAILS,   /* the call must not be done; errno says what it fails with */
	SHIM_IS_TORN, /* half of the write must be done, then shim_die() */
};

/*
 * To be asked before each call: CALL on NAME below DIRFD, or on the descriptor DIRFD itself with
 * NAME NULL. Does not return when the process is to be killed here.
 */
enum shim_verdict shim_decide(const char *call, enum shim_kind kind, int dirfd, const char *name);

__attribute__((noreturn)) void shim_die(void);

#endif
