/* bolt_expect.c - what the bolt reader says of a file, asserted. */
#include "tests/unit/bolt_expect.h"

#include "metadata/bolt_write.h"
#include "tests/unit/bolt_layout.h"
#include "tests/unit/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void bolt_expect_corrupt(const void *bytes, size_t len, const char *words)
{
	struct err err = ERR_INIT;
	struct bolt *bolt = NULL;

	assert_int_equal(bolt_parse(&bolt, bytes, len, &err), -1);
	assert_null(bolt);
	assert_int_equal(err.kind, ERR_CORRUPT);
	if (!strstr(err.text, words))
		assert_string_equal(err.text, words); /* fails, and shows both */
}

struct bolt *bolt_expect_whole(const void *bytes, size_t len)
{
	struct err err = ERR_INIT;
	struct bolt *bolt = NULL;
	const int status = bolt_parse(&bolt, bytes, len, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(status, 0);
	return bolt;
}

struct bolt *bolt_expect_rewritten(const struct bolt *old, const struct bolt_edit *edit)
{
	AUTO(bolt_edit) struct bolt_edit *none = bolt_edit_new();
	AUTO(str) char *bytes = NULL;
	struct bolt *new;
	struct err err = ERR_INIT;
	size_t len = 0;

	if (!edit)
		edit = none;
	if (bolt_write(&bytes, &len, old, edit, &err) < 0)
		assert_string_equal(err.text, ""); /* fails, and shows it */
	new = bolt_expect_whole(bytes, len);
	if (len > 0)
		(void)bolt_layout_check((const unsigned char *)bytes, len);
	if (bolt_compare(new, old, edit, &err) < 0)
		assert_string_equal(err.text, "");
	return new;
}

static bool bolt_expect_is_plain(char byte)
{
	return byte >= ' ' && byte <= '~' && byte != '\\';
}

static void bolt_expect_dump_bytes(struct text *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t end = i;

		while (end < len && bolt_expect_is_plain(bytes[end]))
			end++;
		text_add(out, bytes + i, end - i);
		if (end < len)
			text_print(out, "\\x%02x", (unsigned char)bytes[end++]);
		i = end;
	}
}

static void bolt_expect_dump_bucket(struct text *out, const struct bolt_bucket *bucket, int depth)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;

	bolt_cursor_start(&cursor, bucket);
	while (bolt_cursor_next(&cursor, &entry)) {
		struct bolt_bucket child;

		text_print(out, "%*s", depth * 2, "");
		bolt_expect_dump_bytes(out, entry.key, entry.key_len);
		if (!entry.is_bucket) {
			text_print(out, " = ");
			bolt_expect_dump_bytes(out, entry.value, entry.value_len);
			text_print(out, "\n");
			continue;
		}
		child = bolt_bucket_of(bucket->bolt, &entry);
		text_print(out, "/ seq=%" PRIu64 "\n", child.sequence);
		bolt_expect_dump_bucket(out, &child, depth + 1);
	}
}

void bolt_expect_dump(struct text *out, const struct bolt *bolt)
{
	const struct bolt_bucket root = bolt_root(bolt);

	bolt_expect_dump_bucket(out, &root, 0);
}

void bolt_expect_edited(const struct bolt *old, const struct bolt_edit *edit, const char *dump)
{
	AUTO(bolt) struct bolt *new = bolt_expect_rewritten(old, edit);
	AUTO(text) struct text after = TEXT_INIT;

	bolt_expect_dump(&after, new);
	assert_string_equal(after.data ? after.data : "", dump);
	assert_true(bolt_edit_is_done(edit, new));
}

void bolt_expect_refused(const struct bolt *old, const struct bolt_edit *edit, const char *words)
{
	struct err err = ERR_INIT;
	char *bytes = NULL;
	size_t len = 0;

	assert_int_equal(bolt_write(&bytes, &len, old, edit, &err), -1);
	assert_int_equal(err.kind, ERR_STATE);
	assert_string_equal(err.text, words);
	assert_null(bytes);
	assert_false(bolt_edit_is_done(edit, old));
}

struct bolt *bolt_expect_made(struct bolt_maker *maker)
{
	size_t len;
	unsigned char *bytes = bolt_maker_build(maker, &len);
	struct bolt *bolt = bolt_expect_whole(bytes, len);

	free(bytes);
	bolt_maker_free(maker);
	return bolt;
}
