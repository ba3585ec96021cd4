/* test_network.c - local-kv.db: the networks of real daemons, and values that are none. */
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"
#include "tests/unit/network_world.h"
#include "tests/unit/tree.h"

#include <string.h>

static void expect_network(const struct network *network, const char *name, const char *id,
                           const char *type, bool is_predefined)
{
	assert_string_equal(network->name, name);
	assert_string_equal(network->id, id);
	assert_string_equal(network->type, type);
	assert_string_equal(network->scope, "local");
	assert_int_equal(network->is_predefined, is_predefined);
	assert_false(network->is_config_only);
	assert_false(network->is_unreadable);
}

static void networks_of_20_10_are_what_another_reader_sees(void **state)
{
	struct network_world world;
	const struct network *back;

	(void)state;
	network_world_init(&world);
	network_world_drop(&world);
	network_world_load_root(&world, "fixtures/bolt/20.10");
	assert_int_equal(world.findings.count, 0);
	assert_false(world.list.is_unreadable);
	assert_int_equal(world.list.count, 4);
	back = &world.list.items[0];
	expect_network(back, "back",
	               "b2d527d4a245a15e86135a473d6e15b89bcd9c4f06de7d3646de9fc4db20850e", "bridge",
	               false);
	assert_int_equal(back->created, 1795503393);
	assert_int_equal(back->label_count, 1);
	assert_string_equal(back->labels[0].key, "keep");
	assert_string_equal(back->labels[0].value, "yes");
	expect_network(&world.list.items[1], "bridge",
	               "2f190ef241cec21b8bd15016676a9ae5c252491a9f44975ddbe29ccc0c0e6acb", "bridge",
	               true);
	expect_network(&world.list.items[2], "host",
	               "04b527faabeddda45a842c27879bddc910787bad4b5ce316c6a2fca7d80074be", "host",
	               true);
	expect_network(&world.list.items[3], "none",
	               "55f245381f924d9930c44ffd978f528a508a43edb9f676274ae2694c8977255b", "null",
	               true);
	assert_int_equal(world.list.items[1].label_count, 0);
	network_world_done(&world);
}

static void networks_of_28_5_are_what_another_reader_sees(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_drop(&world);
	network_world_load_root(&world, "fixtures/bolt/28.5");
	assert_int_equal(world.findings.count, 0);
	assert_int_equal(world.list.count, 4);
	expect_network(&world.list.items[0], "back",
	               "1fab8330fc6569b6f7befc9b31b7c0c9955bab5390dd4dbf5db485405b55dace", "bridge",
	               false);
	assert_int_equal(world.list.items[0].created, 1795503403);
	assert_int_equal(world.list.items[0].label_count, 1);
	expect_network(&world.list.items[1], "bridge",
	               "799ca60923371a24fa98bc2d63e68eea3d91bf00749cffa9c8f8f97ccc3a2942", "bridge",
	               true);
	expect_network(&world.list.items[2], "host",
	               "e846d3e4c9f47c3a3ddf0affa87402e14aedd926804ec0b99d8f65133877e83b", "host",
	               true);
	expect_network(&world.list.items[3], "none",
	               "859f5121f1a2622be0939573e9c4eed27e5d006045223f1df608beae9000cf1d", "null",
	               true);
	network_world_done(&world);
}

static void root_without_a_database_has_no_networks(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_drop(&world);
	network_world_load(&world);
	assert_int_equal(world.list.count, 0);
	network_list_done(&world.list);
	tree_mkdir(world.dir, "network/files");
	network_world_load(&world);
	assert_int_equal(world.list.count, 0);
	assert_false(world.list.is_unreadable);
	assert_int_equal(world.findings.count, 0);
	network_world_done(&world);
}

static void other_keys_are_no_networks(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_put(&world, "docker/network/v1.0/endpoint_count/", "");
	network_world_put(&world, "docker/network/v1.0/bridge/" ID "/", "{}");
	network_world_put(&world, PREFIX, "");
	network_world_put(&world, PREFIX ID "/", "{\"name\":\"n\",\"id\":\"" ID "\"}");
	network_world_put(&world, "docker/network/v1.0/sandbox/" ID "/", "{}");
	network_world_load(&world);
	assert_int_equal(world.findings.count, 0);
	assert_int_equal(world.list.count, 1);
	assert_string_equal(world.list.items[0].name, "n");
	network_world_done(&world);
}

