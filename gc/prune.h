/* prune.h - what all prune commands do: decide, show, ask, remove. */
#ifndef GC_PRUNE_H
#define GC_PRUNE_H

#include "gc/command.h"
#include "gc/plan/plan.h"
#include "gc/plan/selection.h"

/*
 * Plans the removal of what SCOPE says, shows it, asks unless told not to, removes it and reports.
 * With --dry-run it ends after showing. Returns bits of exit_status.h or -1 with *ERR set:
 * ERR_USAGE when there is nobody to ask; ERR_SYSTEM, ERR_STATE.
 */
int prune(const struct command_call *call, const struct selection_scope *scope,
          struct err *err) MUST_USE;

/* Plans the same from the records alone, nothing is measured; the caller frees. */
struct plan *prune_decide(const struct session *session,
                          const struct selection_scope *scope) MUST_USE;

/* Plans the same from the records and the disk, measured; the caller frees. 0 or -1 (ERR_SYSTEM).
 */
int prune_plan(struct plan **plan, const struct session *session,
               const struct selection_scope *scope, struct err *err) MUST_USE;

#endif
