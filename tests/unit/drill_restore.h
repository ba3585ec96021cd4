/* drill_restore.h - sweeps with an archive, and what brings it back, on a drill. */
#ifndef TESTS_UNIT_DRILL_RESTORE_H
#define TESTS_UNIT_DRILL_RESTORE_H

#include "tests/unit/drill.h"

/* For cmocka: a drill whose sweeps archive to a file of their own. */
int drill_restore_setup(void **state);
int drill_restore_teardown(void **state);

/* Removes the archive, if there is one. */
void drill_forget_archive(const struct drill *drill);

/* Reads the root again, and restores the archive; returns what restore_read() and restore_run()
 * return, with drill->run and drill->err. */
int drill_restore(struct drill *drill);

/* The same, and it must not fail. */
void drill_must_restore(struct drill *drill);

/* Sweeps with an archive; that must come to a good end. */
void drill_archive_and_sweep(struct drill *drill, const char *scope);

/* Restores in another process that ends at the cut AT. True if it came so far. */
bool drill_kill_restore_at(struct drill *drill, int at);

/* Reads the root again and goes on with a restore that was cut off, in this process or one that
 * ends at the cut AT (not -1; returns as above). False: there is none. */
bool drill_resume_restore(struct drill *drill);
bool drill_kill_resumed_restore_at(struct drill *drill, int at);

#endif
