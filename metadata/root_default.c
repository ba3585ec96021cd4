/* root_default.c - where dockerd's data root is when nobody says: daemon.json, or the usual place.
 */
#include "metadata/root.h"

#include "metadata/base/file.h"
#include "metadata/base/gojson.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define ROOT_JSON_MAX ((size_t)1 << 20)

/* What the document says: "data-root", or "graph" as it was called before 17.05; NULL if nothing.
 */
static int root_read_setting(const struct gojson *json, const char **path, struct err *err)
{
	const struct json_t *value = gojson_field(json->root, "data-root");
	const struct json_t *old = gojson_field(json->root, "graph");

	if (value && old)
		return err_set(err, ERR_CORRUPT, "has both \"data-root\" and \"graph\"");
	if (!value)
		value = old;
	*path = gojson_text(value);
	if (value && (!*path || strlen(*path) != gojson_text_len(value)))
		return err_set(err, ERR_CORRUPT, "data-root is no path");
	if (*path && (*path)[0] == '\0')
		*path = NULL;
	if (*path && (*path)[0] != '/')
		return err_set(err, ERR_CORRUPT, "data-root is no absolute path: \"%s\"", *path);
	return 0;
}

/* Reads DAEMON_JSON, which may be a link; *BYTES stay empty if it does not exist. */
static int root_read_daemon_json(const char *daemon_json, struct file_bytes *bytes, struct err *err)
{
	AUTO(str) char *real = realpath(daemon_json, NULL);

	if (!real && errno == ENOENT)
		return 0;
	if (!real)
		return err_errno(err, "%s", daemon_json);
	return file_read(AT_FDCWD, real, ROOT_JSON_MAX, &bytes->data, &bytes->len, err);
}

char *root_default_path(const char *daemon_json, struct err *err)
{
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	const char *path = NULL;

	if (root_read_daemon_json(daemon_json, &bytes, err) < 0)
		return NULL;
	/* no file, or nothing in it (26.0 and later): the usual place */
	if (!bytes.data || bytes.data[strspn(bytes.data, " \t\r\n")] == '\0')
		return mem_text(ROOT_DEFAULT);
	if (gojson_parse(&json, bytes.data, bytes.len, GOJSON_WHOLE_TEXT, err) < 0 ||
	    root_read_setting(&json, &path, err) < 0) {
		(void)err_wrap(err, "%s", daemon_json);
		return NULL;
	}
	return mem_text(path ? path : ROOT_DEFAULT);
}
