/* test_finding.c - the table of findings, and lists of them. */
#include "tests/unit/check.h"

#include "metadata/base/finding.h"

#include <string.h>

static void every_code_has_a_row(void **state)
{
	(void)state;
	for (int code = 0; code < FINDING_COUNT; code++) {
		const struct finding_row *row = finding_row((enum finding_code)code);

		assert_int_equal(row->code, code);
		assert_non_null(row->name);
		assert_non_null(row->meaning);
		assert_in_range(row->class, FINDING_NOTE, FINDING_BLOCK);
	}
}

static void every_name_is_unique_and_stable(void **state)
{
	(void)state;
	for (int code = 0; code < FINDING_COUNT; code++) {
		const char *name = finding_row((enum finding_code)code)->name;

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		                 strlen(name));
		for (int other = 0; other < code; other++)
			assert_string_not_equal(name, finding_row((enum finding_code)other)->name);
	}
}

static void meanings_are_words_of_one_line(void **state)
{
	(void)state;
	for (int code = 0; code < FINDING_COUNT; code++) {
		const char *meaning = finding_row((enum finding_code)code)->meaning;

		assert_in_range(strlen(meaning), 10, 140);
		assert_null(strchr(meaning, '\n'));
		assert_int_not_equal(meaning[strlen(meaning) - 1], '.');
	}
}

static void sorting_is_by_code_then_path_then_detail(void **state)
{
	AUTO(finding_list) struct finding_list list = FINDING_LIST_INIT;

	(void)state;
	finding_add(&list, FINDING_UNKNOWN_FILE, "a", "%s", "");
	finding_add(&list, FINDING_REF_INVALID, "b", "%s", "2");
	finding_add(&list, FINDING_REF_INVALID, "b", "%s", "1");
	finding_add(&list, FINDING_REF_INVALID, "a", "%s", "3");
	finding_list_sort(&list);
	assert_int_equal(list.count, 4);
	assert_string_equal(list.items[0].detail, "3");
	assert_string_equal(list.items[1].detail, "1");
	assert_string_equal(list.items[2].detail, "2");
	assert_int_equal(list.items[3].code, FINDING_UNKNOWN_FILE);
}

static void an_error_becomes_a_finding_and_is_empty(void **state)
{
	AUTO(finding_list) struct finding_list list = FINDING_LIST_INIT;
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_CORRUPT, "byte 7: 100%% wrong");
	finding_add_err(&list, FINDING_IMAGE_UNREADABLE, "image", &err);
	assert_false(err_is_set(&err));
	assert_string_equal(list.items[0].detail, "byte 7: 100% wrong");
	assert_string_equal(list.items[0].path, "image");
}

static void classes_are_counted(void **state)
{
	AUTO(finding_list) struct finding_list list = FINDING_LIST_INIT;

	(void)state;
	finding_add(&list, FINDING_UNKNOWN_FILE, "a", "%s", "");
	finding_add(&list, FINDING_REFS_UNREADABLE, "a", "%s", "");
	finding_add(&list, FINDING_IMAGE_UNREADABLE, "a", "%s", "");
	assert_int_equal(finding_list_count(&list, FINDING_BLOCK), 2);
	assert_int_equal(finding_list_count(&list, FINDING_NOTE), 1);
	assert_int_equal(finding_list_count(&list, FINDING_DAMAGE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_row),
		cmocka_unit_test(every_name_is_unique_and_stable),
		cmocka_unit_test(meanings_are_words_of_one_line),
		cmocka_unit_test(sorting_is_by_code_then_path_then_detail),
		cmocka_unit_test(an_error_becomes_a_finding_and_is_empty),
		cmocka_unit_test(classes_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
