// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The C library's calls, taken over. A NETLINK_XFRM socket becomes one end of a socketpair: what the daemon sends into it is taken at once,
 * and answers are written into the other end, so that its poll() works as ever.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "xfrmshim.h"

enum { MAX_FDS = 65536, MAX_REQUEST = 65536, ROOM = 4 << 20 };

static int far_end[MAX_FDS];	/* of a socket that is ours: the other end's descriptor + 1 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The C library's own function of this name. */
#define REAL(name)                                                             \
	({                                                                     \
		static __typeof__(&(name)) real_;                              \
		if (!real_)                                                    \
			*(void **)(&real_) = dlsym(RTLD_NEXT, #name);          \
		real_;                                                         \
	})

static bool is_ours(int fd)
{
	return fd >= 0 && fd < MAX_FDS && far_end[fd];
}

static FILE *log_file(void)
{
	static FILE *file;
	const char *path = getenv("XFRMSHIM_LOG");

	if (!file && path)
		file = fopen(path, "ae");
	return file ? file : stderr;
}

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library's names begin with underscores
int socket(int domain, int type, int protocol)
{
	const int room = ROOM;
	int pair[2];

	if (domain != AF_NETLINK || protocol != NETLINK_XFRM)
		return REAL(socket)(domain, type, protocol);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | (type & (SOCK_CLOEXEC | SOCK_NONBLOCK)), 0, pair) != 0)
		return -1;
	if (pair[0] >= MAX_FDS) {
		(void)REAL(close)(pair[0]);
		(void)REAL(close)(pair[1]);
		errno = EMFILE;
		return -1;
	}
	(void)fcntl(pair[1], F_SETFD, FD_CLOEXEC);
	(void)REAL(setsockopt)(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	(void)REAL(setsockopt)(pair[1], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	far_end[pair[0]] = pair[1] + 1;
	return pair[0];
}

int bind(int fd, const struct sockaddr *address, socklen_t address_bytes)
{
	return is_ours(fd) ? 0 : REAL(bind)(fd, address, address_bytes);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t value_bytes)
{
	return is_ours(fd) && level != SOL_SOCKET ? 0 : REAL(setsockopt)(fd, level, option, value, value_bytes);
}

static void put_address(struct sockaddr *address, socklen_t *address_bytes, uint32_t port)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_pid = port };

	if (!address || !address_bytes)
		return;
	memcpy(address, &kernel, *address_bytes < sizeof(kernel) ? *address_bytes : sizeof(kernel));
	*address_bytes = sizeof(kernel);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *address_bytes)
{
	if (!is_ours(fd))
		return REAL(getsockname)(fd, address, address_bytes);
	put_address(address, address_bytes, (uint32_t)getpid());
	return 0;
}

int close(int fd)
{
	if (is_ours(fd)) {
		(void)REAL(close)(far_end[fd] - 1);
		far_end[fd] = 0;
	}
	return REAL(close)(fd);
}

/* ---- requests */

static void answer(void *arg, const struct nlmsghdr *request, int type, const void *body, size_t body_bytes, int flags)
{
	const int fd = *(const int *)arg;
	struct nlmsghdr *head = calloc(1, NLMSG_SPACE(body_bytes));

	if (!head)
		return;
	head->nlmsg_len = (uint32_t)NLMSG_LENGTH(body_bytes);
	head->nlmsg_type = (uint16_t)type;
	head->nlmsg_flags = (uint16_t)flags;
	head->nlmsg_seq = request->nlmsg_seq;
	head->nlmsg_pid = (uint32_t)getpid();
	memcpy(NLMSG_DATA(head), body, body_bytes);
	if (REAL(send)(far_end[fd] - 1, head, NLMSG_SPACE(body_bytes), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		perror("xfrmshim: an answer is lost");
	free(head);
}

static ssize_t take(int fd, const void *bytes, size_t n_bytes)
{
	const struct nlmsghdr *request = bytes;
	size_t left = n_bytes;

	(void)pthread_mutex_lock(&lock);
	while (left >= sizeof(*request) && request->nlmsg_len >= sizeof(*request) && request->nlmsg_len <= left) {
		const size_t step = NLMSG_ALIGN(request->nlmsg_len);

		xfrm_take(request, log_file(), answer, &fd);
		left -= step < left ? step : left;
		request = (const void *)((const char *)request + step);
	}
	(void)pthread_mutex_unlock(&lock);
	return (ssize_t)n_bytes;
}

ssize_t write(int fd, const void *bytes, size_t n_bytes)
{
	return is_ours(fd) ? take(fd, bytes, n_bytes) : REAL(write)(fd, bytes, n_bytes);
}

ssize_t send(int fd, const void *bytes, size_t n_bytes, int flags)
{
	return is_ours(fd) ? take(fd, bytes, n_bytes) : REAL(send)(fd, bytes, n_bytes, flags);
}

ssize_t sendto(int fd, const void *bytes, size_t n_bytes, int flags, const struct sockaddr *to, socklen_t to_bytes)
{
	return is_ours(fd) ? take(fd, bytes, n_bytes) : REAL(sendto)(fd, bytes, n_bytes, flags, to, to_bytes);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	static __thread _Alignas(struct nlmsghdr) char whole[MAX_REQUEST];
	size_t used = 0;

	if (!is_ours(fd))
		return REAL(sendmsg)(fd, message, flags);
	for (size_t i = 0; i < message->msg_iovlen && message->msg_iov[i].iov_len <= sizeof(whole) - used; i++) {
		memcpy(whole + used, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
		used += message->msg_iov[i].iov_len;
	}
	return take(fd, whole, used);
}

/* ---- answers come from the kernel, says their address */

ssize_t recvfrom(int fd, void *bytes, size_t room, int flags, struct sockaddr *from, socklen_t *from_bytes)
{
	ssize_t n;

	if (!is_ours(fd))
		return REAL(recvfrom)(fd, bytes, room, flags, from, from_bytes);
	n = REAL(recv)(fd, bytes, room, flags);
	if (n >= 0)
		put_address(from, from_bytes, 0);
	return n;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct sockaddr *from = message->msg_name;
	socklen_t from_bytes = message->msg_namelen;
	ssize_t n;

	if (!is_ours(fd))
		return REAL(recvmsg)(fd, message, flags);
	message->msg_name = NULL;
	message->msg_namelen = 0;
	n = REAL(recvmsg)(fd, message, flags);
	put_address(from, &from_bytes, 0);
	message->msg_name = from;
	message->msg_namelen = from ? from_bytes : 0;
	return n;
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
