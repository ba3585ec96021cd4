/* gojson.c - Docker's JSON records, read by the rules of Go's encoding/json. */
#include "metadata/base/gojson.h"

#include "metadata/base/text.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* The value of four hexadecimal digits, or -1. */
static int json_hex4(const char *at, const char *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef";
		const char *found = memchr(digits, at[i] | 0x20, 16);

		if (!found)
			return -1;
		value = value << 4 | (int)(found - digits);
	}
	return value;
}

/* The length of an escape at AT ("\..."), and whether it is a surrogate without its partner. */
static size_t json_escape_len(const char *at, const char *end, bool *is_lone)
{
	int unit;

	*is_lone = false;
	if (end - at < 2)
		return 1;
	if (at[1] != 'u')
		return 2;
	unit = json_hex4(at + 2, end);
	if (unit < 0xd800 || unit > 0xdfff)
		return 2;
	if (unit < 0xdc00 && end - at >= 12 && at[6] == '\\' && at[7] == 'u') {
		int low = json_hex4(at + 8, end);

		if (low >= 0xdc00 && low <= 0xdfff)
			return 12;
	}
	*is_lone = true;
	return 6;
}

/* What Go does while it reads a string: bytes and escapes that are no text become U+FFFD. */
static void json_clean(struct text *out, const char *bytes, size_t len)
{
	const char *end = bytes + len;

	for (const char *at = bytes; at < end;) {
		size_t take = text_utf8_len((const unsigned char *)at, (size_t)(end - at));
		bool is_lone = take == 0;

		if (*at == '\\')
			take = json_escape_len(at, end, &is_lone);
		if (is_lone)
			text_add(out, replacement, sizeof(replacement) - 1);
		else
			text_add(out, at, take);
		at += take > 0 ? take : 1;
	}
}

int gojson_parse(struct gojson *json, const char *bytes, size_t len, enum gojson_extent extent,
                 struct err *err)
{
	const size_t flags =
	    JSON_ALLOW_NUL | (extent == GOJSON_FIRST_VALUE ? JSON_DISABLE_EOF_CHECK : 0);
	AUTO(text) struct text clean = TEXT_INIT;
	bool has_duplicates = false;
	json_error_t error;
	json_t *root;

	json_clean(&clean, bytes, len);
	if (clean.len == 0)
		return err_set(err, ERR_CORRUPT, "is empty, not a JSON object");
	root = json_loadb(clean.data, clean.len, flags | JSON_REJECT_DUPLICATES, &error);
	if (!root && json_error_code(&error) == json_error_duplicate_key) {
		has_duplicates = true;
		root = json_loadb(clean.data, clean.len, flags, &error);
	}
	if (!root)
		return err_set(err, ERR_CORRUPT, "line %d, column %d, byte %d: %s", error.line,
		               error.column, error.position, error.text);
	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(err, ERR_CORRUPT, "line 1, column 1, byte 0: is not a JSON object");
	}
	*json = (struct gojson){ root, bytes, len, has_duplicates };
	return 0;
}

void gojson_done(struct gojson *json)
{
	json_decref(json->root);
	*json = (struct gojson)GOJSON_INIT;
}

bool gojson_is_ambiguous(const struct gojson *json, const char *key)
{
	size_t key_len = strlen(key);
	size_t seen = 0;

	if (!json->has_duplicates)
		return false;
	for (size_t at = 0; at + key_len + 2 <= json->len; at++) {
		const char *text = json->bytes + at;

		if (text[0] == '"' && text[key_len + 1] == '"' &&
		    strncasecmp(text + 1, key, key_len) == 0)
			seen++;
	}
	return seen > 1;
}

/* The last member with this key, whatever its case; NULL if there is none. */
static const json_t *json_find(const json_t *object, const char *key)
{
	const json_t *found = NULL;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return NULL;
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		if (strcasecmp(name, key) == 0)
			found = value;
	}
	return found;
}

/* Go's null leaves a field as if it had not been there. */
static const json_t *json_present(const json_t *value)
{
	return value && !json_is_null(value) ? value : NULL;
}

const json_t *gojson_field(const json_t *object, const char *key)
{
	return json_present(json_find(object, key));
}

bool gojson_has(const json_t *object, const char *key)
{
	return json_find(object, key) != NULL;
}

const char *gojson_text(const json_t *value)
{
	return json_string_value(value);
}

bool gojson_is_true(const json_t *value)
{
	return json_is_true(value);
}

bool gojson_integer(const json_t *value, int64_t *number)
{
	if (!json_is_integer(value))
		return false;
	*number = json_integer_value(value);
	return true;
}

enum gojson_kind gojson_kind(const json_t *value)
{
	static const enum gojson_kind kinds[] = {
		[JSON_OBJECT] = GOJSON_OBJECT, [JSON_ARRAY] = GOJSON_ARRAY,
		[JSON_STRING] = GOJSON_TEXT,   [JSON_INTEGER] = GOJSON_NUMBER,
		[JSON_REAL] = GOJSON_NUMBER,   [JSON_TRUE] = GOJSON_BOOL,
		[JSON_FALSE] = GOJSON_BOOL,    [JSON_NULL] = GOJSON_NONE,
	};

	return value ? kinds[json_typeof(value)] : GOJSON_NONE;
}

size_t gojson_array_len(const json_t *array)
{
	return json_array_size(array);
}

const json_t *gojson_array_item(const json_t *array, size_t at)
{
	return json_present(json_array_get(array, at));
}

bool gojson_next(const json_t *object, void **position, const char **key, const json_t **value)
{
	json_t *mutable_object =
	    (json_t *)(uintptr_t)object; /* the iterator of the library is not const */

	if (!json_is_object(object))
		return false;
	*position = *position ? json_object_iter_next(mutable_object, *position)
	                      : json_object_iter(mutable_object);
	if (!*position)
		return false;
	*key = json_object_iter_key(*position);
	*value = json_present(json_object_iter_value(*position));
	return true;
}
