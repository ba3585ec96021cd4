/* bolt.c - opening Docker's databases. */
#include "metadata/bolt.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/bolt_page.h"

#include <errno.h>
#include <string.h>

/* Makes the database of BYTES, which are its own in any case. */
static int bolt_new(struct bolt **bolt, char *bytes, size_t len, struct err *err)
{
	AUTO(bolt) struct bolt *made = mem_zalloc(1, sizeof(*made));

	made->bytes = bytes;
	made->len = len;
	if (len > 0 && (bolt_meta_choose(made, err) < 0 || bolt_check(made, err) < 0))
		return -1;
	*bolt = TAKE(made, NULL);
	return 0;
}

int bolt_parse(struct bolt **bolt, const void *bytes, size_t len, struct err *err)
{
	return bolt_new(bolt, mem_copy(bytes, len), len, err);
}

int bolt_open(struct bolt **bolt, int dirfd, const char *path, struct err *err)
{
	char *bytes;
	size_t len;

	if (file_read(dirfd, path, BOLT_SIZE_MAX, &bytes, &len, err) < 0)
		return -1;
	if (bolt_new(bolt, bytes, len, err) < 0)
		return err_wrap(err, "%s", path);
	return 0;
}

enum bolt_outcome bolt_load(struct bolt **bolt, const struct bolt_source *source, struct err *err)
{
	const size_t path_len = strlen(source->path);
	const char *why = err->text;

	*bolt = NULL;
	if (bolt_open(bolt, source->dirfd, source->path, err) == 0)
		return BOLT_READ;
	if (err_has_code(err, ENOENT)) {
		err_clear(err);
		return BOLT_ABSENT;
	}
	if (err->kind == ERR_SYSTEM)
		return BOLT_FAILED;
	if (strncmp(why, source->path, path_len) == 0 && strncmp(why + path_len, ": ", 2) == 0)
		why += path_len + 2; /* the finding has the path already */
	finding_add(source->findings, source->code, source->shown_path, "%s", why);
	err_clear(err);
	return BOLT_BROKEN;
}

const struct bolt_info *bolt_info(const struct bolt *bolt)
{
	return &bolt->info;
}

void bolt_close(struct bolt *bolt)
{
	if (!bolt)
		return;
	free(bolt->bytes);
	free(bolt);
}
