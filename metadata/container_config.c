/* container_config.c - config.v2.json: what a container is and what it uses. */
#include "metadata/container.h"

#include "metadata/base/gojson.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/timestamp.h"
#include "metadata/label.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What Go's decoder demands of the fields of container.Container, 20.10 to 29. */
static const struct gojson_rule container_rules[] = {
	{ "State", GOJSON_OBJECT },
	{ "ID", GOJSON_TEXT },
	{ "Created", GOJSON_TEXT },
	{ "Managed", GOJSON_BOOL },
	{ "Path", GOJSON_TEXT },
	{ "Args", GOJSON_ARRAY },
	{ "Config", GOJSON_OBJECT },
	{ "Image", GOJSON_TEXT },
	{ "NetworkSettings", GOJSON_OBJECT },
	{ "LogPath", GOJSON_TEXT },
	{ "Name", GOJSON_TEXT },
	{ "Driver", GOJSON_TEXT },
	{ "OS", GOJSON_TEXT },
	{ "RestartCount", GOJSON_NUMBER },
	{ "HasBeenStartedBefore", GOJSON_BOOL },
	{ "HasBeenManuallyStopped", GOJSON_BOOL },
	{ "MountPoints", GOJSON_OBJECT },
	{ "SecretReferences", GOJSON_ARRAY },
	{ "ConfigReferences", GOJSON_ARRAY },
	{ "HostnamePath", GOJSON_TEXT },
	{ "HostsPath", GOJSON_TEXT },
	{ "ResolvConfPath", GOJSON_TEXT },
	{ "NoNewPrivileges", GOJSON_BOOL },
};

static const struct gojson_rule state_rules[] = {
	{ "Running", GOJSON_BOOL },
	{ "Paused", GOJSON_BOOL },
	{ "Restarting", GOJSON_BOOL },
	{ "OOMKilled", GOJSON_BOOL },
	{ "RemovalInProgress", GOJSON_BOOL },
	{ "Dead", GOJSON_BOOL },
	{ "Pid", GOJSON_NUMBER },
	{ "ExitCode", GOJSON_NUMBER },
	{ "Error", GOJSON_TEXT },
	{ "StartedAt", GOJSON_TEXT },
	{ "FinishedAt", GOJSON_TEXT },
	{ "Health", GOJSON_OBJECT },
};

static const struct gojson_rule config_rules[] = {
	{ "Hostname", GOJSON_TEXT }, { "User", GOJSON_TEXT },     { "Tty", GOJSON_BOOL },
	{ "Env", GOJSON_ARRAY },     { "Image", GOJSON_TEXT },    { "Volumes", GOJSON_OBJECT },
	{ "Labels", GOJSON_OBJECT }, { "OnBuild", GOJSON_ARRAY }, { "WorkingDir", GOJSON_TEXT },
};

static const struct gojson_rule mount_rules[] = {
	{ "Source", GOJSON_TEXT }, { "Destination", GOJSON_TEXT }, { "RW", GOJSON_BOOL },
	{ "Name", GOJSON_TEXT },   { "Driver", GOJSON_TEXT },      { "Type", GOJSON_TEXT },
	{ "ID", GOJSON_TEXT },     { "Spec", GOJSON_OBJECT },
};

static const struct gojson_rule spec_rules[] = {
	{ "Type", GOJSON_TEXT },
	{ "Source", GOJSON_TEXT },
	{ "Target", GOJSON_TEXT },
};

static const struct gojson_rule network_rules[] = { { "NetworkID", GOJSON_TEXT } };

/* A copy of the string that field KEY is; "" if there is none. */
static char *container_text(const struct json_t *object, const char *key)
{
	const char *text = gojson_text(gojson_field(object, key));

	return mem_text(text ? text : "");
}

static bool container_is_true(const struct json_t *object, const char *key)
{
	return gojson_is_true(gojson_field(object, key));
}

/* The time that field KEY is, or all 0 if it is absent or Go's zero time. Returns 0, or -1. */
static int container_time(const struct json_t *object, const char *key, struct timestamp *time,
                          struct err *err)
{
	const char *text = gojson_text(gojson_field(object, key));

	*time = (struct timestamp){ 0, 0 };
	if (!text)
		return 0;
	if (!timestamp_read(text, time))
		return err_set(err, ERR_CORRUPT, "%s is no time: \"%s\"", key, text);
	if (time->seconds == TIMESTAMP_ZERO)
		*time = (struct timestamp){ 0, 0 };
	return 0;
}

