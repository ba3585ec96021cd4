/* reference.c - the grammar of image references (distribution/reference), in the familiar form in
 * which repositories.json has them. */
#include "metadata/reference.h"

#include <string.h>

#define LOWER_ALNUM "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdef"

#define NAME_MAX_LEN 255
#define TAG_MAX_LEN 128
/* What 20.10 counts, too, when a familiar name is made a full one. */
#define DEFAULT_PREFIX_LEN (sizeof("docker.io/library/") - 1)

/* Says whether C is one of SET; NUL never is. */
static bool reference_is_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

/*
 * The length of the path component at TEXT, or 0: [a-z0-9]+ joined by one of ".", "_", "__" or any
 * number of "-".
 */
static size_t reference_component_len(const char *text)
{
	size_t len = strspn(text, LOWER_ALNUM);

	while (len > 0) {
		size_t separator = strspn(text + len, "-");
		size_t more;

		if (separator == 0 && text[len] == '.')
			separator = 1;
		else if (separator == 0 && text[len] == '_')
			separator = text[len + 1] == '_' ? 2 : 1;
		more = strspn(text + len + separator, LOWER_ALNUM);
		if (separator == 0 || more == 0)
			break;
		len += separator + more;
	}
	return len;
}

/* Says whether the LEN bytes at TEXT are a path: components between slashes. */
static bool reference_is_path(const char *text, size_t len)
{
	const char *end = text + len;

	for (;;) {
		size_t component = reference_component_len(text);

		if (component == 0 || component > (size_t)(end - text))
			return false;
		text += component;
		if (text == end)
			return true;
		if (*text++ != '/')
			return false;
	}
}

/* Says whether the LEN bytes at TEXT are a host: labels of [a-zA-Z0-9-] between dots, with no dash
 * at their ends, or an IPv6 address in brackets. */
static bool reference_is_host(const char *text, size_t len)
{
	if (len > 2 && text[0] == '[' && text[len - 1] == ']')
		return strspn(text + 1, HEX_DIGITS "ABCDEF:") == len - 2;
	if (len == 0 || strspn(text, LOWER_ALNUM UPPER "-.") < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool is_at_start = i == 0 || text[i - 1] == '.';
		bool is_at_end = i + 1 == len || text[i + 1] == '.';

		if ((is_at_start || is_at_end) && (text[i] == '-' || text[i] == '.'))
			return false;
	}
	return true;
}

/* Says whether the LEN bytes at TEXT are a registry: a host, maybe with a port. */
static bool reference_is_registry(const char *text, size_t len)
{
	const char *bracket = memchr(text, ']', len);
	const char *from = bracket ? bracket : text;
	const char *colon = memchr(from, ':', len - (size_t)(from - text));
	size_t host_len = colon ? (size_t)(colon - text) : len;

	if (!reference_is_host(text, host_len))
		return false;
	return !colon || (host_len + 1 < len && strspn(colon + 1, DIGITS) >= len - host_len - 1);
}

/*
 * Says whether what stands before the first slash is a registry and not part of the path: it has a
 * dot, a colon or a capital letter (28.x), or is "localhost".
 */
static bool reference_names_registry(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (reference_is_of(text[i], ".:[" UPPER))
			return true;
	}
	return len == strlen("localhost") && memcmp(text, "localhost", len) == 0;
}

/* Says whether NAME is a repository in familiar form. */
static bool reference_is_familiar(const char *name)
{
	static const char *const implied[] = { "docker.io", "index.docker.io" };
	const char *slash = strchr(name, '/');
	size_t first_len = slash ? (size_t)(slash - name) : 0;
	size_t len = strlen(name);

	if (!slash || !reference_names_registry(name, first_len)) {
		/* of the default registry: "library/x" would be written "x" */
		if (strncmp(name, "library/", 8) == 0 && !strchr(name + 8, '/'))
			return false;
		return len + DEFAULT_PREFIX_LEN <= NAME_MAX_LEN && reference_is_path(name, len);
	}
	for (size_t i = 0; i < sizeof(implied) / sizeof(implied[0]); i++) {
		if (strlen(implied[i]) == first_len && memcmp(name, implied[i], first_len) == 0)
			return false;
	}
	return len <= NAME_MAX_LEN && reference_is_registry(name, first_len) &&
	       reference_is_path(slash + 1, strlen(slash + 1));
}

const char *reference_prefix(const char *name)
{
	const char *slash = strchr(name, '/');

	if (!slash)
		return "docker.io/library/";
	return reference_names_registry(name, (size_t)(slash - name)) ? "" : "docker.io/";
}

int reference_compare(const char *a, const char *b)
{
	const char *prefix[] = { reference_prefix(a), reference_prefix(b) };
	const char *name[] = { a, b };
	unsigned char c[2];

	do {
		for (size_t i = 0; i < 2; i++)
			c[i] = (unsigned char)(*prefix[i] ? *prefix[i]++ : *name[i]++);
	} while (c[0] == c[1] && c[0] != '\0');
	return c[0] - c[1];
}

static bool reference_is_tag(const char *tag)
{
	size_t len = strspn(tag, LOWER_ALNUM UPPER "_.-");

	return len > 0 && len <= TAG_MAX_LEN && tag[len] == '\0' && tag[0] != '.' && tag[0] != '-';
}

/* The digests that dockerd has the hashes of. */
static bool reference_is_digest(const char *digest)
{
	static const struct {
		const char *prefix;
		size_t digits;
	} kinds[] = { { "sha256:", 64 }, { "sha384:", 96 }, { "sha512:", 128 } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t prefix_len = strlen(kinds[i].prefix);

		if (strncmp(digest, kinds[i].prefix, prefix_len) == 0)
			return strspn(digest + prefix_len, HEX_DIGITS) == kinds[i].digits &&
			       digest[prefix_len + kinds[i].digits] == '\0';
	}
	return false;
}

enum ref_kind reference_kind(const char *name, const char *repository, const char **why)
{
	size_t len = strlen(repository);
	const char *ignored;

	if (!why)
		why = &ignored;
	if (!reference_is_familiar(repository)) {
		*why = "its repository is no name that dockerd writes";
		return REF_INVALID;
	}
	if (strncmp(name, repository, len) != 0 || (name[len] != ':' && name[len] != '@')) {
		*why = "it does not begin with its repository";
		return REF_INVALID;
	}
	if (name[len] == ':' && reference_is_tag(name + len + 1))
		return REF_TAG;
	if (name[len] == '@' && reference_is_digest(name + len + 1))
		return REF_DIGEST;
	*why = name[len] == ':' ? "its tag is none" : "its digest is none";
	return REF_INVALID;
}
