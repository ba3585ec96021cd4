/* test_bolt_model.c - random databases with random changes, beside the simplest model of them. */
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/bolt_edit.h"

#include <stdlib.h>
#include <string.h>

#define SEED_COUNT 60
#define KEY_SIZE 4096

/* A value, or a bucket with what is in it; in no order. */
struct node {
	char *key;
	char *value; /* NULL: a bucket */
	size_t value_len;
	uint64_t sequence;
	struct node **nodes;
	size_t count, capacity;
};

/* A generator of its own, so that a seed means the same everywhere. */
static uint32_t chance(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*seed >> 33) % below;
}

static void node_free(struct node *node)
{
	for (size_t i = 0; i < node->count; i++)
		node_free(node->nodes[i]);
	free(node->nodes);
	free(node->key);
	free(node->value);
	free(node);
}

static size_t node_find(const struct node *bucket, const char *key)
{
	size_t at = 0;

	while (at < bucket->count && strcmp(bucket->nodes[at]->key, key) != 0)
		at++;
	return at;
}

static void node_drop(struct node *bucket, const char *key)
{
	size_t at = node_find(bucket, key);

	if (at == bucket->count)
		return;
	node_free(bucket->nodes[at]);
	bucket->nodes[at] = bucket->nodes[--bucket->count];
}

/* The bucket or value KEY, which is made if there is none. */
static struct node *node_get(struct node *bucket, const char *key)
{
	size_t at = node_find(bucket, key);

	if (at < bucket->count)
		return bucket->nodes[at];
	bucket->nodes =
	    mem_grow(bucket->nodes, bucket->count, &bucket->capacity, sizeof(struct node *));
	bucket->nodes[bucket->count] = mem_zalloc(1, sizeof(struct node));
	bucket->nodes[bucket->count]->key = mem_text(key);
	return bucket->nodes[bucket->count++];
}

static void node_set(struct node *node, const char *value, size_t len)
{
	free(node->value);
	node->value = mem_copy(value, len);
	node->value_len = len;
}

/* Few letters, so that keys are prefixes of each other and come twice. */
static void random_key(uint64_t *seed, char key[KEY_SIZE])
{
	static const uint32_t lens[] = { 2, 3, 5, 30, 30, 300, KEY_SIZE - 1 };
	const uint32_t len = 1 + chance(seed, lens[chance(seed, 7)]);

	for (uint32_t i = 0; i < len; i++)
		key[i] = (char)('a' + chance(seed, 4));
	key[len] = '\0';
}

static char *random_value(uint64_t *seed, size_t *len)
{
	static const uint32_t lens[] = { 1, 10, 10, 100, 100, 1000, 5000, 70000 };
	char *value;

	*len = chance(seed, lens[chance(seed, 8)]);
	value = mem_zalloc(*len + 1, 1);
	for (size_t i = 0; i < *len; i++)
		value[i] = (char)(' ' + chance(seed, 90));
	return value;
}

static void random_fill(uint64_t *seed, struct node *bucket, unsigned depth)
{
	static const uint32_t counts[] = { 1, 2, 5, 20, 60 };
	const uint32_t count = chance(seed, counts[chance(seed, 5)]) + (depth == 0);

	bucket->sequence = chance(seed, 3);
	for (uint32_t i = 0; i < count; i++) {
		char key[KEY_SIZE];
		size_t len;

		random_key(seed, key);
		if (node_find(bucket, key) < bucket->count)
			continue;
		if (depth == 0 || (depth < 5 && chance(seed, 6) == 0)) {
			random_fill(seed, node_get(bucket, key), depth + 1);
		} else {
			AUTO(str) char *value = random_value(seed, &len);

			node_set(node_get(bucket, key), value, len);
		}
	}
}

/* Changes about one of N entries, in the model and in the edit, and adds some, whose keys begin
 * with LETTER: none that is dropped here. */
