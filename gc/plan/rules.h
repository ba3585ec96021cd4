/* rules.h - what else a prune command says of what goes: its filters and keep rules. */
#ifndef GC_PLAN_RULES_H
#define GC_PLAN_RULES_H

#include "gc/plan/filter.h"
#include "gc/plan/keep.h"
#include "metadata/base/text.h"

struct rules {
	struct filter_set filters;
	struct keep_rules keep;
};

#define RULES_INIT                                                                                 \
	{                                                                                          \
		FILTER_SET_INIT, KEEP_RULES_INIT                                                   \
	}

void rules_done(struct rules *rules);

static inline void rules_cleanup(struct rules *rules)
{
	rules_done(rules);
}

/* Copies FILTERS and KEEP (NULL: none) into *RULES, which is empty. */
void rules_copy(struct rules *rules, const struct filter_set *filters,
                const struct keep_rules *keep);

/*
 * Appends FILTERS and KEEP (NULL: none) to TEXT as words of a journal, each after a comma: letters,
 * digits and a few signs; every other byte of what the user typed is %XX. Moments are absolute.
 */
void rules_print(struct text *text, const struct filter_set *filters,
                 const struct keep_rules *keep);

/* Adds what one such word (without its comma) says; false if it is none. */
bool rules_read_word(struct rules *rules, const char *word) MUST_USE;

#endif
