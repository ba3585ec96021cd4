/* cmd_layer.c - layer ls, layer prune. */
#include "gc/cmd.h"
#include "gc/prune.h"
#include "gc/show/dir_rows.h"

int cmd_layer_ls(const struct command_call *call, struct err *err)
{
	AUTO(census) struct census *census = census_make(call->session);
	AUTO(row_list) struct row_list list = { .name = NULL };

	if (census_measure(census, call->session, err) < 0)
		return -1;
	list = dir_rows_make(call->session, census, call->settings->orphans);
	row_print_one(call->console->out, call->settings, &list);
	return 0;
}

int cmd_layer_prune(const struct command_call *call, struct err *err)
{
	struct selection_scope scope = { .layers = true };

	return prune(call, &scope, err);
}
