/* text.h - strings: growing ones, and bytes made fit for a terminal. */
#ifndef METADATA_BASE_TEXT_H
#define METADATA_BASE_TEXT_H

#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing string; `data` is NUL-terminated as soon as it is not NULL. */
struct text {
	char *data;
	size_t len;
	size_t capacity;
};

#define TEXT_INIT                                                                                  \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Appends LEN bytes. */
void text_add(struct text *text, const void *bytes, size_t len);

/* Appends what printf would print. */
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the string ("" when nothing was added); the caller frees it, *TEXT is empty. */
char *text_take(struct text *text) MUST_USE;

/* Frees what *TEXT holds. */
void text_done(struct text *text);

/*
 * Writes BYTES into OUT (of SIZE > 0 bytes, always terminated) so that a
 * terminal shows them on one line: control characters, bidirectional overrides and
 * bytes that are no UTF-8 become \xNN, newline, tab and backslash \n, \t and \\ as ls -b has it.
 * Cuts what does not fit. Returns the length of OUT.
 */
size_t text_escape(char *out, size_t size, const char *bytes, size_t len);

/* The length of the valid UTF-8 sequence at BYTES (1 to 4), or 0 if it is none. */
size_t text_utf8_len(const unsigned char *bytes, size_t len);

/*
 * Reads the decimal number that is the whole of TEXT. Returns false for an
 * empty text, a sign, any other byte, or a value above MAX.
 */
bool text_parse_u64(const char *text, uint64_t max, uint64_t *value) MUST_USE;

/*
 * Says whether the two, of LEN bytes each, are the same but for one or two bytes: a name or random
 * ID that was damaged is that near to what it was, and no two of them are so by chance.
 */
bool text_is_near(const char *a, const char *b, size_t len);

static inline void text_cleanup(struct text *text)
{
	text_done(text);
}

#endif
