/* err.c - one error: what kind, and one line of text that names what failed. */
#include "metadata/base/err.h"

#include "metadata/base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Copies TEXT into the error with control and non-UTF-8 bytes escaped. */
static void err_store(struct err *err, const char *text)
{
	text_escape(err->text, sizeof(err->text), text, strlen(text));
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	if (!err)
		return -1;
	assert(err->kind == ERR_NONE);
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	err->kind = kind;
	err->code = 0;
	err_store(err, text);
	return -1;
}

int err_errno(struct err *err, const char *format, ...)
{
	int code = errno;
	char text[ERR_TEXT_MAX];
	size_t len;
	va_list args;

	if (!err)
		return -1;
	assert(err->kind == ERR_NONE);
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	len = strlen(text);
	(void)snprintf(text + len, sizeof(text) - len, ": %s", strerror(code));
	err->kind = ERR_SYSTEM;
	err->code = code;
	err_store(err, text);
	return -1;
}

int err_wrap(struct err *err, const char *format, ...)
{
	char where[ERR_TEXT_MAX];
	char text[2 * ERR_TEXT_MAX + 2];
	size_t cut;
	va_list args;

	if (!err)
		return -1;
	assert(err->kind != ERR_NONE);
	va_start(args, format);
	(void)vsnprintf(where, sizeof(where), format, args);
	va_end(args);
	text_escape(text, ERR_TEXT_MAX, where, strlen(where));
	(void)strcat(text, ": ");
	(void)strcat(text, err->text); /* escaped already */
	cut = ERR_TEXT_MAX - 1;
	while (strlen(text) > cut && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--; /* not in the middle of a character */
	text[cut] = '\0';
	(void)memcpy(err->text, text, ERR_TEXT_MAX);
	return -1;
}

bool err_is_set(const struct err *err)
{
	return err->kind != ERR_NONE;
}

bool err_has_code(const struct err *err, int code)
{
	return err->kind == ERR_SYSTEM && err->code == code;
}

void err_clear(struct err *err)
{
	err->kind = ERR_NONE;
	err->code = 0;
	err->text[0] = '\0';
}
