/* yard.c - small data roots on disk, as dockerd writes them, for tests of what acts on them. */
#include "tests/unit/yard.h"

#include "gc/plan/mark.h"
#include "gc/run/target.h"
#include "metadata/base/digest.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"
#include "tests/unit/scope.h"
#include "tests/unit/tree.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYERDB "image/overlay2/layerdb"
#define IMAGEDB "image/overlay2/imagedb"

struct yard *yard_new(void)
{
	static const char *const dirs[] = { IMAGEDB "/content/sha256",
		                            IMAGEDB "/metadata/sha256",
		                            LAYERDB "/sha256",
		                            LAYERDB "/mounts",
		                            LAYERDB "/tmp",
		                            "overlay2/l",
		                            "containers",
		                            "volumes",
		                            "buildkit",
		                            "tmp" };
	struct yard *yard = mem_zalloc(1, sizeof(*yard));

	yard->dir = tree_new("yard");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		tree_mkdir(yard->dir, dirs[i]);
	yard->settings.jobs = 2;
	return yard;
}

void yard_free(struct yard *yard)
{
	yard_unload(yard);
	for (size_t i = 0; i < yard->layer_count; i++) {
		free(yard->layers[i].word);
		free(yard->layers[i].diffs);
		free(yard->layers[i].lower);
	}
	for (size_t i = 0; i < yard->image_count; i++)
		free(yard->images[i].word);
	tree_remove(yard->dir);
	free(yard);
}

/* The 64 digits that are PREFIX and WORD hashed. */
static void yard_id(const char *prefix, const char *word, char id[65])
{
	AUTO(str) char *text = mem_print("%s %s", prefix, word);

	digest_sha256(text, strlen(text), id);
}

static const struct yard_layer *yard_find_layer(const struct yard *yard, const char *word)
{
	for (size_t i = 0; i < yard->layer_count; i++) {
		if (strcmp(yard->layers[i].word, word) == 0)
			return &yard->layers[i];
	}
	errx(1, "yard: no layer %s", word);
}

static const char *yard_find_image(const struct yard *yard, const char *word)
{
	for (size_t i = 0; i < yard->image_count; i++) {
		if (strcmp(yard->images[i].word, word) == 0)
			return yard->images[i].id;
	}
	errx(1, "yard: no image %s", word);
}

/* Writes TEXT to DIR/NAME. */
static void yard_file(const struct yard *yard, const char *dir, const char *name, const char *text)
{
	AUTO(str) char *path = mem_print("%s/%s", dir, name);

	tree_print(yard->dir, path, "%s", text);
}

/* A directory of overlay2 with its link; LOWER may be NULL. */
static void yard_dir(const struct yard *yard, const char *id, const char *lower, char link[27])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	AUTO(str) char *dir = mem_print("overlay2/%s", id);
	AUTO(str) char *target = mem_print("../%s/diff", id);
	AUTO(str) char *path = NULL;
	char hash[65];

	yard_id("link", id, hash);
	for (size_t i = 0; i < 26; i++)
		link[i] = digits[(unsigned char)hash[i] % 32];
	link[26] = '\0';
	yard_file(yard, dir, "link", link);
	yard_file(yard, dir, "diff/etc/file", id);
	if (lower) {
		yard_file(yard, dir, "lower", lower);
		yard_file(yard, dir, "work/empty", "");
	}
	path = mem_print("overlay2/l/%s", link);
	tree_link(yard->dir, path, target);
}

static struct yard_layer *yard_add(struct yard *yard, const char *word, const char *parent)
{
	const struct yard_layer *below = parent ? yard_find_layer(yard, parent) : NULL;
	struct yard_layer *layer = &yard->layers[yard->layer_count];
	char diff[65];

	if (yard->layer_count++ == YARD_MAX)
		errx(1, "yard: too many layers");
	layer->word = mem_text(word);
	yard_id("diff", word, diff);
	yard_id("directory", word, layer->dir);
	digest_chain_id(below ? below->chain : NULL, diff, layer->chain);
	layer->diffs =
	    mem_print("%s%s\"sha256:%s\"", below ? below->diffs : "", below ? "," : "", diff);
	yard_dir(yard, layer->dir, below ? below->lower : NULL, layer->link);
	layer->lower =
	    mem_print("l/%s%s%s", layer->link, below ? ":" : "", below ? below->lower : "");
	return layer;
}

