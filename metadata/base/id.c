/* id.c - names read from disk: only what passes here may become part of a path. */
#include "metadata/base/id.h"

#include <string.h>

#define HEX_DIGITS "0123456789abcdef"
#define BASE36_DIGITS "0123456789abcdefghijklmnopqrstuvwxyz"
#define BASE32_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/* Says whether TEXT is exactly LEN characters, all of ALPHABET. */
static bool id_is_of(const char *text, size_t len, const char *alphabet)
{
	return strspn(text, alphabet) == len && text[len] == '\0';
}

bool id_is_hex(const char *text)
{
	return id_is_of(text, ID_HEX_LEN, HEX_DIGITS);
}

bool id_is_cache(const char *text)
{
	return id_is_of(text, ID_CACHE_LEN, BASE36_DIGITS);
}

bool id_is_link(const char *text)
{
	return id_is_of(text, ID_LINK_LEN, BASE32_DIGITS);
}

bool id_is_dir(const char *text)
{
	if (id_is_hex(text) || id_is_cache(text))
		return true;
	return strspn(text, HEX_DIGITS) == ID_HEX_LEN && strcmp(text + ID_HEX_LEN, "-init") == 0;
}

const char *id_digest_hex(const char *text)
{
	static const char prefix[] = "sha256:";

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0 || !id_is_hex(text + sizeof(prefix) - 1))
		return NULL;
	return text + sizeof(prefix) - 1;
}

bool id_is_name(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 255 && !strchr(text, '/') && strcmp(text, ".") != 0 &&
	       strcmp(text, "..") != 0;
}
