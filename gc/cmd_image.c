/* cmd_image.c - image ls, image prune. */
#include "gc/cmd.h"
#include "gc/prune.h"
#include "gc/show/image_rows.h"

int cmd_image_ls(const struct command_call *call, struct err *err)
{
	const struct state *state = call->session->state;
	AUTO(image_facts) struct image_facts *facts = image_facts_make(state);
	AUTO(row_list)
	struct row_list list =
	    image_rows_make(state, facts, call->settings->all ? IMAGE_ROWS_ALL : 0);

	(void)err;
	row_print_one(call->console->out, call->settings, &list);
	return 0;
}

int cmd_image_prune(const struct command_call *call, struct err *err)
{
	struct selection_scope scope = { .images = true, .all_images = call->settings->all };

	return prune(call, &scope, err);
}
