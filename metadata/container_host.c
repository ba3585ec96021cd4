/* container_host.c - hostconfig.json: how a container is to be run. */
#include "metadata/container.h"

#include "metadata/base/gojson.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct gojson_rule host_rules[] = {
	{ "NetworkMode", GOJSON_TEXT }, { "RestartPolicy", GOJSON_OBJECT },
	{ "AutoRemove", GOJSON_BOOL },  { "Binds", GOJSON_ARRAY },
	{ "LogConfig", GOJSON_OBJECT }, { "VolumesFrom", GOJSON_ARRAY },
	{ "Mounts", GOJSON_ARRAY },
};

static const struct gojson_rule policy_rules[] = {
	{ "Name", GOJSON_TEXT },
	{ "MaximumRetryCount", GOJSON_NUMBER },
};

int container_parse_hostconfig(struct container *container, const char *bytes, size_t len,
                               struct err *err)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	const struct json_t *policy;
	const char *mode;
	const char *name;

	if (gojson_parse(&json, bytes, len, GOJSON_FIRST_VALUE, err) < 0)
		return -1;
	if (json.has_duplicates || gojson_is_ambiguous(&json, "RestartPolicy"))
		return err_set(err, ERR_CORRUPT, "some key stands twice in one object");
	policy = gojson_field(json.root, "RestartPolicy");
	if (gojson_check(json.root, "", host_rules, COUNT(host_rules), err) < 0 ||
	    gojson_check(policy, "RestartPolicy", policy_rules, COUNT(policy_rules), err) < 0)
		return -1;
	mode = gojson_text(gojson_field(json.root, "NetworkMode"));
	name = gojson_text(gojson_field(policy, "Name"));
	container->has_policy = name;
	container->has_mode = mode;
	free(container->network_mode);
	free(container->restart_policy);
	container->network_mode = mem_text(mode ? mode : "");
	container->restart_policy = mem_text(name ? name : "");
	(void)gojson_integer(gojson_field(policy, "MaximumRetryCount"),
	                     &container->restart_maximum);
	container->is_auto_remove = gojson_is_true(gojson_field(json.root, "AutoRemove"));
	return 0;
}

bool container_will_run(const struct container *container)
{
	return container->is_running || container->is_paused || container->is_restarting ||
	       container_will_restart(container);
}

bool container_will_restart(const struct container *container)
{
	const char *policy = container->restart_policy ? container->restart_policy : "";
	bool is_alive = container->is_running || container->is_paused || container->is_restarting;

	if (policy[0] == '\0' || strcmp(policy, "no") == 0 || !container->has_started)
		return false;
	if (strcmp(policy, "unless-stopped") == 0)
		return !container->was_stopped_by_hand;
	if (strcmp(policy, "on-failure") == 0)
		return (container->exit_code != 0 || is_alive) &&
		       (container->restart_maximum == 0 ||
		        container->restart_count < container->restart_maximum);
	return true; /* always, or a policy of a later dockerd */
}
