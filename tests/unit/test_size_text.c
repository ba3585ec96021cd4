/* test_size_text.c - sizes read as Docker writes them. */
#include "tests/unit/check.h"

#include "gc/show/size_text.h"

/* Values of docker's own output, and of go-units' tests. */
static void sizes_read_as_in_docker(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0B" },
		{ 95, "95B" },
		{ 999, "999B" },
		{ 1000, "1kB" },
		{ 1024, "1.024kB" },
		{ 9999, "9.999kB" },
		{ 102700, "102.7kB" },
		{ 199301, "199.3kB" },
		{ 999999, "1000kB" },
		{ 1000000, "1MB" },
		{ 1048576, "1.049MB" },
		{ 1982123, "1.982MB" },
		{ 71330000, "71.33MB" },
		{ UINT64_C(2) * 1024 * 1024 * 1024, "2.147GB" },
		{ UINT64_C(3420000000000), "3.42TB" },
		{ UINT64_C(5372000000000000), "5.372PB" },
		{ UINT64_MAX, "18.45EB" },
	};
	char text[SIZE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(size_text(text, cases[i].bytes), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_read_as_in_docker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
