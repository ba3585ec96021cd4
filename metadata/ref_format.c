/* ref_format.c - repositories.json as dockerd would write it. */
#include "metadata/ref.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <string.h>

/*
 * Appends one string as Go's json.Marshal does (docker-data-root.md §1.2): besides what JSON
 * demands, it escapes what HTML and JavaScript would take for more than text.
 */
static void ref_format_string(struct text *out, const char *string)
{
	static const char separators[][4] = { "\xe2\x80\xa8", "\xe2\x80\xa9" }; /* U+2028, U+2029 */
	static const struct {
		char byte, letter;
	} named[] = { { '"', '"' }, { '\\', '\\' }, { '\n', 'n' }, { '\r', 'r' }, { '\t', 't' } };

	text_add(out, "\"", 1);
	for (const char *at = string; *at != '\0';) {
		size_t plain = 0;
		const char *letter = NULL;

		while (at[plain] != '\0' && (unsigned char)at[plain] >= 0x20 &&
		       !strchr("\"\\<>&", at[plain]) &&
		       strncmp(at + plain, separators[0], 3) != 0 &&
		       strncmp(at + plain, separators[1], 3) != 0)
			plain++;
		text_add(out, at, plain);
		at += plain;
		if (*at == '\0')
			break;
		for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
			if (*at == named[i].byte)
				letter = &named[i].letter;
		}
		if (letter)
			text_print(out, "\\%c", *letter);
		else if (*at == separators[0][0])
			text_print(out, "\\u%04x", 0x2028 + (at[2] == separators[1][2]));
		else
			text_print(out, "\\u%04x", (unsigned char)*at);
		at += *at == separators[0][0] ? 3 : 1;
	}
	text_add(out, "\"", 1);
}

static int ref_format_compare(const void *left, const void *right)
{
	const struct ref *a = left;
	const struct ref *b = right;
	int order = strcmp(a->repository, b->repository);

	return order ? order : strcmp(a->name, b->name);
}

char *ref_list_format(const struct ref_list *refs, const bool *drop, size_t *len)
{
	struct ref *kept = mem_zalloc(refs->count, sizeof(*kept));
	const char *repository = NULL;
	struct text out = TEXT_INIT;
	size_t count = 0;

	for (size_t i = 0; i < refs->count; i++) {
		if (!drop[i])
			kept[count++] = refs->items[i]; /* its strings stay theirs */
	}
	if (count > 0)
		qsort(kept, count, sizeof(*kept), ref_format_compare);
	text_print(&out, "{\"Repositories\":{");
	for (size_t i = 0; i < count; i++) {
		bool is_same = repository && strcmp(repository, kept[i].repository) == 0;

		if (!is_same) {
			text_print(&out, "%s", repository ? "}," : "");
			ref_format_string(&out, kept[i].repository);
			text_print(&out, ":{");
		} else {
			text_print(&out, ",");
		}
		ref_format_string(&out, kept[i].name);
		text_print(&out, ":");
		ref_format_string(&out, kept[i].value);
		repository = kept[i].repository;
	}
	text_print(&out, "%s}}", repository ? "}" : "");
	free(kept);
	*len = out.len;
	return text_take(&out);
}
