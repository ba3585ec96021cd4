/* test_linkset.c - inodes with several names are counted once, in the first item. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/linkset.h"

#include <pthread.h>

#define INODE_COUNT 5000u
#define THREAD_COUNT 4u

struct sum {
	size_t count;
	uint64_t bytes;
	size_t items;
};

static void add_up(void *context, const struct linkset_inode *inode)
{
	struct sum *sum = context;

	sum->count++;
	sum->bytes += inode->usage.allocated_bytes;
	sum->items += inode->item;
}

static void add(struct linkset *set, uint64_t device, uint64_t number, size_t item)
{
	struct linkset_inode inode = { device, number, item, { 1, 10, 1 } };

	linkset_add(set, &inode);
}

static void an_inode_counts_once(void **state)
{
	AUTO(linkset) struct linkset *set = linkset_new();
	struct sum sum = { 0, 0, 0 };

	(void)state;
	add(set, 1, 7, 0);
	add(set, 1, 7, 0);
	add(set, 1, 7, 0);
	linkset_each(set, add_up, &sum);
	assert_int_equal(sum.count, 1);
	assert_int_equal(sum.bytes, 10);
}

static void the_first_item_has_it_in_any_order(void **state)
{
	AUTO(linkset) struct linkset *set = linkset_new();
	struct sum sum = { 0, 0, 0 };

	(void)state;
	add(set, 1, 7, 5);
	add(set, 1, 7, 3);
	add(set, 1, 7, 9);
	linkset_each(set, add_up, &sum);
	assert_int_equal(sum.items, 3);
}

static void devices_have_inodes_of_their_own(void **state)
{
	AUTO(linkset) struct linkset *set = linkset_new();
	struct sum sum = { 0, 0, 0 };

	(void)state;
	add(set, 1, 7, 0);
	add(set, 2, 7, 0);
	add(set, (uint64_t)1 << 32, 7, 0);
	linkset_each(set, add_up, &sum);
	assert_int_equal(sum.count, 3);
}

/* Every thread adds all inodes, each for its own item. */
struct crowd {
	struct linkset *set;
	size_t item;
};

static void *add_all(void *argument)
{
	const struct crowd *crowd = argument;

	for (uint64_t i = 0; i < INODE_COUNT; i++)
		add(crowd->set, i % 3, i, crowd->item);
	return NULL;
}

static void threads_may_add_at_the_same_time(void **state)
{
	AUTO(linkset) struct linkset *set = linkset_new();
	struct crowd crowd[THREAD_COUNT];
	pthread_t threads[THREAD_COUNT];
	struct sum sum = { 0, 0, 0 };

	(void)state;
	for (size_t i = 0; i < THREAD_COUNT; i++) {
		crowd[i] = (struct crowd){ set, i + 1 };
		assert_int_equal(pthread_create(&threads[i], NULL, add_all, &crowd[i]), 0);
	}
	for (size_t i = 0; i < THREAD_COUNT; i++)
		(void)pthread_join(threads[i], NULL);
	linkset_each(set, add_up, &sum);
	assert_int_equal(sum.count, INODE_COUNT);
	assert_int_equal(sum.items, INODE_COUNT); /* all in item 1 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_inode_counts_once),
		cmocka_unit_test(the_first_item_has_it_in_any_order),
		cmocka_unit_test(devices_have_inodes_of_their_own),
		cmocka_unit_test(threads_may_add_at_the_same_time),
	};

	return cmocka_run_group_tests_name("linkset", tests, NULL, NULL);
}
