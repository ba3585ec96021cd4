/* fuzz_bolt.c - any bytes as a bolt file: refused, or read to the end. */
#include "metadata/base/mem.h"
#include "metadata/bolt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte of every entry, so that a sanitizer sees one that is out of bounds. */
static uint64_t fuzz_walk(const struct bolt_bucket *bucket)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;
	uint64_t sum = 0;

	bolt_cursor_start(&cursor, bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		AUTO(str) char *key = mem_copy(entry.key, entry.key_len);
		struct bolt_entry found;
		struct bolt_bucket child;

		for (size_t i = 0; i < entry.value_len; i++)
			sum += (unsigned char)entry.value[i];
		if (strlen(key) == entry.key_len &&
		    (!bolt_bucket_find(bucket, key, &found) || found.key != entry.key))
			abort(); /* the cursor found it, so must the search */
		if (!entry.is_bucket)
			continue;
		child = bolt_bucket_of(bucket->bolt, &entry);
		sum += fuzz_walk(&child);
	}
	return sum;
}

static void fuzz_parse(const uint8_t *data, size_t size)
{
	AUTO(bolt) struct bolt *bolt = NULL;
	struct err err = ERR_INIT;
	struct bolt_bucket root;
	volatile uint64_t sum;

	if (bolt_parse(&bolt, data, size, &err) < 0) {
		if (err.kind != ERR_CORRUPT)
			abort();
		return;
	}
	root = bolt_root(bolt);
	sum = fuzz_walk(&root);
	(void)sum;
}

/* Makes the checksum of the meta page at byte AT right, which chance never does. */
static void fuzz_seal(uint8_t *data, size_t size, size_t at)
{
	uint64_t sum = 0xcbf29ce484222325U;

	if (at > size || size - at < 80)
		return;
	for (size_t i = 16; i < 72; i++)
		sum = (sum ^ data[at + i]) * 0x100000001b3U;
	for (size_t i = 0; i < 8; i++)
		data[at + 72 + i] = (uint8_t)(sum >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(str) char *copy = mem_copy(data, size);
	uint8_t *bytes = (uint8_t *)copy;

	fuzz_parse(data, size);
	if (size < 80)
		return 0;
	fuzz_seal(bytes, size, 0);
	fuzz_seal(bytes, size, bytes[24] + ((size_t)bytes[25] << 8) + ((size_t)bytes[26] << 16));
	fuzz_parse(bytes, size);
	return 0;
}
