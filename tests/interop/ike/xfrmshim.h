// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A stand-in for the kernel's NETLINK_XFRM, preloaded into an IKE daemon: every request is answered as a kernel with ESP and AH would, and
 * is written as one JSON line, keys included, to the file that XFRMSHIM_LOG names. So an unmodified charon or pluto completes IKE where the
 * kernel has no IPsec, and its word on the keys can be compared with ours. No packet is ever transformed here.
 *
 *   xfrmshim.c    the C library's calls, taken over      xfrm_table.c   SAs and policies, and what the kernel would answer
 *   xfrm_json.c   the log
 */
#ifndef TESTS_INTEROP_IKE_XFRMSHIM_H
#define TESTS_INTEROP_IKE_XFRMSHIM_H

#include <stddef.h>
#include <stdio.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

/** One answer to the daemon; bytes are the whole netlink message's body. */
typedef void xfrm_answer_fn(void *arg, const struct nlmsghdr *request, int type, const void *body, size_t body_bytes, int flags);

/** Do what one request asks for, tell the log, answer. */
void xfrm_take(const struct nlmsghdr *request, FILE *log, xfrm_answer_fn *answer, void *arg);

void xfrm_log_sa(FILE *log, const char *op, const struct nlmsghdr *request);
void xfrm_log_policy(FILE *log, const struct nlmsghdr *request);
void xfrm_log_gone(FILE *log, const struct xfrm_usersa_id *id);

#endif
