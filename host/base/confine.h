// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A process that parses what strangers send needs little: what it never needs is taken away before the first packet comes. */
#ifndef HOST_BASE_CONFINE_H
#define HOST_BASE_CONFINE_H

#include "base/text.h"

/* What it will still have to do. */
enum {
	CONFINE_DEVICES = 1,		/* a PCI card: /dev/vfio is opened again, for writing, when the card comes back; otherwise no file may be */
	CONFINE_INTERFACE = 2		/* a TAP device: a reload gives it other addresses */
};

/**
 * Give up what the daemon does not need once it has its card, TAP device and control socket. For ever, and for all threads to come: call it
 * while there is but one, since capabilities are a thread's own.
 *
 *   capabilities   all but CAP_NET_BIND_SERVICE go, from every set. That one stays because a reload may bind UDP 500 and 4500 anew, on another
 *                  address; CAP_NET_ADMIN stays with CONFINE_INTERFACE alone. Files are read as their owner from here on: root without
 *                  CAP_DAC_OVERRIDE reads only what root may.
 *   no_new_privs   nothing that is executed could gain any (and nothing can be executed).
 *   seccomp        system calls outside of confine.c's list fail with EPERM and are logged by the kernel. No execve, no ptrace, no kill of
 *                  others, no new files, no memory that is executable, no new namespace; sockets only of the families AF_UNIX,
 *                  AF_INET, AF_INET6 (with CONFINE_INTERFACE also NETLINK_ROUTE).
 *   memory lock    unlimited, if it may: a card that comes back maps its memory anew.
 *
 * Libraries must be loaded before (OpenSSL's legacy provider: crypto_open()).
 *
 * @param needs  CONFINE_* of what is still to come
 * @param why    on failure what could not be done; what had been given up stays given up
 * @return 0 or a negative errno; -EBUSY: there are other threads. A kernel without seccomp gives -ENOSYS, all else having been done.
 *         Builds with AddressSanitizer, which needs more than that, do nothing and return 0.
 */
MUST_USE int confine_process(unsigned needs, char *why, size_t why_bytes);

#endif
