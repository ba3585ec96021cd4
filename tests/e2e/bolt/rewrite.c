/* rewrite.c - drydock's writer for real bbolt to judge: FILE with the changes on stdin, as NEW. */
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line: "drop KEY/KEY" or "put KEY/KEY VALUE", all in hexadecimal; buckets first, the key last.
 */
static size_t rewrite_unhex(char *text, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		const char digits[3] = { text[i], text[i + 1], '\0' };

		text[i / 2] = (char)strtoul(digits, NULL, 16);
	}
	return len / 2;
}

static void rewrite_line(struct bolt_edit *edit, char *line)
{
	struct bolt_edit_bucket *bucket = bolt_edit_root(edit);
	char *key = line + strcspn(line, " ") + 1;
	char *value = strchr(key, ' ');
	size_t len;

	line[strcspn(line, "\n")] = '\0';
	if (value)
		*value++ = '\0';
	for (char *slash; (slash = strchr(key, '/')); key = slash + 1) {
		len = rewrite_unhex(key, (size_t)(slash - key));
		bucket = bolt_edit_enter(bucket, key, len);
	}
	len = rewrite_unhex(key, strlen(key));
	if (value)
		bolt_edit_put(bucket, key, len, value, rewrite_unhex(value, strlen(value)));
	else
		bolt_edit_drop(bucket, key, len);
}

static int rewrite_save(const char *path, const char *bytes, size_t len, struct err *err)
{
	FILE *file = fopen(path, "we");
	size_t put;

	if (!file)
		return err_errno(err, "%s: open", path);
	put = fwrite(bytes, 1, len, file);
	if (fclose(file) != 0 || put != len)
		return err_errno(err, "%s: write", path);
	return 0;
}

static int rewrite_do(const char *path, const char *new_path, const struct bolt_edit *edit,
                      struct err *err)
{
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(bolt) struct bolt *new = NULL;
	AUTO(str) char *bytes = NULL;
	size_t len;

	if (bolt_open(&old, AT_FDCWD, path, err) < 0 ||
	    bolt_write(&bytes, &len, old, edit, err) < 0 ||
	    rewrite_save(new_path, bytes, len, err) < 0 ||
	    bolt_open(&new, AT_FDCWD, new_path, err) < 0)
		return -1;
	return bolt_compare(new, old, edit, err);
}

int main(int argc, char **argv)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(str) char *line = NULL;
	struct err err = ERR_INIT;
	size_t capacity = 0;

	if (argc != 3)
		return 2;
	while (getline(&line, &capacity, stdin) > 0)
		rewrite_line(edit, line);
	if (rewrite_do(argv[1], argv[2], edit, &err) == 0)
		return 0;
	(void)fprintf(stderr, "%s: %s\n", argv[1], err.text);
	return 1;
}
