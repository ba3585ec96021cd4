/* kept.h - what keep rules have kept from a prune, to tell the user. */
#ifndef GC_PLAN_KEPT_H
#define GC_PLAN_KEPT_H

#include "gc/plan/selection.h"

#include <stddef.h>

/* An image that would have gone, or lost a name, without the rule. All texts are owned. */
struct kept {
	char *image; /* "sha256:..." */
	char *name;  /* a reference of it, one that the rule means if there is one; NULL: none */
	char *rule;  /* keep_rule_words() */
};

struct kept_list {
	struct kept *items; /* in the order of image IDs */
	size_t count;
	char **idle; /* keep_rule_words() of patterns that mean nothing that is there */
	size_t idle_count;
};

#define KEPT_LIST_INIT                                                                             \
	{                                                                                          \
		.items = NULL                                                                      \
	}

/* What SELECTION, made from STATE, tells. The caller frees with kept_list_done. */
struct kept_list kept_list_make(const struct selection *selection, const struct state *state);

void kept_list_done(struct kept_list *list);

#endif
