// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fill_address(struct sockaddr_un *address, const char *path)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (path[0] == 0)
		return -EINVAL;
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	(void)snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
	return 0;
}

/* Looking and binding must be one act among processes: they lock the folder that holds the path. */
static int lock_folder(const char *path)
{
	char *copy = strdup(path);
	int fd;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) != 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

/* A connection; -ECONNREFUSED or -ENOENT if nobody listens. */
static int try_connect(const struct sockaddr_un *address, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

static int bind_locked(struct unix_listener *listener, const struct sockaddr_un *address, int type)
{
	struct stat st;
	int fd;

	if (lstat(address->sun_path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return -EEXIST;
		unlink(address->sun_path);
	}
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 || listen(fd, 8) != 0 ||
	    lstat(address->sun_path, &st) != 0 || !(listener->path = strdup(address->sun_path))) {
		int error = -errno;

		close(fd);
		return error;
	}
	listener->fd = fd;
	listener->dev = st.st_dev;
	listener->ino = st.st_ino;
	return 0;
}

static int meet(struct unix_listener *listener, int *peer, const char *path, int type)
{
	struct sockaddr_un address;
	int lock, fd, error = fill_address(&address, path);

	listener->fd = -1;
	listener->path = NULL;
	if (error)
		return error;
	lock = lock_folder(path);
	if (lock < 0)
		return lock;
	fd = try_connect(&address, type);
	if (fd >= 0) {
		*peer = fd;
	} else if (fd == -ECONNREFUSED || fd == -ENOENT) {
		error = bind_locked(listener, &address, type);
	} else {
		error = fd;	/* -EAGAIN: a full backlog; -EPROTOTYPE: another kind of socket; both are alive */
	}
	close(lock);
	return error;
}

int unix_listen(struct unix_listener *listener, const char *path, int type)
{
	int peer = -1, error = meet(listener, &peer, path, type);

	if (peer >= 0) {
		close(peer);
		return -EADDRINUSE;
	}
	return error == -EAGAIN || error == -EPROTOTYPE ? -EADDRINUSE : error;
}

int unix_meet(struct unix_listener *listener, int *fd, const char *path, int type)
{
	*fd = -1;
	return meet(listener, fd, path, type);
}

void unix_unlisten(struct unix_listener *listener)
{
	struct stat st;

	if (listener->fd < 0)
		return;
	close(listener->fd);
	listener->fd = -1;
	if (lstat(listener->path, &st) == 0 && st.st_dev == listener->dev && st.st_ino == listener->ino)
		unlink(listener->path);
	free(listener->path);
	listener->path = NULL;
}
