/* line.c - the one-line files of layerdb: an ID, a digest or a number. */
#include "metadata/line.h"

#include "metadata/base/file.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <string.h>

/* What Go's strings.TrimSpace takes off, but for the white space beyond ASCII. */
static const char line_white[] = " \t\n\v\f\r";

static char *line_trim(const char *text)
{
	const char *begin = text + strspn(text, line_white);
	size_t len = strlen(begin);

	while (len > 0 && strchr(line_white, begin[len - 1]))
		len--;
	return mem_copy(begin, len);
}

static enum line_outcome line_broken(struct err *err, const char *name, const char *why)
{
	(void)err_set(err, ERR_CORRUPT, "%s: %s", name, why);
	return LINE_BROKEN;
}

enum line_outcome line_read(int dirfd, const char *name, enum line_space space, char **text,
                            struct err *err)
{
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	AUTO(str) char *line = NULL;

	switch (file_read_record(dirfd, name, FILE_LINE_MAX, &bytes, err)) {
	case FILE_READ:
		break;
	case FILE_ABSENT:
		return LINE_ABSENT;
	case FILE_BROKEN:
		return LINE_BROKEN;
	case FILE_FAILED:
		return LINE_FAILED;
	}
	if (strlen(bytes.data) != bytes.len) {
		(void)err_set(err, ERR_CORRUPT, "%s: has a NUL at byte %zu", name,
		              strlen(bytes.data));
		return LINE_BROKEN;
	}
	line = space == LINE_TRIMMED ? line_trim(bytes.data) : TAKE(bytes.data, NULL);
	if (line[0] == '\0')
		return line_broken(err, name, "is empty");
	*text = TAKE(line, NULL);
	return LINE_OK;
}

enum line_outcome line_read_digest(int dirfd, const char *name, char **hex, struct err *err)
{
	AUTO(str) char *text = NULL;
	enum line_outcome outcome = line_read(dirfd, name, LINE_TRIMMED, &text, err);
	const char *digits;

	if (outcome != LINE_OK)
		return outcome;
	digits = id_digest_hex(text);
	if (!digits)
		return line_broken(err, name, "is no digest (sha256: and 64 hexadecimal digits)");
	*hex = mem_text(digits);
	return LINE_OK;
}

enum line_outcome line_read_dir_id(int dirfd, const char *name, char **id, struct err *err)
{
	AUTO(str) char *text = NULL;
	enum line_outcome outcome = line_read(dirfd, name, LINE_TRIMMED, &text, err);

	if (outcome != LINE_OK)
		return outcome;
	if (!id_is_dir(text))
		return line_broken(err, name, "is no name of a layer directory");
	*id = TAKE(text, NULL);
	return LINE_OK;
}