void yard_orphan(struct yard *yard, const char *word, const char *parent)
{
	(void)yard_add(yard, word, parent);
}

void yard_layer(struct yard *yard, const char *word, const char *parent)
{
	const struct yard_layer *layer = yard_add(yard, word, parent);
	AUTO(str) char *record = mem_print(LAYERDB "/sha256/%s", layer->chain);
	AUTO(str) char *diff = mem_print("sha256:%.64s", strrchr(layer->diffs, ':') + 1);

	yard_file(yard, record, "diff", diff);
	yard_file(yard, record, "size", "1000");
	yard_file(yard, record, "cache-id", layer->dir);
	if (parent) {
		AUTO(str)
		char *chain = mem_print("sha256:%s", yard_find_layer(yard, parent)->chain);

		yard_file(yard, record, "parent", chain);
	}
}

void yard_image(struct yard *yard, const char *word, const char *top, const char *parent)
{
	struct yard_image *image = &yard->images[yard->image_count];
	AUTO(str)
	char *config = mem_print("{\"os\":\"linux\",\"config\":{\"Labels\":{\"word\":\"%s\"}},"
	                         "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}",
	                         word, yard_find_layer(yard, top)->diffs);

	if (yard->image_count++ == YARD_MAX)
		errx(1, "yard: too many images");
	image->word = mem_text(word);
	digest_sha256(config, strlen(config), image->id);
	yard_file(yard, IMAGEDB "/content/sha256", image->id, config);
	if (parent) {
		AUTO(str) char *dir = mem_print(IMAGEDB "/metadata/sha256/%s", image->id);
		AUTO(str) char *id = mem_print("sha256:%s", yard_find_image(yard, parent));

		yard_file(yard, dir, "parent", id);
	}
}

void yard_tags(struct yard *yard, const char *const *pairs)
{
	AUTO(text) struct text text = TEXT_INIT;

	text_print(&text, "{\"Repositories\":{");
	for (size_t i = 0; pairs[i]; i += 2)
		text_print(&text, "%s\"%.*s\":{\"%s\":\"sha256:%s\"}", i > 0 ? "," : "",
		           (int)strcspn(pairs[i], ":"), pairs[i], pairs[i],
		           yard_find_image(yard, pairs[i + 1]));
	text_print(&text, "}}");
	tree_write(yard->dir, "image/overlay2/repositories.json", text.data, text.len);
}

void yard_container(struct yard *yard, const char *word, const char *image, const char *top,
                    bool is_running)
{
	const struct yard_layer *layer = yard_find_layer(yard, top);
	AUTO(str) char *dir = NULL;
	AUTO(str) char *mount = NULL;
	AUTO(str) char *config = NULL;
	AUTO(str) char *init = NULL;
	AUTO(str) char *parent = mem_print("sha256:%s", layer->chain);
	AUTO(str) char *lower = NULL;
	char id[65];
	char data[65];
	char link[27];

	yard_id("container", word, id);
	yard_id("data", word, data);
	dir = mem_print("containers/%s", id);
	mount = mem_print(LAYERDB "/mounts/%s", id);
	config =
	    mem_print("{\"ID\":\"%s\",\"Name\":\"/%s\",\"Driver\":\"overlay2\",\"Image\":"
	              "\"sha256:%s\",\"State\":{\"Running\":%s,\"Paused\":false,"
	              "\"Restarting\":false},\"Config\":{},\"MountPoints\":{},\"NetworkSettings\":"
	              "{\"Networks\":{}}}\n",
	              id, word, yard_find_image(yard, image), is_running ? "true" : "false");
	init = mem_print("%s-init", data);
	yard_file(yard, dir, "config.v2.json", config);
	yard_file(yard, dir, "hostconfig.json",
	          "{\"NetworkMode\":\"default\",\"RestartPolicy\":{\"Name\":\"no\"}}\n");
	yard_file(yard, mount, "mount-id", data);
	yard_file(yard, mount, "init-id", init);
	yard_file(yard, mount, "parent", parent);
	yard_dir(yard, init, layer->lower, link);
	lower = mem_print("l/%s:%s", link, layer->lower);
	yard_dir(yard, data, lower, link);
}

