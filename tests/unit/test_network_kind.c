/* test_network_kind.c - which networks are nothing that a prune may remove, and what else is read
 * of them. */
#include "tests/unit/check.h"
#include "tests/unit/network_world.h"

#include <string.h>

#define REST "\"scope\":\"local\",\"ingress\":false,\"configOnly\":false,\"inDelete\":false,"
#define FROM "\"configFrom\":\"\""
#define NAMED(name) "{\"name\":\"" name "\",\"id\":\"" ID "\","
#define BRIDGE "\"networkType\":\"bridge\","

static void network_that_a_user_made_is_nothing_special(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_put(&world, PREFIX ID "/", NAMED("n") BRIDGE REST FROM "}");
	network_world_load(&world);
	assert_false(world.list.items[0].is_special);
	assert_false(world.list.items[0].is_predefined);
	assert_false(world.list.items[0].is_in_delete);
	assert_false(world.list.items[0].has_sandbox);
	network_world_done(&world);
}

/* Docker removes no such network, or cannot say from the record alone what else belongs to it. */
static void network_that_is_not_a_users_own_is_special(void **state)
{
	static const char *const values[] = {
		NAMED("n") BRIDGE REST "\"dynamic\":true," FROM "}",
		NAMED("n") BRIDGE "\"scope\":\"swarm\",\"ingress\":false,\"configOnly\":false,"
				  "\"inDelete\":false," FROM "}",
		NAMED("n") BRIDGE "\"scope\":\"local\",\"ingress\":true,\"configOnly\":false,"
				  "\"inDelete\":false," FROM "}",
		NAMED("docker_gwbridge") BRIDGE REST FROM "}",
		NAMED("n") "\"networkType\":\"weave\"," REST FROM "}",
		/* without a field that every dockerd writes */
		NAMED("n") REST FROM "}",
		NAMED("n") BRIDGE REST "\"configFron\":\"\"}",
		NAMED("n") BRIDGE "\"scope\":\"local\",\"ingress\":false,\"configOnlx\":true,"
				  "\"inDelete\":false," FROM "}",
		NAMED("n") BRIDGE "\"scope\":\"local\",\"ingrest\":true,\"configOnly\":false,"
				  "\"inDelete\":false," FROM "}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct network_world world;

		network_world_init(&world);
		network_world_put(&world, PREFIX ID "/", values[i]);
		network_world_load(&world);
		assert_int_equal(world.findings.count, 0);
		assert_true(world.list.items[0].is_special);
		network_world_done(&world);
	}
}

/* A byte of its name may be damaged. */
static void predefined_network_is_known_without_its_name(void **state)
{
	static const char *const values[] = {
		NAMED("nost") "\"networkType\":\"host\"," REST FROM "}",
		NAMED("nonf") "\"networkType\":\"null\"," REST FROM "}",
		NAMED("brigge") BRIDGE REST
		"\"generic\":{\"com.docker.network.generic\":{"
		"\"com.docker.network.bridge.default_bridge\":\"true\"}}," FROM "}",
	};
	struct network_world world;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		network_world_init(&world);
		network_world_put(&world, PREFIX ID "/", values[i]);
		network_world_load(&world);
		assert_true(world.list.items[0].is_predefined);
		network_world_done(&world);
	}
	network_world_init(&world);
	network_world_put(&world, PREFIX ID "/", NAMED("brigge") BRIDGE REST FROM "}");
	network_world_put(&world, KV "bridge/" ID "/",
	                  "{\"ID\":\"" ID "\",\"DefaultBridge\":true}");
	network_world_load(&world);
	assert_true(world.list.items[0].is_predefined);
	network_world_done(&world);
}

static void what_else_is_known_of_a_network_is_read(void **state)
{
	struct network_world world;
	const struct network *network;

	(void)state;
	network_world_init(&world);
	network_world_put(&world, PREFIX ID "/",
	                  NAMED("n") BRIDGE "\"scope\":\"local\",\"ingress\":false,"
	                                    "\"configOnly\":false,\"inDelete\":true,"
	                                    "\"configFrom\":\"c\"}");
	network_world_put(&world, KV "bridge/" ID "/",
	                  "{\"ID\":\"" ID "\",\"BridgeName\":\"br-4f3bc6704895\","
	                  "\"AddressIPv4\":\"172.18.0.1/16\",\"BridgeIfaceCreator\":1}");
	network_world_load(&world);
	network = &world.list.items[0];
	assert_string_equal(network->config_from, "c");
	assert_string_equal(network->bridge_name, "br-4f3bc6704895");
	assert_string_equal(network->bridge_address, "172.18.0.1/16");
	assert_true(network->is_bridge_made);
	assert_true(network->is_in_delete);
	network_world_done(&world);
}

static void sandbox_is_in_the_networks_of_its_endpoints(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_put(&world, PREFIX ID "/", NAMED("n") BRIDGE REST FROM "}");
	network_world_put(&world, PREFIX ID_2 "/", "{\"name\":\"z\",\"id\":\"" ID_2 "\"}");
	network_world_put(&world, KV "sandbox/s/",
	                  "{\"Cid\":\"c\",\"Eps\":[{\"Eid\":\"e\",\"Nid\":\"x\"},"
	                  "{\"Eid\":\"f\",\"Nid\":\"" ID_2 "\"}]}");
	network_world_load(&world);
	assert_false(world.list.items[0].has_sandbox);
	assert_true(world.list.items[1].has_sandbox);
	assert_false(world.list.is_unreadable);
	network_world_done(&world);
}

static void sandbox_that_cannot_be_read_may_be_in_any_network(void **state)
{
	struct network_world world;

	(void)state;
	network_world_init(&world);
	network_world_put(&world, PREFIX ID "/", NAMED("n") BRIDGE REST FROM "}");
	network_world_put(&world, KV "sandbox/s/", "{");
	network_world_load(&world);
	assert_true(world.list.is_unreadable);
	assert_int_equal(world.findings.items[0].code, FINDING_NETWORKS_UNREADABLE);
	assert_non_null(strstr(world.findings.items[0].detail, "sandbox/s/: line 1"));
	network_world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(network_that_a_user_made_is_nothing_special),
		cmocka_unit_test(network_that_is_not_a_users_own_is_special),
		cmocka_unit_test(predefined_network_is_known_without_its_name),
		cmocka_unit_test(what_else_is_known_of_a_network_is_read),
		cmocka_unit_test(sandbox_is_in_the_networks_of_its_endpoints),
		cmocka_unit_test(sandbox_that_cannot_be_read_may_be_in_any_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
