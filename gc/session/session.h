/* session.h - a data root opened, guarded and read: what every command starts from. */
#ifndef GC_SESSION_SESSION_H
#define GC_SESSION_SESSION_H

#include "gc/graph/graph.h"
#include "gc/plan/mark.h"
#include "gc/session/guard.h"
#include "gc/session/settings.h"
#include "metadata/base/finding.h"
#include "metadata/root.h"
#include "metadata/state.h"
#include "overlay2/inventory.h"
#include "overlay2/mountinfo.h"

enum session_access {
	SESSION_READ,  /* lists: a live daemon is a finding */
	SESSION_PLAN,  /* dry runs: a live daemon is ERR_BUSY, nothing is written */
	SESSION_WRITE, /* removes: a live daemon or mount or another drydock is ERR_BUSY */
};

struct session {
	const struct settings *settings; /* borrowed */
	struct root *root;
	struct guard *guard;
	struct state *state;
	struct inventory *inventory;
	struct mountinfo_list uses;
	struct finding_list findings;
	struct graph *graph;
	struct mark *baseline; /* mark_baseline() of the graph */
};

#define SESSION_INIT                                                                               \
	{                                                                                          \
		.settings = NULL                                                                   \
	}

/* Opens, guards, reads and links everything; *SESSION is freed with session_close, also after -1.
 */
int session_open(struct session *session, const struct settings *settings,
                 enum session_access access, struct err *err) MUST_USE;

void session_close(struct session *session);

static inline void session_cleanup(struct session *session)
{
	session_close(session);
}

#endif
