/* network_links.c - what removed networks have left in the kernel: said, and removed if wanted. */
#include "gc/network_links.h"

#include "gc/sweep/bridge.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdlib.h>
#include <string.h>

/* The bridge of a network that was removed; texts are borrowed but for `usual`. */
struct network_link {
	const char *network; /* its name */
	const char *name, *address;
	char usual[BRIDGE_NAME_SIZE]; /* of a network that is not known any more */
};

static bool network_links_find(const struct command_call *call, const struct run_step *step,
                               struct network_link *link)
{
	const struct network_list *networks = &call->session->state->networks;
	const struct network *network;
	size_t item;

	if (step->kind != ACTION_NETWORK || step->is_back ||
	    (step->state != STEP_DETACHED && step->state != STEP_ERASED))
		return false;
	link->network = step->detail;
	link->address = "";
	if (!map_get(&networks->by_id, step->object, &item)) {
		(void)snprintf(link->usual, sizeof(link->usual), "br-%.12s", step->object);
		link->name = link->usual;
		return true;
	}
	network = &networks->items[item];
	link->name = network->bridge_name;
	link->address = network->bridge_address;
	/* one that was there before the network is not ours to remove */
	return network->is_bridge_made;
}

static void network_links_say(const struct command_call *call, const struct network_link *link,
                              const char *what)
{
	char network[ERR_TEXT_MAX];

	text_escape(network, sizeof(network), link->network, strlen(link->network));
	if (!call->settings->is_quiet)
		(void)fprintf(call->console->words,
		              "drydock: note: the bridge %s of network %s %s: ip link del %s\n",
		              link->name, network, what, link->name);
}

static void network_links_remove(const struct command_call *call, const struct network_link *link)
{
	struct err err = ERR_INIT;

	if (bridge_remove(link->name, &err) < 0)
		(void)fprintf(call->console->words,
		              "drydock: warning: bridge %s; this would remove it: ip link del %s\n",
		              err.text, link->name);
}

void network_links_end(const struct command_call *call, const struct run *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		struct network_link link;

		if (!network_links_find(call, &run->steps[i], &link))
			continue;
		switch (bridge_look(link.name, link.address)) {
		case BRIDGE_GONE:
			break;
		case BRIDGE_IN_USE:
			network_links_say(call, &link,
			                  "is still there, and in use; when it is not, this "
			                  "removes it");
			break;
		case BRIDGE_OWN:
			if (call->settings->force) {
				network_links_remove(call, &link);
				break;
			}
			/* fall through */
		case BRIDGE_LEFT:
			network_links_say(call, &link,
			                  "stays until the next boot; this removes it");
			break;
		}
	}
}
