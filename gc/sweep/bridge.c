/* bridge.c - the bridge of a network in the kernel, which stays when the network's record goes. */
/*
 * The old ioctls of bridges and not /sys, which shows the network namespace of whoever has mounted
 * it. Kernels up to 6.x have them all.
 */
#include "gc/sweep/bridge.h"

#include "gc/session/holder.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <linux/if_bridge.h>

#define BRIDGES_MAX 1024 /* BR_MAX_PORTS, and more bridges than a daemon can make (31 pools) */

/* Letters that need no quoting in a shell; the kernel takes more. */
static bool bridge_is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strlen(name);

	return len > 0 && len < BRIDGE_NAME_SIZE && name[0] != '-' && name[0] != '.' &&
	       strspn(name, letters) == len;
}

static void bridge_request(struct ifreq *request, const char *name)
{
	*request = (struct ifreq){ .ifr_flags = 0 };
	(void)snprintf(request->ifr_name, sizeof(request->ifr_name), "%s", name);
}

/* The index of the link, or 0. */
static int bridge_index(int fd, const char *name)
{
	struct ifreq request;

	bridge_request(&request, name);
	return ioctl(fd, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

static bool bridge_is_bridge(int fd, int index)
{
	int *indices = mem_zalloc(BRIDGES_MAX, sizeof(*indices));
	unsigned long arguments[] = { BRCTL_GET_BRIDGES, (unsigned long)indices, BRIDGES_MAX };
	int count = ioctl(fd, SIOCGIFBR, arguments);
	bool is_found = false;

	for (int i = 0; i < count && !is_found; i++)
		is_found = indices[i] == index;
	free(indices);
	return is_found;
}

/* Says whether something is connected; so does a kernel that does not tell. */
static bool bridge_has_ports(int fd, const char *name)
{
	int *ports = mem_zalloc(BRIDGES_MAX, sizeof(*ports));
	unsigned long arguments[] = { BRCTL_GET_PORT_LIST, (unsigned long)ports, BRIDGES_MAX, 0 };
	struct ifreq request;
	bool has_ports;

	bridge_request(&request, name);
	request.ifr_data = (char *)arguments;
	has_ports = ioctl(fd, SIOCDEVPRIVATE, &request) < 0;
	for (size_t i = 0; i < BRIDGES_MAX && !has_ports; i++)
		has_ports = ports[i] != 0;
	free(ports);
	return has_ports;
}

/* The address of the link as "172.18.0.1/16", "" if it has none. */
static void bridge_address(int fd, const char *name, char text[INET_ADDRSTRLEN + 4])
{
	char address[INET_ADDRSTRLEN];
	struct ifreq request;
	struct sockaddr_in in;

	text[0] = '\0';
	bridge_request(&request, name);
	if (ioctl(fd, SIOCGIFADDR, &request) < 0)
		return;
	(void)memcpy(&in, &request.ifr_addr, sizeof(in));
	if (!inet_ntop(AF_INET, &in.sin_addr, address, sizeof(address)) ||
	    ioctl(fd, SIOCGIFNETMASK, &request) < 0)
		return;
	(void)memcpy(&in, &request.ifr_netmask, sizeof(in));
	(void)snprintf(text, INET_ADDRSTRLEN + 4, "%s/%d", address,
	               __builtin_popcount(in.sin_addr.s_addr));
}

/* ---- daemons beside us ---- */

/* Says whether process PID is a dockerd in the network namespace that OWN is. */
static bool bridge_is_daemon(int pid, const struct stat *own)
{
	AUTO(str) char *path = mem_print("/proc/%d/ns/net", pid);
	char command[HOLDER_COMMAND_SIZE];
	struct stat st;

	return holder_command(pid, "/proc", command) && strcmp(command, "dockerd") == 0 &&
	       stat(path, &st) == 0 && st.st_ino == own->st_ino && st.st_dev == own->st_dev;
}

/* Whatever cannot be looked at may be one. */
static bool bridge_has_daemon(void)
{
	AUTO(file_entries) struct file_entries entries = FILE_ENTRIES_INIT;
	struct err err = ERR_INIT;
	struct stat own;
	uint64_t pid;

	if (stat("/proc/self/ns/net", &own) < 0 || file_list(&entries, AT_FDCWD, "/proc", &err) < 0)
		return true;
	for (size_t i = 0; i < entries.count; i++) {
		if (text_parse_u64(entries.items[i].name, INT32_MAX, &pid) &&
		    bridge_is_daemon((int)pid, &own))
			return true;
	}
	return false;
}

/* ---- all ---- */

enum bridge_state bridge_look(const char *name, const char *address)
{
	AUTO(close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char found[INET_ADDRSTRLEN + 4];
	int index;

	if (fd < 0 || !bridge_is_name(name))
		return BRIDGE_GONE;
	index = bridge_index(fd, name);
	if (index == 0 || !bridge_is_bridge(fd, index))
		return BRIDGE_GONE;
	bridge_address(fd, name, found);
	if (*address != '\0' && strcmp(address, found) != 0)
		return BRIDGE_GONE;
	if (bridge_has_ports(fd, name) || bridge_has_daemon())
		return BRIDGE_IN_USE;
	return *address != '\0' ? BRIDGE_OWN : BRIDGE_LEFT;
}

/* Only a bridge that is down can be removed. */
int bridge_remove(const char *name, struct err *err)
{
	AUTO(close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request;
	short flags;

	if (fd < 0)
		return err_errno(err, "%s: open a socket", name);
	bridge_request(&request, name);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return err_errno(err, "%s: read its flags", name);
	flags = request.ifr_flags;
	request.ifr_flags = (short)(flags & ~IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_errno(err, "%s: take it down", name);
	if (ioctl(fd, SIOCBRDELBR, name) == 0)
		return 0;
	(void)err_errno(err, "%s: remove", name);
	request.ifr_flags = flags;
	(void)ioctl(fd, SIOCSIFFLAGS, &request); /* *ERR tells the first failure */
	return -1;
}
