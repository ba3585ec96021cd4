/* test_container_config.c - config.v2.json: what it says, and every way to be broken. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/container.h"
#include "metadata/image.h"

#include <string.h>

#define ID "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2 "2222222222222222222222222222222222222222222222222222222222222222"
/* What a readable config has at least; members go in front of it. */
#define REST "\"ID\":\"" ID "\",\"Driver\":\"overlay2\",\"Config\":{}}\n"

static int make(void **state)
{
	*state = mem_zalloc(1, sizeof(struct container));
	return 0;
}

static int unmake(void **state)
{
	container_done(*state);
	free(*state);
	return 0;
}

/* The container ID whose config is TEXT, which must be readable. */
static const struct container *load_config(struct container *container, const char *text)
{
	struct err err = ERR_INIT;

	container->id = mem_text(ID);
	if (container_parse_config(container, text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	return container;
}

static void assert_refused(const char *text, size_t len, const char *words)
{
	struct container container = { .id = mem_text(ID) };
	struct err err = ERR_INIT;

	if (container_parse_config(&container, text, len, &err) == 0)
		fail_msg("accepted: %s", text);
	assert_int_equal(err.kind, ERR_CORRUPT);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" lacks \"%s\"", err.text, words);
	container_done(&container);
}

static void a_config_says_what_a_container_uses(void **state)
{
	const struct container *container = load_config(
	    *state,
	    "{\"State\":{\"Running\":true,\"Paused\":true,\"Restarting\":true,\"Dead\":true,"
	    "\"RemovalInProgress\":true,\"Pid\":7,\"ExitCode\":137,"
	    "\"StartedAt\":\"1970-01-01T00:00:01Z\",\"FinishedAt\":\"1970-01-01T00:00:02Z\"},"
	    "\"Created\":\"1970-01-01T00:00:03.25Z\",\"Name\":\"/web\",\"Image\":\"sha256:" HEX_2
	    "\",\"RestartCount\":4,\"HasBeenManuallyStopped\":true,"
	    "\"ID\":\"" ID "\",\"Driver\":\"overlay2\","
	    "\"Config\":{\"Image\":\"app:1\",\"Labels\":{\"b\":\"2\",\"a\":\"1\"}}}");

	assert_true(container->is_running && container->is_paused && container->is_restarting);
	assert_true(container->is_dead && container->is_removing);
	assert_int_equal(container->pid, 7);
	assert_int_equal(container->exit_code, 137);
	assert_true(container->has_started);
	assert_int_equal(container->finished, 2);
	assert_int_equal(container->created, 3);
	assert_int_equal(container->created_nanoseconds, 250000000);
	assert_string_equal(container->name, "web");
	assert_string_equal(container->image_id, HEX_2);
	assert_string_equal(container->image_name, "app:1");
	assert_int_equal(container->restart_count, 4);
	assert_true(container->was_stopped_by_hand);
	assert_int_equal(container->label_count, 2);
	assert_string_equal(container->labels[0].key, "a");
}

static void what_is_absent_is_empty(void **state)
{
	const struct container *container = load_config(*state, "{" REST);

	assert_null(container->image_id);
	assert_string_equal(container->name, "");
	assert_false(container->has_started);
	assert_false(container->is_running);
	assert_int_equal(container->finished, 0);
	assert_int_equal(container->mount_count, 0);
	assert_int_equal(container->network_count, 0);
	assert_false(container->has_networks);
	assert_false(container->has_mounts);
	assert_null(container->restart_policy); /* of hostconfig.json */
}

/* A container that joins another's network has none of its own. */
static void null_is_there(void **state)
{
	const struct container *container = load_config(
	    *state, "{\"MountPoints\":null,\"NetworkSettings\":{\"Networks\":null}," REST);

	assert_true(container->has_networks);
	assert_true(container->has_mounts);
	assert_int_equal(container->network_count, 0);
}

static void mounts_say_what_they_mount_more_than_once(void **state)
{
	const struct container *container = load_config(
	    *state,
	    "{\"MountPoints\":{"
	    "\"/a\":{\"Type\":\"volume\",\"Name\":\"data\",\"Driver\":\"local\","
	    "\"Source\":\"/r/volumes/data/_data\",\"Spec\":{\"Source\":\"data\"}},"
	    "\"/b\":{\"Type\":\"image\",\"Source\":\"/x\",\"Spec\":{\"Source\":\"i\"}}}," REST);

	assert_string_equal(container->mounts[0].source, "/r/volumes/data/_data");
	assert_string_equal(container->mounts[0].spec_source, "data");
	assert_null(container->mounts[1].source);
	assert_null(container->mounts[1].spec_source);
	assert_true(container->has_mounts);
}

static void the_zero_time_means_never(void **state)
{
	const struct container *container =
	    load_config(*state, "{\"State\":{\"StartedAt\":\"0001-01-01T00:00:00Z\","
	                        "\"FinishedAt\":\"0001-01-01T00:00:00Z\"}," REST);

	assert_false(container->has_started);
	assert_int_equal(container->finished, 0);
}

static void mounts_are_told_apart(void **state)
{
	const struct container *container = load_config(
	    *state, "{\"MountPoints\":{"
		    "\"/a\":{\"Type\":\"volume\",\"Name\":\"data\",\"Driver\":\"local\"},"
		    "\"/b\":{\"Name\":\"old\",\"Driver\":\"local\"},"
		    "\"/c\":{\"Type\":\"bind\",\"Source\":\"/srv\"},"
		    "\"/d\":{\"Type\":\"image\",\"Name\":\"app:1\",\"ID\":\"m\","
		    "\"Spec\":{\"Source\":\"sha256:" HEX_2 "\"}},"
		    "\"/e\":{\"Type\":\"image\",\"Spec\":{\"Source\":\"app:1\"}}}," REST);

	assert_int_equal(container->mount_count, 5);
	assert_int_equal(container->mounts[0].type, CONTAINER_MOUNT_VOLUME);
	assert_string_equal(container->mounts[0].name, "data");
	assert_string_equal(container->mounts[0].driver, "local");
	assert_int_equal(container->mounts[1].type, CONTAINER_MOUNT_VOLUME);
	assert_int_equal(container->mounts[2].type, CONTAINER_MOUNT_OTHER);
	assert_string_equal(container->mounts[2].name, "");
	assert_string_equal(container->mounts[2].source, "/srv");
	assert_string_equal(container->mounts[2].spec_source, "");
	assert_int_equal(container->mounts[3].type, CONTAINER_MOUNT_IMAGE);
	assert_string_equal(container->mounts[3].mount_id, "m");
	assert_string_equal(container->mounts[3].image_id, HEX_2);
	assert_int_equal(container->mounts[4].type, CONTAINER_MOUNT_IMAGE);
	assert_string_equal(container->mounts[4].mount_id, "");
	assert_null(container->mounts[4].image_id);
}

static void networks_have_names_and_ids(void **state)
{
	const struct container *container = load_config(
	    *state, "{\"NetworkSettings\":{\"Networks\":{\"net\":{\"NetworkID\":\"n1\"},"
		    "\"new\":null}}," REST);

	assert_int_equal(container->network_count, 2);
	assert_string_equal(container->networks[0].name, "net");
	assert_string_equal(container->networks[0].network_id, "n1");
	assert_string_equal(container->networks[1].network_id, "");
	assert_true(container->has_networks);
}

static void keys_may_have_any_case_and_bytes_may_follow(void **state)
{
	const struct container *container = load_config(
	    *state, "{\"id\":\"" ID "\",\"DRIVER\":\"overlay2\",\"config\":{},\"name\":\"x\"}junk");

	assert_string_equal(container->name, "x");
}

static void what_dockerd_does_not_load_is_unreadable(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "is empty" },
		{ "garbage", "line 1" },
		{ "null", "line 1" },
		{ "{}", "its ID is \"\"" },
		{ "{\"ID\":\"" HEX_2 "\",\"Config\":{}}", "its ID is \"" HEX_2 "\"" },
		{ "{\"ID\":\"" ID "\"}", "has no Config" },
		{ "{\"ID\":\"" ID "\",\"Config\":null}", "has no Config" },
		{ "{\"State\":null," REST, "State is null" },
		{ "{\"State\":5," REST, "State is no object" },
		{ "{\"State\":{\"Running\":\"yes\"}," REST, "State.Running is no boolean" },
		{ "{\"State\":{\"Pid\":1.5}," REST, "State.Pid is no integer" },
		{ "{\"State\":{\"StartedAt\":\"x\"}," REST, "StartedAt is no time: \"x\"" },
		{ "{\"Created\":\"x\"," REST, "Created is no time: \"x\"" },
		{ "{\"Created\":5," REST, "Created is no string" },
		{ "{\"Image\":\"app:1\"," REST, "Image is no image ID: \"app:1\"" },
		{ "{\"Image\":\"sha256:../../x\"," REST, "Image is no image ID" },
		{ "{\"Image\":5," REST, "Image is no string" },
		{ "{\"Name\":[]," REST, "Name is no string" },
		{ "{\"MountPoints\":[]," REST, "MountPoints is no object" },
		{ "{\"MountPoints\":{\"/a\":null}," REST, "MountPoints[\"/a\"] is null" },
		{ "{\"MountPoints\":{\"/a\":5}," REST, "MountPoints[\"/a\"] is no object" },
		{ "{\"MountPoints\":{\"/a\":{\"Name\":5}}," REST,
		  "MountPoints[\"/a\"].Name is no string" },
		{ "{\"MountPoints\":{\"/a\":{\"Spec\":{\"Source\":5}}}," REST,
		  "MountPoints[\"/a\"].Spec.Source is no string" },
		{ "{\"MountPoints\":{\"/a\":{\"Spec\":{},\"spec\":{}}}," REST,
		  "MountPoints[\"/a\"].Spec stands twice" },
		{ "{\"NetworkSettings\":{\"Networks\":[]}," REST, "Networks is no object" },
		{ "{\"NetworkSettings\":{\"Networks\":{\"n\":5}}," REST,
		  "Networks[\"n\"] is no object" },
		{ "{\"NetworkSettings\":{\"Networks\":{\"n\":{\"NetworkID\":5}}}," REST,
		  "NetworkID is no string" },
		{ "{\"State\":{},\"state\":{}," REST, "\"State\" stands twice" },
		{ "{\"State\":{},\"State\":{}," REST, "stands twice" },
		{ "{\"MountPoints\":{},\"mountpoints\":{}," REST, "\"MountPoints\" stands twice" },
		{ "{\"ID\":\"" ID "\",\"Config\":{\"Labels\":{\"a\":5}}}",
		  "Config.Labels: \"a\" is no string" },
		{ "{\"ID\":\"" ID "\",\"Config\":{\"Env\":5}}", "Config.Env is no array" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(cases[i].text, strlen(cases[i].text), cases[i].words);
}

static void every_truncation_is_unreadable(void **state)
{
	static const char text[] = "{\"State\":{\"Running\":true},\"ID\":\"" ID
				   "\",\"Driver\":\"overlay2\",\"Config\":{}}";

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_refused(text, len, "");
}

static void a_nul_byte_is_unreadable(void **state)
{
	(void)state;
	assert_refused("{\"ID\0\":1}", 9, "line 1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_config_says_what_a_container_uses),
		TEST(what_is_absent_is_empty),
		TEST(null_is_there),
		TEST(mounts_say_what_they_mount_more_than_once),
		TEST(the_zero_time_means_never),
		TEST(mounts_are_told_apart),
		TEST(networks_have_names_and_ids),
		TEST(keys_may_have_any_case_and_bytes_may_follow),
		cmocka_unit_test(what_dockerd_does_not_load_is_unreadable),
		cmocka_unit_test(every_truncation_is_unreadable),
		cmocka_unit_test(a_nul_byte_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
