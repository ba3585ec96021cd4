/* journal_fixture.h - a data root with nothing but a journal, for the tests of the journal. */
#ifndef TESTS_UNIT_JOURNAL_FIXTURE_H
#define TESTS_UNIT_JOURNAL_FIXTURE_H

#include "gc/run/journal.h"

struct fixture {
	char *dir;
	struct root root;
	struct journal *journal;
	struct err err;
};

/* Set-up and tear-down of cmocka: *STATE is a struct fixture. */
int journal_fixture_make(void **state);
int journal_fixture_unmake(void **state);

/* Opens the journal (again). */
void journal_fixture_open(struct fixture *f, enum journal_access access);

/* Opens it and expects a failure of this kind whose text holds WORDS and the name of the file. */
void journal_fixture_refuse(struct fixture *f, enum journal_access access, enum err_kind kind,
                            const char *words);

/* A run of two steps, the first with every field set; the caller frees. */
struct run *journal_fixture_run(const struct fixture *f, int64_t id);

/* Writes such a run in this state. */
void journal_fixture_begin(struct fixture *f, int64_t id, enum run_state state);

/* Executes SQL on the journal behind its back. */
void journal_fixture_meddle(const struct fixture *f, const char *sql);

#endif