static void random_change(uint64_t *seed, struct node *bucket, struct bolt_edit_bucket *edit,
                          uint32_t n, char letter)
{
	char key[KEY_SIZE];
	size_t len;

	for (size_t i = 0; i < bucket->count; i++) {
		struct node *node = bucket->nodes[i];
		const size_t key_len = strlen(node->key);

		if (!node->value)
			random_change(seed, node, bolt_edit_enter(edit, node->key, key_len), n,
			              letter);
		if (chance(seed, n) > 0)
			continue;
		if (node->value && chance(seed, 2) == 0) {
			AUTO(str) char *value = random_value(seed, &len);

			bolt_edit_put(edit, node->key, key_len, value, len);
			node_set(node, value, len);
		} else {
			bolt_edit_drop(edit, node->key, key_len);
			node_drop(bucket, node->key);
			i--;
		}
	}
	random_key(seed, key);
	key[0] = letter;
	if (chance(seed, n) == 0) {
		AUTO(str) char *value = random_value(seed, &len);
		struct node *node = node_get(bucket, key);

		if (chance(seed, 2) == 0) {
			edit = bolt_edit_enter(edit, key, strlen(key));
			node = node_get(node, "new");
			(void)strcpy(key, "new");
		}
		node_set(node, value, len);
		bolt_edit_put(edit, key, strlen(key), value, len);
	}
}

static void model_build(const struct node *model, struct bolt_maker *maker,
                        struct maker_bucket *bucket)
{
	bolt_maker_sequence(bucket, model->sequence);
	for (size_t i = 0; i < model->count; i++) {
		const struct node *node = model->nodes[i];

		if (node->value)
			bolt_maker_put_bytes(bucket, node->key, strlen(node->key), node->value,
			                     node->value_len);
		else
			model_build(node, maker, bolt_maker_bucket(maker, bucket, node->key));
	}
}

/* The database that the model is. */
static struct bolt *model_bolt(uint64_t *seed, const struct node *model, size_t page_size)
{
	struct bolt_maker *maker = bolt_maker_new(page_size);

	maker->element_max = chance(seed, 2) == 0 ? 0 : 2 + chance(seed, 8);
	maker->has_inline = chance(seed, 4) > 0;
	maker->free_count = chance(seed, 10);
	model_build(model, maker, maker->root);
	return bolt_expect_made(maker);
}

static void expect_equal(const struct bolt *one, const struct bolt *other)
{
	AUTO(text) struct text one_text = TEXT_INIT;
	AUTO(text) struct text other_text = TEXT_INIT;

	bolt_expect_dump(&one_text, one);
	bolt_expect_dump(&other_text, other);
	assert_string_equal(one_text.data ? one_text.data : "",
	                    other_text.data ? other_text.data : "");
	assert_int_equal(bolt_info(one)->sequence, bolt_info(other)->sequence);
}

static void try_seed(uint64_t seed)
{
	static const size_t page_sizes[] = { 512, 1024, 4096, 4096, 16384, 65536 };
	const size_t page_size = page_sizes[chance(&seed, 6)];
	struct node *model = mem_zalloc(1, sizeof(*model));
	struct bolt *bolt;

	random_fill(&seed, model, 0);
	bolt = model_bolt(&seed, model, page_size);
	for (int round = 0; round < 3; round++) {
		AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
		AUTO(bolt) struct bolt *want = NULL;
		struct bolt *new;

		random_change(&seed, model, bolt_edit_root(edit), 1 + chance(&seed, 9),
		              (char)('e' + round));
		new = bolt_expect_rewritten(bolt, edit);
		want = model_bolt(&seed, model, page_size);
		expect_equal(new, want);
		assert_true(bolt_edit_is_done(edit, new));
		bolt_close(bolt);
		bolt = new;
	}
	bolt_close(bolt);
	node_free(model);
}

static void random_changes_make_what_the_model_says(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEED_COUNT; seed++)
		try_seed(seed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_changes_make_what_the_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
