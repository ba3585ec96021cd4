/* root.c - a data root: its directory, its parts, and what kind it is. */
#include "metadata/root.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/stray_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What the names at the top of a data root are (docker-data-root.md §1.1, §7.5). */
enum root_part {
	ROOT_PART_STORE,  /* storage of overlay2: makes it a data root */
	ROOT_PART_KNOWN,  /* some other part that dockerd makes, or has made once; our own */
	ROOT_PART_DRIVER, /* another driver's storage */
	ROOT_PART_USERNS, /* <uid>.<gid> */
	ROOT_PART_UNKNOWN
};

static const struct {
	const char *name;
	enum root_part part;
} root_parts[] = {
	{ "overlay2", ROOT_PART_STORE },
	{ "image", ROOT_PART_KNOWN },
	{ "buildkit", ROOT_PART_KNOWN },
	{ "builder", ROOT_PART_KNOWN }, /* fscache.db of 17.06 to 20.10 */
	{ "containerd", ROOT_PART_KNOWN },
	{ "containers", ROOT_PART_KNOWN },
	{ "content", ROOT_PART_KNOWN },
	{ "engine-id", ROOT_PART_KNOWN },
	{ "graph", ROOT_PART_KNOWN }, /* before 1.10, as the next two */
	{ "linkgraph.db", ROOT_PART_KNOWN },
	{ "execdriver", ROOT_PART_KNOWN },
	{ "network", ROOT_PART_KNOWN },
	{ "plugins", ROOT_PART_KNOWN },
	{ "rootfs", ROOT_PART_KNOWN },
	{ "runtimes", ROOT_PART_KNOWN },
	{ "swarm", ROOT_PART_KNOWN },
	{ "tmp", ROOT_PART_KNOWN },
	{ "trust", ROOT_PART_KNOWN },
	{ "volumes", ROOT_PART_KNOWN },
	{ "lost+found", ROOT_PART_KNOWN },
	{ "nuke-graph-directory.sh", ROOT_PART_KNOWN },
	{ ".drydock", ROOT_PART_KNOWN },
	{ "overlay", ROOT_PART_DRIVER },
	{ "aufs", ROOT_PART_DRIVER },
	{ "devicemapper", ROOT_PART_DRIVER },
	{ "btrfs", ROOT_PART_DRIVER },
	{ "zfs", ROOT_PART_DRIVER },
	{ "vfs", ROOT_PART_DRIVER },
	{ "fuse-overlayfs", ROOT_PART_DRIVER },
};

/* What was seen at the top. */
struct root_census {
	bool has_store; /* overlay2/ or image/overlay2/ */
	char *driver;   /* another driver with storage; owned */
	char *userns;   /* a <uid>.<gid> directory; owned */
	bool has_containerd_store;
};

static bool root_is_userns_name(const char *name)
{
	size_t uid = strspn(name, "0123456789");
	size_t gid = name[uid] == '.' ? strspn(name + uid + 1, "0123456789") : 0;

	return uid > 0 && gid > 0 && name[uid + 1 + gid] == '\0';
}

static enum root_part root_part_of(const char *name)
{
	for (size_t i = 0; i < sizeof(root_parts) / sizeof(root_parts[0]); i++) {
		if (strcmp(root_parts[i].name, name) == 0)
			return root_parts[i].part;
	}
	if (root_is_userns_name(name))
		return ROOT_PART_USERNS;
	/* strays: stray.c has them */
	if (stray_name_is_old_dir(name) || stray_name_is_tmp_engine(name))
		return ROOT_PART_KNOWN;
	return ROOT_PART_UNKNOWN;
}

static int root_see_driver(struct root_census *census, int fd, const char *name,
                           struct finding_list *findings, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;

	if (file_list_if_dir(&entries, fd, name, err) < 0)
		return -1;
	if (entries.count == 0) /* dockerd does not count an empty one either */
		return 0;
	finding_add(findings, FINDING_OTHER_DRIVER, name, "storage of the driver %s", name);
	free(census->driver);
	census->driver = mem_text(name);
	return 0;
}

static int root_see(struct root_census *census, int fd, const struct file_entry *entry,
                    struct finding_list *findings, struct err *err)
{
	switch (root_part_of(entry->name)) {
	case ROOT_PART_STORE:
		census->has_store = true;
		return 0;
	case ROOT_PART_KNOWN:
		return 0;
	case ROOT_PART_DRIVER:
		if (entry->type != DT_DIR)
			break;
		return root_see_driver(census, fd, entry->name, findings, err);
	case ROOT_PART_USERNS:
		if (entry->type != DT_DIR)
			break;
		finding_add(findings, FINDING_USERNS_ROOT, entry->name, "of uid.gid %s",
		            entry->name);
		free(census->userns);
		census->userns = mem_text(entry->name);
		return 0;
	case ROOT_PART_UNKNOWN:
		break;
	}
	finding_add(findings, FINDING_UNKNOWN_FILE, entry->name, "in the data root");
	return 0;
}

/*
 * Where a containerd image store of dockerd leaves its traces (docker-data-root.md §7.3): any entry
 * of DIR whose name begins with PREFIX. With a containerd of the system nothing but BuildKit's
 * worker is in the data root.
 */
static const struct {
	const char *dir, *prefix;
} root_containerd_traces[] = {
	{ "containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots", "" },
	{ "rootfs/overlayfs", "" },
	{ "buildkit", "containerd-" },
	{ "image", "identity-cache.db" },
};

