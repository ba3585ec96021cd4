/* test_container_host.c - hostconfig.json, and who is restarted when dockerd starts. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/container.h"
#include "metadata/image.h"

#include <string.h>

static void a_policy_and_a_network_mode_are_read(void **state)
{
	static const char text[] =
	    "{\"NetworkMode\":\"none\",\"AutoRemove\":true,\"restartpolicy\":{"
	    "\"Name\":\"on-failure\",\"MaximumRetryCount\":3},\"Dns\":[]} x";
	struct container container = { .id = NULL };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(container_parse_hostconfig(&container, text, strlen(text), &err), 0);
	assert_string_equal(container.network_mode, "none");
	assert_true(container.has_mode);
	assert_true(container.is_auto_remove);
	assert_string_equal(container.restart_policy, "on-failure");
	assert_int_equal(container.restart_maximum, 3);
	container_done(&container);
}

static void an_empty_object_has_no_policy(void **state)
{
	struct container container = { .id = NULL };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(container_parse_hostconfig(&container, "{}", 2, &err), 0);
	assert_string_equal(container.network_mode, "");
	assert_false(container.has_mode);
	assert_string_equal(container.restart_policy, "");
	assert_false(container.is_auto_remove);
	assert_false(container_will_restart(&container));
	container_done(&container);
}

/* As seen with dockerd 20.10 and 26.1, after a graceful stop and after a power cut. */
static void who_is_restarted(void **state)
{
	static const struct {
		const char *policy;
		int64_t exit_code, count, maximum;
		bool has_started, is_running, was_stopped_by_hand, expected;
	} cases[] = {
		{ "", 0, 0, 0, true, true, false, false },
		{ "no", 3, 0, 0, true, false, false, false },
		{ "no", 0, 0, 0, true, true, false, false },         /* Exited (255) */
		{ "always", 0, 0, 0, false, false, false, false },   /* just created */
		{ "always", 127, 0, 0, false, false, false, false }, /* no such command */
		{ "always", 137, 0, 0, true, false, false, true },
		{ "always", 137, 0, 0, true, false, true, true }, /* docker stop */
		{ "always", 0, 0, 0, true, true, false, true },
		{ "unless-stopped", 0, 0, 0, false, false, false, false },
		{ "unless-stopped", 137, 0, 0, true, false, true, false },
		{ "unless-stopped", 137, 0, 0, true, false, false, true },
		{ "unless-stopped", 0, 0, 0, true, true, false, true },
		{ "on-failure", 0, 0, 0, false, false, false, false },
		{ "on-failure", 0, 0, 0, true, false, false, false },
		{ "on-failure", 137, 0, 0, true, false, true, true }, /* docker stop */
		{ "on-failure", 0, 0, 0, true, true, false, true },   /* gets 255 */
		{ "on-failure", 0, 0, 2, true, true, false, true },
		{ "on-failure", 3, 1, 2, true, false, false, true },
		{ "on-failure", 3, 2, 2, true, false, false, false }, /* tried often enough */
		{ "of-the-future", 0, 0, 0, true, false, false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(str) char *policy = mem_text(cases[i].policy);
		const struct container container = {
			.restart_policy = policy,
			.has_started = cases[i].has_started,
			.is_running = cases[i].is_running,
			.was_stopped_by_hand = cases[i].was_stopped_by_hand,
			.exit_code = cases[i].exit_code,
			.restart_count = cases[i].count,
			.restart_maximum = cases[i].maximum,
		};

		if (container_will_restart(&container) != cases[i].expected)
			fail_msg("case %zu: %s", i, cases[i].policy);
	}
}

static void what_runs_or_is_restarted_will_run(void **state)
{
	char no[] = "no";
	char always[] = "always";
	struct container container = { .restart_policy = no, .has_started = true };

	(void)state;
	assert_false(container_will_run(&container));
	container.is_paused = true;
	assert_true(container_will_run(&container));
	container.is_paused = false;
	container.restart_policy = always;
	assert_true(container_will_run(&container));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_and_a_network_mode_are_read),
		cmocka_unit_test(an_empty_object_has_no_policy),
		cmocka_unit_test(who_is_restarted),
		cmocka_unit_test(what_runs_or_is_restarted_will_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
