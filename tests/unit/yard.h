/* yard.h - small data roots on disk, as dockerd writes them, for tests of what acts on them. */
#ifndef TESTS_UNIT_YARD_H
#define TESTS_UNIT_YARD_H

#include "gc/plan/plan.h"
#include "gc/plan/rules.h"
#include "gc/session/session.h"

#include <stdbool.h>

#define YARD_MAX 64 /* objects of each sort */

struct yard_layer {
	char *word;
	char *diffs; /* the diff_ids of its chain, as JSON */
	char *lower; /* what the `lower` of a directory on it holds */
	char chain[65], dir[65], link[27];
};

struct yard_image {
	char *word;
	char id[65];
};

/*
 * Names in these calls are short words. Whatever is made is on disk at once; yard_load() reads it
 * as a session has it, but without a guard.
 */
struct yard {
	char *dir;
	struct yard_layer layers[YARD_MAX];
	size_t layer_count;
	struct yard_image images[YARD_MAX];
	size_t image_count;
	struct session session; /* after yard_load() */
	struct settings settings;
	struct plan *plan; /* after yard_plan() */
	struct selection_scope scope;
	const struct rules *rules; /* what yard_plan() plans with; borrowed; NULL: none */
};

struct yard *yard_new(void);
void yard_free(struct yard *yard);

/* A layer with its record, directory and link; PARENT may be NULL. */
void yard_layer(struct yard *yard, const char *word, const char *parent);

/* The same without a record: an orphan directory. */
void yard_orphan(struct yard *yard, const char *word, const char *parent);

/* An image on the layer TOP, built on the image PARENT (may be NULL). */
void yard_image(struct yard *yard, const char *word, const char *top, const char *parent);

/* Writes repositories.json: pairs of "name:tag" and the word of an image, ended by NULL. */
void yard_tags(struct yard *yard, const char *const *pairs);

/* A container with its mount and two directories. */
void yard_container(struct yard *yard, const char *word, const char *image, const char *top,
                    bool is_running);

/* The paths below the root that belong to a word; owned by the caller. */
char *yard_path(const struct yard *yard, enum action_kind kind, const char *word);

/* Says whether something is at the path. */
bool yard_has(const struct yard *yard, const char *path);

/* yard_has(yard_path()). */
bool yard_has_object(const struct yard *yard, enum action_kind kind, const char *word);

/* Reads the root (again). */
void yard_load(struct yard *yard);
void yard_unload(struct yard *yard);

/* Loads and plans: SCOPE is a string of letters, see scope.h. */
void yard_plan(struct yard *yard, const char *scope);

/* Plans what is loaded. */
void yard_decide(struct yard *yard, const struct selection_scope *scope);

/*
 * The story that most tests need. Kept: the running container "web" of image "keep" (tag keep:1) on
 * layers base and keep, and all they need. Planned with "cail": the container "job" of image "app"
 * (app:1, built on the image "middle"), the image "old" (old:1), their layers app, middle
 * and old, the layers lost and lower of no image, the directory stray, a link that leads nowhere, a
 * write-set, a .tmp- file.
 */
void yard_story(struct yard *yard);

#endif
