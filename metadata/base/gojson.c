/* gojson.c - Docker's JSON records, read by the rules of Go's encoding/json. */
#include "metadata/base/gojson.h"

#include "metadata/base/text.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* The value of four hexadecimal digits, or -1. */
static int json_hex4(const char *at, const char *end)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char *found = memchr(digits, at[i], sizeof(digits) - 1);
		int digit;

		if (!found)
			return -1;
		digit = (int)(found - digits);
		value = value << 4 | (digit < 16 ? digit : digit - 6);
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

/*
 * Says whether the member name NAME means the struct field KEY (ASCII letters): Go ignores case,
 * and with it takes U+017F for an s and U+212A for a k.
 */
static bool json_is_key(const char *name, const char *key)
{
	for (; *name != '\0' && *key != '\0'; key++) {
		char letter = *name;
		size_t take = 1;

		if (strncmp(name, "\xc5\xbf", 2) == 0) {
			letter = 's';
			take = 2;
		} else if (strncmp(name, "\xe2\x84\xaa", 3) == 0) {
			letter = 'k';
			take = 3;
		}
		if (tolower((unsigned char)letter) != tolower((unsigned char)*key))
			return false;
		name += take;
	}
	return *name == *key;
}

/* Writes the string between the quotes at AT and END, its escapes resolved as far as keys need
 * them; false when it is too long for a key. */
static bool json_unescape(const char *at, const char *end, char *out, size_t size)
{
	size_t used = 0;

	while (at < end) {
		int unit =
		    *at == '\\' && end - at >= 6 && at[1] == 'u' ? json_hex4(at + 2, end) : -1;

		if (used + 4 > size)
			return false;
		if (unit == 0x17f || unit == 0x212a) {
			out[used++] = unit == 0x17f ? 's' : 'k';
			at += 6;
		} else if (unit >= 0) {
			out[used++] = (char)(unit > 0 && unit < 0x80 ? unit : '?');
			at += 6;
		} else {
			out[used++] = *at++;
		}
	}
	out[used] = '\0';
	return true;
}

/* The closing quote of the string that begins after the quote at AT. */
static const char *json_string_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++) {
		if (*at == '\\')
			at++;
	}
	return at < end ? at : end;
}

/* Says whether the string from the quote at AT to the one at CLOSE is the member name KEY. */
static bool json_is_member(const char *at, const char *close, const char *end, const char *key)
{
	const char *after = close < end ? close + 1 : end;
	char name[64];

	while (after < end && strchr(" \t\r\n", *after) && *after != '\0')
		after++;
	return after < end && *after == ':' && json_unescape(at + 1, close, name, sizeof(name)) &&
	       json_is_key(name, key);
}

bool gojson_is_ambiguous(const struct gojson *json, const char *key)
{
	enum { LEVELS = 2 };
	const char *end = json->bytes + json->len;
	bool seen[LEVELS + 1] = { false };
	size_t depth = 0;

	for (const char *at = json->bytes; at < end; at++) {
		if (*at == '{' || *at == '[') {
			if (++depth <= LEVELS)
				seen[depth] = false;
		} else if ((*at == '}' || *at == ']') && --depth == 0) {
			break; /* what follows is not read */
		} else if (*at == '"') {
			const char *close = json_string_end(at, end);
			bool is_member = depth <= LEVELS && json_is_member(at, close, end, key);

			if (is_member && seen[depth])
				return true;
			seen[is_member ? depth : 0] = true;
			at = close;
		}
	}
	return false;
}

/* Member AT with this key, whatever its case, or the last one before; NULL if there is none. *COUNT
 * (may be NULL) gets their number. */
static const json_t *json_find(const json_t *object, const char *key, size_t at, size_t *count)
{
	const json_t *found = NULL;
	size_t seen = 0;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return NULL;
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		if (json_is_key(name, key) && seen++ <= at)
			found = value;
	}
	if (count)
		*count = seen;
	return found;
}

/* Go's null leaves a field as if it had not been there. */
static const json_t *json_present(const json_t *value)
{
	return value && !json_is_null(value) ? value : NULL;
}

const json_t *gojson_field(const json_t *object, const char *key)
{
	return json_present(json_find(object, key, SIZE_MAX, NULL));
}

const json_t *gojson_member(const json_t *object, const char *key, size_t at)
{
	return json_present(json_find(object, key, at, NULL));
}

size_t gojson_count(const json_t *object, const char *key)
{
	size_t count = 0;

	(void)json_find(object, key, 0, &count);
	return count;
}

bool gojson_has(const json_t *object, const char *key)
{
	return json_find(object, key, 0, NULL) != NULL;
}

const char *gojson_text(const json_t *value)
{
	return json_string_value(value);
}

size_t gojson_text_len(const json_t *value)
{
	return json_string_length(value);
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

int gojson_check(const json_t *object, const char *where, const struct gojson_rule *rules,
                 size_t count, struct err *err)
{
	static const char *const words[] = {
		[GOJSON_NONE] = "null",   [GOJSON_OBJECT] = "object",  [GOJSON_ARRAY] = "array",
		[GOJSON_TEXT] = "string", [GOJSON_NUMBER] = "integer", [GOJSON_BOOL] = "boolean",
	};
	int64_t number;

	for (size_t i = 0; i < count; i++) {
		const json_t *value = gojson_field(object, rules[i].key);
		enum gojson_kind kind = gojson_kind(value);

		if (kind == GOJSON_NONE)
			continue;
		if (kind != rules[i].kind ||
		    (kind == GOJSON_NUMBER && !gojson_integer(value, &number)))
			return err_set(err, ERR_CORRUPT, "%s%s%s is no %s", where,
			               where[0] ? "." : "", rules[i].key, words[rules[i].kind]);
	}
	return 0;
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
