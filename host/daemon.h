// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The daemon: one event loop that joins configuration, card, TAP device and control socket. */
#ifndef HOST_DAEMON_H
#define HOST_DAEMON_H

struct daemon_options {
	const char *config_path;
	const char *card;		/* instead of the file's; may be NULL */
	const char *control_path;	/* instead of the file's; may be NULL */
};

/** Run until SIGTERM or SIGINT. @return the exit status: 0, or 1 after an error that has been logged. */
int daemon_run(const struct daemon_options *options);

#endif
