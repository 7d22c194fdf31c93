// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "net/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_up(const char *name, const uint8_t mac[6], const char **step)
{
	struct ifreq request;
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	*step = "socket";
	if (sock < 0)
		return -errno;
	memset(&request, 0, sizeof(request));
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(request.ifr_hwaddr.sa_data, mac, 6);
	*step = "set the MAC address";
	if (ioctl(sock, SIOCSIFHWADDR, &request) != 0) {
		rc = -errno;
	} else {
		*step = "bring it up";
		if (ioctl(sock, SIOCGIFFLAGS, &request) != 0)
			rc = -errno;
		request.ifr_flags |= IFF_UP;
		if (rc == 0 && ioctl(sock, SIOCSIFFLAGS, &request) != 0)
			rc = -errno;
	}
	(void)close(sock);
	return rc;
}

int tap_open(const char *name, const uint8_t mac[6], char *why, size_t why_bytes)
{
	struct ifreq request;
	const char *step = "create";
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), rc;

	if (fd < 0) {
		rc = -errno;
		(void)snprintf(why, why_bytes, "tap %s: /dev/net/tun: %s", name, strerror(-rc));
		return rc;
	}
	memset(&request, 0, sizeof(request));
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	rc = ioctl(fd, TUNSETIFF, &request) != 0 ? -errno : set_up(name, mac, &step);
	if (rc < 0) {
		(void)snprintf(why, why_bytes, "tap %s: cannot %s: %s", name, step, strerror(-rc));
		(void)close(fd);
		return rc;
	}
	return fd;
}

/* ---- addresses */

static bool is_same(const struct sockaddr *name, const struct adit_addr *addr)
{
	if (!name || name->sa_family != (addr->is_v6 ? AF_INET6 : AF_INET))
		return false;
	if (addr->is_v6)
		return memcmp(&((const struct sockaddr_in6 *)(const void *)name)->sin6_addr, addr->bytes, 16) == 0;
	return memcmp(&((const struct sockaddr_in *)(const void *)name)->sin_addr, addr->bytes, 4) == 0;
}

static bool is_somewhere(const struct adit_addr *addr)
{
	struct ifaddrs *all = NULL;
	bool is_there = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *one = all; one && !is_there; one = one->ifa_next)
		is_there = is_same(one->ifa_addr, addr);
	freeifaddrs(all);
	return is_there;
}

/* The kernel answers with an error message; its code 0 is success. */
static int ask_kernel(int sock, const void *request, size_t n_bytes)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;

	if (send(sock, request, n_bytes, 0) < 0)
		return -errno;
	if (recv(sock, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer.header) + (ssize_t)sizeof(answer.error.error))
		return -EIO;
	return answer.header.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EIO;
}

int tap_add_address(const char *name, const struct adit_addr *addr)
{
	unsigned n_bytes = addr->is_v6 ? 16 : 4;
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg address;
		struct rtattr attr;
		uint8_t bytes[16];
	} request = {
		.header = { .nlmsg_type = RTM_NEWADDR, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
		.address = { .ifa_family = addr->is_v6 ? AF_INET6 : AF_INET, .ifa_prefixlen = addr->is_v6 ? 128 : 32,
			     .ifa_flags = addr->is_v6 ? IFA_F_NODAD : 0, .ifa_index = if_nametoindex(name) },
		.attr = { .rta_type = IFA_LOCAL, .rta_len = (unsigned short)RTA_LENGTH(n_bytes) }
	};
	int sock, rc;

	if (is_somewhere(addr))
		return 0;
	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (sock < 0)
		return -errno;
	memcpy(request.bytes, addr->bytes, n_bytes);
	request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.address)) + RTA_LENGTH(n_bytes);
	rc = ask_kernel(sock, &request, request.header.nlmsg_len);
	(void)close(sock);
	return rc == 0 ? 1 : rc == -EEXIST ? 0 : rc;
}
