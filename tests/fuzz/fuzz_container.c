/* fuzz_container.c - config.v2.json and hostconfig.json: the input is taken for both. */
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/container.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The ID that the text says first, so that the check of the directory's name is passed at times. */
static char *find_id(const char *text)
{
	const char *id = strstr(text, "\"ID\":\"");

	return id && strlen(id + 6) >= ID_HEX_LEN ? mem_copy(id + 6, ID_HEX_LEN) : mem_text("x");
}

static void check(const struct container *container)
{
	if (container->image_id && !id_is_hex(container->image_id))
		abort();
	for (size_t i = 0; i < container->mount_count; i++) {
		const struct container_mount *mount = &container->mounts[i];

		if (!mount->name || !mount->driver || !mount->mount_id ||
		    (mount->image_id && !id_is_hex(mount->image_id)))
			abort();
	}
	for (size_t i = 0; i < container->network_count; i++) {
		if (!container->networks[i].name || !container->networks[i].network_id)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy(data, size);
	struct container container = { .id = find_id(text) };
	struct err err = ERR_INIT;

	if (container_parse_config(&container, text, size, &err) == 0)
		check(&container);
	else if (err.kind != ERR_CORRUPT)
		abort();
	err_clear(&err);
	if (container_parse_hostconfig(&container, text, size, &err) == 0)
		(void)container_will_restart(&container);
	else if (err.kind != ERR_CORRUPT)
		abort();
	container_done(&container);
	free(text);
	return 0;
}
