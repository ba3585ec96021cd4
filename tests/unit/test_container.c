/* test_container.c - containers/: what is on disk of each. */
#include "tests/unit/check.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/container.h"
#include "metadata/image.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define ID "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define DIR "containers/" ID "/"
#define CONFIG DIR "config.v2.json"
#define HOSTCONFIG DIR "hostconfig.json"
/* What a readable config has at least; members go in front of it. */
#define STOPPED "\"State\":{\"Running\":false,\"Paused\":false,\"Restarting\":false}"
#define REST "\"ID\":\"" ID "\",\"Driver\":\"overlay2\",\"Config\":{}," STOPPED "}\n"

/* Containers of real daemons: 20.10 on a user's network, with a volume, restarted always; 28.5 with
 * an image mount whose reference has a slash. */
#define ON_NET "17fe124429ba739a2c1bb42bc0791053fb6b146aa259fe2f28de84ce9446f95d"
#define WITH_VOLUME "5e587e266f634c73bd957c22d384ac05403d4294ca655962f72192a5cabacc9e"
#define ALWAYS "344f7700ffcd8c124afe5e74e512eaafc90001cac16969c16bd3b02817ffe870"
#define IMAGE_MOUNT "7aaaf1e2b1a8e38c32d71dda8b4d04eeeb933d7ffa8f5ee42237b91802c83f4a"

struct fixture {
	char *dir;
	int fd;
	struct container_list containers;
	struct finding_list findings;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("container");
	f->fd = tree_open(f->dir, "");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	container_list_done(&f->containers);
	finding_list_done(&f->findings);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void load(struct fixture *f)
{
	container_list_done(&f->containers);
	finding_list_done(&f->findings);
	if (container_list_load(&f->containers, f->fd, &f->findings, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

/* The only container, ID, after a load; none of its strings is NULL. */
static const struct container *load_one(struct fixture *f)
{
	const struct container *container;

	load(f);
	assert_int_equal(f->containers.count, 1);
	container = &f->containers.items[0];
	assert_string_equal(container->id, ID);
	assert_non_null(container->name);
	assert_non_null(container->image_name);
	assert_non_null(container->driver);
	assert_non_null(container->network_mode);
	assert_non_null(container->restart_policy);
	return container;
}

/* The only container, whose config is CONFIG_TEXT, is readable and has no finding. */
static const struct container *load_config(struct fixture *f, const char *config)
{
	const struct container *container;

	tree_write(f->dir, CONFIG, config, strlen(config));
	container = load_one(f);
	if (f->findings.count > 0)
		fail_msg("%s", f->findings.items[0].detail);
	assert_true(container->has_config);
	assert_false(container->is_unreadable);
	assert_false(container->is_empty);
	return container;
}

static void assert_finding(const struct fixture *f, enum finding_code code, const char *words)
{
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, code);
	assert_string_equal(f->findings.items[0].path, "containers/" ID);
	if (!strstr(f->findings.items[0].detail, words))
		fail_msg("\"%s\" lacks \"%s\"", f->findings.items[0].detail, words);
}

static void assert_unreadable(struct fixture *f, const char *words)
{
	const struct container *container = load_one(f);

	assert_true(container->is_unreadable);
	assert_true(container->has_config);
	assert_false(container->is_empty);
	assert_finding(f, FINDING_CONTAINER_UNREADABLE, words);
}

static void a_broken_config_is_unreadable_and_told(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "config.v2.json: is empty" },
		{ "garbage", "config.v2.json: line 1, column 7, byte 7" },
		{ "{\"ID\":\"" ID "\"}", "config.v2.json: has no Config" },
		{ "{\"ID\":\"" HEX_2 "\",\"Config\":{}}", "not the name of its directory" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_write(f->dir, CONFIG, cases[i].text, strlen(cases[i].text));
		assert_unreadable(f, cases[i].words);
	}
}

static void nothing_of_a_broken_config_is_believed(void **state)
{
	struct fixture *f = *state;
	const struct container *container;

	tree_print(
	    f->dir, CONFIG, "%s",
	    "{\"Name\":\"/x\",\"Image\":\"sha256:" HEX_2
	    "\",\"MountPoints\":{\"/a\":{\"Type\":\"volume\",\"Name\":\"v\"},\"/b\":5}," REST);
	container = load_one(f);
	assert_true(container->is_unreadable);
	assert_string_equal(container->name, "");
	assert_null(container->image_id);
	assert_int_equal(container->mount_count, 0);
}

static void a_config_that_is_no_file_is_unreadable(void **state)
{
	struct fixture *f = *state;
	int fd;

	tree_mkdir(f->dir, CONFIG);
	assert_unreadable(f, "config.v2.json: is not a regular file");
	assert_int_equal(unlinkat(f->fd, CONFIG, AT_REMOVEDIR), 0);
	tree_link(f->dir, CONFIG, "elsewhere");
	assert_unreadable(f, "config.v2.json: is a symbolic link");
	assert_int_equal(unlinkat(f->fd, CONFIG, 0), 0);
	fd = openat(f->fd, CONFIG, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, (off_t)FILE_RECORD_MAX + 1), 0);
	assert_int_equal(close(fd), 0);
	assert_unreadable(f, "config.v2.json: has 67108865 bytes");
}

static void a_hostconfig_says_how_it_runs(void **state)
{
	struct fixture *f = *state;
	const struct container *container;

	tree_print(f->dir, HOSTCONFIG,
	           "{\"NetworkMode\":\"none\",\"AutoRemove\":true,\"RestartPolicy\":{\"Name\":"
	           "\"on-failure\",\"MaximumRetryCount\":3}}\n");
	container = load_config(f, "{" REST);
	assert_string_equal(container->network_mode, "none");
	assert_true(container->is_auto_remove);
	assert_string_equal(container->restart_policy, "on-failure");
	assert_int_equal(container->restart_maximum, 3);
}

static void a_broken_hostconfig_is_unreadable_and_the_config_stays(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "hostconfig.json: is empty" },
		{ "garbage", "hostconfig.json: line 1" },
		{ "null", "hostconfig.json: line 1" },
		{ "{\"AutoRemove\":\"no\"}", "hostconfig.json: AutoRemove is no boolean" },
		{ "{\"NetworkMode\":5}", "hostconfig.json: NetworkMode is no string" },
		{ "{\"RestartPolicy\":\"always\"}", "RestartPolicy is no object" },
		{ "{\"RestartPolicy\":{\"Name\":5}}", "RestartPolicy.Name is no string" },
		{ "{\"RestartPolicy\":{},\"restartpolicy\":{}}", "stands twice" },
		{ "{\"AutoRemove\":true,\"AutoRemove\":false}", "stands twice" },
		{ "{\"SestartPolicy\":{\"Name\":\"always\"}}", "RestartPolicy.Name is missing" },
		{ "{\"RestartPolicy\":{\"Mame\":\"always\"}}", "RestartPolicy.Name is missing" },
	};
	struct fixture *f = *state;

	tree_print(f->dir, CONFIG, "%s", "{\"Image\":\"sha256:" HEX_2 "\"," REST);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_write(f->dir, HOSTCONFIG, cases[i].text, strlen(cases[i].text));
		assert_unreadable(f, cases[i].words);
		assert_string_equal(f->containers.items[0].image_id, HEX_2);
	}
}

