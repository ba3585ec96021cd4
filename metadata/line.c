/* line.c - the one-line files of layerdb: an ID, a digest or a number. */
#include "metadata/line.h"

#include "metadata/base/file.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <string.h>

/* What Go's strings.TrimSpace takes off, but for the white space beyond ASCII. */
static const char line_white[] = " \t\n\v\f\r";

static enum line_outcome line_broken(struct err *err, const char *name, const char *why)
{
	(void)err_set(err, ERR_CORRUPT, "%s: %s", name, why);
	return LINE_BROKEN;
}

char *line_parse(const char *bytes, size_t len, enum line_space space, struct err *err)
{
	const char *text = bytes;
	size_t text_len = strlen(bytes);

	if (text_len != len) {
		(void)err_set(err, ERR_CORRUPT, "has a NUL at byte %zu", text_len);
		return NULL;
	}
	if (space == LINE_TRIMMED) {
		text += strspn(text, line_white);
		text_len = strlen(text);
		while (text_len > 0 && strchr(line_white, text[text_len - 1]))
			text_len--;
	}
	if (text_len == 0) {
		(void)err_set(err, ERR_CORRUPT, "is empty");
		return NULL;
	}
	return mem_copy(text, text_len);
}

bool line_parse_integer(const char *text, int64_t *number)
{
	const char *digits = text + (*text == '-' || *text == '+');
	uint64_t value;

	if (!text_parse_u64(digits, *text == '-' ? (uint64_t)INT64_MAX + 1 : INT64_MAX, &value))
		return false;
	*number = *text == '-' ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

enum line_outcome line_read(int dirfd, const char *name, enum line_space space, char **text,
                            struct err *err)
{
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	char *line;

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
	line = line_parse(bytes.data, bytes.len, space, err);
	if (!line) {
		(void)err_wrap(err, "%s", name);
		return LINE_BROKEN;
	}
	*text = line;
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
