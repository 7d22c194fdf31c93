// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * One request and its reply over a vfio-user connection (protocol version 0.1), from the client's side.
 *
 * Message:  u16 id | u16 command | u32 size incl. this header | u32 flags | u32 errno | payload
 * Flags:    bits 3:0 0 request, 1 reply; 0x10 no reply wanted; 0x20 errno counts
 *
 * One request is outstanding at a time, so a reply must carry its id. A request that timed out before its reply began
 * leaves the stream in step: that reply is skipped when it comes. Anything else unexpected ends the connection,
 * and every later call fails with the same error.
 */
#ifndef ADIT_VU_H
#define ADIT_VU_H

#include "bus.h"

enum vu_command {
	VU_VERSION = 1,
	VU_DMA_MAP = 2,
	VU_DMA_UNMAP = 3,
	VU_GET_INFO = 4,
	VU_GET_REGION_INFO = 5,
	VU_GET_IRQ_INFO = 7,
	VU_SET_IRQS = 8,
	VU_REGION_READ = 9,
	VU_REGION_WRITE = 10,
	VU_RESET = 13,
};

#define VU_PAYLOAD_MAX 4096u	/* of a reply */

struct vu {
	struct bus base;
	int fd;
	int dead;		/* errno of what ended the connection, 0 while it lives */
	uint16_t next_id;
	bool has_abandoned;	/* requests timed out: replies from this id on may still come */
	uint16_t oldest_abandoned;
	unsigned max_fds;	/* the server takes so many in one message */
};

const char *vu_command_name(unsigned command);
/** The connection is of no more use. The words of bus_fail() stay for later callers. @return error */
int vu_die(struct vu *vu, int error);

/**
 * Send a request and, unless posted, wait for its reply.
 * @param fds         n_fds descriptors that go with it
 * @param reply       room for *reply_bytes, which becomes the reply's payload length; untouched if posted
 */
ADIT_MUST_USE int vu_request(struct vu *vu, enum vu_command command, bool is_posted, const void *body, size_t body_bytes,
			     const int *fds, unsigned n_fds, void *reply, size_t *reply_bytes);
/** As vu_request(), for a reply of one possible length. */
ADIT_MUST_USE int vu_request_exact(struct vu *vu, enum vu_command command, const void *body, size_t body_bytes,
				   const int *fds, unsigned n_fds, void *reply, size_t reply_bytes);

#endif