static void a_config_that_does_not_say_whether_it_runs_is_unreadable(void **state)
{
	static const char *const states[] = {
		"{\"Sunning\":true,\"Paused\":false,\"Restarting\":false}",
		"{\"Running\":false,\"Qaused\":true,\"Restarting\":false}",
		"{\"Running\":false,\"Paused\":false,\"Sestarting\":true}",
		"{}",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		tree_print(f->dir, CONFIG, "{\"State\":%s,%s", states[i],
		           "\"ID\":\"" ID "\",\"Driver\":\"overlay2\",\"Config\":{}}");
		assert_unreadable(f, "State.Running, Paused or Restarting is missing");
	}
}

static void another_driver_is_told(void **state)
{
	struct fixture *f = *state;
	const struct container *container;

	tree_print(f->dir, CONFIG,
	           "{\"ID\":\"" ID "\",\"Driver\":\"overlayfs\",\"Config\":{}," STOPPED "}");
	container = load_one(f);
	assert_false(container->is_unreadable);
	assert_string_equal(container->driver, "overlayfs");
	assert_finding(f, FINDING_CONTAINER_OTHER_DRIVER, "overlayfs");
}

static void our_own_trash_is_no_container(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "containers/.drydock/1/1/config.v2.json", "{}");
	load(f);
	assert_int_equal(f->containers.count, 0);
	assert_int_equal(f->findings.count, 0);
}

static void a_directory_without_files_is_a_create_that_was_cut_off(void **state)
{
	struct fixture *f = *state;
	const struct container *container;

	tree_mkdir(f->dir, DIR "checkpoints");
	tree_print(f->dir, DIR ".tmp-config.v2.json123", "{");
	container = load_one(f);
	assert_true(container->is_empty);
	assert_false(container->has_config);
	assert_false(container->is_unreadable);
	assert_int_equal(f->findings.count, 0);
}

