/* test_image_config.c - an image config: what it says, and every way to be broken. */
#include "tests/unit/check.h"

#include "metadata/base/digest.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "metadata/image.h"

#include <string.h>

#define DIFF_0 "232ea45e6450c94dc39000da0234cbcfe9244bff51597d974257fbd6b8168184"
#define DIFF_1 "55d9a42fa279f60158325db6d97306786cca30ae025cf29f5578aadc746eb6f8"
#define CHAIN_1 "90fdfaf7f56aed17b76ce855b11657fafcfaa9847f1a62d77a625e5ee0badeb6"
#define ROOTFS "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" DIFF_0 "\"]}"

static int make(void **state)
{
	*state = mem_zalloc(1, sizeof(struct image));
	return 0;
}

static int unmake(void **state)
{
	image_done(*state);
	free(*state);
	return 0;
}

/* Gives the image the name that its config has. */
static void name_image(struct image *image, const char *text, size_t len)
{
	char id[DIGEST_HEX_SIZE];

	digest_sha256(text, len, id);
	image->id = mem_text(id);
}

/* The image whose config is TEXT, which must be readable. */
static const struct image *load_config(struct image *image, const char *text)
{
	struct err err = ERR_INIT;

	name_image(image, text, strlen(text));
	if (image_parse(image, text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	return image;
}

static void assert_refused(const char *text, size_t len, const char *words)
{
	struct image image = { .id = NULL };
	struct err err = ERR_INIT;

	name_image(&image, text, len);
	if (image_parse(&image, text, len, &err) == 0)
		fail_msg("accepted: %s", text);
	assert_int_equal(err.kind, ERR_CORRUPT);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" lacks \"%s\"", err.text, words);
	image_done(&image);
}

static void a_config_says_layers_labels_and_time(void **state)
{
	const struct image *image = load_config(
	    *state, "{\"created\":\"1970-01-01T00:01:00.5Z\",\"os\":\"linux\",\"config\":{"
		    "\"Labels\":{\"b\":\"2\",\"a\":null}},\"rootfs\":{\"diff_ids\":["
		    "\"sha256:" DIFF_0 "\",\"sha256:" DIFF_1 "\"]},\"unknown\":[1]}");

	assert_int_equal(image->diff_id_count, 2);
	assert_string_equal(image->diff_ids[0], DIFF_0);
	assert_string_equal(image->diff_ids[1], DIFF_1);
	assert_string_equal(image->chain_id, CHAIN_1);
	assert_int_equal(image->label_count, 2);
	assert_string_equal(image->labels[0].key, "a");
	assert_string_equal(image->labels[0].value, "");
	assert_string_equal(image->labels[1].value, "2");
	assert_true(image->has_config);
	assert_true(image->has_created);
	assert_int_equal(image->created, 60);
	assert_int_equal(image->created_nanoseconds, 500000000);
	assert_string_equal(image->os, "linux");
	assert_false(image->has_metadata);
	assert_null(image->parent);
}

static void what_is_absent_or_null_is_empty(void **state)
{
	const struct image *image =
	    load_config(*state, "{\"rootfs\":{},\"config\":null,\"created\":null}");

	assert_int_equal(image->diff_id_count, 0);
	assert_null(image->chain_id);
	assert_false(image->has_config);
	assert_false(image->has_created);
	assert_string_equal(image->os, "");
	assert_int_equal(image->label_count, 0);
}

static void keys_may_have_any_case(void **state)
{
	const struct image *image =
	    load_config(*state, "{\"ROOTFS\":{\"Diff_IDs\":[\"sha256:" DIFF_0 "\"]}}");

	assert_string_equal(image->chain_id, DIFF_0);
}

static void another_os_is_no_mistake(void **state)
{
	const struct image *image = load_config(*state, "{\"os\":\"windows\"," ROOTFS "}");

	assert_string_equal(image->os, "windows");
	assert_string_equal(image->chain_id, DIFF_0);
}

static void two_hundred_layers_are_accepted(void **state)
{
	AUTO(text) struct text text = TEXT_INIT;

	text_print(&text, "{\"rootfs\":{\"diff_ids\":[\"sha256:" DIFF_0 "\"");
	for (int i = 1; i < 200; i++)
		text_print(&text, ",\"sha256:" DIFF_0 "\"");
	text_print(&text, "]}}");
	assert_int_equal(load_config(*state, text.data)->diff_id_count, 200);
}

static void what_dockerd_does_not_load_is_unreadable(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "garbage", "line 1" },
		{ "null", "line 1" },
		{ "[]", "not a JSON object" },
		{ "{" ROOTFS "}x", "end of file expected" },
		{ "{" ROOTFS, "line 1" },
		{ "{}", "has no rootfs" },
		{ "{\"rootfs\":null}", "has no rootfs" },
		{ "{\"rootfs\":5}", "rootfs is no object" },
		{ "{\"rootfs\":{\"diff_ids\":\"x\"}}", "rootfs.diff_ids is no array" },
		{ "{\"rootfs\":{\"diff_ids\":[5]}}", "rootfs.diff_ids[0] is no digest" },
		{ "{\"rootfs\":{\"diff_ids\":[null]}}", "rootfs.diff_ids[0] is no digest" },
		{ "{\"rootfs\":{\"diff_ids\":[\"sha256:" DIFF_0 "\",\"sha256:../x\"]}}",
		  "rootfs.diff_ids[1] is no digest" },
		{ "{\"rootfs\":{\"type\":1}}", "rootfs.type is no string" },
		{ "{" ROOTFS "," ROOTFS "}", "\"rootfs\" stands twice" },
		{ "{" ROOTFS ",\"RootFS\":{}}", "\"rootfs\" stands twice" },
		{ "{\"rootfs\":{\"diff_ids\":[],\"DIFF_IDS\":[]}}", "\"diff_ids\" stands twice" },
		{ "{" ROOTFS ",\"config\":{},\"Config\":{}}", "\"config\" stands twice" },
		{ "{" ROOTFS ",\"config\":[]}", "config is no object" },
		{ "{" ROOTFS ",\"config\":{\"Labels\":[]}}", "config.Labels is no object" },
		{ "{" ROOTFS ",\"config\":{\"Labels\":{\"a\":1}}}",
		  "config.Labels: \"a\" is no string" },
		{ "{" ROOTFS ",\"created\":5}", "created is no string" },
		{ "{" ROOTFS ",\"created\":\"yesterday\"}", "created is no time: \"yesterday\"" },
		{ "{" ROOTFS ",\"os\":{}}", "os is no string" },
		{ "{" ROOTFS ",\"history\":{}}", "history is no array" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(cases[i].text, strlen(cases[i].text), cases[i].words);
}

static void every_truncation_is_refused(void **state)
{
	static const char text[] = "{" ROOTFS ",\"config\":{\"Labels\":{}}}";

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_refused(text, len, "");
}

static void a_nul_byte_is_refused(void **state)
{
	static const char text[] = "{" ROOTFS "}\0";

	(void)state;
	assert_refused(text, sizeof(text), "line 1");
	assert_refused("", 0, "is empty");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_config_says_layers_labels_and_time),
		TEST(what_is_absent_or_null_is_empty),
		TEST(keys_may_have_any_case),
		TEST(another_os_is_no_mistake),
		TEST(two_hundred_layers_are_accepted),
		cmocka_unit_test(what_dockerd_does_not_load_is_unreadable),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_nul_byte_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
