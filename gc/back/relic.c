/* relic.c - an object in the trash, or back from it: what its own files say of it. */
#include "gc/back/relic.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <string.h>

static char *relic_text_at(int root_fd, const char *place, const char *name)
{
	AUTO(str) char *path = name ? mem_print("%s/%s", place, name) : mem_text(place);
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	struct err ignored = ERR_INIT; /* what cannot be read says nothing */

	if (file_read(root_fd, path, FILE_RECORD_MAX, &bytes.data, &bytes.len, &ignored) < 0)
		return NULL;
	return TAKE(bytes.data, NULL);
}

char *relic_text(int root_fd, const struct run_step *step, const char *name)
{
	return relic_text_at(root_fd, step->place, name);
}

char *relic_word(int root_fd, const struct run_step *step, const char *name)
{
	return relic_word_at(root_fd, step->place, name);
}

char *relic_word_at(int root_fd, const char *place, const char *name)
{
	char *text = relic_text_at(root_fd, place, name);

	if (text)
		text[strcspn(text, " \t\r\n")] = '\0';
	return text;
}
