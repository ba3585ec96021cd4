/* mountline.c - one line of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)). */
#include "overlay2/mountline.h"

#include <stddef.h>
#include <string.h>

#define MOUNTLINE_FIXED_FIELDS 6 /* before the optional ones, which a lone dash ends */

static bool mountline_is_octal(const char *at)
{
	for (int i = 1; i <= 3; i++) {
		if (at[i] < '0' || at[i] > '7')
			return false;
	}
	return at[0] == '\\';
}

/* The kernel writes blanks, newlines and backslashes as \040, \012, \134; in options commas, too.
 */
static void mountline_unescape(char *text)
{
	char *out = text;

	for (const char *at = text; *at != '\0'; out++) {
		if (mountline_is_octal(at)) {
			*out = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			at += 4;
		} else {
			*out = *at++;
		}
	}
	*out = '\0';
}

/* Cuts the next field off; NULL when there is none. */
static char *mountline_field(char **rest)
{
	char *field = *rest;

	if (!field || *field == '\0')
		return NULL;
	*rest = strchr(field, ' ');
	if (*rest)
		*(*rest)++ = '\0';
	return field;
}

static bool mountline_is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

bool mountline_parse(struct mountline *mount, char *line)
{
	char *fields[MOUNTLINE_FIXED_FIELDS];
	char *field;

	for (size_t i = 0; i < MOUNTLINE_FIXED_FIELDS; i++) {
		fields[i] = mountline_field(&line);
		if (!fields[i])
			return false;
	}
	do {
		field = mountline_field(&line);
		if (!field)
			return false;
	} while (strcmp(field, "-") != 0);
	*mount =
	    (struct mountline){ fields[0], fields[1], fields[2], fields[3], fields[4], NULL, NULL };
	mount->type = mountline_field(&line);
	if (!mount->type || !mountline_field(&line)) /* the source does not matter */
		return false;
	field = mountline_field(&line);
	mount->options = field ? field : mount->type + strlen(mount->type);
	mountline_unescape(mount->root);
	mountline_unescape(mount->point);
	return mountline_is_number(mount->id) && mountline_is_number(mount->parent) &&
	       strchr(mount->device, ':') &&
	       (mount->root[0] == '/' || strchr(mount->root, ':')); /* nsfs: "net:[...]" */
}

char *mountline_next_option(char **options, char **value)
{
	char *name = *options;

	if (*name == '\0')
		return NULL;
	*options += strcspn(name, ",");
	if (**options != '\0')
		*(*options)++ = '\0';
	*value = name + strcspn(name, "=");
	if (**value != '\0')
		*(*value)++ = '\0';
	mountline_unescape(name);
	mountline_unescape(*value);
	return name;
}

const char *mountline_below(const char *base, const char *path)
{
	size_t len = strlen(base);

	if (len == 1 && base[0] == '/') /* the only path that ends in a slash */
		len = 0;
	if (strncmp(base, path, len) != 0 || (path[len] != '/' && path[len] != '\0'))
		return NULL;
	return path[len] == '/' ? path + len + 1 : path + len;
}

char *mountline_next_path(char **list)
{
	char *path = *list;
	char *out = path;
	char *at = path;

	while (*at != '\0' && *at != ':') {
		if (*at == '\\' && at[1] != '\0')
			at++;
		*out++ = *at++;
	}
	*list = *at == ':' ? at + 1 : NULL;
	*out = '\0';
	return path;
}
