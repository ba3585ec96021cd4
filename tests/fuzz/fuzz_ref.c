/* fuzz_ref.c - repositories.json: whatever is read can be written and is read as the same again. */
#include "metadata/base/mem.h"
#include "metadata/ref.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct ref_list *a, const struct ref_list *b)
{
	if (a->count != b->count)
		abort();
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->items[i].name, b->items[i].name) != 0 ||
		    strcmp(a->items[i].repository, b->items[i].repository) != 0 ||
		    strcmp(a->items[i].value, b->items[i].value) != 0 ||
		    a->items[i].kind != b->items[i].kind)
			abort();
		if (a->items[i].kind != REF_INVALID && !a->items[i].image_id)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct finding_list findings = FINDING_LIST_INIT;
	struct ref_list refs = REF_LIST_INIT;
	struct ref_list again = REF_LIST_INIT;
	struct err err = ERR_INIT;

	if (ref_list_parse(&refs, (const char *)data, size, &findings, &err) == 0) {
		bool *drop = mem_zalloc(refs.count, sizeof(*drop));
		size_t len;
		char *text = ref_list_format(&refs, drop, &len);

		if (ref_list_parse(&again, text, len, &findings, &err) < 0)
			abort();
		check_same(&refs, &again);
		free(text);
		free(drop);
	} else if (err.kind != ERR_CORRUPT || refs.count != 0) {
		abort();
	}
	ref_list_done(&refs);
	ref_list_done(&again);
	finding_list_done(&findings);
	return 0;
}
