/* label.h - labels of images, containers, volumes and networks. */
#ifndef METADATA_LABEL_H
#define METADATA_LABEL_H

#include "metadata/base/gojson.h"
#include "metadata/image.h"

#include <stddef.h>

/*
 * Reads a JSON object of strings (NULL: no labels) into *LABELS and *COUNT, sorted by key; the
 * caller frees with label_free. A null value is "", as in Go. Returns 0, or -1 with ERR_CORRUPT,
 * "WHERE is no object", when it is anything else.
 */
int label_read(const struct json_t *map, const char *where, struct image_label **labels,
               size_t *count, struct err *err) MUST_USE;

void label_free(struct image_label *labels, size_t count);

#endif
