/* archive_option.c - what --archive means: a file that is not there yet, or standard output. */
#include "gc/archive_option.h"

#include "metadata/base/mem.h"
#include "overlay2/archive_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool archive_option_is_stdout(const struct settings *settings)
{
	return settings->archive && strcmp(settings->archive, ARCHIVE_FILE_STDOUT) == 0;
}

int archive_option_check(const struct command *command, const struct settings *settings,
                         struct err *err)
{
	struct stat st;

	if (!settings->archive || settings->dry_run)
		return 0;
	if (archive_option_is_stdout(settings))
		return isatty(STDOUT_FILENO)
		           ? err_set(
				 err, ERR_USAGE,
				 "--archive -: standard output is a terminal; send it to a file "
				 "or pipe")
		           : 0;
	if (strcmp(command->group, "run") == 0 || lstat(settings->archive, &st) < 0)
		return 0; /* what is wrong with its directory is told when it is made */
	return err_set(err, ERR_STATE, "--archive %s: exists already", settings->archive);
}

int archive_option_path(char **path, const char *file, struct err *err)
{
	AUTO(str) char *dir = NULL;

	if (file[0] == '/' || strcmp(file, ARCHIVE_FILE_STDOUT) == 0) {
		*path = mem_text(file);
		return 0;
	}
	dir = getcwd(NULL, 0);
	if (!dir)
		return err_errno(err, "%s: find the current directory", file);
	*path = mem_print("%s/%s", dir, file);
	return 0;
}
