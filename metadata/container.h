/* container.h - containers/<id>: config.v2.json and hostconfig.json (docker-data-root.md §1.7). */
#ifndef METADATA_CONTAINER_H
#define METADATA_CONTAINER_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum container_mount_type { CONTAINER_MOUNT_VOLUME, CONTAINER_MOUNT_IMAGE, CONTAINER_MOUNT_OTHER };

/* One entry of MountPoints. */
struct container_mount {
	enum container_mount_type type;
	char *name;     /* volume name ("" if none) */
	char *driver;   /* volume driver ("" if none) */
	char *mount_id; /* image mounts: name in layerdb/mounts (MountPoints.ID); "" if none */
	char *image_id; /* image mounts: 64 hex of Spec.Source; NULL if none */
	/* others: the path that is mounted, and what the user asked for: a volume's name, or a
	 * path; "" if none. Both are NULL for image mounts. */
	char *source, *spec_source;
};

struct container_network {
	char *name;       /* key of NetworkSettings.Networks */
	char *network_id; /* "" for a container that was never started */
};

struct container {
	char *id;                   /* name of the directory: usually 64 hex, always id_is_name() */
	char *name;                 /* without the leading slash; "" if absent */
	char *image_id;             /* 64 hex; NULL: none, or unreadable */
	char *image_name;           /* Config.Image: what the user typed; not a reference */
	char *driver;               /* "overlay2"; "" if absent */
	int64_t created;            /* Unix seconds; 0: absent, or Go's zero time */
	struct image_label *labels; /* Config.Labels, sorted by key */
	size_t label_count;
	struct container_mount *mounts;
	size_t mount_count;
	struct container_network *networks;
	size_t network_count;
	char *network_mode; /* HostConfig.NetworkMode */
	uint32_t created_nanoseconds;
	/* State */
	bool is_running, is_paused, is_restarting, is_dead, is_removing;
	bool has_state;  /* Running, Paused and Restarting are there: every dockerd writes them */
	bool has_policy; /* RestartPolicy.Name is there: likewise, or there is no hostconfig */
	/* NetworkSettings.Networks, MountPoints and NetworkMode are there, even as null: every
	 * dockerd writes them, so that their absence is damage. has_mode: or no hostconfig is. */
	bool has_networks, has_mounts, has_mode;
	int64_t pid;
	int64_t exit_code;
	int64_t finished;         /* Unix seconds; 0: never ran to an end */
	bool has_started;         /* HasBeenStartedBefore, or StartedAt is set */
	bool was_stopped_by_hand; /* HasBeenManuallyStopped */
	int64_t restart_count;
	char *restart_policy; /* HostConfig.RestartPolicy.Name, "" if absent */
	int64_t restart_maximum;
	bool is_auto_remove; /* HostConfig.AutoRemove */
	/* what is on disk */
	bool has_config;    /* config.v2.json exists */
	bool is_empty;      /* no file at all below the directory, but for unfinished ones
	                       (stray_name.h): a create that was cut off */
	bool is_unreadable; /* config.v2.json (or hostconfig.json) exists but cannot be understood,
	                       or ID differs from the name */
};

struct container_list {
	struct container *items; /* sorted by id */
	size_t count;
	size_t capacity;
	struct map by_id;
};

#define CONTAINER_LIST_INIT                                                                        \
	{                                                                                          \
		NULL, 0, 0, MAP_INIT                                                               \
	}

/*
 * Reads containers/ under ROOT_FD into *CONTAINERS; the caller frees. What dockerd would panic on
 * (Config null or absent, State null, a null mount point) is unreadable, too. Files directly in
 * containers/ are FINDING_UNKNOWN_FILE; a symlink, which dockerd would follow, is an unreadable
 * container. No string but image_id is NULL. Returns -1 for ERR_SYSTEM, and ERR_CORRUPT when
 * containers is no directory.
 */
int container_list_load(struct container_list *containers, int root_fd,
                        struct finding_list *findings, struct err *err) MUST_USE;

/*
 * Fills *CONTAINER, which has its `id`, from the LEN bytes of config.v2.json. Returns 0, or -1 with
 * ERR_CORRUPT: no JSON, something that dockerd's decoder refuses or would panic on, the ID of
 * another container. What *CONTAINER holds then is for container_done() only.
 */
int container_parse_config(struct container *container, const char *bytes, size_t len,
                           struct err *err) MUST_USE;

/* The same for hostconfig.json; what the config said stays. */
int container_parse_hostconfig(struct container *container, const char *bytes, size_t len,
                               struct err *err) MUST_USE;

/*
 * Says whether dockerd starts the container when it starts itself. As seen with 20.10 and 26.1,
 * after a graceful stop and after a power cut:
 * - only containers that were started before; one that was just created, or whose command could not
 *   be started, stays as it is, whatever its policy;
 * - always: yes, even when it was stopped by hand;
 * - unless-stopped: unless it was stopped by hand;
 * - on-failure: with an exit code other than 0, even when it was stopped by hand (137), as long as
 *   restart_count is below restart_maximum (0: no limit).
 * A container that is recorded as running although the daemon is gone (power cut) gets exit code
 * 255 first, so that on-failure starts it; without a policy it stays, "Exited (255)". A policy of
 * another name counts as yes: a later dockerd may know it.
 */
bool container_will_restart(const struct container *container);

/* Says whether it runs once dockerd has started: it is recorded as running, paused or restarting,
 * or it will be restarted. */
bool container_will_run(const struct container *container);

/* Frees what *CONTAINER holds. */
void container_done(struct container *container);

void container_list_done(struct container_list *containers);

#endif