static int root_see_containerd(struct root_census *census, int fd, struct finding_list *findings,
                               struct err *err)
{
	const size_t count = sizeof(root_containerd_traces) / sizeof(root_containerd_traces[0]);

	for (size_t i = 0; i < count; i++) {
		AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
		const char *dir = root_containerd_traces[i].dir;
		const char *prefix = root_containerd_traces[i].prefix;
		size_t at = 0;

		if (file_list_if_dir(&entries, fd, dir, err) < 0)
			return -1;
		while (at < entries.count &&
		       strncmp(entries.items[at].name, prefix, strlen(prefix)) != 0)
			at++;
		if (at == entries.count)
			continue;
		census->has_containerd_store = true;
		finding_add(findings, FINDING_CONTAINERD_STORE, dir, "has %s",
		            entries.items[at].name);
	}
	return 0;
}

/* image/<other driver>: its records go with its storage. */
static int root_see_images(struct root_census *census, int fd, struct finding_list *findings,
                           struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	AUTO(close) int image_fd = file_open_dir(fd, "image", err);

	if (image_fd < 0 && err_has_code(err, ENOENT)) {
		err_clear(err);
		return 0;
	}
	if (image_fd < 0)
		return -1;
	if (file_list(&entries, image_fd, ".", err) < 0)
		return err_wrap(err, "image");
	for (size_t i = 0; i < entries.count; i++) {
		AUTO(str) char *path = mem_print("image/%s", entries.items[i].name);

		if (strcmp(entries.items[i].name, "overlay2") == 0)
			census->has_store = true;
		else if (root_part_of(entries.items[i].name) == ROOT_PART_DRIVER)
			finding_add(findings, FINDING_OTHER_DRIVER, path,
			            "records of the driver %s", entries.items[i].name);
		else if (strcmp(entries.items[i].name, "identity-cache.db") != 0 &&
		         strcmp(entries.items[i].name, ".drydock") != 0)
			finding_add(findings, FINDING_UNKNOWN_FILE, path, "in image");
	}
	return 0;
}

/* Says no to what drydock does not collect, in words that say what it is. */
static int root_judge(const struct root_census *census, struct err *err)
{
	if (census->has_store)
		return 0;
	if (census->driver)
		return err_set(err, ERR_ROOT,
		               "holds only storage of the driver %s, which drydock does not handle",
		               census->driver);
	if (census->has_containerd_store)
		return err_set(err, ERR_ROOT,
		               "holds a containerd image store, which drydock does not handle");
	if (census->userns)
		return err_set(
		    err, ERR_ROOT,
		    "is only around the data root of userns-remap: name that one, %s, with "
		    "--root",
		    census->userns);
	return err_set(err, ERR_ROOT,
	               "is not a Docker data root: it has neither image/overlay2 nor overlay2");
}

static int root_look_around(const struct root *root, struct finding_list *findings, struct err *err)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct root_census census = { .driver = NULL };
	int result = 0;

	if (file_list(&entries, root->fd, ".", err) < 0)
		return -1;
	for (size_t i = 0; i < entries.count && result == 0; i++)
		result = root_see(&census, root->fd, &entries.items[i], findings, err);
	if (result == 0 &&
	    (root_see_containerd(&census, root->fd, findings, err) < 0 ||
	     root_see_images(&census, root->fd, findings, err) < 0 || root_judge(&census, err) < 0))
		result = -1;
	free(census.driver);
	free(census.userns);
	return result;
}

/* Opens a part that may not exist yet; *FD is -1 then. */
static int root_open_part(int dirfd, const char *path, int *fd, struct err *err)
{
	*fd = file_open_dir(dirfd, path, err);
	if (*fd < 0 && err_has_code(err, ENOENT)) {
		err_clear(err);
		return 0;
	}
	return *fd < 0 ? -1 : 0;
}

static int root_fill(struct root *root, const char *path, struct finding_list *findings,
                     struct err *err)
{
	struct stat st;

	root->path = realpath(path, NULL);
	if (!root->path)
		return err_errno(err, "%s", path);
	root->fd = file_open(AT_FDCWD, root->path, O_DIRECTORY, err);
	if (root->fd < 0) {
		if (err && err->kind == ERR_CORRUPT)
			err->kind = ERR_ROOT; /* a file is no damaged data root but none */
		return -1;
	}
	if (fstat(root->fd, &st) < 0)
		return err_errno(err, "%s: stat", root->path);
	root->device = st.st_dev;
	root->inode = st.st_ino;
	if (root_look_around(root, findings, err) < 0 ||
	    root_open_part(root->fd, "overlay2", &root->overlay2_fd, err) < 0 ||
	    root_open_part(root->fd, "image/overlay2", &root->image_fd, err) < 0)
		return err_wrap(err, "%s", root->path);
	return 0;
}

int root_open(struct root **root, const char *path, struct finding_list *findings, struct err *err)
{
	AUTO(root) struct root *opened = mem_zalloc(1, sizeof(*opened));
	AUTO(str) char *default_path = NULL;

	opened->fd = opened->overlay2_fd = opened->image_fd = -1;
	if (!path) {
		default_path = root_default_path(ROOT_DAEMON_JSON, err);
		if (!default_path)
			return -1;
		path = default_path;
	}
	if (root_fill(opened, path, findings, err) < 0)
		return -1;
	*root = TAKE(opened, NULL);
	return 0;
}

void root_close(struct root *root)
{
	if (!root)
		return;
	own_close_fd(root->fd);
	own_close_fd(root->overlay2_fd);
	own_close_fd(root->image_fd);
	free(root->path);
	free(root);
}
