/* cmd_df.c - system df. */
#include "gc/cmd.h"
#include "gc/earlier_trash.h"
#include "gc/show/container_rows.h"
#include "gc/show/df.h"
#include "gc/show/dir_rows.h"
#include "gc/show/image_rows.h"
#include "gc/show/size_text.h"
#include "gc/show/volume_rows.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <string.h>

/* The summary and every object, as `docker system df -v` and more. */
static void cmd_df_details(const struct command_call *call, struct df *df,
                           const struct row_list *summary)
{
	const struct state *state = call->session->state;
	char size[SIZE_TEXT_MAX];
	AUTO(str)
	char *title = mem_print("Build cache usage: %s",
	                        size_text(size, (uint64_t)df->cache_sum.private_bytes));
	AUTO(row_list)
	struct row_list images = image_rows_make(state, df->images, IMAGE_ROWS_USAGE);
	AUTO(row_list)
	struct row_list containers =
	    container_rows_make(state, df->container_sizes, CONTAINER_ROWS_USAGE);
	AUTO(row_list)
	struct row_list volumes = volume_rows_make(state, df->volume_links, df->volume_sizes);
	AUTO(row_list) struct row_list orphans = dir_rows_make(call->session, df->census, true);
	AUTO(row_list) struct row_list leftovers = df_leftovers(df);
	const struct row_list *const lists[] = { summary,         &images,  &containers, &volumes,
		                                 &df->cache_rows, &orphans, &leftovers };

	df->cache_rows.title = title;
	orphans.title = "Orphan layer directories:";
	orphans.name = "orphans";
	row_print(call->console->out, call->settings->format, call->settings->no_trunc, lists,
	          sizeof(lists) / sizeof(lists[0]));
	df->cache_rows.title = NULL;
}

/* What takes space beside what the table counts; a broken journal is no reason to show no table. */
static void cmd_df_earlier(const struct command_call *call)
{
	struct err err = ERR_INIT;
	char text[ERR_TEXT_MAX];

	if (earlier_trash_tell(call, &err) == 0)
		return;
	text_escape(text, sizeof(text), err.text, strlen(err.text));
	(void)fprintf(call->console->words, "drydock: warning: %s\n", text);
}

int cmd_system_df(const struct command_call *call, struct err *err)
{
	AUTO(df) struct df df = { .session = NULL };
	AUTO(row_list) struct row_list summary = { .name = NULL };

	if (df_measure(&df, call->session, err) < 0)
		return -1;
	if (!call->settings->is_quiet)
		cmd_df_earlier(call);
	summary = df_summary(&df);
	if (call->settings->is_verbose)
		cmd_df_details(call, &df, &summary);
	else
		row_print_one(call->console->out, call->settings, &summary);
	return 0;
}
