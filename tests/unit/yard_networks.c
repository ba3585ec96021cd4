/* yard_networks.c - networks and volumes for the story of yard.h. */
#include "tests/unit/yard_networks.h"

#include "metadata/base/digest.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "metadata/bolt.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/tree.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define KV "docker/network/v1.0/"

const char *yard_network_id(const char *name)
{
	static char ring[4][DIGEST_HEX_SIZE];
	static unsigned next;
	char *id = ring[next++ % 4];

	digest_sha256(name, strlen(name), id);
	return id;
}

static void yard_put(struct bolt_maker *maker, const char *kind, const char *name, const char *json)
{
	AUTO(str) char *key = mem_print(KV "%s/%s/", kind, yard_network_id(name));
	AUTO(text) struct text value = TEXT_INIT;

	text_add(&value, "\x07\0\0\0\0\0\0\0", 8);
	text_add(&value, json, strlen(json));
	bolt_maker_put_bytes(bolt_maker_bucket(maker, NULL, "libnetwork"), key, strlen(key),
	                     value.data, value.len);
}

static void yard_network(struct bolt_maker *maker, const char *name, bool is_config,
                         const char *config, int count)
{
	const char *id = yard_network_id(name);
	AUTO(str)
	char *network = mem_print(
	    "{\"id\":\"%s\",\"name\":\"%s\",\"networkType\":\"%s\",\"scope\":\"local\","
	    "\"ingress\":false,\"configOnly\":%s,\"configFrom\":\"%s\",\"inDelete\":false}",
	    id, name, is_config ? "null" : "bridge", is_config ? "true" : "false", config);
	AUTO(str)
	char *bridge = mem_print("{\"ID\":\"%s\",\"BridgeName\":\"br-%.12s\"}", id, id);
	AUTO(str) char *counter = mem_print("{\"Count\":%d}", count);

	yard_put(maker, "network", name, network);
	yard_put(maker, "endpoint_count", name, counter);
	if (!is_config)
		yard_put(maker, "bridge", name, bridge);
}

static void yard_volume(const struct yard *yard, struct bolt_maker *maker, const char *name)
{
	AUTO(str) char *file = mem_print("volumes/%s/_data/file", name);
	AUTO(str)
	char *record = mem_print("{\"Name\":\"%s\",\"Driver\":\"local\",\"Labels\":null,"
	                         "\"Options\":null}",
	                         name);

	tree_print(yard->dir, file, "%s", name);
	bolt_maker_put(bolt_maker_bucket(maker, NULL, "volumes"), name, record);
}

/* Replaces OLD, which must be there, in TEXT. */
static char *yard_replace(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);

	if (!at)
		errx(1, "yard: no %s in %s", old, text);
	return mem_print("%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

void yard_attach(const struct yard *yard, const char *container, const char *network,
                 const char *volume)
{
	AUTO(str) char *dir = yard_path(yard, ACTION_CONTAINER, container);
	AUTO(str) char *path = mem_print("%s/config.v2.json", dir);
	AUTO(close) int fd = tree_open(yard->dir, "");
	AUTO(str) char *old = NULL;
	AUTO(str) char *half = NULL;
	AUTO(str) char *new = NULL;
	AUTO(str)
	char *networks = mem_print("\"Networks\":{\"%s\":{\"NetworkID\":\"%s\"}}", network,
	                           yard_network_id(network));
	AUTO(str)
	char *mounts = mem_print("\"MountPoints\":{\"/d\":{\"Type\":\"volume\",\"Name\":\"%s\","
	                         "\"Driver\":\"local\"}}",
	                         volume);
	struct err err = ERR_INIT;
	size_t len;

	if (file_read(fd, path, 10000, &old, &len, &err) < 0)
		errx(1, "yard: %s", err.text);
	half = yard_replace(old, "\"Networks\":{}", networks);
	new = yard_replace(half, "\"MountPoints\":{}", mounts);
	tree_print(yard->dir, path, "%s", new);
}

void yard_networks_write(const struct yard *yard)
{
	struct bolt_maker *networks = bolt_maker_new(4096);
	struct bolt_maker *volumes = bolt_maker_new(4096);

	yard_network(networks, "bridge", false, "", 0);
	yard_network(networks, "front", false, "", 1);
	yard_network(networks, "back", false, "", 0);
	yard_network(networks, "lone", false, "", 0);
	yard_network(networks, "conf", true, "", 1);
	yard_network(networks, "made", false, "conf", 0);
	yard_volume(yard, volumes, "kept");
	yard_volume(yard, volumes, "data");
	yard_volume(yard, volumes, "free");
	bolt_maker_save(networks, yard->dir, YARD_NETWORKS);
	bolt_maker_save(volumes, yard->dir, YARD_VOLUMES);
}

void yard_networks_story(const struct yard *yard)
{
	yard_networks_write(yard);
	yard_attach(yard, "web", "front", "kept");
	yard_attach(yard, "job", "back", "data");
}

static bool yard_find(const struct bolt *bolt, const char *kind, const char *name,
                      struct bolt_entry *entry)
{
	AUTO(str) char *key = mem_print(KV "%s/%s/", kind, yard_network_id(name));
	struct bolt_bucket bucket = bolt_root(bolt);

	return bolt_bucket_enter(&bucket, "libnetwork", &bucket) &&
	       bolt_bucket_find(&bucket, key, entry);
}

static struct bolt *yard_open(const struct yard *yard)
{
	AUTO(close) int fd = tree_open(yard->dir, "");
	struct err err = ERR_INIT;
	struct bolt *bolt = NULL;

	if (bolt_open(&bolt, fd, YARD_NETWORKS, &err) < 0)
		errx(1, "yard: %s", err.text);
	return bolt;
}

bool yard_has_network(const struct yard *yard, const char *name)
{
	AUTO(bolt) struct bolt *bolt = yard_open(yard);
	struct bolt_entry entry;
	bool has_network = yard_find(bolt, "network", name, &entry);

	if (strcmp(name, "conf") != 0 && yard_find(bolt, "bridge", name, &entry) != has_network)
		errx(1, "yard: network %s and its bridge do not agree", name);
	return has_network;
}

int yard_conf_count(const struct yard *yard)
{
	AUTO(bolt) struct bolt *bolt = yard_open(yard);
	struct bolt_entry entry;

	if (!yard_find(bolt, "endpoint_count", "conf", &entry) || entry.value_len != 19)
		errx(1, "yard: no count");
	return entry.value[17] - '0'; /* index, {"Count":N} */
}
