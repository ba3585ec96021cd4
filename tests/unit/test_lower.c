/* test_lower.c - the grammar of `lower`: l/LINK(:l/LINK)*, 128 links at most. */
#include "tests/unit/check.h"

#include "metadata/base/text.h"
#include "overlay2/lower.h"

#include <string.h>

#define LINK_1 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LINK_2 "234567ABCDEFGHIJKLMNOPQRST"

/* Reads TEXT to the end; returns the last step, and how many links and bytes it got to. */
static enum lower_step read_all(const char *text, size_t len, unsigned *count, size_t *at)
{
	struct lower lower = { .text = text, .len = len };
	char link[ID_LINK_LEN + 1];
	enum lower_step step;

	do {
		step = lower_next(&lower, link);
	} while (step == LOWER_LINK);
	*count = lower.count;
	*at = lower.at;
	return step;
}

static void links_come_in_order(void **state)
{
	static const char text[] = "l/" LINK_1 ":l/" LINK_2;
	struct lower lower = { .text = text, .len = strlen(text) };
	char link[ID_LINK_LEN + 1];

	(void)state;
	assert_int_equal(lower_next(&lower, link), LOWER_LINK);
	assert_string_equal(link, LINK_1);
	assert_int_equal(lower_next(&lower, link), LOWER_LINK);
	assert_string_equal(link, LINK_2);
	assert_int_equal(lower_next(&lower, link), LOWER_END);
}

static void anything_else_is_invalid_where_it_stands(void **state)
{
	static const struct {
		const char *text;
		unsigned count;
		size_t at;
	} bad[] = {
		{ "", 0, 0 },
		{ ":", 0, 0 },
		{ "l/", 0, 0 },
		{ LINK_1, 0, 0 },
		{ "/l/" LINK_1, 0, 0 },
		{ "l/" LINK_1 "A", 1, 28 },
		{ "l/" LINK_1 "\n", 1, 28 },
		{ "l/" LINK_1 ":", 1, 28 },
		{ "l/" LINK_1 "::l/" LINK_2, 1, 28 },
		{ "l/" LINK_1 ":l/" LINK_2 ":", 2, 57 },
		{ "l/" LINK_1 ":m/" LINK_2, 1, 28 },
		{ "l/" LINK_1 ":../l/" LINK_2, 1, 28 },
		{ "l/ABCDEFGHIJKLMNOPQRSTUVWXY", 0, 0 },
		{ "l/ABCDEFGHIJKLMNOPQRSTUVWXY1", 0, 0 },
		{ "l/abcdefghijklmnopqrstuvwxyz", 0, 0 },
		{ "l/../../../../../etc/passwd.", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unsigned count;
		size_t at;

		assert_int_equal(read_all(bad[i].text, strlen(bad[i].text), &count, &at),
		                 LOWER_INVALID);
		assert_int_equal(count, bad[i].count);
		assert_int_equal(at, bad[i].at);
	}
}

static void a_nul_is_no_end(void **state)
{
	static const char text[] = "l/" LINK_1 "\0:l/" LINK_2;
	unsigned count;
	size_t at;

	(void)state;
	assert_int_equal(read_all(text, sizeof(text) - 1, &count, &at), LOWER_INVALID);
	assert_int_equal(count, 1);
}

static void the_129th_link_is_invalid(void **state)
{
	AUTO(text) struct text text = TEXT_INIT;
	unsigned count;
	size_t at;

	(void)state;
	for (int i = 0; i < LOWER_LINKS_MAX; i++)
		text_print(&text, "%sl/" LINK_1, i > 0 ? ":" : "");
	assert_int_equal(text.len, LOWER_BYTES_MAX);
	assert_int_equal(read_all(text.data, text.len, &count, &at), LOWER_END);
	assert_int_equal(count, LOWER_LINKS_MAX);
	text_print(&text, ":l/" LINK_1);
	assert_int_equal(read_all(text.data, text.len, &count, &at), LOWER_INVALID);
	assert_int_equal(at, LOWER_BYTES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_come_in_order),
		cmocka_unit_test(anything_else_is_invalid_where_it_stands),
		cmocka_unit_test(a_nul_is_no_end),
		cmocka_unit_test(the_129th_link_is_invalid),
	};

	return cmocka_run_group_tests_name("lower", tests, NULL, NULL);
}
