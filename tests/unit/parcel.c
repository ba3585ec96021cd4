/* parcel.c - trees that are packed into an archive and unpacked again. */
#include "tests/unit/parcel.h"

#include "metadata/base/mem.h"
#include "overlay2/archive_file.h"
#include "overlay2/archive_in.h"
#include "overlay2/archive_make.h"
#include "overlay2/archive_out.h"
#include "overlay2/archive_tree.h"
#include "overlay2/manifest.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <stdlib.h>

int parcel_setup(void **state)
{
	struct parcel *parcel = mem_zalloc(1, sizeof(*parcel));

	parcel->dir = tree_new("archive");
	parcel->fd = tree_open(parcel->dir, "");
	parcel->file = mem_print("%s/" PARCEL_NAME, parcel->dir);
	*state = parcel;
	return 0;
}

int parcel_teardown(void **state)
{
	struct parcel *parcel = *state;

	(void)close(parcel->fd);
	tree_remove(parcel->dir);
	free(parcel->file);
	free(parcel);
	return 0;
}

int parcel_pack(struct parcel *parcel, const char *const *names)
{
	AUTO(archive_file) struct archive_file *file = NULL;
	AUTO(archive_out) struct archive_out *out = NULL;
	AUTO(archive_trees) struct archive_trees *trees = NULL;
	struct archive_sum sum;

	if (archive_file_new(&file, parcel->file, false, &parcel->err) < 0 ||
	    archive_out_new(&out, file, 1, &parcel->err) < 0 ||
	    archive_out_own(out, MANIFEST_HEAD, "{}\n", 3, &parcel->err) < 0)
		return -1;
	trees = archive_trees_new(out, NULL);
	for (; *names; names++) {
		AUTO(str) char *path = mem_print("overlay2/%s", *names);

		if (archive_trees_add(trees, parcel->fd, *names, path, &parcel->err) < 0)
			return -1;
	}
	if (archive_out_end(out, &sum, &parcel->err) < 0 ||
	    archive_file_sync(file, &parcel->err) < 0)
		return -1;
	return archive_file_name(file, false, &parcel->err);
}

int parcel_unpack(struct parcel *parcel, const char *const *names)
{
	AUTO(archive_maker) struct archive_maker *maker = archive_maker_new();
	AUTO(archive_in) struct archive_in *in = NULL;
	AUTO(close) int fd = open(parcel->file, O_RDONLY | O_CLOEXEC);
	const struct archive_item *item = NULL;

	for (; names && *names; names++) {
		AUTO(str) char *path = mem_print("overlay2/%s", *names);
		AUTO(str) char *name = mem_print("%s-again", *names);

		archive_maker_add(maker, path, parcel->fd, name);
	}
	if (archive_in_new(&in, fd, PARCEL_NAME, &parcel->err) < 0)
		return -1;
	for (;;) {
		if (archive_in_next(in, &item, &parcel->err) < 0)
			return -1;
		if (!item)
			return archive_maker_end(maker, &parcel->err);
		if (archive_maker_item(maker, in, item, &parcel->err) < 0)
			return -1;
	}
}
