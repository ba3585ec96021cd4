/* mem.h - memory: exhausted memory ends the program, the journal makes that safe. */
#ifndef METADATA_BASE_MEM_H
#define METADATA_BASE_MEM_H

#include <stddef.h>

/* COUNT * SIZE zeroed bytes; aborts with a message when there are none. The caller frees. */
void *mem_zalloc(size_t count, size_t size) __attribute__((returns_nonnull, malloc));

/* Resizes what mem_* returned (or NULL) to COUNT * SIZE bytes; new bytes are not zeroed. */
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* A copy of LEN bytes, with a NUL after them. The caller frees. */
char *mem_copy(const void *bytes, size_t len) __attribute__((returns_nonnull));

/* A copy of a string; NULL stays NULL. The caller frees. */
char *mem_text(const char *text);

/* What printf would print, as a new string. The caller frees. */
char *mem_print(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/*
 * Makes room for one more item in the array ITEMS of items of SIZE bytes, of
 * which COUNT are used and *CAPACITY have room. Returns the array, maybe moved.
 */
void *mem_grow(void *items, size_t count, size_t *capacity, size_t size)
    __attribute__((returns_nonnull));

#endif
