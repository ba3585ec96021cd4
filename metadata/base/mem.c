/* mem.c - memory: exhausted memory ends the program, the journal makes that safe. */
#include "metadata/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void mem_exhausted(void)
{
	(void)fputs("drydock: out of memory\n", stderr);
	abort();
}

void *mem_zalloc(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		mem_exhausted();
	return memory;
}

void *mem_resize(void *old, size_t count, size_t size)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(count, size, &bytes))
		mem_exhausted();
	memory = realloc(old, bytes ? bytes : 1);
	if (!memory)
		mem_exhausted();
	return memory;
}

char *mem_copy(const void *bytes, size_t len)
{
	char *copy = mem_resize(NULL, len + 1, 1);

	if (len > 0)
		(void)memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *mem_text(const char *text)
{
	return text ? mem_copy(text, strlen(text)) : NULL;
}

char *mem_print(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0 || !text)
		mem_exhausted();
	return text;
}

void *mem_grow(void *items, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return items;
	*capacity = *capacity ? *capacity * 2 : 16;
	return mem_resize(items, *capacity, size);
}
