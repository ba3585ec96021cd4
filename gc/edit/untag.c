/* untag.c - taking entries out of repositories.json, all at once. */
#include "gc/edit/untag.h"

#include "gc/trash/replace.h"
#include "metadata/base/mem.h"

char *untag_temporary(const struct trash *trash)
{
	return mem_print(".tmp-repositories.json%lld", (long long)trash_run(trash));
}

int untag_clean(struct trash *trash, struct err *err)
{
	AUTO(str) char *temporary = untag_temporary(trash);

	return replace_clean(trash, UNTAG_FILE, temporary, err);
}

static bool untag_takes_all(const struct ref_list *refs, const bool *drop)
{
	for (size_t i = 0; i < refs->count; i++) {
		if (!drop[i])
			return false;
	}
	return true;
}

int untag_apply(struct trash *trash, const struct ref_list *refs, const bool *drop,
                const char *place, struct err *err)
{
	AUTO(str) char *temporary = untag_temporary(trash);
	size_t len;
	AUTO(str) char *bytes = ref_list_format(refs, drop, &len);
	const struct replacement replacement = { .path = UNTAG_FILE,
		                                 .temporary = temporary,
		                                 .place = place,
		                                 .bytes = bytes,
		                                 .len = len,
		                                 .mode = 0600, /* as dockerd has it */
		                                 .attribute = untag_takes_all(refs, drop)
		                                                  ? REF_EMPTIED_ATTRIBUTE
		                                                  : NULL };

	return replace_file(trash, &replacement, err);
}
