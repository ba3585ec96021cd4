/* fuzz_archive_head.c - what an archive says of itself: any bytes, and then the same again. */
#include "gc/archive/archive_head.h"
#include "gc/run/target.h"
#include "metadata/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every step is one that drydock could have done, whatever the text said. */
static void check_steps(const struct run *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->kind >= ACTION_KIND_COUNT || step->state != STEP_PLANNED ||
		    !target_name(step->kind, step->path))
			abort();
	}
	for (size_t i = 0; i < run->dirs.count; i++) {
		if (*run->dirs.items[i].path != '\0' && !target_is_clean(run->dirs.items[i].path))
			abort();
	}
}

/* What was understood is written and read again. */
static void check_again(const struct run *run)
{
	bool *is_in = mem_zalloc(run->step_count, sizeof(*is_in));
	AUTO(archive_head) struct archive_head again = ARCHIVE_HEAD_INIT;
	AUTO(str) char *text = NULL;
	struct err err = ERR_INIT;
	size_t len;

	for (size_t i = 0; i < run->step_count; i++)
		is_in[i] = true;
	text = archive_head_write(run, is_in, &len);
	free(is_in);
	if (archive_head_read(&again, text, len, &err) < 0 ||
	    again.run->step_count != run->step_count || again.run->dirs.count != run->dirs.count ||
	    strcmp(again.run->command, run->command) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(archive_head) struct archive_head head = ARCHIVE_HEAD_INIT;
	struct err err = ERR_INIT;

	if (archive_head_read(&head, (const char *)data, size, &err) < 0) {
		if (err.kind != ERR_CORRUPT && err.kind != ERR_STATE)
			abort();
		return 0;
	}
	check_steps(head.run);
	check_again(head.run);
	return 0;
}
