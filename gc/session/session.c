/* session.c - a data root opened, guarded and read: what every command starts from. */
#include "gc/session/session.h"

static int session_guard(struct session *session, enum session_access access, struct err *err)
{
	static const enum guard_mode modes[] = {
		[SESSION_READ] = GUARD_LOOK,
		[SESSION_PLAN] = GUARD_HOLD,
		[SESSION_WRITE] = GUARD_WRITE,
	};
	const struct root *root = session->root;
	enum guard_mode mode = modes[access];
	bool is_alive = false;

	if (mountinfo_load(&session->uses, "/proc", root->path, root->overlay2_fd, err) < 0)
		return -1;
	/* a root with live mounts is refused below: nothing is written to it, no lock file either
	 */
	if (mode == GUARD_WRITE && session->uses.count > 0)
		mode = GUARD_HOLD;
	/* dockerd mounts nothing without its locks, so no mount can come after this */
	if (guard_acquire(&session->guard, root->fd, root->path, mode, &is_alive, err) < 0)
		return -1;
	if (is_alive)
		finding_add(&session->findings, FINDING_DAEMON_ALIVE, ".", "%s", root->path);
	return access == SESSION_READ ? 0 : guard_check_mounts(&session->uses, err);
}

int session_open(struct session *session, const struct settings *settings,
                 enum session_access access, struct err *err)
{
	session->settings = settings;
	if (root_open(&session->root, settings->root, &session->findings, err) < 0)
		return -1;
	/* the locks come before the first record is read, so that nobody writes in between */
	if (session_guard(session, access, err) < 0)
		return -1;
	if (state_load(&session->state, session->root, &session->findings, err) < 0 ||
	    inventory_load(&session->inventory, session->root->overlay2_fd, &session->findings,
	                   err) < 0)
		return -1;
	/* in a data root that is only looked at, what is mounted is alive */
	inventory_mark_mounted(session->inventory, &session->uses, &session->findings);
	session->graph = graph_build(session->state, session->inventory, &session->findings);
	session->baseline = mark_baseline(session->graph);
	/* what keeps more than it names is told to the user, and makes the exit status */
	mark_find_blocks(session->baseline, session->graph, &session->findings);
	finding_list_sort(&session->findings);
	return 0;
}

void session_close(struct session *session)
{
	mark_free(session->baseline);
	graph_free(session->graph);
	mountinfo_list_done(&session->uses);
	inventory_free(session->inventory);
	state_free(session->state);
	guard_release(session->guard);
	root_close(session->root);
	finding_list_done(&session->findings);
	*session = (struct session)SESSION_INIT;
}
