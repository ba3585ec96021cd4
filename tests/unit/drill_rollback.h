/* drill_rollback.h - sweeps that go into quarantine, and what becomes of them, on a drill. */
#ifndef TESTS_UNIT_DRILL_ROLLBACK_H
#define TESTS_UNIT_DRILL_ROLLBACK_H

#include "tests/unit/drill.h"

/* Sweeps into quarantine; that must come to a good end. */
void drill_quarantine(struct drill *drill, const char *scope);

/* Reads the root again and takes back the newest run that is in quarantine, or was cut off; false:
 * there is none, and drill->run is NULL. */
bool drill_rollback(struct drill *drill);

/* The same, and there must be one; a look before it must have foreseen what becomes of each step.
 */
void drill_must_rollback(struct drill *drill);

void drill_must_commit(struct drill *drill);

/* Reads the root again and takes back, or commits, the run that drill->run is, whatever its state;
 * returns what rollback() returns. */
int drill_rollback_run(struct drill *drill);
int drill_commit_run(struct drill *drill);

/* Takes back, or commits, in another process that ends at the cut AT. True if it came so far. */
bool drill_kill_rollback_at(struct drill *drill, int at);
bool drill_kill_commit_at(struct drill *drill, int at);

#endif
