/* text.c - strings: growing ones, and bytes made fit for a terminal. */
#include "metadata/base/text.h"

#include "metadata/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_NEAR_MAX 2

static void text_reserve(struct text *text, size_t extra)
{
	size_t need = text->len + extra + 1;

	if (need <= text->capacity)
		return;
	text->capacity = need < 64 ? 64 : need + need / 2;
	text->data = mem_resize(text->data, text->capacity, 1);
}

void text_add(struct text *text, const void *bytes, size_t len)
{
	text_reserve(text, len);
	if (len > 0)
		(void)memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void text_print(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return;
	text_reserve(text, (size_t)len);
	va_start(args, format);
	(void)vsnprintf(text->data + text->len, (size_t)len + 1, format, args);
	va_end(args);
	text->len += (size_t)len;
}

char *text_take(struct text *text)
{
	char *data = text->data ? text->data : mem_text("");

	*text = (struct text)TEXT_INIT;
	return data;
}

void text_done(struct text *text)
{
	free(text->data);
	*text = (struct text)TEXT_INIT;
}

size_t text_utf8_len(const unsigned char *bytes, size_t len)
{
	/* smallest code point that each length may carry: no overlong forms */
	static const uint32_t smallest[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t need;

	if (len == 0)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	if (bytes[0] >= 0xc2 && bytes[0] < 0xe0)
		need = 2;
	else if (bytes[0] >= 0xe0 && bytes[0] < 0xf0)
		need = 3;
	else if (bytes[0] >= 0xf0 && bytes[0] < 0xf5)
		need = 4;
	else
		return 0;
	if (len < need)
		return 0;
	code = bytes[0] & (0x7fU >> need);
	for (size_t i = 1; i < need; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < smallest[need] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return need;
}

/*
 * Says whether a sequence of valid UTF-8 commands a terminal or reorders what it shows: C1 controls
 * (U+0080 to U+009F), line and paragraph separators, bidirectional marks and overrides.
 */
static bool text_is_command(const unsigned char *bytes, size_t len)
{
	static const struct {
		unsigned first, last;
	} hidden[] = { { 0x80, 0x9f }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 } };
	unsigned code = len == 2 ? bytes[0] & 0x1fU : bytes[0] & 0x0fU;

	if (len != 2 && len != 3)
		return len == 1 && (bytes[0] < 0x20 || bytes[0] == 0x7f);
	for (size_t i = 1; i < len; i++)
		code = code << 6 | (bytes[i] & 0x3fU);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	}
	return false;
}

/* Writes the escaped form of one byte into OUT (5 bytes); returns its length. */
static size_t text_escape_byte(char *out, unsigned char byte)
{
	static const char named[][2] = {
		{ '\n', 'n' }, { '\t', 't' }, { '\r', 'r' }, { '\\', '\\' }
	};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (byte == (unsigned char)named[i][0])
			return (size_t)snprintf(out, 5, "\\%c", named[i][1]);
	}
	return (size_t)snprintf(out, 5, "\\x%02x", byte);
}

size_t text_escape(char *out, size_t size, const char *bytes, size_t len)
{
	const unsigned char *from = (const unsigned char *)bytes;
	size_t used = 0;
	size_t at = 0;

	while (at < len) {
		size_t take = text_utf8_len(from + at, len - at);
		char piece[8];
		size_t piece_len;

		if (take == 0 || from[at] == '\\' || text_is_command(from + at, take)) {
			piece_len = text_escape_byte(piece, from[at]);
			take = 1;
		} else {
			(void)memcpy(piece, from + at, take);
			piece_len = take;
		}
		if (used + piece_len >= size)
			break;
		(void)memcpy(out + used, piece, piece_len);
		used += piece_len;
		at += take;
	}
	out[used] = '\0';
	return used;
}

bool text_parse_u64(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	if (*text == '\0')
		return false;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(*p - '0'), &sum))
			return false;
	}
	if (sum > max)
		return false;
	*value = sum;
	return true;
}

bool text_is_near(const char *a, const char *b, size_t len)
{
	size_t differences = 0;

	for (size_t i = 0; i < len && differences <= TEXT_NEAR_MAX; i++)
		differences += a[i] != b[i];
	return differences > 0 && differences <= TEXT_NEAR_MAX;
}
