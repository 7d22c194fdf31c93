// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "net/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
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
