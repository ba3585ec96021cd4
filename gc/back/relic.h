/* relic.h - an object in the trash, or back from it: what its own files say of it. */
#ifndef GC_BACK_RELIC_H
#define GC_BACK_RELIC_H

#include "gc/run/run.h"

/*
 * The whole content of the file NAME (NULL: of the object itself) of the object of STEP, at its
 * place in the trash below ROOT_FD; NULL if it has none that can be read. The caller frees.
 */
char *relic_text(int root_fd, const struct run_step *step, const char *name) MUST_USE;

/* The same up to the first blank or end of line. */
char *relic_word(int root_fd, const struct run_step *step, const char *name) MUST_USE;

/* The same of the object at PLACE below ROOT_FD. */
char *relic_word_at(int root_fd, const char *place, const char *name) MUST_USE;

#endif
