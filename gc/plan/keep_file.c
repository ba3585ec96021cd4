/* keep_file.c - keep rules: the lists that users keep in files. */
#include "gc/plan/keep_file.h"

#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define WHITE_SPACE " \t\r\v\f"

/* A failure that the user has to see to, whatever the system calls it. */
static int keep_file_refuse(const char *path, const char *what, struct err *err)
{
	return err_set(err, ERR_USAGE, "--keep-from %s: %s", path, what);
}

/* Reads all of it, at most KEEP_FILE_MAX bytes, into BYTES, which has room for one more. */
static int keep_file_load(const char *path, char *bytes, size_t *len, struct err *err)
{
	/* a list is the user's, not the data root's: it may be a link or a pipe */
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return keep_file_refuse(path, strerror(errno), err);
	if (S_ISDIR(st.st_mode))
		return keep_file_refuse(path, "is a directory", err);
	*len = 0;
	for (;;) {
		ssize_t got = read(fd, bytes + *len, KEEP_FILE_MAX + 1 - *len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return keep_file_refuse(path, strerror(errno), err);
		*len += (size_t)got;
		if (*len > KEEP_FILE_MAX)
			return keep_file_refuse(path, "is larger than 1 MiB: no list of patterns",
			                        err);
		if (got == 0)
			return 0;
	}
}

/* The line without the white space around it, cut off in place. */
static char *keep_file_trim(char *line)
{
	size_t len = 0;

	line += strspn(line, WHITE_SPACE);
	len = strlen(line);
	while (len > 0 && strchr(WHITE_SPACE, line[len - 1]))
		len--;
	line[len] = '\0';
	return line;
}

int keep_file_read(struct keep_rules *rules, const char *path, struct err *err)
{
	AUTO(str) char *bytes = mem_zalloc(KEEP_FILE_MAX + 2, 1);
	bool is_empty = true;
	char *rest = bytes;
	size_t number = 0;
	size_t len = 0;

	if (keep_file_load(path, bytes, &len, err) < 0)
		return -1;
	bytes[len] = '\0';
	if (memchr(bytes, '\0', len))
		return keep_file_refuse(path, "is no text: it holds NUL bytes", err);
	while (rest) {
		char *line = keep_file_trim(strsep(&rest, "\n"));

		number++;
		is_empty = is_empty && *line == '\0';
		if (*line == '\0' || *line == '#')
			continue;
		if (keep_rules_add_line(rules, path, number, line, err) < 0)
			return -1;
	}
	return is_empty ? keep_file_refuse(path, "is empty", err) : 0;
}