static void files_without_a_config_are_told(void **state)
{
	static const char *const paths[] = { "x-json.log", "mounts/a/b/c",
		                             "checkpoints/.tmp-config.v2.json1",
		                             "a/b/c/d/e/f/g/h/i/j/k" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		AUTO(str) char *path = mem_print(DIR "%s", paths[i]);
		const struct container *container;

		tree_print(f->dir, path, "x");
		container = load_one(f);
		assert_false(container->is_empty);
		assert_false(container->has_config);
		assert_finding(f, FINDING_CONTAINER_NO_CONFIG, "config.v2.json: does not exist");
		assert_int_equal(unlinkat(f->fd, path, 0), 0);
	}
}

static void a_link_is_an_unreadable_container(void **state)
{
	struct fixture *f = *state;
	const struct container *container;

	tree_mkdir(f->dir, "real");
	tree_link(f->dir, "containers/" ID, "../real");
	container = load_one(f);
	assert_true(container->is_unreadable);
	assert_false(container->is_empty);
	assert_finding(f, FINDING_CONTAINER_UNREADABLE, "is not a directory");
}

static void files_among_the_containers_are_told(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "containers/notes", "x");
	load(f);
	assert_int_equal(f->containers.count, 0);
	assert_int_equal(f->findings.count, 1);
	assert_int_equal(f->findings.items[0].code, FINDING_UNKNOWN_FILE);
	assert_string_equal(f->findings.items[0].path, "containers/notes");
}

static void no_containers_directory_is_no_container(void **state)
{
	struct fixture *f = *state;

	load(f);
	assert_int_equal(f->containers.count, 0);
}

static void a_containers_directory_that_is_none_is_corrupt(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "real");
	tree_link(f->dir, "containers", "real");
	assert_int_equal(container_list_load(&f->containers, f->fd, &f->findings, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_string_equal(f->err.text, "containers: is not a directory");
}

static const struct container *find(const struct fixture *f, const char *id)
{
	size_t item = SIZE_MAX;

	assert_true(map_get(&f->containers.by_id, id, &item));
	return &f->containers.items[item];
}

static void containers_of_real_daemons_are_read(void **state)
{
	struct fixture *f = *state;
	const struct container *container;
	int fd = open("fixtures/records", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(container_list_load(&f->containers, fd, &f->findings, &f->err), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->containers.count, 4);
	assert_string_equal(f->containers.items[0].id, ON_NET); /* sorted */

	container = find(f, ON_NET);
	assert_string_equal(container->name, "on-net");
	assert_string_equal(container->image_name, "base:latest");
	assert_int_equal(container->network_count, 1);
	assert_string_equal(container->networks[0].name, "used-net");
	assert_string_equal(container->network_mode, "used-net");
	assert_int_equal(strlen(container->networks[0].network_id), 64);
	assert_false(container_will_restart(container));

	container = find(f, WITH_VOLUME);
	assert_int_equal(container->mount_count, 1);
	assert_int_equal(container->mounts[0].type, CONTAINER_MOUNT_VOLUME);
	assert_string_equal(container->mounts[0].name, "used");
	assert_string_equal(container->mounts[0].driver, "local");

	container = find(f, ALWAYS);
	assert_string_equal(container->restart_policy, "always");
	assert_string_equal(container->driver, "overlay2");

	container = find(f, IMAGE_MOUNT);
	assert_int_equal(container->mount_count, 2);
	assert_int_equal(container->mounts[1].type, CONTAINER_MOUNT_IMAGE);
	assert_string_equal(container->mounts[1].mount_id, IMAGE_MOUNT "-user/app:1");
	assert_string_equal(container->mounts[1].image_id, container->image_id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_broken_config_is_unreadable_and_told),
		TEST(nothing_of_a_broken_config_is_believed),
		TEST(a_config_that_is_no_file_is_unreadable),
		TEST(a_hostconfig_says_how_it_runs),
		TEST(a_broken_hostconfig_is_unreadable_and_the_config_stays),
		TEST(a_config_that_does_not_say_whether_it_runs_is_unreadable),
		TEST(another_driver_is_told),
		TEST(our_own_trash_is_no_container),
		TEST(a_directory_without_files_is_a_create_that_was_cut_off),
		TEST(files_without_a_config_are_told),
		TEST(a_link_is_an_unreadable_container),
		TEST(files_among_the_containers_are_told),
		TEST(no_containers_directory_is_no_container),
		TEST(a_containers_directory_that_is_none_is_corrupt),
		TEST(containers_of_real_daemons_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
