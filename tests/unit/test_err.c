/* test_err.c - one error: its kind and its line of text. */
#include "tests/unit/check.h"

#include "metadata/base/err.h"
#include "metadata/base/text.h"

#include <errno.h>
#include <string.h>

static void set_describes_the_failure(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_false(err_is_set(&err));
	assert_int_equal(err_set(&err, ERR_CORRUPT, "layer %s", "ab"), -1);
	assert_true(err_is_set(&err));
	assert_int_equal(err.kind, ERR_CORRUPT);
	assert_int_equal(err.code, 0);
	assert_string_equal(err.text, "layer ab");
}

static void errno_is_appended_and_kept(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, "open %s", "link"), -1);
	assert_int_equal(err.kind, ERR_SYSTEM);
	assert_string_equal(err.text, "open link: No such file or directory");
	assert_true(err_has_code(&err, ENOENT));
	assert_false(err_has_code(&err, EIO));
}

static void only_a_system_error_has_a_code(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_CORRUPT, "x");
	assert_false(err_has_code(&err, 0));
}

static void wrap_puts_context_first(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = EIO;
	(void)err_errno(&err, "read");
	assert_int_equal(err_wrap(&err, "layer %d", 7), -1);
	assert_string_equal(err.text, "layer 7: read: Input/output error");
	assert_true(err_has_code(&err, EIO));
}

static void names_cannot_command_the_terminal(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)err_set(&err, ERR_CORRUPT, "file %s", "a\nb\x1b[2J");
	assert_string_equal(err.text, "file a\\nb\\x1b[2J");
	(void)err_wrap(&err, "%s", "x\ny");
	assert_string_equal(err.text, "x\\ny: file a\\nb\\x1b[2J"); /* escaped once only */
}

static void long_text_is_cut_between_characters(void **state)
{
	struct err err = ERR_INIT;
	char name[ERR_TEXT_MAX];
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(name); i += 3)
		(void)memcpy(name + i, "\xe6\x97\xa5", 4);
	(void)err_set(&err, ERR_CORRUPT, "%s", name);
	(void)err_wrap(&err, "ab");
	assert_in_range(strlen(err.text), ERR_TEXT_MAX - 4, ERR_TEXT_MAX - 1);
	while (err.text[at] != '\0') {
		size_t take =
		    text_utf8_len((const unsigned char *)err.text + at, strlen(err.text) - at);

		assert_int_not_equal(take, 0);
		at += take;
	}
}

static void nobody_needs_to_ask(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_CORRUPT, "x"), -1);
	assert_int_equal(err_errno(NULL, "x"), -1);
	assert_int_equal(err_wrap(NULL, "x"), -1);
}

static void clear_empties(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = EPERM;
	(void)err_errno(&err, "x");
	err_clear(&err);
	assert_false(err_is_set(&err));
	assert_int_equal(err.code, 0);
	assert_string_equal(err.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_describes_the_failure),
		cmocka_unit_test(errno_is_appended_and_kept),
		cmocka_unit_test(only_a_system_error_has_a_code),
		cmocka_unit_test(wrap_puts_context_first),
		cmocka_unit_test(names_cannot_command_the_terminal),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(nobody_needs_to_ask),
		cmocka_unit_test(clear_empties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
