/* test_quote.c - any bytes survive as a JSON string. */
#include "tests/unit/check.h"

#include "metadata/base/gojson.h"
#include "metadata/base/mem.h"
#include "metadata/base/quote.h"

#include <string.h>

/* Quotes WORD, reads it with the JSON reader, and undoes it. */
static void assert_survives(const char *word)
{
	AUTO(text) struct text text = TEXT_INIT;
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	AUTO(str) char *read = NULL;
	struct err err = ERR_INIT;

	text_print(&text, "{");
	quote_member(&text, "first", "x");
	quote_member(&text, "word", word);
	text_print(&text, "}");
	assert_int_equal(gojson_parse(&json, text.data, text.len, GOJSON_WHOLE_TEXT, &err), 0);
	read = mem_text(gojson_text(gojson_field(json.root, "word")));
	assert_true(quote_undo(read));
	assert_string_equal(read, word);
}

static void words_survive(void **state)
{
	char all[256];

	(void)state;
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	assert_survives(all);
	assert_survives("");
	assert_survives("overlay2/0123");
	assert_survives("a\"b\\c\\x41\\\\");
	assert_survives("Gr\xc3\xb6\xc3\x9f"
	                "e");
	assert_survives("\xff\xfe");
	assert_survives("\xe2\x80\xae"
	                "reversed");
}

static void plain_words_stay_readable(void **state)
{
	AUTO(text) struct text text = TEXT_INIT;

	(void)state;
	quote_add(&text, "overlay2/l\xc3\xa4yer");
	assert_string_equal(text.data, "\"overlay2/l\xc3\xa4yer\"");
}

static void what_nobody_wrote_is_not_undone(void **state)
{
	static const char *const words[] = { "\\", "\\q", "\\x", "\\x4", "\\x4g", "\\x00", "a\\" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		AUTO(str) char *word = mem_text(words[i]);

		assert_false(quote_undo(word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_survive),
		cmocka_unit_test(plain_words_stay_readable),
		cmocka_unit_test(what_nobody_wrote_is_not_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
