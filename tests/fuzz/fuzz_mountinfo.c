/* fuzz_mountinfo.c - lines of mountinfo of any bytes, their options, lists and places. */
#include "metadata/base/mem.h"
#include "overlay2/mountline.h"
#include "overlay2/mountspace.h"
#include "overlay2/mountuse.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The mounts of a memory file; a blank first name is not needed for an absolute one. */
static void load_space(struct mountspace *space, const uint8_t *data, size_t size)
{
	AUTO(close) int fd = memfd_create("mountinfo", MFD_CLOEXEC);
	AUTO(str) char *path = mem_print("/proc/self/fd/%d", fd);
	struct err err = ERR_INIT;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if ((mountspace_load(space, AT_FDCWD, path, &err) == MOUNTSPACE_FAILED) != err_is_set(&err))
		abort();
}

static void use_space(const struct mountspace *space)
{
	struct mountuse_root root = MOUNTUSE_ROOT_INIT;

	mountuse_root_init(&root, "/var/lib/docker", AT_FDCWD, space);
	mountuse_root_learn(&root, space);
	for (size_t i = 0; i < space->count; i++) {
		struct mountinfo_use use = { .pid = 1 };

		if (!mountuse_find(&use, &root, space, &space->mounts[i]) && use.dir_count > 0)
			abort();
		for (size_t k = 0; k < use.dir_count; k++)
			free(use.dirs[k]);
		free(use.dirs);
	}
	mountuse_root_done(&root);
}

static void use_options(char *options)
{
	char *value;

	for (;;) {
		char *name = mountline_next_option(&options, &value);

		if (!name)
			return;
		while (value)
			(void)strlen(mountline_next_path(&value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mountspace) struct mountspace space = MOUNTSPACE_INIT;
	AUTO(str) char *options = mem_copy(data, size);

	use_options(options);
	load_space(&space, data, size);
	use_space(&space);
	return 0;
}
