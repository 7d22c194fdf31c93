// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Unix sockets by path: whoever listens at a path and lives is never pushed aside; what a dead process left is. */
#ifndef SIM_UNIX_SOCKET_H
#define SIM_UNIX_SOCKET_H

#include <sys/types.h>

struct unix_listener {
	int fd;		/* non-blocking */
	char *path;
	dev_t dev;	/* what we made; another's socket at the same path is not ours to remove */
	ino_t ino;
};

/**
 * Listen at path.
 *
 * @param type SOCK_STREAM or SOCK_SEQPACKET
 * @return 0; -EADDRINUSE if a live process listens there; another negative errno
 */
int unix_listen(struct unix_listener *listener, const char *path, int type);

/** Remove the path if it is still ours. A listener with fd -1 is closed already. */
void unix_unlisten(struct unix_listener *listener);

/**
 * Connect to whoever listens at path, or listen there: one of two processes that both call this gets the other.
 *
 * @param fd receives the connection (non-blocking), or -1 if listener was opened
 * @return 0 or a negative errno
 */
int unix_meet(struct unix_listener *listener, int *fd, const char *path, int type);

#endif
