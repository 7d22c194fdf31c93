// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * In the guest: holds UDP port 4500 of both families for the kernel's ESP (UDP_ENCAP, RFC 3948 §2.2), for ever. Linux asks its
 * policies about the datagram before it looks inside, so the sockets pass unprotected, as an IKE daemon's do.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/udp.h>
#include <linux/xfrm.h>

#define PORT 4500
#define IPV6_XFRM_POLICY_OPTION 35	/* linux/in6.h, which does not go with netinet/in.h */
#define IP_XFRM_POLICY_OPTION 17

static int pass_unprotected(int fd, int family)
{
	struct xfrm_userpolicy_info policy = { .sel.family = (unsigned short)family, .action = XFRM_POLICY_ALLOW };
	int rc = 0;

	for (policy.dir = XFRM_POLICY_IN; policy.dir <= XFRM_POLICY_OUT; policy.dir++)
		rc |= family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_XFRM_POLICY_OPTION, &policy, sizeof(policy))
					: setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY_OPTION, &policy, sizeof(policy));
	return rc;
}

static int hold(int family, const void *address, socklen_t address_bytes)
{
	const int fd = socket(family, SOCK_DGRAM, 0), yes = 1, kind = UDP_ENCAP_ESPINUDP;

	if (fd < 0 || (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)) != 0) ||
	    bind(fd, address, address_bytes) != 0 || setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &kind, sizeof(kind)) != 0 ||
	    pass_unprotected(fd, family) != 0) {
		perror(family == AF_INET6 ? "natt_hold: error: IPv6" : "natt_hold: error: IPv4");
		return 1;
	}
	return 0;
}

int main(void)
{
	const struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	const int failed = hold(AF_INET, &v4, sizeof(v4)) + hold(AF_INET6, &v6, sizeof(v6));

	printf("natt_hold: %d of 2\n", 2 - failed);
	fflush(stdout);
	for (;;)
		pause();
}
