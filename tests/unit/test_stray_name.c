/* test_stray_name.c - names of leftovers: the exact shapes, and what only looks like them. */
#include "tests/unit/check.h"

#include "metadata/stray_name.h"

#define HEX "232ea45e6450c94dc39000da0234cbcfe9244bff51597d974257fbd6b8168184"
#define CACHE "0az9k1n2m3b4v5c6x7z8l9k0j"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_all(bool (*is)(const char *name), const char *const *names, size_t count,
                       bool expected)
{
	for (size_t i = 0; i < count; i++) {
		if (is(names[i]) != expected)
			fail_msg("%s: %s", names[i], expected ? "not taken" : "taken");
	}
}

static void write_sets_are_numbered(void **state)
{
	static const char *const yes[] = { "write-set-1", "write-set-012345678",
		                           "write-set-4294967295" };
	static const char *const no[] = { "write-set-",
		                          "write-set-12345678901",
		                          "write-set-1a",
		                          "write-set--1",
		                          "write-set",
		                          "xwrite-set-1",
		                          "",
		                          "Write-set-1" };

	(void)state;
	assert_all(stray_name_is_write_set, yes, COUNT(yes), true);
	assert_all(stray_name_is_write_set, no, COUNT(no), false);
}

static void removing_layers_have_two_ids(void **state)
{
	static const char *const yes[] = { HEX "-" HEX "-removing" };
	static const char *const no[] = { HEX,
		                          HEX "-removing",
		                          HEX "-" HEX,
		                          HEX "0-" HEX "-removing",
		                          HEX "-" HEX "0-removing",
		                          HEX "-" HEX "-removing2",
		                          "x" HEX "-" HEX "-removing",
		                          "-removing" };

	(void)state;
	assert_all(stray_name_is_removing_layer, yes, COUNT(yes), true);
	assert_all(stray_name_is_removing_layer, no, COUNT(no), false);
}

static void removing_plugins_have_one_id(void **state)
{
	static const char *const yes[] = { HEX "-removing" };
	static const char *const no[] = { HEX, HEX "0-removing", HEX "-" HEX "-removing",
		                          "storage-removing" };

	(void)state;
	assert_all(stray_name_is_removing_plugin, yes, COUNT(yes), true);
	assert_all(stray_name_is_removing_plugin, no, COUNT(no), false);
}

static void temporaries_name_their_file(void **state)
{
	static const struct {
		bool (*is)(const char *name);
		const char *yes, *no;
	} cases[] = {
		{ stray_name_is_tmp_repositories, ".tmp-repositories.json123",
		  ".tmp-repositories.json" },
		{ stray_name_is_tmp_digest, ".tmp-" HEX "1", ".tmp-" HEX },
		{ stray_name_is_tmp_digest, ".tmp-" HEX "1234567890", ".tmp-" HEX "12345678901" },
		{ stray_name_is_tmp_digest, ".tmp-" HEX "007", ".tmp-" HEX "a" },
		{ stray_name_is_tmp_image, ".tmp-parent5", ".tmp-parents5" },
		{ stray_name_is_tmp_image, ".tmp-lastUpdated5", ".tmp-5" },
		{ stray_name_is_tmp_image, ".tmp-builtLocally5", ".tmp-repositories.json5" },
		{ stray_name_is_tmp_container, ".tmp-config.v2.json5", ".tmp-config.json5" },
		{ stray_name_is_tmp_container, ".tmp-hostconfig.json5", "tmp-hostconfig.json5" },
		{ stray_name_is_tmp_container, ".tmp-resolv.conf.hash5", ".tmp-hosts5" },
		{ stray_name_is_tmp_volume, ".tmp-opts.json5", ".tmp-opts.json5x" },
		{ stray_name_is_tmp_plugin, ".tmp-config.json5", ".tmp-config.v2.json5" },
		{ stray_name_is_tmp_swarm, ".tmp-docker-state.json5", ".tmp-swarm-node.key5" },
		{ stray_name_is_tmp_swarm, ".tmp-state.json5", ".tmp-state.json-5" },
		{ stray_name_is_new_database, "metadata_v2.db.new-drydock5",
		  "metadata_v2.db.new-drydock" },
		{ stray_name_is_new_database, "snapshots.db.new-drydock5",
		  "snapshots.db.new-drydock5x" },
		{ stray_name_is_new_database, "containerdmeta.db.new-drydock5",
		  "containerdmeta.db" },
		{ stray_name_is_new_database, "local-kv.db.new-drydock5",
		  "metadata.db.new-drydock5" },
		{ stray_name_is_tmp_engine, ".tmp-engine-id5", ".tmp-engine-id" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_all(cases[i].is, &cases[i].yes, 1, true);
		assert_all(cases[i].is, &cases[i].no, 1, false);
	}
}

static void hosts_files_of_build_steps_have_an_id(void **state)
{
	static const char *const yes[] = { "hosts." CACHE, "hosts." CACHE ".tmp" };
	static const char *const no[] = {
		"hosts",       "hosts.tmp", "hosts.",        ("hosts." CACHE "0"), "hosts.allow",
		"resolv.conf", CACHE,       "runc-log.json", ("hosts." HEX)
	};

	(void)state;
	assert_all(stray_name_is_hosts, yes, COUNT(yes), true);
	assert_all(stray_name_is_hosts, no, COUNT(no), false);
}

static void probes_are_known_by_name(void **state)
{
	static const char *const yes[] = { "opaque-bug-check123", "metacopy-check1",
		                           "check-overlayfs-support2147483647", "userxattr-check" };
	static const char *const no[] = { "opaque-bug-check",  "metacopy-check-1",
		                          "userxattr-check1",  "l",
		                          "backingFsBlockDev", HEX };

	(void)state;
	assert_all(stray_name_is_probe, yes, COUNT(yes), true);
	assert_all(stray_name_is_probe, no, COUNT(no), false);
}

static void old_directories_are_known_by_name(void **state)
{
	static const char *const yes[] = { "tmp-old", "runtimes-old", "gen-runtimes1" };
	static const char *const no[] = { "tmp", "runtimes", "gen-runtimes", "overlay2-old",
		                          "tmp-old2" };

	(void)state;
	assert_all(stray_name_is_old_dir, yes, COUNT(yes), true);
	assert_all(stray_name_is_old_dir, no, COUNT(no), false);
}

static void unpacked_plugins_are_numbered(void **state)
{
	static const char *const yes[] = { ".rootfs123" };
	static const char *const no[] = { ".rootfs", "rootfs123", ".rootfs-1" };

	(void)state;
	assert_all(stray_name_is_plugin_rootfs, yes, COUNT(yes), true);
	assert_all(stray_name_is_plugin_rootfs, no, COUNT(no), false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_sets_are_numbered),
		cmocka_unit_test(removing_layers_have_two_ids),
		cmocka_unit_test(removing_plugins_have_one_id),
		cmocka_unit_test(temporaries_name_their_file),
		cmocka_unit_test(hosts_files_of_build_steps_have_an_id),
		cmocka_unit_test(probes_are_known_by_name),
		cmocka_unit_test(old_directories_are_known_by_name),
		cmocka_unit_test(unpacked_plugins_are_numbered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
