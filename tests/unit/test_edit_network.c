/* test_edit_network.c - what leaves local-kv.db with a network, and what stays there. */
#include "tests/unit/check.h"

#include "gc/edit/edit_network.h"
#include "metadata/base/text.h"
#include "metadata/bolt_write.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/network_world.h"
#include "tests/unit/tree.h"

#include <stdlib.h>
#include <string.h>

#define OTHER "1fab8330fc6569b6f7befc9b31b7c0c9955bab5390dd4dbf5db485405b55dace"

struct fixture {
	struct network_world world;
	struct bolt *new; /* after edit() */
};

static void put(struct fixture *f, const char *key, const char *text)
{
	network_world_put(&f->world, key, text);
}

static void put_network(struct fixture *f, const char *id, const char *name, const char *more)
{
	AUTO(text) struct text key = TEXT_INIT;
	AUTO(text) struct text value = TEXT_INIT;

	text_print(&key, PREFIX "%s/", id);
	text_print(&value, "{\"id\":\"%s\",\"name\":\"%s\"%s}", id, name, more);
	put(f, key.data, value.data);
}

/* Forgets all that was put. */
static void empty(struct fixture *f)
{
	bolt_maker_free(f->world.maker);
	f->world.maker = bolt_maker_new(4096);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	network_world_init(&f->world);
	put_network(f, ID, "goes", "");
	put_network(f, ID_2, "goes-too", "");
	put_network(f, OTHER, "stays", "");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	bolt_close(f->new);
	network_world_done(&f->world);
	free(f);
	return 0;
}

/* Writes the database anew without the networks ID and, unless it is held, ID_2. */
static void edit(struct fixture *f, enum step_state second)
{
	char ids[][65] = { ID, ID_2 };
	const struct run_step steps[] = {
		{ .kind = ACTION_NETWORK, .object = ids[0], .state = STEP_PLANNED },
		{ .kind = ACTION_NETWORK, .object = ids[1], .state = second },
	};
	AUTO(bolt_edit) struct bolt_edit *changes = bolt_edit_new();
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(close) int fd = -1;
	struct err err = ERR_INIT;
	char *bytes = NULL;
	size_t len;

	network_world_load(&f->world);
	fd = tree_open(f->world.dir, "");
	assert_int_equal(bolt_open(&old, fd, DATABASE, &err), 0);
	edit_networks(changes, old, &f->world.list, steps, 2);
	assert_int_equal(bolt_write(&bytes, &len, old, changes, &err), 0);
	assert_int_equal(bolt_parse(&f->new, bytes, len, &err), 0);
	free(bytes);
}

/* The JSON of a key, "" when there is no such key; a static buffer. */
static const char *value(const struct fixture *f, const char *key)
{
	static char text[512];
	struct bolt_bucket bucket = bolt_root(f->new);
	struct bolt_entry entry;

	assert_true(bolt_bucket_enter(&bucket, "libnetwork", &bucket));
	if (!bolt_bucket_find(&bucket, key, &entry))
		return "";
	assert_true(entry.value_len >= 8 && entry.value_len < sizeof(text));
	assert_memory_equal(entry.value, "\x07\0\0\0\0\0\0\0", 8); /* the index, as it was */
	(void)memcpy(text, entry.value + 8, entry.value_len - 8);
	text[entry.value_len - 8] = '\0';
	return text;
}

static size_t key_count(const struct fixture *f)
{
	struct bolt_bucket bucket = bolt_root(f->new);
	struct bolt_cursor cursor;
	struct bolt_entry entry;
	size_t count = 0;

	assert_true(bolt_bucket_enter(&bucket, "libnetwork", &bucket));
	bolt_cursor_start(&cursor, &bucket);
	while (bolt_cursor_next(&cursor, &entry))
		count++;
	return count;
}

