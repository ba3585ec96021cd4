/* container.c - containers/<id>: what is on disk of each container (docker-data-root.md §1.7). */
#include "metadata/container.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/label.h"
#include "metadata/stray_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define CONTAINER_DIR "containers"
#define CONTAINER_CONFIG "config.v2.json"
#define CONTAINER_HOSTCONFIG "hostconfig.json"
/* Deeper than dockerd ever nests directories there; what lies deeper is taken for a file. */
#define CONTAINER_DEPTH_MAX 8

/* What container_list_load works on. */
struct container_reader {
	struct container_list *containers;
	struct finding_list *findings;
	int fd; /* containers/ */
};

/* Every string that a reader of the list may expect is there. */
static void container_complete(struct container *container)
{
	char **const texts[] = { &container->name, &container->image_name, &container->driver,
		                 &container->network_mode, &container->restart_policy };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!*texts[i])
			*texts[i] = mem_text("");
	}
}

static void container_note(struct container_reader *reader, const struct container *container,
                           enum finding_code code, const char *detail)
{
	AUTO(str) char *path = mem_print(CONTAINER_DIR "/%s", container->id);

	finding_add(reader->findings, code, path, "%s", detail);
}

/* *ERR, which is emptied, says why the container cannot be understood. */
static void container_set_unreadable(struct container_reader *reader, struct container *container,
                                     struct err *err)
{
	container->is_unreadable = true;
	container_note(reader, container, FINDING_CONTAINER_UNREADABLE, err->text);
	err_clear(err);
}

/*
 * Says in *HAS_FILE whether the directory NAME under DIRFD has a file below it that is not one that
 * dockerd has not finished writing. Returns 0 or -1.
 */
static int container_look_for_files(int dirfd, const char *name, unsigned depth, bool *has_file,
                                    struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	AUTO(close) int fd = file_open(dirfd, name, O_DIRECTORY, err);

	if (fd < 0 || file_list(&entries, fd, ".", err) < 0)
		return -1;
	for (size_t i = 0; i < entries.count && !*has_file; i++) {
		const struct file_entry *entry = &entries.items[i];

		if (entry->type != DT_DIR || depth == CONTAINER_DEPTH_MAX)
			*has_file = depth > 0 || entry->type != DT_REG ||
			            !stray_name_is_tmp_container(entry->name);
		else if (container_look_for_files(fd, entry->name, depth + 1, has_file, err) < 0)
			return -1;
	}
	return 0;
}

/* A container without config.v2.json: a create that was cut off, or something else. */
static int container_read_remains(struct container_reader *reader, struct container *container,
                                  struct err *err)
{
	bool has_file = false;

	if (container_look_for_files(reader->fd, container->id, 0, &has_file, err) < 0)
		return err_wrap(err, CONTAINER_DIR "/%s", container->id);
	container->is_empty = !has_file;
	if (has_file)
		container_note(reader, container, FINDING_CONTAINER_NO_CONFIG,
		               CONTAINER_CONFIG ": does not exist");
	return 0;
}

/* Reads NAME in the directory FD with PARSE; *OUTCOME is FILE_BROKEN, too, when PARSE refuses it.
 */
static int container_read_file(struct container *container, int fd, const char *name,
                               int (*parse)(struct container *, const char *, size_t, struct err *),
                               enum file_outcome *outcome, struct err *err)
{
	AUTO(file_bytes) struct file_bytes bytes = FILE_BYTES_INIT;

	*outcome = file_read_record(fd, name, FILE_RECORD_MAX, &bytes, err);
	if (*outcome == FILE_FAILED)
		return err_wrap(err, CONTAINER_DIR "/%s", container->id);
	if (*outcome == FILE_READ && parse(container, bytes.data, bytes.len, err) < 0) {
		(void)err_wrap(err, "%s", name);
		*outcome = FILE_BROKEN;
	}
	return 0;
}

/* Forgets what a config that turned out to be broken has said so far. */
static void container_forget(struct container *container)
{
	char *id = TAKE(container->id, NULL);

	container_done(container);
	container->id = id;
	container->has_config = true;
}

/*
 * A record without the fields that every dockerd writes is damaged, though dockerd would take the
 * container for a stopped one.
 */
