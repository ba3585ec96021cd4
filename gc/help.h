/* help.h - usage texts, made from the tables of commands and options. */
#ifndef GC_HELP_H
#define GC_HELP_H

#include "gc/command.h"

#include <stdio.h>

/* The overview of all commands. */
void help_print_program(FILE *out);

/* The commands of one group; prints nothing and returns false when there is no such group. */
bool help_print_group(FILE *out, const char *group);

/* One command: usage, summary, options. */
void help_print_command(FILE *out, const struct command *command);

#endif
