/* test_target.c - only paths that an action can have are taken for one. */
#include "tests/unit/check.h"

#include "gc/run/target.h"
#include "metadata/base/own.h"

#include <string.h>

#define HEX "1111111111111111111111111111111111111111111111111111111111111111"
#define LINK "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct {
	enum action_kind kind;
	const char *path, *name;
} good[] = {
	{ ACTION_UNTAG, "image/overlay2/repositories.json", "" },
	{ ACTION_CACHE, "buildkit", "" },
	{ ACTION_CACHE_MARK, "buildkit/metadata_v2.db", "" },
	{ ACTION_CACHE_LEASE, "buildkit/containerdmeta.db", "" },
	{ ACTION_CACHE_SNAPSHOT, "buildkit/snapshots.db", "" },
	{ ACTION_CACHE_RECORD, "buildkit/metadata_v2.db", "" },
	{ ACTION_NETWORK, "network/files/local-kv.db", "" },
	{ ACTION_VOLUME, "volumes/" HEX, HEX },
	{ ACTION_CONTAINER, "containers/" HEX, HEX },
	{ ACTION_CONTAINER, "containers/odd name", "odd name" },
	{ ACTION_IMAGE, "image/overlay2/imagedb/content/sha256/" HEX, HEX },
	{ ACTION_IMAGE_METADATA, "image/overlay2/imagedb/metadata/sha256/" HEX, HEX },
	{ ACTION_MOUNT, "image/overlay2/layerdb/mounts/" HEX, HEX },
	{ ACTION_MOUNT, "image/overlay2/layerdb/mounts/" HEX "-user/app:1", HEX "-user/app:1" },
	{ ACTION_LAYER, "image/overlay2/layerdb/sha256/" HEX, HEX },
	{ ACTION_STRAY, "tmp/GetImageBlob12", "tmp/GetImageBlob12" },
	{ ACTION_LINK, "overlay2/l/" LINK, LINK },
	{ ACTION_DIR, "overlay2/" HEX "-init", HEX "-init" },
	{ ACTION_DIR, "overlay2/0123456789abcdefghijklmno", "0123456789abcdefghijklmno" },
};

static void a_path_and_its_name_go_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *name = target_name(good[i].kind, good[i].path);
		AUTO(str) char *path = NULL;

		assert_non_null(name);
		assert_string_equal(name, good[i].name);
		path = target_path(good[i].kind, name);
		assert_string_equal(path, good[i].path);
	}
}

static void any_other_path_is_none(void **state)
{
	static const struct {
		enum action_kind kind;
		const char *path;
	} bad[] = {
		{ ACTION_UNTAG, "image/overlay2/repositories.json2" },
		{ ACTION_UNTAG, "image/repositories.json" },
		{ ACTION_CACHE, "buildkit/snapshots.db" },
		{ ACTION_CACHE_MARK, "buildkit/cache.db" },
		{ ACTION_VOLUME, "volumes/metadata.db" },
		{ ACTION_VOLUME, "volumes/a/_data" },
		{ ACTION_CONTAINER, "containers/" },
		{ ACTION_CONTAINER, "containers/../overlay2" },
		{ ACTION_CONTAINER, "containers/a/b" },
		{ ACTION_CONTAINER, "overlay2/" HEX },
		{ ACTION_IMAGE, "image/overlay2/imagedb/content/sha256/" HEX "1" },
		{ ACTION_IMAGE_METADATA, "image/overlay2/imagedb/metadata/sha256/" HEX "/parent" },
		{ ACTION_MOUNT, "image/overlay2/layerdb/mounts" },
		{ ACTION_MOUNT, "image/overlay2/layerdb/mounts/a//b" },
		{ ACTION_LAYER, "image/overlay2/layerdb/sha256/x" },
		{ ACTION_STRAY, "" },
		{ ACTION_STRAY, "/etc/passwd" },
		{ ACTION_STRAY, "tmp/./x" },
		{ ACTION_STRAY, "tmp/" },
		{ ACTION_STRAY, ".drydock/journal.db" },
		{ ACTION_STRAY, "overlay2/.drydock" },
		{ ACTION_LINK, "overlay2/l/" HEX },
		{ ACTION_DIR, "overlay2/l" },
		{ ACTION_DIR, "overlay2/" HEX "/diff" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (target_name(bad[i].kind, bad[i].path))
			fail_msg("%s is taken for a %s", bad[i].path,
			         action_kind_name(bad[i].kind));
	}
}

static void a_component_longer_than_a_name_is_none(void **state)
{
	char path[400] = "tmp/";

	(void)state;
	(void)memset(path + 4, 'x', 255);
	assert_non_null(target_name(ACTION_STRAY, path));
	path[4 + 255] = 'x';
	assert_null(target_name(ACTION_STRAY, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_and_its_name_go_together),
		cmocka_unit_test(any_other_path_is_none),
		cmocka_unit_test(a_component_longer_than_a_name_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
