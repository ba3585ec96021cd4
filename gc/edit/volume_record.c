/* volume_record.c - what dockerd knows of volumes beside their directories: it comes back, too. */
#include "gc/edit/volume_record.h"

#include "gc/edit/amend.h"
#include "metadata/base/file.h"
#include "metadata/bolt.h"
#include "metadata/bolt_edit.h"

#include <errno.h>
#include <string.h>

#define VOLUMES "volumes"
#define DATABASE "metadata.db"

/* Adds to EDIT the records that are not there. Returns how many. */
static size_t volume_records_collect(struct bolt_edit *edit, const struct bolt *old,
                                     const struct run *run)
{
	struct bolt_edit_bucket *bucket =
	    bolt_edit_enter(bolt_edit_root(edit), VOLUMES, strlen(VOLUMES));
	struct bolt_bucket now = bolt_root(old);
	bool has_bucket = bolt_bucket_enter(&now, VOLUMES, &now);
	size_t count = 0;

	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];
		struct bolt_entry entry;

		if (step->kind != ACTION_VOLUME || step->state != STEP_RESTORED ||
		    *step->detail == '\0' ||
		    (has_bucket && bolt_bucket_find(&now, step->object, &entry)))
			continue;
		bolt_edit_put(bucket, step->object, strlen(step->object), step->detail,
		              strlen(step->detail));
		count++;
	}
	return count;
}

static bool volume_records_has_any(const struct run *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].kind == ACTION_VOLUME && run->steps[i].state == STEP_RESTORED)
			return true;
	}
	return false;
}

int volume_records_return(const struct run *run, int root_fd, const struct cut *cut,
                          struct err *err)
{
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(close) int dirfd = -1;
	struct err local = ERR_INIT;

	if (!volume_records_has_any(run))
		return 0;
	dirfd = file_open_dir(root_fd, VOLUMES, err);
	if (dirfd < 0)
		return -1;
	if (bolt_open(&old, dirfd, DATABASE, &local) < 0) {
		if (err_has_code(&local, ENOENT))
			return 0; /* no dockerd has been here: it will ask the directories */
		if (err)
			*err = local;
		return err_wrap(err, VOLUMES);
	}
	if (volume_records_collect(edit, old, run) == 0)
		return 0;
	return amend(dirfd, DATABASE, old, edit, cut, err) < 0 ? err_wrap(err, VOLUMES) : 0;
}
