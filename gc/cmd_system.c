/* cmd_system.c - system prune; system df is in cmd_df.c. */
#include "gc/cmd.h"
#include "gc/prune.h"

int cmd_system_prune(const struct command_call *call, struct err *err)
{
	struct selection_scope scope = {
		.containers = true,
		.images = true,
		.all_images = call->settings->all,
		.networks = true,
		.volumes = call->settings->volumes,
		.cache = true,
		.all_cache = call->settings->all,
		.docker_compat = call->settings->docker_compat,
		.layers = true,
	};

	return prune(call, &scope, err);
}