static void config_only_network_is_said(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_put(
	    &world, PREFIX ID "/",
	    "{\"name\":\"n\",\"id\":\"" ID
	    "\",\"configOnly\":true,\"scope\":\"swarm\",\"networkType\":\"macvlan\"}");
	network_world_load(&world);
	assert_true(world.list.items[0].is_config_only);
	assert_string_equal(world.list.items[0].scope, "swarm");
	assert_string_equal(world.list.items[0].type, "macvlan");
	network_world_done(&world);
}

static void value_that_cannot_be_understood_is_a_network_that_is_kept(void **state)
{
	static const char *const bad[][2] = {
		{ "", "is empty" },
		{ "x", "line 1, column 1" },
		{ "{\"name\":1,\"id\":\"" ID "\"}", "network.name is no string" },
		{ "{\"id\":\"" ID "\",\"labels\":{\"a\":[]}}", "labels: \"a\" is no string" },
		{ "{\"id\":\"" ID "\",\"configOnly\":\"x\"}", "network.configOnly is no" },
		{ "{\"name\":\"n\",\"id\":\"" ID_2 "\"}", "its id is not that of its key" },
		{ "{\"name\":\"n\"}", "its id is not that of its key" },
		{ "{\"id\":\"" ID "\",\"inDelete\":1}", "network.inDelete is no" },
		{ "{\"a\":1,\"a\":2,\"id\":\"" ID "\"}", "stands twice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct network_world world;

		network_world_init(&world);
		network_world_put(&world, PREFIX ID "/", bad[i][0]);
		network_world_put(&world, PREFIX ID_2 "/", "{\"name\":\"z\",\"id\":\"" ID_2 "\"}");
		network_world_load(&world);
		assert_true(world.list.is_unreadable);
		assert_int_equal(world.list.count, 2);
		assert_string_equal(world.list.items[0].id, ID);
		assert_true(world.list.items[0].is_unreadable);
		assert_false(world.list.items[1].is_unreadable);
		assert_int_equal(world.findings.count, 1);
		assert_int_equal(world.findings.items[0].code, FINDING_NETWORKS_UNREADABLE);
		assert_string_equal(world.findings.items[0].path, DATABASE);
		assert_non_null(strstr(world.findings.items[0].detail, PREFIX ID "/: "));
		assert_non_null(strstr(world.findings.items[0].detail, bad[i][1]));
		network_world_done(&world);
	}
}

static void value_shorter_than_its_index_is_unreadable(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	bolt_maker_put(bolt_maker_bucket(world.maker, NULL, "libnetwork"), PREFIX ID "/", "{}");
	network_world_load(&world);
	assert_true(world.list.items[0].is_unreadable);
	assert_string_equal(world.findings.items[0].detail,
	                    "key " PREFIX ID "/: has 2 bytes, less than its index");
	network_world_done(&world);
}

static void key_without_an_id_is_unreadable(void **state)
{
	static const char *const keys[] = { PREFIX "../", PREFIX "a/b/", PREFIX "/", PREFIX "a" };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct network_world world;

		network_world_init(&world);
		network_world_put(&world, keys[i], "{}");
		network_world_load(&world);
		assert_int_equal(world.list.count, 0);
		assert_true(world.list.is_unreadable);
		assert_int_equal(world.findings.count, 1);
		assert_non_null(strstr(world.findings.items[0].detail, "no network ID"));
		network_world_done(&world);
	}
}

static void broken_database_is_unreadable(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_drop(&world);
	tree_write(world.dir, DATABASE, "garbage", 7);
	network_world_load(&world);
	assert_true(world.list.is_unreadable);
	assert_int_equal(world.findings.count, 1);
	assert_string_equal(world.findings.items[0].path, DATABASE);
	network_world_done(&world);
}

static void folder_that_is_a_link_is_unreadable(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_drop(&world);
	tree_mkdir(world.dir, "elsewhere/files");
	tree_link(world.dir, "network", "elsewhere");
	network_world_load(&world);
	assert_true(world.list.is_unreadable);
	assert_int_equal(world.findings.count, 1);
	assert_int_equal(world.findings.items[0].code, FINDING_NETWORKS_UNREADABLE);
	network_world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_of_20_10_are_what_another_reader_sees),
		cmocka_unit_test(networks_of_28_5_are_what_another_reader_sees),
		cmocka_unit_test(root_without_a_database_has_no_networks),
		cmocka_unit_test(other_keys_are_no_networks),
		cmocka_unit_test(config_only_network_is_said),
		cmocka_unit_test(value_that_cannot_be_understood_is_a_network_that_is_kept),
		cmocka_unit_test(value_shorter_than_its_index_is_unreadable),
		cmocka_unit_test(key_without_an_id_is_unreadable),
		cmocka_unit_test(broken_database_is_unreadable),
		cmocka_unit_test(folder_that_is_a_link_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
