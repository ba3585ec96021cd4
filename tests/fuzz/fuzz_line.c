/* fuzz_line.c - the one-line files of layerdb, and other small grammars: numbers, times,
 * references, names of leftovers. */
#include "metadata/base/mem.h"
#include "metadata/base/timestamp.h"
#include "metadata/line.h"
#include "metadata/reference.h"
#include "metadata/stray_name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *text, size_t size, enum line_space space)
{
	struct err err = ERR_INIT;
	char *line = line_parse(text, size, space, &err);
	int64_t number;

	if (line ? (line[0] == '\0' || err_is_set(&err)) : err.kind != ERR_CORRUPT)
		abort();
	if (line)
		(void)line_parse_integer(line, &number);
	free(line);
}

/* A tag or digest begins with its repository; cut there, the two belong together. */
static void check_reference(char *text)
{
	char *cut = strpbrk(text, ":@");
	const char *why = NULL;
	char *repository;

	if (!cut)
		return;
	repository = mem_copy(text, (size_t)(cut - text));
	if (reference_kind(text, repository, &why) == REF_INVALID && !why)
		abort();
	free(repository);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy(data, size);
	int64_t seconds = 0;

	check_line(text, size, LINE_TRIMMED);
	check_line(text, size, LINE_AS_IS);
	check_reference(text);
	if (timestamp_parse(text, &seconds) &&
	    (seconds < TIMESTAMP_ZERO - 400LL * 366 * 86400 || seconds > 253402300799 + 86400))
		abort();
	if (stray_name_is_removing_layer(text) && stray_name_is_removing_plugin(text))
		abort();
	(void)stray_name_is_tmp_digest(text);
	(void)stray_name_is_hosts(text);
	free(text);
	return 0;
}