static int container_read_state(struct container *container, const struct json_t *state,
                                struct err *err)
{
	struct timestamp started;
	struct timestamp finished;

	if (gojson_check(state, "State", state_rules, COUNT(state_rules), err) < 0 ||
	    container_time(state, "StartedAt", &started, err) < 0 ||
	    container_time(state, "FinishedAt", &finished, err) < 0)
		return -1;
	container->finished = finished.seconds;
	container->has_state = gojson_has(state, "Running") && gojson_has(state, "Paused") &&
	                       gojson_has(state, "Restarting");
	container->is_running = container_is_true(state, "Running");
	container->is_paused = container_is_true(state, "Paused");
	container->is_restarting = container_is_true(state, "Restarting");
	container->is_dead = container_is_true(state, "Dead");
	container->is_removing = container_is_true(state, "RemovalInProgress");
	(void)gojson_integer(gojson_field(state, "Pid"), &container->pid);
	(void)gojson_integer(gojson_field(state, "ExitCode"), &container->exit_code);
	container->has_started = container->has_started || started.seconds != 0;
	return 0;
}

static enum container_mount_type container_mount_type(const char *type, const char *driver)
{
	if (strcmp(type, "image") == 0)
		return CONTAINER_MOUNT_IMAGE;
	/* before 17.06 volumes had no type; anything with a driver is one (docker-data-root.md
	 * §2.1) */
	if (strcmp(type, "volume") == 0 || driver[0] != '\0')
		return CONTAINER_MOUNT_VOLUME;
	return CONTAINER_MOUNT_OTHER;
}

static int container_read_mount(struct container_mount *mount, const char *at,
                                const struct json_t *value, struct err *err)
{
	AUTO(str) char *where = mem_print("MountPoints[\"%s\"]", at);
	AUTO(str) char *where_spec = mem_print("%s.Spec", where);
	const struct json_t *spec = gojson_field(value, "Spec");
	AUTO(str) char *type = NULL;
	const char *source;

	if (!value)
		return err_set(err, ERR_CORRUPT, "%s is null: dockerd would panic on it", where);
	if (gojson_kind(value) != GOJSON_OBJECT)
		return err_set(err, ERR_CORRUPT, "%s is no object", where);
	if (gojson_count(value, "Spec") > 1)
		return err_set(err, ERR_CORRUPT, "%s stands twice", where_spec);
	if (gojson_check(value, where, mount_rules, COUNT(mount_rules), err) < 0 ||
	    gojson_check(spec, where_spec, spec_rules, COUNT(spec_rules), err) < 0)
		return -1;
	type = container_text(value, "Type");
	mount->name = container_text(value, "Name");
	mount->driver = container_text(value, "Driver");
	mount->type = container_mount_type(type, mount->driver);
	mount->mount_id =
	    mount->type == CONTAINER_MOUNT_IMAGE ? container_text(value, "ID") : mem_text("");
	source = gojson_text(gojson_field(spec, "Source"));
	if (mount->type != CONTAINER_MOUNT_IMAGE) {
		mount->source = container_text(value, "Source");
		mount->spec_source = mem_text(source ? source : "");
	} else if (source) {
		mount->image_id = mem_text(id_digest_hex(source));
	}
	return 0;
}

static int container_read_mounts(struct container *container, const struct json_t *map,
                                 struct err *err)
{
	const struct json_t *value;
	const char *at;
	size_t capacity = 0;
	void *position = NULL;

	while (gojson_next(map, &position, &at, &value)) {
		struct container_mount *mount;

		container->mounts = mem_grow(container->mounts, container->mount_count, &capacity,
		                             sizeof(*container->mounts));
		mount = &container->mounts[container->mount_count++];
		*mount = (struct container_mount){ .type = CONTAINER_MOUNT_OTHER };
		if (container_read_mount(mount, at, value, err) < 0)
			return -1;
	}
	return 0;
}

static int container_read_networks(struct container *container, const struct json_t *settings,
                                   struct err *err)
{
	const struct json_t *map = gojson_field(settings, "Networks");
	const struct json_t *value;
	const char *name;
	size_t capacity = 0;
	void *position = NULL;

