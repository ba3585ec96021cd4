/* cmd_builder.c - builder du, builder prune. */
#include "gc/cmd.h"
#include "gc/prune.h"
#include "gc/show/cache_rows.h"
#include "gc/show/size_text.h"

int cmd_builder_du(const struct command_call *call, struct err *err)
{
	AUTO(sizing) struct sizing *sizes = NULL;
	AUTO(row_list) struct row_list list = { .name = NULL };
	struct cache_sum sum;
	char text[SIZE_TEXT_MAX];

	if (cache_rows_measure(&sizes, call->session, err) < 0)
		return -1;
	list = cache_rows_make(call->session->state, sizes, 0, &sum);
	row_print_one(call->console->out, call->settings, &list);
	if (call->settings->format != OUTPUT_TABLE)
		return 0;
	/* as buildx ends its list */
	(void)fprintf(call->console->out, "Shared:\t\t%s\n",
	              size_text(text, (uint64_t)sum.shared_bytes));
	(void)fprintf(call->console->out, "Private:\t%s\n",
	              size_text(text, (uint64_t)sum.private_bytes));
	/* with dockerd stopped nothing is in use */
	(void)fprintf(call->console->out, "Reclaimable:\t%s\n",
	              size_text(text, (uint64_t)(sum.shared_bytes + sum.private_bytes)));
	(void)fprintf(call->console->out, "Total:\t\t%s\n",
	              size_text(text, (uint64_t)(sum.shared_bytes + sum.private_bytes)));
	return 0;
}

int cmd_builder_prune(const struct command_call *call, struct err *err)
{
	struct selection_scope scope = { .cache = true, .all_cache = call->settings->all };

	return prune(call, &scope, err);
}
