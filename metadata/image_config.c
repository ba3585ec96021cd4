/* image_config.c - an image config: the JSON that says what an image consists of. */
#include "metadata/image.h"

#include "metadata/base/digest.h"
#include "metadata/base/gojson.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/timestamp.h"
#include "metadata/label.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What Go's decoder demands of the fields of image.Image, 20.10 to 29. */
static const struct gojson_rule image_rules[] = {
	{ "id", GOJSON_TEXT },           { "parent", GOJSON_TEXT },
	{ "comment", GOJSON_TEXT },      { "created", GOJSON_TEXT },
	{ "container", GOJSON_TEXT },    { "container_config", GOJSON_OBJECT },
	{ "config", GOJSON_OBJECT },     { "docker_version", GOJSON_TEXT },
	{ "author", GOJSON_TEXT },       { "architecture", GOJSON_TEXT },
	{ "variant", GOJSON_TEXT },      { "os", GOJSON_TEXT },
	{ "size", GOJSON_NUMBER },       { "rootfs", GOJSON_OBJECT },
	{ "history", GOJSON_ARRAY },     { "os.version", GOJSON_TEXT },
	{ "os.features", GOJSON_ARRAY },
};

static const struct gojson_rule rootfs_rules[] = {
	{ "type", GOJSON_TEXT },
	{ "diff_ids", GOJSON_ARRAY },
};

static int image_check(const struct gojson *json, struct err *err)
{
	static const char *const merged[] = { "rootfs", "config", "diff_ids", "Labels" };
	const struct json_t *rootfs = gojson_field(json->root, "rootfs");

	for (size_t i = 0; i < COUNT(merged); i++) {
		if (gojson_is_ambiguous(json, merged[i]))
			return err_set(err, ERR_CORRUPT, "\"%s\" stands twice", merged[i]);
	}
	if (gojson_check(json->root, "", image_rules, COUNT(image_rules), err) < 0)
		return -1;
	if (!rootfs)
		return err_set(err, ERR_CORRUPT, "has no rootfs");
	return gojson_check(rootfs, "rootfs", rootfs_rules, COUNT(rootfs_rules), err);
}

/* The layers, base first, and the chain ID of the top one. */
static int image_read_layers(struct image *image, const struct json_t *rootfs, struct err *err)
{
	const struct json_t *ids = gojson_field(rootfs, "diff_ids");
	size_t count = gojson_array_len(ids);
	char chain[DIGEST_HEX_SIZE];

	if (count == 0)
		return 0; /* an image without layers */
	image->diff_ids = mem_zalloc(count, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		const char *text = gojson_text(gojson_array_item(ids, i));
		const char *hex = text ? id_digest_hex(text) : NULL;

		if (!hex)
			return err_set(err, ERR_CORRUPT, "rootfs.diff_ids[%zu] is no digest", i);
		image->diff_ids[image->diff_id_count++] = mem_text(hex);
		digest_chain_id(i > 0 ? chain : NULL, hex, chain);
	}
	image->chain_id = mem_text(chain);
	return 0;
}

int image_parse(struct image *image, const char *bytes, size_t len, struct err *err)
{
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	char hash[DIGEST_HEX_SIZE];
	const struct json_t *config;
	struct timestamp time = { 0, 0 };
	const char *created;
	const char *os;

	image->config_size_bytes = len;
	if (len == 0)
		return err_set(err, ERR_CORRUPT, "is empty");
	digest_sha256(bytes, len, hash);
	if (strcmp(hash, image->id) != 0)
		return err_set(err, ERR_CORRUPT, "has the SHA-256 %s, not that of its name", hash);
	if (gojson_parse(&json, bytes, len, GOJSON_WHOLE_TEXT, err) < 0 ||
	    image_check(&json, err) < 0)
		return -1;
	created = gojson_text(gojson_field(json.root, "created"));
	if (created && !timestamp_read(created, &time))
		return err_set(err, ERR_CORRUPT, "created is no time: \"%s\"", created);
	image->created = time.seconds;
	image->created_nanoseconds = time.nanoseconds;
	image->has_created = created != NULL;
	os = gojson_text(gojson_field(json.root, "os"));
	image->os = mem_text(os ? os : "");
	config = gojson_field(json.root, "config");
	image->has_config = config != NULL;
	if (label_read(gojson_field(config, "Labels"), "config.Labels", &image->labels,
	               &image->label_count, err) < 0)
		return -1;
	return image_read_layers(image, gojson_field(json.root, "rootfs"), err);
}

void image_done(struct image *image)
{
	for (size_t i = 0; i < image->diff_id_count; i++)
		free(image->diff_ids[i]);
	free(image->diff_ids);
	label_free(image->labels, image->label_count);
	free(image->id);
	free(image->parent);
	free(image->chain_id);
	free(image->os);
	*image = (struct image){ .id = NULL };
}
