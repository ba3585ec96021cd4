/* test_prune_warning.c - what a prune says before it asks is what Docker 28 says. */
#include "tests/unit/check.h"

#include "gc/plan/filter.h"
#include "gc/plan/keep.h"
#include "gc/show/prune_warning.h"
#include "metadata/base/mem.h"
#include "tests/unit/scope.h"

#include <stdio.h>
#include <stdlib.h>

/* What is said for a scope; the caller frees. */
static char *warning_of(const struct selection_scope *scope)
{
	char *text = NULL;
	size_t len = 0;
	FILE *words = open_memstream(&text, &len);

	assert_non_null(words);
	prune_warning_print(words, scope);
	assert_int_equal(fclose(words), 0);
	return text;
}

static void expect(const char *letters, const char *text)
{
	const struct selection_scope scope = scope_of(letters);
	AUTO(str) char *said = warning_of(&scope);

	assert_string_equal(said, text);
}

static void a_prune_of_one_kind_has_one_line(void **state)
{
	(void)state;
	expect("c", "WARNING! This will remove all stopped containers.\n");
	expect("n", "WARNING! This will remove all custom networks not used by at least one "
	            "container.\n");
	expect("v", "WARNING! This will remove anonymous local volumes not used by at least one "
	            "container.\n");
	expect("V", "WARNING! This will remove all local volumes not used by at least one "
	            "container.\n");
	expect("i", "WARNING! This will remove all dangling images.\n");
	expect("a",
	       "WARNING! This will remove all images without at least one container associated "
	       "to them.\n");
	expect("b", "WARNING! This will remove all dangling build cache.\n");
	expect("B", "WARNING! This will remove all build cache.\n");
	expect("l", "WARNING! This will remove all layers, directories and leftovers that nothing "
	            "needs.\n");
}

static void a_system_prune_has_a_list(void **state)
{
	(void)state;
	expect("cnibl", "WARNING! This will remove:\n"
	                "  - all stopped containers\n"
	                "  - all networks not used by at least one container\n"
	                "  - all dangling images\n"
	                "  - unused build cache\n"
	                "  - all layers, directories and leftovers that nothing needs\n");
	expect("cnvaBl", "WARNING! This will remove:\n"
	                 "  - all stopped containers\n"
	                 "  - all networks not used by at least one container\n"
	                 "  - all anonymous volumes not used by at least one container\n"
	                 "  - all images without at least one container associated to them\n"
	                 "  - all build cache\n"
	                 "  - all layers, directories and leftovers that nothing needs\n");
}

static void filters_stand_below(void **state)
{
	AUTO(filter_set) struct filter_set filters = FILTER_SET_INIT;
	struct selection_scope scope = scope_of("ci");
	AUTO(str) char *said = NULL;

	(void)state;
	filter_set_add(&filters, "label", "b");
	filter_set_add(&filters, "label", "a=1");
	scope.filters = &filters;
	said = warning_of(&scope);
	assert_string_equal(said, "WARNING! This will remove:\n"
	                          "  - all stopped containers\n"
	                          "  - all dangling images\n"
	                          "\n"
	                          "  Items to be pruned will be filtered with:\n"
	                          "  - label=a=1\n"
	                          "  - label=b\n");
}

static void keep_rules_stand_below(void **state)
{
	AUTO(keep_rules) struct keep_rules keep = KEEP_RULES_INIT;
	struct selection_scope scope = scope_of("a");
	struct err err = ERR_INIT;
	AUTO(str) char *said = NULL;

	(void)state;
	assert_int_equal(keep_rules_add(&keep, "app:v*", &err), 0);
	assert_int_equal(keep_rules_add_line(&keep, "keep.txt", 1, "base", &err), 0);
	assert_int_equal(keep_rules_add_line(&keep, "keep.txt", 2, "!base:1", &err), 0);
	assert_int_equal(keep_rules_add_line(&keep, "more.txt", 7, "tool", &err), 0);
	keep.last = 2;
	scope.keep = &keep;
	said = warning_of(&scope);
	assert_string_equal(said, "WARNING! This will remove all images without at least one "
	                          "container associated to them.\n"
	                          "\n"
	                          "  Images that stay in any case:\n"
	                          "  - --keep app:v*\n"
	                          "  - --keep-from keep.txt\n"
	                          "  - --keep-from more.txt\n"
	                          "  - --keep-last 2\n");
	keep.last = 0;
	keep_rules_done(&keep);
	keep = (struct keep_rules)KEEP_RULES_INIT;
	free(TAKE(said, NULL));
	said = warning_of(&scope);
	assert_string_equal(said, "WARNING! This will remove all images without at least one "
	                          "container associated to them.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prune_of_one_kind_has_one_line),
		cmocka_unit_test(a_system_prune_has_a_list),
		cmocka_unit_test(filters_stand_below),
		cmocka_unit_test(keep_rules_stand_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
