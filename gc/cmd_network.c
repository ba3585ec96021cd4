/* cmd_network.c - network ls, network prune. */
#include "gc/cmd.h"
#include "gc/prune.h"
#include "gc/show/row.h"

static const struct row_column columns[] = {
	{ "NETWORK ID", "id", ROW_ID },   { "NAME", "name", ROW_TEXT },
	{ "DRIVER", "driver", ROW_TEXT }, { "SCOPE", "scope", ROW_TEXT },
	{ NULL, "created", ROW_TIME },
};

int cmd_network_ls(const struct command_call *call, struct err *err)
{
	const struct network_list *networks = &call->session->state->networks;
	AUTO(row_list) struct row_list list = ROW_LIST("networks", NULL, columns);

	(void)err; /* nothing here can fail */
	for (size_t i = 0; i < networks->count; i++) {
		const struct network *network = &networks->items[i];

		row_add_id(&list, network->id);
		row_add_text(&list, network->name);
		row_add_text(&list, network->type);
		row_add_text(&list, network->scope);
		row_add_time(&list, network->created);
	}
	row_print_one(call->console->out, call->settings, &list);
	return 0;
}

int cmd_network_prune(const struct command_call *call, struct err *err)
{
	struct selection_scope scope = { .networks = true,
		                         .docker_compat = call->settings->docker_compat };

	return prune(call, &scope, err);
}
