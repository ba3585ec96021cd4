/* retag.c - putting entries back into repositories.json, all at once. */
#include "gc/edit/retag.h"

#include "gc/edit/untag.h"
#include "gc/trash/replace.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/ref.h"

#include <stdlib.h>
#include <string.h>

/* Adds the entries of the steps to MERGED, which borrows them; settles the steps that need none.
 * Returns how many were added. */
static size_t retag_collect(struct ref_list *merged, const struct ref_list *now,
                            const struct ref_list *old, struct run_step *steps, size_t count)
{
	size_t added = 0;

	for (size_t i = 0; i < count; i++) {
		size_t before = ref_list_find(old, steps[i].object);
		const char *there;

		if (steps[i].state != STEP_DETACHED)
			continue;
		if (ref_list_has(now, steps[i].object, steps[i].detail, &there)) {
			run_step_set(&steps[i], STEP_RESTORED, NULL);
		} else if (there) {
			AUTO(str) char *words = mem_print("is %s now", there);

			run_step_set(&steps[i], STEP_FAILED, words);
		} else if (!ref_list_has(old, steps[i].object, steps[i].detail, NULL)) {
			run_step_set(&steps[i], STEP_FAILED, "is not in the old file");
		} else {
			while (strcmp(old->items[before].value, steps[i].detail) != 0)
				before++;
			merged->items = mem_grow(merged->items, merged->count, &merged->capacity,
			                         sizeof(*merged->items));
			merged->items[merged->count++] = old->items[before];
			added++;
		}
	}
	return added;
}

/* Writes the file that holds what MERGED does. OLD is the old one. */
static int retag_write(struct trash *trash, const struct ref_list *merged,
                       const struct file_bytes *old, const char *place, struct err *err)
{
	bool *drop = mem_zalloc(merged->count, sizeof(*drop));
	AUTO(str) char *temporary = untag_temporary(trash);
	struct replacement replacement = { .path = UNTAG_FILE,
		                           .temporary = temporary,
		                           .mode = 0600 /* as dockerd has it */ };
	AUTO(str) char *bytes = ref_list_format(merged, drop, &replacement.len);

	free(drop);
	if (old->len == replacement.len && memcmp(old->data, bytes, old->len) == 0)
		return trash_return_over(trash, place, UNTAG_FILE, err);
	replacement.bytes = bytes;
	return replace_file(trash, &replacement, err);
}

static int retag_read_old(struct ref_list *old, struct file_bytes *bytes, struct trash *trash,
                          const char *place, struct err *err)
{
	AUTO(finding_list) struct finding_list findings = FINDING_LIST_INIT;
	int run_fd;

	if (trash_run_dir(trash, place, false, &run_fd, err) < 0 ||
	    file_read(run_fd, trash_name_of(place), FILE_RECORD_MAX, &bytes->data, &bytes->len,
	              err) < 0)
		return -1;
	return ref_list_parse(old, bytes->data, bytes->len, &findings, err) < 0
	           ? err_wrap(err, "%s", place)
	           : 0;
}

int retag_apply(const struct edit_site *site, struct run_step *steps, size_t count, struct err *err)
{
	const struct ref_list *now = &site->graph->state->refs;
	struct ref_list merged = REF_LIST_INIT; /* borrows from both */
	struct ref_list old = REF_LIST_INIT;
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	int result = 0;
	size_t added;

	if (now->is_unreadable)
		return err_set(err, ERR_CORRUPT, UNTAG_FILE ": cannot be read");
	if (retag_read_old(&old, &bytes, site->trash, steps->place, err) < 0)
		return -1;
	for (size_t i = 0; i < now->count; i++) {
		merged.items =
		    mem_grow(merged.items, merged.count, &merged.capacity, sizeof(*merged.items));
		merged.items[merged.count++] = now->items[i];
	}
	added = retag_collect(&merged, now, &old, steps, count);
	if (!site->is_trial)
		result = added > 0 ? retag_write(site->trash, &merged, &bytes, steps->place, err)
		                   : untag_clean(site->trash, err);
	free(merged.items);
	ref_list_done(&old);
	for (size_t i = 0; i < count && result == 0; i++) {
		if (steps[i].state == STEP_DETACHED)
			run_step_set(&steps[i], STEP_RESTORED, NULL);
	}
	return result;
}
