/* plan.h - what a run will do, action by action, in an order that is safe to cut anywhere. */
#ifndef GC_PLAN_PLAN_H
#define GC_PLAN_PLAN_H

#include "gc/graph/graph.h"
#include "gc/plan/kept.h"
#include "gc/plan/mark.h"
#include "gc/plan/selection.h"
#include "overlay2/usage.h"

#include <stdbool.h>
#include <stddef.h>

/* In the order of execution (design.md §5): top-down, so that dockerd starts after every single
 * step. */
enum action_kind {
	ACTION_UNTAG,          /* an entry leaves repositories.json */
	ACTION_CONTAINER,      /* containers/<id> */
	ACTION_IMAGE_METADATA, /* imagedb/metadata/sha256/<id> */
	ACTION_IMAGE,          /* imagedb/content/sha256/<id> */
	ACTION_CACHE,          /* buildkit/ as a whole */
	ACTION_CACHE_MARK,     /* a record of metadata_v2.db is marked as deleted */
	ACTION_NETWORK,        /* the keys of a network leave local-kv.db */
	ACTION_VOLUME,         /* volumes/<name> */
	ACTION_MOUNT,          /* layerdb/mounts/<name> */
	ACTION_LAYER,          /* layerdb/sha256/<chain ID>, children before parents */
	ACTION_STRAY,          /* leftovers that hold nothing */
	ACTION_LINK,           /* overlay2/l/<LINK> */
	ACTION_DIR,            /* overlay2/<name> */
	/* once the directories are away (bolt-buildkit.md §3.4) */
	ACTION_CACHE_LEASE,    /* a lease leaves containerdmeta.db */
	ACTION_CACHE_SNAPSHOT, /* a snapshot leaves snapshots.db */
	ACTION_CACHE_RECORD,   /* a record that was marked leaves metadata_v2.db */
	ACTION_KIND_COUNT
};

/* Why: what the report calls it. */
enum action_reason {
	REASON_PRUNED, /* Docker's prune would remove it, too */
	REASON_ORPHAN, /* only drydock sees it */
};

struct action {
	enum action_kind kind;
	enum action_reason reason;
	char *object; /* owned; tag, container ID, image ID ("sha256:..."), chain ID ("sha256:..."),
	                 network ID, volume name, directory name, ID in the build cache */
	char *path;   /* owned; below the data root: what is moved away; of an edit
	                 (action_is_edit()) the file */
	char *detail; /* owned; for ACTION_UNTAG the value that the entry has; for ACTION_NETWORK
	                 its name; for ACTION_VOLUME its record in
	                 metadata.db; for ACTION_STRAY its words; for ACTION_CACHE_MARK the
	                 record that Docker names in its place, if it names another; else "" */
	/*
	 * What Docker adds up for it: the recorded size of a layer or of a build cache record, and
	 * what content_path measures. 0 when Docker counts nothing; -1: nor does it say that this
	 * layer goes.
	 */
	int64_t size_bytes;
	char *content_path; /* owned, or NULL; below the root: of this the size is size_bytes, once
	                       it has been measured */
	struct usage usage; /* what erasing frees; zero until plan_measure() */
};

struct plan {
	struct action *actions; /* in order of execution */
	size_t count, capacity;
	char digest[33]; /* XXH3-128 of the actions, hex: the same root and command give the same
	                    digest */
	uint64_t reclaimed_bytes;     /* what Docker's "Total reclaimed space" adds up, plus the
	                                 orphans' apparent bytes */
	size_t unmarked_volume_count; /* volume_prune_unmarked() of a prune of anonymous volumes */
	struct usage freed;           /* sum of all usages; zero until plan_measure() */
	struct kept_list kept;        /* what is no part of it because of keep rules */
};

/*
 * Decides: what is dead in MARK goes, if it was alive in BASELINE because Docker would remove it,
 * too, and if it was dead there because nothing leads to it. Touches no file. The caller frees.
 */
struct plan *plan_make(const struct graph *graph, const struct selection *selection,
                       const struct mark *baseline, const struct mark *mark) MUST_USE;

/* What Docker's "Total reclaimed space" counts for an action, or USAGE for what only drydock sees.
 */
uint64_t plan_counted_bytes(enum action_reason reason, int64_t size_bytes,
                            const struct usage *usage);

/* Measures every action's tree exactly under ROOT_FD, hard links counted once. 0 or -1
 * (ERR_SYSTEM). */
int plan_measure(struct plan *plan, int root_fd, unsigned jobs, struct err *err) MUST_USE;

void plan_free(struct plan *plan);

OWN_DEFINE(plan, struct plan *, plan_free)

/*
 * Says whether actions of KIND change entries of a file that stays: all of one kind in one atomic
 * replacement of it. The others move a file or directory away.
 */
bool action_is_edit(enum action_kind kind);

/* "untag", "container", ... : stable names, also in the journal and in JSON. */
const char *action_kind_name(enum action_kind kind);

#endif
