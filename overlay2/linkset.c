/* linkset.c - inodes with several names, so that each is counted once, by any thread. */
#include "overlay2/linkset.h"

#include "metadata/base/mem.h"

#include <pthread.h>
#include <stdlib.h>

#define LINKSET_SHARDS ((size_t)64) /* power of two: threads seldom want the same lock */
#define LINKSET_SLOTS_MIN ((size_t)64)

struct linkset_shard {
	pthread_mutex_t lock;
	struct linkset_inode *slots; /* open addressing; usage.inodes == 0: free */
	size_t capacity;             /* power of two, or 0 */
	size_t count;
};

struct linkset {
	struct linkset_shard shards[LINKSET_SHARDS];
};

/* Spreads bits (the finalizer of MurmurHash3): inode numbers are dense. */
static uint64_t linkset_hash(const struct linkset_inode *inode)
{
	uint64_t hash = inode->number ^ inode->device << 40 ^ inode->device >> 24;

	hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 33;
}

struct linkset *linkset_new(void)
{
	struct linkset *set = mem_zalloc(1, sizeof(*set));

	for (size_t i = 0; i < LINKSET_SHARDS; i++)
		(void)pthread_mutex_init(&set->shards[i].lock, NULL);
	return set;
}

void linkset_free(struct linkset *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < LINKSET_SHARDS; i++) {
		(void)pthread_mutex_destroy(&set->shards[i].lock);
		free(set->shards[i].slots);
	}
	free(set);
}

/* The slot that holds the inode, or the free one where it belongs. */
static struct linkset_inode *shard_find(const struct linkset_shard *shard,
                                        const struct linkset_inode *inode)
{
	size_t at = (size_t)(linkset_hash(inode) / LINKSET_SHARDS) & (shard->capacity - 1);
	struct linkset_inode *slot = &shard->slots[at];

	while (slot->usage.inodes != 0 &&
	       (slot->number != inode->number || slot->device != inode->device)) {
		at = (at + 1) & (shard->capacity - 1);
		slot = &shard->slots[at];
	}
	return slot;
}

static void shard_enlarge(struct linkset_shard *shard)
{
	struct linkset_shard larger = { .capacity = shard->capacity * 2 };

	if (larger.capacity == 0)
		larger.capacity = LINKSET_SLOTS_MIN;
	larger.slots = mem_zalloc(larger.capacity, sizeof(*larger.slots));
	for (size_t i = 0; i < shard->capacity; i++) {
		if (shard->slots[i].usage.inodes != 0)
			*shard_find(&larger, &shard->slots[i]) = shard->slots[i];
	}
	free(shard->slots);
	shard->slots = larger.slots;
	shard->capacity = larger.capacity;
}

void linkset_add(struct linkset *set, const struct linkset_inode *inode)
{
	struct linkset_shard *shard = &set->shards[linkset_hash(inode) % LINKSET_SHARDS];
	struct linkset_inode *slot;

	(void)pthread_mutex_lock(&shard->lock);
	if (shard->count >= shard->capacity / 4 * 3)
		shard_enlarge(shard);
	slot = shard_find(shard, inode);
	if (slot->usage.inodes == 0) {
		*slot = *inode;
		shard->count++;
	} else if (inode->item < slot->item) {
		slot->item = inode->item;
	}
	(void)pthread_mutex_unlock(&shard->lock);
}

void linkset_each(const struct linkset *set,
                  void (*visit)(void *context, const struct linkset_inode *inode), void *context)
{
	for (size_t i = 0; i < LINKSET_SHARDS; i++) {
		const struct linkset_shard *shard = &set->shards[i];

		for (size_t k = 0; k < shard->capacity; k++) {
			if (shard->slots[k].usage.inodes != 0)
				visit(context, &shard->slots[k]);
		}
	}
}