static void every_key_of_a_network_goes(void **state)
{
	struct fixture *f = *state;

	put(f, KV "endpoint_count/" ID "/", "{\"Count\":0}");
	put(f, KV "bridge/" ID "/", "{}");
	put(f, KV "macvlan/network/" ID_2 "/", "{}");
	put(f, KV "ipvlan/network/" ID_2 "/", "{}");
	put(f, KV "endpoint/" ID "/e1/", "{}");
	put(f, KV "endpoint/" ID "/e2/", "{}");
	put(f, KV "bridge-endpoint/e1/", "x");
	put(f, KV "bridge-endpoint/e3/", "{\"nid\":\"" ID "\"}");
	put(f, KV "macvlan/endpoint/e4/", "{\"nid\":\"" ID_2 "\"}");
	put(f, KV "ipvlan/endpoint/e5/", "{\"nid\":\"" ID_2 "\"}");
	edit(f, STEP_PLANNED);
	assert_int_equal(key_count(f), 1);
	assert_string_not_equal(value(f, PREFIX OTHER "/"), "");
}

static void keys_of_others_stay(void **state)
{
	static const char *const keys[] = {
		KV "endpoint_count/" OTHER "/",
		KV "bridge/" OTHER "/",
		KV "endpoint/" OTHER "/e9/",
		KV "bridge-endpoint/e9/",
		KV "sandbox/" ID "/",
		KV "ipam/x/" ID "/",
		KV "bridge/",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put(f, keys[i], "{\"nid\":\"" OTHER "\"}");
	edit(f, STEP_PLANNED);
	assert_int_equal(key_count(f), 1 + sizeof(keys) / sizeof(keys[0]));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_string_equal(value(f, keys[i]), "{\"nid\":\"" OTHER "\"}");
}

static void network_of_a_step_that_is_held_stays(void **state)
{
	struct fixture *f = *state;

	put(f, KV "bridge/" ID_2 "/", "{}");
	edit(f, STEP_HELD);
	assert_string_equal(value(f, PREFIX ID "/"), "");
	assert_string_not_equal(value(f, PREFIX ID_2 "/"), "");
	assert_string_equal(value(f, KV "bridge/" ID_2 "/"), "{}");
}

/* dockerd would say for ever that its networks are in use. */
static void count_of_a_config_only_network_goes_down(void **state)
{
	struct fixture *f = *state;

	empty(f);
	put_network(f, ID, "goes", ",\"configFrom\":\"conf\"");
	put_network(f, ID_2, "goes-too", ",\"configFrom\":\"conf\"");
	put_network(f, OTHER, "stays", ",\"configFrom\":\"conf\"");
	put(f, PREFIX "c0ff/", "{\"id\":\"c0ff\",\"name\":\"conf\",\"configOnly\":true}");
	put(f, KV "endpoint_count/c0ff/", "{\"Count\":3}");
	put(f, PREFIX "beef/", "{\"id\":\"beef\",\"name\":\"other\",\"configOnly\":true}");
	put(f, KV "endpoint_count/beef/", "{\"Count\":3}");
	edit(f, STEP_PLANNED);
	assert_string_equal(value(f, KV "endpoint_count/c0ff/"), "{\"Count\":1}");
	assert_string_equal(value(f, KV "endpoint_count/beef/"), "{\"Count\":3}");
	assert_string_not_equal(value(f, PREFIX "c0ff/"), "");
}

static void count_goes_not_below_nothing(void **state)
{
	struct fixture *f = *state;

	empty(f);
	put_network(f, ID, "goes", ",\"configFrom\":\"conf\"");
	put(f, PREFIX "c0ff/", "{\"id\":\"c0ff\",\"name\":\"conf\",\"configOnly\":true}");
	put(f, KV "endpoint_count/c0ff/", "{\"Count\":0}");
	edit(f, STEP_HELD);
	assert_string_equal(value(f, KV "endpoint_count/c0ff/"), "{\"Count\":0}");
}

static void count_that_cannot_be_read_is_left_alone(void **state)
{
	struct fixture *f = *state;

	empty(f);
	put_network(f, ID, "goes", ",\"configFrom\":\"conf\"");
	put(f, PREFIX "c0ff/", "{\"id\":\"c0ff\",\"name\":\"conf\",\"configOnly\":true}");
	put(f, KV "endpoint_count/c0ff/", "x");
	edit(f, STEP_HELD);
	assert_string_equal(value(f, KV "endpoint_count/c0ff/"), "x");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_key_of_a_network_goes),
		TEST(keys_of_others_stay),
		TEST(network_of_a_step_that_is_held_stays),
		TEST(count_of_a_config_only_network_goes_down),
		TEST(count_goes_not_below_nothing),
		TEST(count_that_cannot_be_read_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
