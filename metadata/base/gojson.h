/* gojson.h - Docker's JSON records, read by the rules of Go's encoding/json. */
#ifndef METADATA_BASE_GOJSON_H
#define METADATA_BASE_GOJSON_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A value inside a parsed document; borrowed from the document. This header hides
 * the JSON library: only gojson.c and the JSON report include it.
 */
struct json_t;

struct gojson {
	struct json_t *root; /* owned; always an object */
	const char *bytes;   /* borrowed: the text that was parsed */
	size_t len;
	bool has_duplicates; /* some key stands twice in some object */
};

#define GOJSON_INIT                                                                                \
	{                                                                                          \
		NULL, NULL, 0, false                                                               \
	}

enum gojson_extent {
	GOJSON_WHOLE_TEXT,  /* trailing bytes are an error (Go's json.Unmarshal) */
	GOJSON_FIRST_VALUE, /* trailing bytes are ignored (Go's json.Decoder) */
};

/*
 * Parses BYTES, which must hold an object. As in Go, invalid UTF-8 and lone
 * surrogates are read as U+FFFD. BYTES must outlive *JSON.
 * Returns 0, or -1 with ERR_CORRUPT: "line L, column C, byte B: what".
 */
int gojson_parse(struct gojson *json, const char *bytes, size_t len, enum gojson_extent extent,
                 struct err *err) MUST_USE;

/* Frees the document; values borrowed from it are gone. */
void gojson_done(struct gojson *json);

static inline void gojson_cleanup(struct gojson *json)
{
	gojson_done(json);
}

/*
 * Says whether KEY stands more than once, case ignored, in the document's object or in one object
 * directly inside it. Go would merge the values of an object-valued field, or take another one than
 * gojson_field does: what the field holds is unknown then. Linear in the text.
 */
bool gojson_is_ambiguous(const struct gojson *json, const char *key);

/* The number of members of OBJECT with this KEY, case ignored; of those that are spelled the same
 * (has_duplicates) only the last is there. */
size_t gojson_count(const struct json_t *object, const char *key);

/* Member AT of those, in the order of the document; NULL for null. */
const struct json_t *gojson_member(const struct json_t *object, const char *key, size_t at);

/*
 * The field KEY of OBJECT: case-insensitive, the last one wins. NULL when there
 * is none, when it is null, or when OBJECT is no object (or NULL).
 */
const struct json_t *gojson_field(const struct json_t *object, const char *key);

/* The string that a field or value is, or NULL if it is none. Borrowed; cut at a NUL character. */
const char *gojson_text(const struct json_t *value);

/* The length of that string with any NUL characters in it; 0 if it is none. */
size_t gojson_text_len(const struct json_t *value);

/* Says whether the value is `true`. */
bool gojson_is_true(const struct json_t *value);

/* Stores an integer; returns false, *NUMBER untouched, if the value is none. */
bool gojson_integer(const struct json_t *value, int64_t *number);

enum gojson_kind {
	GOJSON_NONE,
	GOJSON_OBJECT,
	GOJSON_ARRAY,
	GOJSON_TEXT,
	GOJSON_NUMBER,
	GOJSON_BOOL
};

/* What the value is; GOJSON_NONE for NULL (absent or null). */
enum gojson_kind gojson_kind(const struct json_t *value);

/* What a struct field must be for Go to decode it; GOJSON_NUMBER means an integer. */
struct gojson_rule {
	const char *key;
	enum gojson_kind kind;
};

/*
 * Checks the fields of OBJECT by RULES; absent and null ones fit. Returns 0, or -1 with
 * ERR_CORRUPT: "WHERE.Key is no string", as Go refuses the document.
 */
int gojson_check(const struct json_t *object, const char *where, const struct gojson_rule *rules,
                 size_t count, struct err *err) MUST_USE;

/* The number of items of an array; 0 if it is none. */
size_t gojson_array_len(const struct json_t *array);

/* Item AT of an array; NULL when it is null or there is no such item. */
const struct json_t *gojson_array_item(const struct json_t *array, size_t at);

/*
 * Iterates the members of an object used as a map (keys are data and case
 * matters), in the order of the document: start with *POSITION == NULL; returns false at the end.
 * The key and value are borrowed; VALUE is NULL for null.
 */
bool gojson_next(const struct json_t *object, void **position, const char **key,
                 const struct json_t **value);

/* Says whether the object has KEY at all, even as null (case-insensitive). */
bool gojson_has(const struct json_t *object, const char *key);

#endif
