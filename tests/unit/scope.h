/* scope.h - what a prune takes, by letters. */
#ifndef TESTS_UNIT_SCOPE_H
#define TESTS_UNIT_SCOPE_H

#include "gc/plan/rules.h"
#include "gc/plan/selection.h"

/*
 * c containers, i images, a all images, n networks, v volumes, V all volumes, b build cache, B all
 * of it, D as Docker does (docker_compat), l layers and what only drydock sees.
 */
struct selection_scope scope_of(const char *letters);

/* The same with RULES (NULL: none), which must outlive it. */
struct selection_scope scope_ruled(const char *letters, const struct rules *rules);

#endif
