/* fuzz_lower.c - `lower` of any bytes: every link is one, and the steps come to an end. */
#include "overlay2/lower.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lower lower = { .text = (const char *)data, .len = size };
	char link[ID_LINK_LEN + 1];
	unsigned count = 0;
	enum lower_step step;

	for (;;) {
		step = lower_next(&lower, link);
		if (step != LOWER_LINK)
			break;
		if (!id_is_link(link) || ++count > LOWER_LINKS_MAX || lower.at > size ||
		    memcmp(data + lower.at - ID_LINK_LEN, link, ID_LINK_LEN) != 0)
			abort();
	}
	/* what is valid is nothing but the links, and their separators */
	if (step == LOWER_END && size != (size_t)count * (ID_LINK_LEN + 3) - 1)
		abort();
	if (step == LOWER_INVALID && lower.at > size)
		abort();
	return 0;
}
