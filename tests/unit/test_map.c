/* test_map.c - from a text to a number. */
#include "tests/unit/check.h"

#include "metadata/base/map.h"
#include "metadata/base/mem.h"

static void empty_map_has_no_key(void **state)
{
	AUTO(map) struct map map = MAP_INIT;
	size_t value = 7;

	(void)state;
	assert_false(map_get(&map, "a", &value));
	assert_int_equal(value, 7);
}

static void set_says_whether_the_key_is_new(void **state)
{
	AUTO(map) struct map map = MAP_INIT;
	size_t value = 0;

	(void)state;
	assert_true(map_set(&map, "a", 1));
	assert_false(map_set(&map, "a", 2));
	assert_int_equal(map.count, 1);
	assert_true(map_get(&map, "a", &value));
	assert_int_equal(value, 2);
}

static void empty_text_is_a_key(void **state)
{
	AUTO(map) struct map map = MAP_INIT;

	(void)state;
	assert_true(map_set(&map, "", 1));
	assert_true(map_get(&map, "", NULL));
	assert_false(map_get(&map, "a", NULL));
}

static void every_key_survives_growth(void **state)
{
	enum { COUNT = 10000 };
	char **keys = mem_zalloc(COUNT, sizeof(*keys));
	AUTO(map) struct map map = MAP_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		keys[i] = mem_print("key %zu", i);
		assert_true(map_set(&map, keys[i], i));
	}
	for (size_t i = 0; i < COUNT; i++) {
		AUTO(str)
		char *key = mem_print("key %zu", i); /* found by content, not by address */
		size_t value = COUNT;

		assert_true(map_get(&map, key, &value));
		assert_int_equal(value, i);
	}
	assert_false(map_get(&map, "key 10000", NULL));
	assert_int_equal(map.count, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		free(keys[i]);
	free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_map_has_no_key),
		cmocka_unit_test(set_says_whether_the_key_is_new),
		cmocka_unit_test(empty_text_is_a_key),
		cmocka_unit_test(every_key_survives_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
