/* keep_pattern.c - keep rules: reading patterns. */
#include "gc/plan/glob.h"
#include "gc/plan/keep.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE_PREFIX "sha256:"
#define IMAGE_DIGITS_MIN 12 /* what Docker shows of an ID */
#define IMAGE_DIGITS 64
#define PRINTABLE_FIRST '!'
#define PRINTABLE_LAST '~'

/* Where the parts of a pattern begin and end. */
struct keep_parts {
	const char *name_end; /* of the repository */
	const char *tag;      /* NULL: none */
	const char *tag_end;
	const char *digest; /* NULL: none */
};

/* Finds the parts: "@" separates the digest, the first colon after the last slash the tag; none of
 * them in a set or after a backslash. */
static void keep_find_parts(const char *text, struct keep_parts *parts)
{
	const char *at = text;

	*parts = (struct keep_parts){ .tag = NULL };
	for (; *at && *at != '@'; at += glob_step(at)) {
		if (*at == '/')
			parts->tag = NULL;
		else if (*at == ':' && !parts->tag)
			parts->tag = at + 1;
	}
	parts->name_end = parts->tag ? parts->tag - 1 : at;
	parts->tag_end = at;
	if (*at == '@')
		parts->digest = at + 1;
}

/* What is wrong with the text of a pattern; NULL: nothing. */
static const char *keep_fault(const char *text)
{
	struct keep_parts parts;
	const char *fault = glob_fault(text);

	if (*text == '\0')
		return "it is empty";
	if (fault)
		return fault;
	for (const char *at = text; *at; at++) {
		if (*at < PRINTABLE_FIRST || *at > PRINTABLE_LAST)
			return *at == ' ' ? "it holds a blank"
			                  : "it holds a character that no reference has";
	}
	keep_find_parts(text, &parts);
	if (parts.name_end == text)
		return "it has no repository";
	if (parts.tag && parts.tag == parts.tag_end)
		return "its tag is empty";
	if (parts.digest && *parts.digest == '\0')
		return "its digest is empty";
	return NULL;
}

/* The digits of an image ID that TEXT is; NULL when it is none. */
static const char *keep_image_digits(const char *text)
{
	bool has_prefix = strncmp(text, IMAGE_PREFIX, strlen(IMAGE_PREFIX)) == 0;
	const char *digits = text + (has_prefix ? strlen(IMAGE_PREFIX) : 0);
	size_t len = strspn(digits, "0123456789abcdef");

	return digits[len] == '\0' && len >= IMAGE_DIGITS_MIN && len <= IMAGE_DIGITS ? digits
	                                                                             : NULL;
}

/* Makes the pattern of TEXT, which has no fault. A full name of Docker Hub's other address is
 * brought to the usual one. */
static struct keep_pattern keep_pattern_make(const char *text)
{
	static const char other[] = "index.docker.io/";
	struct keep_pattern pattern = { .text = mem_text(text) };
	const char *digits = keep_image_digits(text);
	struct keep_parts parts;

	if (digits)
		pattern.image = mem_text(digits);
	if (digits && digits != text)
		return pattern;
	keep_find_parts(text, &parts);
	if (strncmp(text, other, strlen(other)) == 0)
		text += strlen("index.");
	pattern.repository = mem_copy(text, (size_t)(parts.name_end - text));
	if (parts.digest)
		pattern.digest = mem_text(parts.digest); /* as for Docker a tag beside it is idle */
	else if (parts.tag)
		pattern.tag = mem_copy(parts.tag, (size_t)(parts.tag_end - parts.tag));
	return pattern;
}

static void keep_rules_take(struct keep_rules *rules, struct keep_pattern pattern)
{
	rules->items =
	    mem_grow(rules->items, rules->count, &rules->capacity, sizeof(*rules->items));
	rules->items[rules->count++] = pattern;
}

int keep_rules_add(struct keep_rules *rules, const char *text, struct err *err)
{
	const char *fault = keep_fault(text);

	if (*text == '!')
		fault = "a line of a --keep-from file can take back what that file keeps, "
			"an option cannot";
	if (fault)
		return err_set(err, ERR_USAGE, "--keep '%s': %s", text, fault);
	keep_rules_take(rules, keep_pattern_make(text));
	return 0;
}

int keep_rules_add_line(struct keep_rules *rules, const char *source, size_t line, const char *text,
                        struct err *err)
{
	bool is_negated = *text == '!';
	const char *fault = keep_fault(text + is_negated);
	struct keep_pattern pattern;

	if (fault)
		return err_set(err, ERR_USAGE, "--keep-from %s: line %zu: '%s': %s", source, line,
		               text, fault);
	pattern = keep_pattern_make(text + is_negated);
	pattern.is_negated = is_negated;
	pattern.source = mem_text(source);
	pattern.line = line;
	keep_rules_take(rules, pattern);
	return 0;
}

void keep_rules_add_copy(struct keep_rules *rules, const struct keep_pattern *pattern)
{
	struct keep_pattern copy = keep_pattern_make(pattern->text);

	copy.is_negated = pattern->is_negated;
	copy.source = mem_text(pattern->source);
	copy.line = pattern->line;
	keep_rules_take(rules, copy);
}

void keep_rules_done(struct keep_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		free(rules->items[i].text);
		free(rules->items[i].source);
		free(rules->items[i].repository);
		free(rules->items[i].tag);
		free(rules->items[i].digest);
		free(rules->items[i].image);
	}
	free(rules->items);
	*rules = (struct keep_rules)KEEP_RULES_INIT;
}

char *keep_rule_words(const struct keep_rules *rules, size_t rule)
{
	const struct keep_pattern *pattern;

	if (rule == KEEP_LAST)
		return mem_print("--keep-last %u", rules->last);
	pattern = &rules->items[rule];
	if (!pattern->source)
		return mem_print("--keep '%s'", pattern->text);
	return mem_print("--keep-from %s line %zu '%s%s'", pattern->source, pattern->line,
	                 pattern->is_negated ? "!" : "", pattern->text);
}
