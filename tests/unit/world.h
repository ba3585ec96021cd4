/* world.h - data roots in memory for tests of the decider: records and directories by short names.
 */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include "gc/plan/plan.h"
#include "gc/plan/rules.h"

/*
 * Names in these calls are short words; IDs are their SHA-256. A layer "x" has the chain ID of "x"
 * and the directory of "x"; a container "c" has the mount of its name and the directories "c" and
 * "c-init".
 */
struct world {
	struct state state;
	struct inventory inventory;
	struct finding_list findings;
	struct rules rules;  /* what every plan is made with; the test fills them in */
	struct graph *graph; /* after world_seal() */
	struct selection *selection;
	struct mark *baseline, *mark;
	struct plan *plan; /* after world_plan() */
};

struct world *world_new(void);
void world_free(struct world *world);

/* The 64 hex digits for a word: a static ring of 8 buffers, enough for one assertion. */
const char *world_id(const char *word);

/* world_id(), owned by the caller; NULL for NULL. */
char *world_dup_id(const char *word);

/* A directory of overlay2 of this NAME, with its link; LOWERS as for world_dir(). */
void world_named_dir(struct world *world, const char *name, const char *lowers);

/* A directory of overlay2, with its link; LOWERS: words separated by spaces, or NULL. */
void world_dir(struct world *world, const char *word, const char *lowers);

/* A layer record with its directory; PARENT may be NULL. Returns it until the next call. */
struct layer *world_layer(struct world *world, const char *word, const char *parent);

/* An image on the layer TOP (NULL: without layers), built on the image PARENT (may be NULL). */
struct image *world_image(struct world *world, const char *word, const char *top,
                          const char *parent);

/* An entry "name:tag" or "name@sha256:..." of repositories.json for an image. */
void world_ref(struct world *world, const char *name, const char *image);

/* A stopped container of an image, with its mount on the layer TOP. */
struct container *world_container(struct world *world, const char *word, const char *image,
                                  const char *top);

/* A mount without a container of its name; a directory for it. */
struct mount *world_mount(struct world *world, const char *name, const char *dir,
                          const char *parent);

/* A build cache record with a lease and a snapshot in directory DIR; CHAIN: word of the layer that
 * it is, or NULL. Returns it until the next call. */
struct cache_record *world_cache(struct world *world, const char *id, const char *dir,
                                 const char *chain);

/* A record that shares its data with the mutable record MUTABLE: it has no lease and no snapshot.
 */
struct cache_record *world_cache_twin(struct world *world, const char *id, const char *mutable);

/* Gives a record one more parent. */
void world_cache_parent(struct cache_record *record, const char *parent);

/* A local network that a user made, of the driver "bridge"; its name is WORD. Returns it until the
 * next call. */
struct network *world_network(struct world *world, const char *word);

/* A local volume with a directory and a record, without labels. Returns it until the next call. */
struct volume *world_volume(struct world *world, const char *name);

/* Connects a container to the network NAME; NETWORK_ID is "" if it was never started. */
void world_connect(struct container *container, const char *name, const char *network_id);

/* Mounts the volume NAME in a container, as dockerd writes it for an anonymous one: it stands there
 * once. Returns the mount until the next call. */
struct container_mount *world_mount_volume(struct container *container, const char *name);

/* Gives *TEXT, which is owned, another value. */
void world_set(char **text, const char *value);

/* Sorts everything, builds the graph. */
void world_seal(struct world *world);

/* Plans: SCOPE is a string of letters, see scope.h. */
void world_plan(struct world *world, const char *scope);

/* How many actions of the kind the plan has. */
size_t world_count(const struct world *world, enum action_kind kind);

/* Says whether the plan has an action of the kind on the object (full name as in struct action). */
bool world_goes(const struct world *world, enum action_kind kind, const char *object);

#define world_layer_goes(world, word) world_goes_id(world, ACTION_LAYER, "sha256:", word)
#define world_image_goes(world, word) world_goes_id(world, ACTION_IMAGE, "sha256:", word)
#define world_dir_goes(world, word) world_goes_id(world, ACTION_DIR, "", word)
#define world_container_goes(world, word) world_goes_id(world, ACTION_CONTAINER, "", word)
#define world_network_goes(world, word) world_goes_id(world, ACTION_NETWORK, "", word)
#define world_volume_goes(world, name) world_goes(world, ACTION_VOLUME, name)

/* world_goes() for PREFIX and the ID of WORD. */
bool world_goes_id(const struct world *world, enum action_kind kind, const char *prefix,
                   const char *word);

/* Says whether there is a finding of this code. */
bool world_has_finding(const struct world *world, enum finding_code code);

#endif
