/* quote.c - any bytes as a JSON string, and back: names on disk need not be UTF-8. */
#include "metadata/base/quote.h"

#include "metadata/base/mem.h"

#include <string.h>

void quote_add(struct text *text, const char *word)
{
	size_t len = strlen(word);
	AUTO(str) char *escaped = mem_zalloc(4 * len + 1, 1);
	size_t rest = text_escape(escaped, 4 * len + 1, word, len);

	text_add(text, "\"", 1);
	for (const char *from = escaped; rest > 0;) {
		size_t plain = strcspn(from, "\"\\");

		text_add(text, from, plain);
		if (plain == rest)
			break;
		text_print(text, "\\%c", from[plain]);
		from += plain + 1;
		rest -= plain + 1;
	}
	text_add(text, "\"", 1);
}

void quote_member(struct text *text, const char *key, const char *word)
{
	if (text->len > 0 && text->data[text->len - 1] != '{')
		text_add(text, ",", 1);
	text_print(text, "\"%s\":", key);
	quote_add(text, word);
}

static int quote_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = digit == '\0' ? NULL : strchr(digits, digit);

	return at ? (int)(at - digits) : -1;
}

/* Reads what follows a backslash; returns how many characters that is, 0: nothing known. */
static size_t quote_undo_byte(const char *from, char *byte)
{
	static const char named[][2] = {
		{ '\n', 'n' }, { '\t', 't' }, { '\r', 'r' }, { '\\', '\\' }
	};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (*from == named[i][1]) {
			*byte = named[i][0];
			return 1;
		}
	}
	if (*from != 'x' || quote_digit(from[1]) < 0 || quote_digit(from[2]) < 0)
		return 0;
	*byte = (char)(quote_digit(from[1]) << 4 | quote_digit(from[2]));
	return *byte == '\0' ? 0 : 3;
}

bool quote_undo(char *word)
{
	char *to = word;

	for (const char *from = word; *from != '\0';) {
		size_t len;

		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		len = quote_undo_byte(from + 1, to);
		if (len == 0)
			return false;
		to++;
		from += 1 + len;
	}
	*to = '\0';
	return true;
}
