/* fuzz_image.c - image configs: any bytes, under the name that their hash is. */
#include "metadata/base/digest.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/image.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char id[DIGEST_HEX_SIZE];
	struct image image = { .id = NULL };
	struct err err = ERR_INIT;

	digest_sha256(data, size, id);
	image.id = mem_text(id);
	if (image_parse(&image, (const char *)data, size, &err) == 0) {
		if ((image.diff_id_count > 0) != (image.chain_id != NULL) || !image.os)
			abort();
		for (size_t i = 0; i < image.diff_id_count; i++) {
			if (!id_is_hex(image.diff_ids[i]))
				abort();
		}
	} else if (err.kind != ERR_CORRUPT) {
		abort();
	}
	image_done(&image);
	return 0;
}
