/* cmd_volume.c - volume ls, volume prune. */
#include "gc/cmd.h"
#include "gc/prune.h"
#include "gc/show/volume_rows.h"

int cmd_volume_ls(const struct command_call *call, struct err *err)
{
	const struct state *state = call->session->state;
	size_t *links = volume_rows_links(state);
	AUTO(row_list) struct row_list list = volume_rows_make(state, links, NULL);

	(void)err; /* nothing here can fail */
	row_print_one(call->console->out, call->settings, &list);
	free(links);
	return 0;
}

int cmd_volume_prune(const struct command_call *call, struct err *err)
{
	struct selection_scope scope = { .volumes = true, .all_volumes = call->settings->all };

	return prune(call, &scope, err);
}
