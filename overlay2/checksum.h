/* checksum.h - XXH3-128 of bytes that come piece by piece: against damage, not against malice. */
#ifndef OVERLAY2_CHECKSUM_H
#define OVERLAY2_CHECKSUM_H

#include "metadata/base/own.h"

#include <stddef.h>

#define CHECKSUM_HEX_SIZE 33 /* 32 digits and the NUL */

struct checksum;

/* Of no bytes yet. The caller frees. */
struct checksum *checksum_new(void) MUST_USE;

void checksum_free(struct checksum *sum);

OWN_DEFINE(checksum, struct checksum *, checksum_free)

void checksum_add(struct checksum *sum, const void *bytes, size_t len);

/* Writes the checksum of all bytes so far as `xxhsum -H2` prints it; then it begins anew. */
void checksum_finish(struct checksum *sum, char hex[CHECKSUM_HEX_SIZE]);

/* The same for LEN bytes at once. */
void checksum_of(const void *bytes, size_t len, char hex[CHECKSUM_HEX_SIZE]);

#endif
