/* test_reference.c - the grammar of the keys of repositories.json. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/reference.h"

#include <string.h>

#define HEX "232ea45e6450c94dc39000da0234cbcfe9244bff51597d974257fbd6b8168184"

static void assert_tag(const char *repository, const char *tag)
{
	AUTO(str) char *name = mem_print("%s:%s", repository, tag);

	if (reference_kind(name, repository, NULL) != REF_TAG)
		fail_msg("no tag: %s", name);
}

static void assert_invalid(const char *name, const char *repository)
{
	const char *why = NULL;

	if (reference_kind(name, repository, &why) != REF_INVALID)
		fail_msg("valid: %s of %s", name, repository);
	assert_non_null(why);
}

static void assert_no_repository(const char *repository)
{
	AUTO(str) char *name = mem_print("%s:1", repository);

	assert_invalid(name, repository);
}

static void tags_of_real_names_are_tags(void **state)
{
	static const char *const repositories[] = {
		"busybox",
		"user/app",
		"a",
		"a/b/c",
		"a.b_c__d-e",
		"a---b",
		"0/1",
		"localhost/x",
		"localhost:5000/team/app",
		"reg.example/a",
		"reg.example:443/a/b",
		"192.168.0.1/x",
		"sha256",
		"library/a/b",
		"a.b/c",
		"[::1]:5000/x",
		"Reg.Example/x",
		"x-y.z/library/a",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(repositories) / sizeof(repositories[0]); i++)
		assert_tag(repositories[i], "1.36");
}

static void digests_are_digests(void **state)
{
	(void)state;
	assert_int_equal(reference_kind("busybox@sha256:" HEX, "busybox", NULL), REF_DIGEST);
	assert_int_equal(reference_kind("a/b@sha512:" HEX HEX, "a/b", NULL), REF_DIGEST);
}

static void a_tag_is_128_word_characters_at_most(void **state)
{
	char tag[130];

	(void)state;
	assert_tag("a", "_.-A9z");
	(void)memset(tag, 'a', sizeof(tag));
	tag[128] = '\0';
	assert_tag("a", tag);
	(void)memcpy(tag + 128, "a", 2);
	{
		AUTO(str) char *name = mem_print("a:%s", tag);

		assert_invalid(name, "a");
	}
	assert_invalid("a:", "a");
	assert_invalid("a:.1", "a");
	assert_invalid("a:-1", "a");
	assert_invalid("a:1/2", "a");
	assert_invalid("a:1 ", "a");
	assert_invalid("a:1\n", "a");
	assert_invalid("a:\xc3\xb6", "a");
	assert_invalid("a:1@sha256:" HEX, "a");
}

static void a_digest_has_its_exact_length(void **state)
{
	(void)state;
	assert_invalid("a@sha256:" HEX "0", "a");
	assert_invalid("a@sha256:232ea45e", "a");
	assert_invalid("a@sha512:" HEX, "a");
	assert_invalid("a@md5:232ea45e6450c94dc39000da0234cbcf", "a");
	assert_invalid("a@" HEX, "a");
	assert_invalid("a@sha256:232EA45E6450C94DC39000DA0234CBCFE9244BFF51597D974257FBD6B8168184",
	               "a");
}

static void a_name_alone_is_no_key(void **state)
{
	(void)state;
	assert_invalid("busybox", "busybox");
	assert_invalid("", "");
	assert_invalid(":1", "");
	assert_invalid(HEX, HEX);
}

static void the_key_belongs_to_its_repository(void **state)
{
	(void)state;
	assert_invalid("busybox:1", "busy");
	assert_invalid("busy:1", "busybox");
	assert_invalid("a/b:1", "a");
	assert_invalid("other:1", "busybox");
}

static void only_the_familiar_form_is_a_repository(void **state)
{
	static const char *const wrong[] = { "docker.io/busybox",
		                             "docker.io/library/busybox",
		                             "index.docker.io/user/app",
		                             "library/busybox",
		                             "Busybox",
		                             "a/B",
		                             "a//b",
		                             "/a",
		                             "a/",
		                             "a..b",
		                             "a._b",
		                             "a___b",
		                             "-a",
		                             "a-",
		                             "a.b-/c",
		                             "a.-b/c",
		                             ".a/c",
		                             "a.b:/c",
		                             "a.b:x/c",
		                             "a.b:1:2/c",
		                             "[::1/x",
		                             "[x]/x",
		                             "../x",
		                             "a b",
		                             "a\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_no_repository(wrong[i]);
}

static void a_name_has_255_bytes_at_most(void **state)
{
	char name[300];

	(void)state;
	(void)memset(name, 'a', sizeof(name));
	name[255 - strlen("docker.io/library/")] = '\0';
	assert_tag(name, "1");
	(void)strcat(name, "a");
	assert_no_repository(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_of_real_names_are_tags),
		cmocka_unit_test(digests_are_digests),
		cmocka_unit_test(a_tag_is_128_word_characters_at_most),
		cmocka_unit_test(a_digest_has_its_exact_length),
		cmocka_unit_test(a_name_alone_is_no_key),
		cmocka_unit_test(the_key_belongs_to_its_repository),
		cmocka_unit_test(only_the_familiar_form_is_a_repository),
		cmocka_unit_test(a_name_has_255_bytes_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
