/* checksum.c - XXH3-128 of bytes that come piece by piece: against damage, not against malice. */
#include "overlay2/checksum.h"

#include "metadata/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

struct checksum {
	XXH3_state_t *state;
};

struct checksum *checksum_new(void)
{
	struct checksum *sum = mem_zalloc(1, sizeof(*sum));

	sum->state = XXH3_createState();
	if (!sum->state)
		abort();                      /* as mem_zalloc() does without memory */
	(void)XXH3_128bits_reset(sum->state); /* fails for NULL only, as the others */
	return sum;
}

void checksum_free(struct checksum *sum)
{
	if (!sum)
		return;
	(void)XXH3_freeState(sum->state);
	free(sum);
}

void checksum_add(struct checksum *sum, const void *bytes, size_t len)
{
	if (len > 0)
		(void)XXH3_128bits_update(sum->state, bytes, len);
}

static void checksum_hex(XXH128_hash_t hash, char hex[CHECKSUM_HEX_SIZE])
{
	(void)snprintf(hex, CHECKSUM_HEX_SIZE, "%016" PRIx64 "%016" PRIx64, hash.high64,
	               hash.low64);
}

void checksum_finish(struct checksum *sum, char hex[CHECKSUM_HEX_SIZE])
{
	checksum_hex(XXH3_128bits_digest(sum->state), hex);
	(void)XXH3_128bits_reset(sum->state);
}

void checksum_of(const void *bytes, size_t len, char hex[CHECKSUM_HEX_SIZE])
{
	checksum_hex(XXH3_128bits(bytes, len), hex);
}
