/* test_ref_find.c - tags are found by their names. */
#include "tests/unit/check.h"

#include "metadata/ref.h"

#include <string.h>

static void entries_are_found_by_name(void **state)
{
	static const char text[] =
	    "{\"Repositories\":{\"a\":{\"a:1\":\"sha256:one\",\"a:2\":\"sha256:two\"},"
	    "\"b\":{\"a:1\":\"sha256:other\",\"b:1\":\"sha256:three\"}}}";
	AUTO(ref_list) struct ref_list refs = REF_LIST_INIT;
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	struct err err = ERR_INIT;
	const char *there;

	(void)state;
	assert_int_equal(ref_list_parse(&refs, text, strlen(text), &findings, &err), 0);
	assert_int_equal(ref_list_find(&refs, "a:1"), 0); /* the first of two */
	assert_int_equal(ref_list_find(&refs, "b:1"), 3);
	assert_int_equal(ref_list_find(&refs, "c:1"), refs.count);
	assert_true(ref_list_has(&refs, "a:1", "sha256:one", &there));
	assert_true(ref_list_has(&refs, "a:1", "sha256:other", NULL));
	assert_false(ref_list_has(&refs, "a:2", "sha256:one", &there));
	assert_string_equal(there, "sha256:two");
	assert_false(ref_list_has(&refs, "0:1", "sha256:one", &there));
	assert_null(there);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(entries_are_found_by_name) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
