/* daemon.c - a dockerd that its pid file tells of: a hint, for where no lock shows it. */
#include "gc/session/daemon.h"

#include "metadata/base/file.h"
#include "metadata/base/gojson.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "metadata/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DAEMON_COMMAND_MAX ((size_t)128 << 10) /* bytes of a command line that are looked at */

const struct daemon_paths daemon_paths_default = { "/proc", ROOT_DAEMON_JSON,
	                                           "/var/run/docker.pid" };

/* Takes "pidfile" and "data-root" (before 17.05 "graph") from daemon.json, if they are there. */
static void daemon_read_config(const char *path, char **pidfile, char **data_root)
{
	AUTO(str) char *bytes = NULL;
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct err ignored = ERR_INIT; /* what cannot be read is no hint */
	const char *text;
	size_t len;

	if (file_read(AT_FDCWD, path, FILE_RECORD_MAX, &bytes, &len, &ignored) < 0 ||
	    gojson_parse(&json, bytes, len, GOJSON_WHOLE_TEXT, &ignored) < 0)
		return;
	text = gojson_text(gojson_field(json.root, "pidfile"));
	*pidfile = mem_text(text);
	text = gojson_text(gojson_field(json.root, "data-root"));
	if (!text)
		text = gojson_text(gojson_field(json.root, "graph"));
	*data_root = mem_text(text);
}

static bool daemon_read_pid(const char *pidfile, int *pid)
{
	AUTO(str) char *bytes = NULL;
	struct err ignored = ERR_INIT;
	uint64_t number;
	size_t len;

	if (file_read(AT_FDCWD, pidfile, FILE_LINE_MAX, &bytes, &len, &ignored) < 0)
		return false;
	bytes[strcspn(bytes, " \t\r\n")] = '\0';
	if (!text_parse_u64(bytes, INT_MAX, &number) || number == 0)
		return false;
	*pid = (int)number;
	return true;
}

/* Reads a file of /proc, whose size is not known before. The caller frees; NULL: not readable. */
static char *daemon_read_proc(const char *path, size_t *len)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(str) char *bytes = mem_zalloc(DAEMON_COMMAND_MAX + 1, 1);
	size_t used = 0;

	if (fd < 0)
		return NULL;
	while (used < DAEMON_COMMAND_MAX) {
		ssize_t got = read(fd, bytes + used, DAEMON_COMMAND_MAX - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	*len = used;
	return TAKE(bytes, NULL);
}

/* The value of a word that is OPTION=value, or OPTION with the value in the word after it. */
static const char *daemon_option(const char *word, const char *next, const char *option)
{
	size_t len = strlen(option);

	if (strncmp(word, option, len) != 0)
		return NULL;
	if (word[len] == '=')
		return word + len + 1;
	return word[len] == '\0' ? next : NULL;
}

/* The data root that a command line names, the last one if there are more; NULL: none. */
static char *daemon_named_root(const char *proc, int pid)
{
	static const char *const options[] = { "--data-root", "--graph", "-g" };
	AUTO(str) char *path = mem_print("%s/%d/cmdline", proc, pid);
	size_t len = 0;
	AUTO(str) char *words = daemon_read_proc(path, &len);
	const char *named = NULL;

	for (size_t at = 0; words && at < len; at += strlen(words + at) + 1) {
		size_t next = at + strlen(words + at) + 1;

		for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
			const char *value =
			    daemon_option(words + at, next < len ? words + next : NULL, options[i]);

			named = value ? value : named;
		}
	}
	return mem_text(named);
}

static bool daemon_is_userns_name(const char *name)
{
	size_t uid = strspn(name, "0123456789");

	return uid > 0 && name[uid] == '.' && name[uid + 1] != '\0' &&
	       strspn(name + uid + 1, "0123456789") == strlen(name + uid + 1);
}

/* Says whether PATH, as process PID sees it, is the directory ROOT_FD, or the one above it when
 * that is a userns root. */
static bool daemon_is_root(const char *proc, int pid, const char *path, int root_fd,
                           const char *root_path)
{
	const char *name = strrchr(root_path, '/');
	AUTO(str)
	char *seen = mem_print("%s/%d/%s/%s", proc, pid, path[0] == '/' ? "root" : "cwd", path);
	struct stat theirs;
	struct stat ours;

	if (stat(seen, &theirs) < 0)
		return strcmp(path, root_path) == 0;
	if (fstat(root_fd, &ours) == 0 && ours.st_dev == theirs.st_dev &&
	    ours.st_ino == theirs.st_ino)
		return true;
	return name && daemon_is_userns_name(name + 1) && fstatat(root_fd, "..", &ours, 0) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

bool daemon_find(struct holder *holder, const struct daemon_paths *paths, int root_fd,
                 const char *root_path)
{
	AUTO(str) char *pidfile = NULL;
	AUTO(str) char *configured = NULL;
	AUTO(str) char *named = NULL;
	const char *used = ROOT_DEFAULT;

	daemon_read_config(paths->config, &pidfile, &configured);
	if (!daemon_read_pid(pidfile ? pidfile : paths->pidfile, &holder->pid) ||
	    !holder_command(holder->pid, paths->proc, holder->command) ||
	    strcmp(holder->command, "dockerd") != 0)
		return false;
	named = daemon_named_root(paths->proc, holder->pid);
	if (named)
		used = named;
	else if (configured)
		used = configured;
	return daemon_is_root(paths->proc, holder->pid, used, root_fd, root_path);
}
