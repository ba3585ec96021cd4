/* ref.c - repositories.json: the tags and digests that name images. */
#include "metadata/ref.h"

#include "metadata/base/file.h"
#include "metadata/base/gojson.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"
#include "metadata/reference.h"

#include <string.h>
#include <sys/xattr.h>

#define REF_FILE "repositories.json"
#define REF_PATH "image/overlay2/" REF_FILE

static int ref_compare(const void *left, const void *right)
{
	const struct ref *a = left;
	const struct ref *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : strcmp(a->repository, b->repository);
}

static int ref_add(struct ref_list *refs, const char *repository, const char *name,
                   const struct json_t *value, struct err *err)
{
	const char *text = value ? gojson_text(value) : ""; /* Go leaves it empty for null */
	struct ref ref;

	if (!text)
		return err_set(err, ERR_CORRUPT, "the value of \"%s\" is no string", name);
	if (value && strlen(text) != gojson_text_len(value))
		return err_set(err, ERR_CORRUPT, "the value of \"%s\" has a NUL character", name);
	ref = (struct ref){
		.name = mem_text(name),
		.repository = mem_text(repository),
		.image_id = mem_text(id_digest_hex(text)),
		.value = mem_text(text),
		.kind = REF_INVALID,
	};
	refs->items = mem_grow(refs->items, refs->count, &refs->capacity, sizeof(*refs->items));
	refs->items[refs->count++] = ref;
	return 0;
}

/* Adds the entries of the repositories in MAP but of those SEEN already. */
static int ref_add_repositories(struct ref_list *refs, const struct json_t *map, struct map *seen,
                                struct err *err)
{
	const struct json_t *repository;
	const struct json_t *value;
	const char *key;
	const char *name;
	void *at = NULL;

	while (gojson_next(map, &at, &key, &repository)) {
		void *entry = NULL;

		if (repository && gojson_kind(repository) != GOJSON_OBJECT)
			return err_set(err, ERR_CORRUPT, "the repository \"%s\" is no object", key);
		if (!map_set(seen, key, 0))
			continue;
		while (gojson_next(repository, &entry, &name, &value)) {
			if (ref_add(refs, key, name, value, err) < 0)
				return -1;
		}
	}
	return 0;
}

/*
 * Adds what the members for "Repositories" hold. There may be several that differ in case: Go
 * reads one after the other into the same map, so that the last one with a repository wins, and
 * null empties the map.
 */
static int ref_add_members(struct ref_list *refs, const struct gojson *json, struct err *err)
{
	size_t count = gojson_count(json->root, "Repositories");
	AUTO(map) struct map seen = MAP_INIT;

	if (json->has_duplicates && gojson_is_ambiguous(json, "Repositories"))
		return err_set(err, ERR_CORRUPT, "\"Repositories\" stands twice");
	for (size_t i = count; i > 0; i--) {
		const struct json_t *member = gojson_member(json->root, "Repositories", i - 1);

		if (!member && i == count)
			return err_set(err, ERR_CORRUPT,
			               "\"Repositories\" is null: dockerd would panic on it");
		if (!member)
			return 0;
		if (gojson_kind(member) != GOJSON_OBJECT)
			return err_set(err, ERR_CORRUPT, "\"Repositories\" is no object");
		if (ref_add_repositories(refs, member, &seen, err) < 0)
			return -1;
	}
	return 0;
}

/* Says what each entry is. */
static void ref_classify(struct ref_list *refs, struct finding_list *findings)
{
	for (size_t i = 0; i < refs->count; i++) {
		struct ref *ref = &refs->items[i];
		const char *why = "its value is no image ID";

		ref->kind = reference_kind(ref->name, ref->repository, &why);
		if (!ref->image_id)
			ref->kind = REF_INVALID;
		if (ref->kind == REF_INVALID)
			finding_add(findings, FINDING_REF_INVALID, REF_PATH,
			            "\"%s\" of repository \"%s\": %s", ref->name, ref->repository,
			            why);
	}
}

int ref_list_parse(struct ref_list *refs, const char *bytes, size_t len,
                   struct finding_list *findings, struct err *err)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	AUTO(ref_list) struct ref_list list = REF_LIST_INIT;

	if (gojson_parse(&json, bytes, len, GOJSON_FIRST_VALUE, err) < 0 ||
	    ref_add_members(&list, &json, err) < 0)
		return -1;
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items), ref_compare);
	ref_classify(&list, findings);
	*refs = TAKE(list, (struct ref_list)REF_LIST_INIT);
	return 0;
}

size_t ref_list_find(const struct ref_list *refs, const char *name)
{
	size_t low = 0;
	size_t high = refs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(refs->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < refs->count && strcmp(refs->items[low].name, name) == 0 ? low : refs->count;
}

bool ref_list_has(const struct ref_list *refs, const char *name, const char *value,
                  const char **other)
{
	size_t i = ref_list_find(refs, name);

	if (other)
		*other = i < refs->count ? refs->items[i].value : NULL;
	for (; i < refs->count && strcmp(refs->items[i].name, name) == 0; i++) {
		if (strcmp(refs->items[i].value, value) == 0)
			return true;
	}
	return false;
}

/* Says in *IS_EMPTIED whether the file has the attribute. 0 or -1. */
static int ref_look_emptied(int image_fd, bool *is_emptied, struct err *err)
{
	AUTO(close) int fd = file_open(image_fd, REF_FILE, 0, err);

	if (fd < 0)
		return -1;
	*is_emptied = fgetxattr(fd, REF_EMPTIED_ATTRIBUTE, NULL, 0) >= 0;
	return 0;
}

int ref_list_load(struct ref_list *refs, int image_fd, struct finding_list *findings,
                  struct err *err)
{
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;
	enum file_outcome outcome =
	    file_read_record(image_fd, REF_FILE, FILE_RECORD_MAX, &bytes, err);

	*refs = (struct ref_list)REF_LIST_INIT;
	if (outcome == FILE_FAILED)
		return -1;
	refs->is_missing = outcome == FILE_ABSENT;
	if (outcome == FILE_READ && ref_list_parse(refs, bytes.data, bytes.len, findings, err) < 0)
		outcome = FILE_BROKEN;
	if (outcome == FILE_BROKEN) {
		refs->is_unreadable = true;
		finding_add_err(findings, FINDING_REFS_UNREADABLE, REF_PATH, err);
	}
	if (outcome == FILE_READ && refs->count == 0)
		return ref_look_emptied(image_fd, &refs->is_emptied, err);
	return 0;
}

void ref_list_done(struct ref_list *refs)
{
	for (size_t i = 0; i < refs->count; i++) {
		free(refs->items[i].name);
		free(refs->items[i].repository);
		free(refs->items[i].image_id);
		free(refs->items[i].value);
	}
	free(refs->items);
	*refs = (struct ref_list)REF_LIST_INIT;
}
