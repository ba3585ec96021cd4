/* rules.c - what else a prune command says of what goes: its filters and keep rules. */
#include "gc/plan/rules.h"

#include "metadata/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that stand for themselves in a word; comma, equals sign and percent do not. */
#define PLAIN                                                                                      \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"                           \
	"._-/:@*!"
#define HEX "0123456789ABCDEF"
#define NANOSECONDS_MAX 999999999

void rules_done(struct rules *rules)
{
	filter_set_done(&rules->filters);
	keep_rules_done(&rules->keep);
}

void rules_copy(struct rules *rules, const struct filter_set *filters,
                const struct keep_rules *keep)
{
	for (size_t i = 0; filters && i < filters->count; i++)
		filter_set_add(&rules->filters, filters->items[i].key, filters->items[i].value);
	if (filters) {
		rules->filters.has_until = filters->has_until;
		rules->filters.until = filters->until;
	}
	for (size_t i = 0; keep && i < keep->count; i++)
		keep_rules_add_copy(&rules->keep, &keep->items[i]);
	rules->keep.last = keep ? keep->last : 0;
}

/* ---- to words ---- */

/* Appends SEPARATOR and BYTES. */
static void rules_print_bytes(struct text *text, const char *separator, const char *bytes)
{
	text_print(text, "%s", separator);
	for (const char *at = bytes; *at; at++) {
		if (strchr(PLAIN, *at))
			text_add(text, at, 1);
		else
			text_print(text, "%%%02X", (unsigned)(unsigned char)*at);
	}
}

static void rules_print_pattern(struct text *text, const struct keep_pattern *pattern)
{
	if (!pattern->source) {
		rules_print_bytes(text, ",keep=", pattern->text);
		return;
	}
	rules_print_bytes(text, ",keep-line=", pattern->source);
	text_print(text, "=%zu", pattern->line);
	rules_print_bytes(text, pattern->is_negated ? "=!" : "=", pattern->text);
}

void rules_print(struct text *text, const struct filter_set *filters, const struct keep_rules *keep)
{
	for (size_t i = 0; filters && i < filters->count; i++) {
		rules_print_bytes(text, ",filter=", filters->items[i].key);
		rules_print_bytes(text, "=", filters->items[i].value);
	}
	if (filters && filters->has_until)
		text_print(text, ",until=%" PRId64 "=%" PRIu32, filters->until.seconds,
		           filters->until.nanoseconds);
	for (size_t i = 0; keep && i < keep->count; i++)
		rules_print_pattern(text, &keep->items[i]);
	if (keep && keep->last > 0)
		text_print(text, ",keep-last=%u", keep->last);
}

/* ---- from words ---- */

/* The parts of a word, between its equals signs. */
#define RULES_PARTS 4
struct rules_word {
	char *copy; /* owned; the parts are in it */
	const char *parts[RULES_PARTS];
	size_t count;
};

static void rules_word_cleanup(struct rules_word *word)
{
	free(word->copy);
}

/* The number of an upper-case hexadecimal digit; -1 if it is none. */
static int rules_digit(char c)
{
	const char *at = c ? strchr(HEX, c) : NULL;

	return at ? (int)(at - HEX) : -1;
}

/* Puts bytes in place of their %XX. */
static bool rules_decode(char *part)
{
	char *to = part;

	for (const char *at = part; *at; at++, to++) {
		int high;
		int low;

		if (*at != '%') {
			*to = *at;
			continue;
		}
		high = rules_digit(at[1]);
		low = high < 0 ? -1 : rules_digit(at[2]);
		if (low < 0 || (high == 0 && low == 0))
			return false;
		*to = (char)(high * 16 + low);
		at += 2;
	}
	*to = '\0';
	return true;
}

static bool rules_split(struct rules_word *word, const char *text)
{
	char *rest = word->copy = mem_text(text);

	while (rest) {
		char *part = strsep(&rest, "=");

		if (word->count == RULES_PARTS || !rules_decode(part))
			return false;
		word->parts[word->count++] = part;
	}
	return true;
}

static bool rules_read_filter(struct rules *rules, const char *const *parts)
{
	filter_set_add(&rules->filters, parts[1], parts[2]);
	return true;
}

static bool rules_read_until(struct rules *rules, const char *const *parts)
{
	const char *digits = parts[1] + (parts[1][0] == '-');
	uint64_t seconds;
	uint64_t nanoseconds;

	if (!text_parse_u64(digits, INT64_MAX, &seconds) ||
	    !text_parse_u64(parts[2], NANOSECONDS_MAX, &nanoseconds))
		return false;
	rules->filters.has_until = true;
	rules->filters.until.seconds = digits > parts[1] ? -(int64_t)seconds : (int64_t)seconds;
	rules->filters.until.nanoseconds = (uint32_t)nanoseconds;
	return true;
}

static bool rules_read_keep(struct rules *rules, const char *const *parts)
{
	return keep_rules_add(&rules->keep, parts[1], NULL) == 0;
}

static bool rules_read_line(struct rules *rules, const char *const *parts)
{
	uint64_t line;

	return text_parse_u64(parts[2], SIZE_MAX, &line) &&
	       keep_rules_add_line(&rules->keep, parts[1], (size_t)line, parts[3], NULL) == 0;
}

static bool rules_read_last(struct rules *rules, const char *const *parts)
{
	uint64_t last;

	if (!text_parse_u64(parts[1], UINT32_MAX, &last) || last == 0)
		return false;
	rules->keep.last = (unsigned)last;
	return true;
}

bool rules_read_word(struct rules *rules, const char *text)
{
	static const struct {
		const char *name;
		size_t count; /* of parts, the name among them */
		bool (*read)(struct rules *rules, const char *const *parts);
	} words[] = {
		{ "filter", 3, rules_read_filter },  { "until", 3, rules_read_until },
		{ "keep", 2, rules_read_keep },      { "keep-line", 4, rules_read_line },
		{ "keep-last", 2, rules_read_last },
	};
	AUTO(rules_word) struct rules_word word = { .copy = NULL };

	if (!rules_split(&word, text) || word.count == 0)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].name, word.parts[0]) == 0)
			return words[i].count == word.count && words[i].read(rules, word.parts);
	}
	return false;
}