char *yard_path(const struct yard *yard, enum action_kind kind, const char *word)
{
	char id[65];

	switch (kind) {
	case ACTION_LAYER:
		return target_path(kind, yard_find_layer(yard, word)->chain);
	case ACTION_LINK:
		return target_path(kind, yard_find_layer(yard, word)->link);
	case ACTION_DIR:
		return target_path(kind, yard_find_layer(yard, word)->dir);
	case ACTION_IMAGE:
	case ACTION_IMAGE_METADATA:
		return target_path(kind, yard_find_image(yard, word));
	case ACTION_CONTAINER:
	case ACTION_MOUNT:
		yard_id("container", word, id);
		return target_path(kind, id);
	case ACTION_UNTAG:
		return mem_text("image/overlay2/repositories.json");
	case ACTION_CACHE:
	case ACTION_CACHE_MARK:
	case ACTION_CACHE_LEASE:
	case ACTION_CACHE_SNAPSHOT:
	case ACTION_CACHE_RECORD:
	case ACTION_NETWORK:
	case ACTION_VOLUME:
	case ACTION_STRAY:
	case ACTION_KIND_COUNT:
		break;
	}
	errx(1, "yard: no path for %s", word);
}

bool yard_has(const struct yard *yard, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s", yard->dir, path);
	struct stat st;

	return lstat(full, &st) == 0;
}

bool yard_has_object(const struct yard *yard, enum action_kind kind, const char *word)
{
	AUTO(str) char *path = yard_path(yard, kind, word);

	return yard_has(yard, path);
}

void yard_unload(struct yard *yard)
{
	struct session *session = &yard->session;

	plan_free(TAKE(yard->plan, NULL));
	mark_free(session->baseline);
	graph_free(session->graph);
	inventory_free(session->inventory);
	state_free(session->state);
	root_close(session->root);
	finding_list_done(&session->findings);
	*session = (struct session)SESSION_INIT;
}

void yard_load(struct yard *yard)
{
	struct session *session = &yard->session;
	struct err err = ERR_INIT;

	yard_unload(yard);
	session->settings = &yard->settings;
	if (root_open(&session->root, yard->dir, &session->findings, &err) < 0 ||
	    state_load(&session->state, session->root, &session->findings, &err) < 0 ||
	    inventory_load(&session->inventory, session->root->overlay2_fd, &session->findings,
	                   &err) < 0)
		errx(1, "yard: load: %s", err.text);
	session->graph = graph_build(session->state, session->inventory, &session->findings);
	session->baseline = mark_baseline(session->graph);
}

void yard_decide(struct yard *yard, const struct selection_scope *scope)
{
	struct err err = ERR_INIT;
	AUTO(selection)
	struct selection *selection = selection_make(yard->session.state, scope);
	const struct mark *baseline = yard->session.baseline;
	AUTO(mark)
	struct mark *mark = mark_selection(yard->session.graph, selection, baseline);

	yard->scope = *scope;
	yard->plan = plan_make(yard->session.graph, selection, baseline, mark);
	if (plan_measure(yard->plan, yard->session.root->fd, 1, &err) < 0)
		errx(1, "yard: measure: %s", err.text);
}

void yard_plan(struct yard *yard, const char *scope)
{
	const struct selection_scope ruled = scope_ruled(scope, yard->rules);

	yard_load(yard);
	yard_decide(yard, &ruled);
}

void yard_story(struct yard *yard)
{
	static const char *const tags[] = {
		"app:1", "app", "keep:1", "keep", "old:1", "old", NULL
	};

	AUTO(str) char *gone = NULL;
	char id[65];

	yard_id("directory", "gone", id);
	gone = mem_print("../%s/diff", id);
	yard_layer(yard, "base", NULL);
	yard_layer(yard, "keep", "base");
	yard_layer(yard, "middle", "base");
	yard_layer(yard, "app", "middle");
	yard_layer(yard, "old", "base");
	yard_layer(yard, "lower", NULL);
	yard_layer(yard, "lost", "lower");
	yard_orphan(yard, "stray", "base");
	yard_image(yard, "keep", "keep", NULL);
	yard_image(yard, "middle", "middle", NULL);
	yard_image(yard, "app", "app", "middle");
	yard_image(yard, "old", "old", NULL);
	yard_tags(yard, tags);
	yard_container(yard, "web", "keep", "keep", true);
	yard_container(yard, "job", "app", "app", false);
	tree_link(yard->dir, "overlay2/l/AAAAAAAAAAAAAAAAAAAAAAAAAA", gone);
	tree_print(yard->dir, LAYERDB "/tmp/write-set-12/tar-split.json.gz", "x");
	tree_print(yard->dir, "image/overlay2/.tmp-repositories.json99", "{");
}
