/* cmd_container.c - container ls, container prune. */
#include "gc/cmd.h"
#include "gc/prune.h"
#include "gc/show/container_rows.h"

int cmd_container_ls(const struct command_call *call, struct err *err)
{
	AUTO(sizing) struct sizing *sizes = NULL;
	AUTO(row_list) struct row_list list = { .name = NULL };

	if (container_rows_measure(&sizes, call->session, err) < 0)
		return -1;
	list = container_rows_make(call->session->state, sizes, 0);
	row_print_one(call->console->out, call->settings, &list);
	return 0;
}

int cmd_container_prune(const struct command_call *call, struct err *err)
{
	struct selection_scope scope = { .containers = true };

	return prune(call, &scope, err);
}