	container->has_networks = gojson_has(settings, "Networks");
	if (map && gojson_kind(map) != GOJSON_OBJECT)
		return err_set(err, ERR_CORRUPT, "NetworkSettings.Networks is no object");
	while (gojson_next(map, &position, &name, &value)) {
		AUTO(str) char *where = mem_print("NetworkSettings.Networks[\"%s\"]", name);

		if (value && gojson_kind(value) != GOJSON_OBJECT)
			return err_set(err, ERR_CORRUPT, "%s is no object", where);
		if (gojson_check(value, where, network_rules, COUNT(network_rules), err) < 0)
			return -1;
		container->networks = mem_grow(container->networks, container->network_count,
		                               &capacity, sizeof(*container->networks));
		container->networks[container->network_count++] =
		    (struct container_network){ mem_text(name),
			                        container_text(value, "NetworkID") };
	}
	return 0;
}

/* Whether dockerd takes the document for the container ID and starts with it. */
static int container_check(const struct container *container, const struct gojson *json,
                           struct err *err)
{
	static const char *const merged[] = { "State",           "Config",   "MountPoints",
		                              "NetworkSettings", "Networks", "Labels" };
	const char *id;

	if (json->has_duplicates)
		return err_set(err, ERR_CORRUPT, "some key stands twice in one object");
	for (size_t i = 0; i < COUNT(merged); i++) {
		if (gojson_is_ambiguous(json, merged[i]))
			return err_set(err, ERR_CORRUPT, "\"%s\" stands twice", merged[i]);
	}
	if (gojson_check(json->root, "", container_rules, COUNT(container_rules), err) < 0 ||
	    gojson_check(gojson_field(json->root, "Config"), "Config", config_rules,
	                 COUNT(config_rules), err) < 0)
		return -1;
	id = gojson_text(gojson_field(json->root, "ID"));
	if (!id || strcmp(id, container->id) != 0)
		return err_set(err, ERR_CORRUPT, "its ID is \"%s\", not the name of its directory",
		               id ? id : "");
	if (!gojson_field(json->root, "Config"))
		return err_set(err, ERR_CORRUPT, "has no Config: dockerd would panic on it");
	if (gojson_has(json->root, "State") && !gojson_field(json->root, "State"))
		return err_set(err, ERR_CORRUPT, "State is null: dockerd would panic on it");
	return 0;
}

static int container_read_image(struct container *container, const struct json_t *root,
                                struct err *err)
{
	const char *image = gojson_text(gojson_field(root, "Image"));

	if (!image || image[0] == '\0')
		return 0;
	container->image_id = mem_text(id_digest_hex(image));
	if (!container->image_id)
		return err_set(err, ERR_CORRUPT, "Image is no image ID: \"%s\"", image);
	return 0;
}

static int container_read_fields(struct container *container, const struct json_t *root,
                                 struct err *err)
{
	const struct json_t *config = gojson_field(root, "Config");
	const char *name = gojson_text(gojson_field(root, "Name"));
	struct timestamp created;

	container->name = mem_text(name ? name + (name[0] == '/') : "");
	container->driver = container_text(root, "Driver");
	container->image_name = container_text(config, "Image");
	container->has_started = container_is_true(root, "HasBeenStartedBefore");
	container->was_stopped_by_hand = container_is_true(root, "HasBeenManuallyStopped");
	(void)gojson_integer(gojson_field(root, "RestartCount"), &container->restart_count);
	if (container_time(root, "Created", &created, err) < 0)
		return -1;
	container->created = created.seconds;
	container->created_nanoseconds = created.nanoseconds;
	container->has_mounts = gojson_has(root, "MountPoints");
	if (container_read_state(container, gojson_field(root, "State"), err) < 0 ||
	    container_read_image(container, root, err) < 0 ||
	    label_read(gojson_field(config, "Labels"), "Config.Labels", &container->labels,
	               &container->label_count, err) < 0 ||
	    container_read_mounts(container, gojson_field(root, "MountPoints"), err) < 0)
		return -1;
	return container_read_networks(container, gojson_field(root, "NetworkSettings"), err);
}

int container_parse_config(struct container *container, const char *bytes, size_t len,
                           struct err *err)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;

	if (gojson_parse(&json, bytes, len, GOJSON_FIRST_VALUE, err) < 0 ||
	    container_check(container, &json, err) < 0)
		return -1;
	return container_read_fields(container, json.root, err);
}
