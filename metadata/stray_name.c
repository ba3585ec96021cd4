/* stray_name.c - the names that dockerd gives to what it has not finished or not finished removing.
 */
#include "metadata/stray_name.h"

#include "metadata/base/id.h"

#include <stddef.h>
#include <string.h>

#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdef"
#define NUMBER_MAX_LEN 10 /* Go's os.CreateTemp and os.MkdirTemp: a number of 32 bits */

static bool stray_name_is_number(const char *text)
{
	size_t len = strspn(text, DIGITS);

	return len > 0 && len <= NUMBER_MAX_LEN && text[len] == '\0';
}

/* What follows PREFIX in NAME; NULL when NAME does not begin with it. */
static const char *stray_name_after(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

static bool stray_name_is_numbered(const char *name, const char *prefix)
{
	const char *number = stray_name_after(name, prefix);

	return number && stray_name_is_number(number);
}

/* What follows 64 hexadecimal digits; NULL when there are none. More of them may follow. */
static const char *stray_name_after_hex(const char *name)
{
	return strspn(name, HEX_DIGITS) >= ID_HEX_LEN ? name + ID_HEX_LEN : NULL;
}

bool stray_name_is_write_set(const char *name)
{
	return stray_name_is_numbered(name, "write-set-");
}

bool stray_name_is_removing_layer(const char *name)
{
	const char *rest = stray_name_after_hex(name);

	if (!rest || *rest != '-')
		return false;
	rest = stray_name_after_hex(rest + 1);
	return rest && strcmp(rest, "-removing") == 0;
}

bool stray_name_is_removing_plugin(const char *name)
{
	const char *rest = stray_name_after_hex(name);

	return rest && strcmp(rest, "-removing") == 0;
}

bool stray_name_is_tmp_repositories(const char *name)
{
	return stray_name_is_numbered(name, ".tmp-repositories.json");
}

bool stray_name_is_tmp_digest(const char *name)
{
	const char *file = stray_name_after(name, ".tmp-");
	const char *number = file ? stray_name_after_hex(file) : NULL;

	return number && stray_name_is_number(number);
}

bool stray_name_is_tmp_image(const char *name)
{
	return stray_name_is_numbered(name, ".tmp-parent") ||
	       stray_name_is_numbered(name, ".tmp-lastUpdated") ||
	       stray_name_is_numbered(name, ".tmp-builtLocally");
}

bool stray_name_is_tmp_container(const char *name)
{
	return stray_name_is_numbered(name, ".tmp-config.v2.json") ||
	       stray_name_is_numbered(name, ".tmp-hostconfig.json") ||
	       stray_name_is_numbered(name, ".tmp-resolv.conf.hash");
}

bool stray_name_is_tmp_volume(const char *name)
{
	return stray_name_is_numbered(name, ".tmp-opts.json");
}

bool stray_name_is_tmp_plugin(const char *name)
{
	return stray_name_is_numbered(name, ".tmp-config.json");
}

bool stray_name_is_tmp_swarm(const char *name)
{
	return stray_name_is_numbered(name, ".tmp-docker-state.json") ||
	       stray_name_is_numbered(name, ".tmp-state.json");
}

bool stray_name_is_tmp_engine(const char *name)
{
	return stray_name_is_numbered(name, ".tmp-engine-id");
}

bool stray_name_is_new_database(const char *name)
{
	return stray_name_is_numbered(name, "metadata_v2.db.new-drydock") ||
	       stray_name_is_numbered(name, "snapshots.db.new-drydock") ||
	       stray_name_is_numbered(name, "containerdmeta.db.new-drydock") ||
	       stray_name_is_numbered(name, "local-kv.db.new-drydock");
}

bool stray_name_is_hosts(const char *name)
{
	const char *id = stray_name_after(name, "hosts.");
	char text[ID_CACHE_LEN + 1];

	if (!id || strlen(id) < ID_CACHE_LEN)
		return false;
	(void)memcpy(text, id, ID_CACHE_LEN);
	text[ID_CACHE_LEN] = '\0';
	return id_is_cache(text) &&
	       (id[ID_CACHE_LEN] == '\0' || strcmp(id + ID_CACHE_LEN, ".tmp") == 0);
}

bool stray_name_is_probe(const char *name)
{
	return stray_name_is_numbered(name, "opaque-bug-check") ||
	       stray_name_is_numbered(name, "metacopy-check") ||
	       stray_name_is_numbered(name, "check-overlayfs-support") ||
	       strcmp(name, "userxattr-check") == 0;
}

bool stray_name_is_old_dir(const char *name)
{
	return strcmp(name, "tmp-old") == 0 || strcmp(name, "runtimes-old") == 0 ||
	       stray_name_is_numbered(name, "gen-runtimes");
}

bool stray_name_is_plugin_rootfs(const char *name)
{
	return stray_name_is_numbered(name, ".rootfs");
}
