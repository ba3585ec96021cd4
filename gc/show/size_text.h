/* size_text.h - sizes in Docker's words: 0B, 95B, 102.7kB, 1.982MB. */
#ifndef GC_SHOW_SIZE_TEXT_H
#define GC_SHOW_SIZE_TEXT_H

#include <stdint.h>

#define SIZE_TEXT_MAX 32

/*
 * Writes BYTES as go-units' HumanSize does: four significant digits, base 1000. Returns TEXT, so
 * that it can stand among printf's arguments.
 */
const char *size_text(char text[SIZE_TEXT_MAX], uint64_t bytes);

#endif
