/* label.c - labels of images, containers, volumes and networks. */
#include "metadata/label.h"

#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

static int label_compare(const void *a, const void *b)
{
	return strcmp(((const struct image_label *)a)->key, ((const struct image_label *)b)->key);
}

void label_free(struct image_label *labels, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(labels[i].key);
		free(labels[i].value);
	}
	free(labels);
}

int label_read(const struct json_t *map, const char *where, struct image_label **labels,
               size_t *count, struct err *err)
{
	struct image_label *list = NULL;
	const struct json_t *value;
	size_t capacity = 0;
	size_t len = 0;
	const char *key;
	void *at = NULL;

	if (map && gojson_kind(map) != GOJSON_OBJECT)
		return err_set(err, ERR_CORRUPT, "%s is no object", where);
	while (gojson_next(map, &at, &key, &value)) {
		const char *text = value ? gojson_text(value) : "";

		if (!text) {
			label_free(list, len);
			return err_set(err, ERR_CORRUPT, "%s: \"%s\" is no string", where, key);
		}
		list = mem_grow(list, len, &capacity, sizeof(*list));
		list[len++] = (struct image_label){ mem_text(key), mem_text(text) };
	}
	if (len > 0)
		qsort(list, len, sizeof(*list), label_compare);
	*labels = list;
	*count = len;
	return 0;
}
