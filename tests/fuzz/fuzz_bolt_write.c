/* fuzz_bolt_write.c - any database that can be read, with any changes, is written anew as meant. */
#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the changes come from: every bit of the input, so that no two get the same. */
struct fuzz {
	uint64_t state;
	unsigned budget; /* changes that may still be made */
};

static unsigned fuzz_next(struct fuzz *fuzz)
{
	fuzz->state = fuzz->state * 6364136223846793005U + 1442695040888963407U;
	return fuzz->state >> 56;
}

/* Changes KEY, or something near it. */
static void fuzz_change(struct fuzz *fuzz, struct bolt_edit_bucket *edit,
                        const struct bolt_entry *entry, unsigned how)
{
	const size_t key_len = how & 8 && entry->key_len > 1 ? entry->key_len - 1 : entry->key_len;
	const size_t value_len = (size_t)fuzz_next(fuzz) << (how & 3) * 2;
	AUTO(str) char *value = mem_zalloc(value_len + 1, 1);

	if (how & 4 || (entry->is_bucket && how != 0x80)) /* else most would be refused */
		bolt_edit_drop(edit, entry->key, key_len);
	else
		bolt_edit_put(edit, entry->key, key_len, value, value_len);
	if ((how & 0x5F) == 0x50) {
		edit = bolt_edit_enter(edit, entry->key, key_len);
		bolt_edit_put(edit, value, value_len & 7, value, value_len);
	}
}

static void fuzz_edit(struct fuzz *fuzz, const struct bolt_bucket *bucket,
                      struct bolt_edit_bucket *edit)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, bucket);
	while (fuzz->budget > 0 && bolt_cursor_next(&cursor, &entry)) {
		const unsigned how = fuzz_next(fuzz);

		fuzz->budget--;
		if (how & 0x80)
			fuzz_change(fuzz, edit, &entry, how);
		if (entry.is_bucket && how & 0x20) {
			struct bolt_bucket child = bolt_bucket_of(bucket->bolt, &entry);

			fuzz_edit(fuzz, &child, bolt_edit_enter(edit, entry.key, entry.key_len));
		}
	}
}

static void fuzz_check(int result, const struct err *err, const char *what)
{
	if (result == 0)
		return;
	(void)fprintf(stderr, "%s: %s\n", what, err->text);
	abort();
}

/* Writes OLD with EDIT, unless the changes cannot be made; what comes out must be right. */
static void fuzz_write(const struct bolt *old, const struct bolt_edit *edit)
{
	AUTO(bolt) struct bolt *new = NULL;
	AUTO(str) char *bytes = NULL;
	struct err err = ERR_INIT;
	size_t len;

	if (bolt_write(&bytes, &len, old, edit, &err) < 0) {
		if (err.kind != ERR_STATE)
			abort();
		return;
	}
	fuzz_check(bolt_parse(&new, bytes, len, &err), &err, "read");
	fuzz_check(bolt_compare(new, old, edit, &err), &err, "compare");
	if (!bolt_edit_is_done(edit, new))
		abort();
}

static void fuzz_parse(const uint8_t *data, size_t size)
{
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	struct fuzz fuzz = { 0, 1000 };
	struct err err = ERR_INIT;
	struct bolt_bucket root;

	if (bolt_parse(&old, data, size, &err) < 0)
		return;
	for (size_t i = 0; i < size; i++)
		fuzz.state = (fuzz.state ^ data[i]) * 0x100000001b3U;
	root = bolt_root(old);
	fuzz_edit(&fuzz, &root, bolt_edit_root(edit));
	fuzz_write(old, edit);
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
