/* console.c - where a command reads and writes: data, words about it, answers. */
#include "gc/console.h"

#include "metadata/base/own.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

void console_init(struct console *console)
{
	bool is_terminal = isatty(STDERR_FILENO) == 1;

	*console = (struct console){
		.in = stdin,
		.out = stdout,
		.words = stderr,
		.can_ask = is_terminal && isatty(STDIN_FILENO) == 1,
		.shows_progress = is_terminal,
	};
}

bool console_ask(const struct console *console, const char *question)
{
	AUTO(str) char *line = NULL;
	size_t size = 0;
	const char *answer;
	size_t len;

	(void)fprintf(console->words, "%s [y/N] ", question);
	(void)fflush(console->words);
	if (getline(&line, &size, console->in) < 0) {
		(void)fputc('\n', console->words);
		return false;
	}
	answer = line + strspn(line, " \t");
	len = strcspn(answer, " \t\r\n");
	if (answer[len + strspn(answer + len, " \t\r\n")] != '\0')
		return false;
	return (len == 1 && strncasecmp(answer, "y", 1) == 0) ||
	       (len == 3 && strncasecmp(answer, "yes", 3) == 0);
}
