/* container_rows.c - the listing of containers, all of them stopped. */
#include "gc/show/container_rows.h"

#include "metadata/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_ID_LEN 12 /* as in Docker's tables */

#define COLUMNS_BOTH                                                                               \
	{ "CONTAINER ID", "id", ROW_ID }, { "IMAGE", "image", ROW_TEXT },                          \
	    { NULL, "image_id", ROW_ID }, { "CREATED", "created", ROW_TIME },                      \
	    { "STATUS", "status", ROW_TEXT }, { "FINISHED", "finished", ROW_TIME },                \
	    { "NAMES", "name", ROW_TEXT },                                                         \
	{                                                                                          \
		"SIZE", "size_bytes", ROW_SIZE                                                     \
	}

static const struct row_column list_columns[] = {
	COLUMNS_BOTH,
	{ NULL, "local_volumes", ROW_COUNT },
	{ NULL, "allocated_bytes", ROW_SIZE },
	{ NULL, "inodes", ROW_COUNT },
};

static const struct row_column usage_columns[] = {
	COLUMNS_BOTH,
	{ "LOCAL VOLUMES", "local_volumes", ROW_COUNT },
	{ "ALLOCATED", "allocated_bytes", ROW_SIZE },
	{ "INODES", "inodes", ROW_COUNT },
};

int container_rows_measure(struct sizing **sizes, const struct session *session, struct err *err)
{
	const struct state *state = session->state;
	AUTO(sizing) struct sizing *sizing = sizing_new(state->containers.count);
	size_t index;

	for (size_t i = 0; i < sizing->count; i++) {
		const struct mount *mount;

		if (!map_get(&state->mounts.by_name, state->containers.items[i].id, &index))
			continue;
		mount = &state->mounts.items[index];
		if (!mount->mount_id)
			continue;
		sizing->slots[i].dirfd = session->root->overlay2_fd;
		sizing->slots[i].path = mem_print("%s/diff", mount->mount_id);
	}
	if (sizing_measure(sizing, session->settings->jobs, err) < 0)
		return err_wrap(err, "overlay2");
	*sizes = TAKE(sizing, NULL);
	return 0;
}

char *container_rows_status(const struct container *container)
{
	AUTO(str) char *status = NULL;

	if (container->is_empty)
		return mem_text("Unfinished");
	if (!container->has_config)
		return mem_text("No config");
	if (container->is_unreadable)
		return mem_text("Unreadable");
	if (container->is_removing)
		status = mem_text("Removal In Progress");
	else if (container->is_dead)
		status = mem_text("Dead");
	else if (container->is_running || container->is_paused || container->is_restarting)
		status = mem_text("Was running"); /* dockerd writes Exited at its next start */
	else if (!container->has_started)
		status = mem_text("Created");
	else
		status = mem_print("Exited (%" PRId64 ")", container->exit_code);
	if (container_will_restart(container))
		return mem_print("%s, restarts with dockerd", status);
	return TAKE(status, NULL);
}

/* NAME as repositories.json has it: without Docker Hub's prefixes, with a tag. The caller frees. */
static char *container_rows_normalize(const char *name)
{
	static const char *const prefixes[] = { "docker.io/library/", "docker.io/" };
	const char *slash;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t len = strlen(prefixes[i]);

		if (strncmp(name, prefixes[i], len) == 0) {
			name += len;
			break;
		}
	}
	slash = strrchr(name, '/');
	if (strchr(slash ? slash : name, ':') || strchr(name, '@'))
		return mem_text(name);
	return mem_print("%s:latest", name);
}

static int container_rows_compare_ref(const void *key, const void *item)
{
	return strcmp(key, ((const struct ref *)item)->name);
}

char *container_rows_image(const struct state *state, const struct container *container)
{
	const char *typed = container->image_name ? container->image_name : "";
	const char *digits = strncmp(typed, "sha256:", 7) == 0 ? typed + 7 : typed;
	AUTO(str) char *name = NULL;
	const struct ref *ref;

	if (!container->image_id || state->refs.is_unreadable)
		return mem_text(typed);
	if (*digits && strncmp(container->image_id, digits, strlen(digits)) == 0)
		return strlen(digits) > SHORT_ID_LEN ? mem_copy(digits, SHORT_ID_LEN)
		                                     : mem_text(typed);
	name = container_rows_normalize(typed);
	ref = state->refs.count > 0 ? bsearch(name, state->refs.items, state->refs.count,
	                                      sizeof(*ref), container_rows_compare_ref)
	                            : NULL;
	if (ref && ref->image_id && strcmp(ref->image_id, container->image_id) == 0)
		return mem_text(typed);
	return mem_copy(container->image_id, SHORT_ID_LEN);
}

static int64_t container_rows_volumes(const struct container *container)
{
	int64_t count = 0;

	for (size_t i = 0; i < container->mount_count; i++)
		count += container->mounts[i].type == CONTAINER_MOUNT_VOLUME;
	return count;
}

struct container_order {
	const struct container *container;
	size_t index;
};

static int container_order_compare(const void *left, const void *right)
{
	const struct container_order *a = left;
	const struct container_order *b = right;

	if (a->container->created != b->container->created)
		return a->container->created > b->container->created ? -1 : 1;
	return strcmp(a->container->id, b->container->id);
}

static void container_rows_add(struct row_list *list, const struct state *state,
                               const struct container *container, const struct usage *usage)
{
	AUTO(str) char *image = container_rows_image(state, container);
	AUTO(str) char *status = container_rows_status(container);
	AUTO(str) char *image_id = NULL;

	if (container->image_id)
		image_id = mem_print("sha256:%s", container->image_id);
	row_add_id(list, container->id);
	row_add_text(list, image);
	row_add_id(list, image_id);
	row_add_time(list, container->created);
	row_add_text(list, status);
	row_add_time(list, container->finished);
	row_add_text(list, container->name);
	row_add_size(list, (int64_t)usage->apparent_bytes);
	row_add_count(list, container_rows_volumes(container));
	row_add_size(list, (int64_t)usage->allocated_bytes);
	row_add_count(list, (int64_t)usage->inodes);
}

struct row_list container_rows_make(const struct state *state, const struct sizing *sizes,
                                    unsigned flags)
{
	struct row_list list = ROW_LIST("containers", NULL, list_columns);
	size_t count = state->containers.count;
	struct container_order *order = mem_zalloc(count, sizeof(*order));

	if (flags & CONTAINER_ROWS_USAGE) {
		list.columns = usage_columns;
		list.title = "Containers space usage:";
	}
	for (size_t i = 0; i < count; i++)
		order[i] = (struct container_order){ &state->containers.items[i], i };
	if (count > 0)
		qsort(order, count, sizeof(*order), container_order_compare);
	for (size_t i = 0; i < count; i++)
		container_rows_add(&list, state, order[i].container,
		                   &sizes->slots[order[i].index].usage);
	free(order);
	return list;
}
