/* test_checksum.c - XXH3-128 as `xxhsum -H2` prints it, however the bytes come. */
#include "tests/unit/check.h"

#include "overlay2/checksum.h"

#include <string.h>

static void known_values(void **state)
{
	char hex[CHECKSUM_HEX_SIZE];

	(void)state;
	checksum_of("", 0, hex);
	assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
	checksum_of("hello\n", 6, hex);
	assert_string_equal(hex, "6bba86c7e069f56d5a10b435f1c8e49c");
}

static void pieces_do_not_matter(void **state)
{
	static const char words[] = "a rather long text that is cut somewhere, again and again";
	AUTO(checksum) struct checksum *sum = checksum_new();
	char whole[CHECKSUM_HEX_SIZE];
	char hex[CHECKSUM_HEX_SIZE];

	(void)state;
	checksum_of(words, sizeof(words), whole);
	for (size_t i = 0; i <= sizeof(words); i++) {
		checksum_add(sum, words, i);
		checksum_add(sum, words + i, sizeof(words) - i);
		checksum_finish(sum, hex);
		assert_string_equal(hex, whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