static int container_check_stopped(const struct container *container, struct err *err)
{
	if (!container->has_state)
		return err_set(err, ERR_CORRUPT,
		               CONTAINER_CONFIG ": State.Running, Paused or Restarting is missing");
	if (!container->has_policy)
		return err_set(err, ERR_CORRUPT,
		               CONTAINER_HOSTCONFIG ": RestartPolicy.Name is missing");
	return 0;
}

static int container_read(struct container_reader *reader, struct container *container,
                          struct err *err)
{
	AUTO(close) int fd = file_open(reader->fd, container->id, O_DIRECTORY, err);
	enum file_outcome outcome;

	if (fd < 0 && err->kind == ERR_CORRUPT) { /* a link: dockerd would follow it */
		container_set_unreadable(reader, container, err);
		return 0;
	}
	if (fd < 0 || container_read_file(container, fd, CONTAINER_CONFIG, container_parse_config,
	                                  &outcome, err) < 0)
		return -1;
	if (outcome == FILE_ABSENT)
		return container_read_remains(reader, container, err);
	container->has_config = true;
	if (outcome == FILE_BROKEN) {
		container_forget(container);
		container_set_unreadable(reader, container, err);
		return 0;
	}
	if (container_read_file(container, fd, CONTAINER_HOSTCONFIG, container_parse_hostconfig,
	                        &outcome, err) < 0)
		return -1;
	container->has_policy = container->has_policy || outcome == FILE_ABSENT;
	container->has_mode = container->has_mode || outcome == FILE_ABSENT;
	if (outcome == FILE_BROKEN || container_check_stopped(container, err) < 0)
		container_set_unreadable(reader, container, err);
	else if (strcmp(container->driver, "overlay2") != 0)
		container_note(reader, container, FINDING_CONTAINER_OTHER_DRIVER,
		               container->driver[0] ? container->driver : "no driver: aufs");
	return 0;
}

static int container_add(struct container_reader *reader, const struct file_entry *entry,
                         struct err *err)
{
	struct container_list *list = reader->containers;
	AUTO(str) char *path = mem_print(CONTAINER_DIR "/%s", entry->name);
	struct container *container;
	int result;

	if (entry->type != DT_DIR && entry->type != DT_LNK) {
		finding_add(reader->findings, FINDING_UNKNOWN_FILE, path, "is no container");
		return 0;
	}
	list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	container = &list->items[list->count++];
	*container = (struct container){ .id = mem_text(entry->name) };
	result = container_read(reader, container, err);
	container_complete(container);
	return result;
}

int container_list_load(struct container_list *containers, int root_fd,
                        struct finding_list *findings, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	AUTO(close) int fd = file_open_dir(root_fd, CONTAINER_DIR, err);
	struct container_reader reader = { containers, findings, fd };

	*containers = (struct container_list)CONTAINER_LIST_INIT;
	if (fd < 0 && err_has_code(err, ENOENT)) {
		err_clear(err);
		return 0;
	}
	if (fd < 0)
		return -1;
	if (file_list(&entries, fd, ".", err) < 0)
		return err_wrap(err, CONTAINER_DIR);
	for (size_t i = 0; i < entries.count; i++) {
		/* our trash, when containers/ is a file system of its own */
		if (strcmp(entries.items[i].name, ".drydock") == 0)
			continue;
		if (container_add(&reader, &entries.items[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < containers->count; i++) /* the names do not move any more */
		(void)map_set(&containers->by_id, containers->items[i].id, i);
	return 0;
}

void container_done(struct container *container)
{
	for (size_t i = 0; i < container->mount_count; i++) {
		free(container->mounts[i].name);
		free(container->mounts[i].driver);
		free(container->mounts[i].mount_id);
		free(container->mounts[i].image_id);
		free(container->mounts[i].source);
		free(container->mounts[i].spec_source);
	}
	for (size_t i = 0; i < container->network_count; i++) {
		free(container->networks[i].name);
		free(container->networks[i].network_id);
	}
	free(container->mounts);
	free(container->networks);
	label_free(container->labels, container->label_count);
	free(container->id);
	free(container->name);
	free(container->image_id);
	free(container->image_name);
	free(container->driver);
	free(container->network_mode);
	free(container->restart_policy);
	*container = (struct container){ .id = NULL };
}

void container_list_done(struct container_list *containers)
{
	for (size_t i = 0; i < containers->count; i++)
		container_done(&containers->items[i]);
	free(containers->items);
	map_done(&containers->by_id);
	*containers = (struct container_list)CONTAINER_LIST_INIT;
}
