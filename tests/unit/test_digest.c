/* test_digest.c - SHA-256 and chain IDs, with vectors from a real data root. */
#include "tests/unit/check.h"

#include "metadata/base/digest.h"

#include <string.h>

/* Three layers of an image of a real dockerd (docker-data-root.md §8). */
#define DIFF_0 "232ea45e6450c94dc39000da0234cbcfe9244bff51597d974257fbd6b8168184"
#define DIFF_1 "55d9a42fa279f60158325db6d97306786cca30ae025cf29f5578aadc746eb6f8"
#define DIFF_2 "70d6817611a79897b5a55e6298bee5f6262084a63d89df68ab8f520c7bc45a43"
#define CHAIN_1 "90fdfaf7f56aed17b76ce855b11657fafcfaa9847f1a62d77a625e5ee0badeb6"
#define CHAIN_2 "b76f2d26daa7f6a6ebd298eac7ff1403fba68b764fdd26d55ac888ac60bff58b"

static void hash_is_sha256_in_lower_case_hex(void **state)
{
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	digest_sha256("", 0, hex);
	assert_string_equal(hex,
	                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_sha256("abc", 3, hex);
	assert_string_equal(hex,
	                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void base_layer_has_its_diff_id_as_chain_id(void **state)
{
	char chain[DIGEST_HEX_SIZE];

	(void)state;
	digest_chain_id(NULL, DIFF_0, chain);
	assert_string_equal(chain, DIFF_0);
}

static void chain_id_covers_the_parents(void **state)
{
	char chain[DIGEST_HEX_SIZE];

	(void)state;
	digest_chain_id(DIFF_0, DIFF_1, chain);
	assert_string_equal(chain, CHAIN_1);
	digest_chain_id(CHAIN_1, DIFF_2, chain);
	assert_string_equal(chain, CHAIN_2);
}

static void chain_id_may_be_computed_in_place(void **state)
{
	char chain[DIGEST_HEX_SIZE];

	(void)state;
	digest_chain_id(NULL, DIFF_0, chain);
	digest_chain_id(chain, DIFF_1, chain);
	digest_chain_id(chain, DIFF_2, chain);
	assert_string_equal(chain, CHAIN_2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_is_sha256_in_lower_case_hex),
		cmocka_unit_test(base_layer_has_its_diff_id_as_chain_id),
		cmocka_unit_test(chain_id_covers_the_parents),
		cmocka_unit_test(chain_id_may_be_computed_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
