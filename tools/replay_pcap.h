// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Captures as adit-replay needs them: counted, read whole, written frame by frame. Ethernet only. */
#ifndef TOOLS_REPLAY_PCAP_H
#define TOOLS_REPLAY_PCAP_H

#include <pcap/pcap.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define REPLAY_FRAME_BYTES 65536u	/* what a simulated port takes; longer frames it leaves out, and so do we */

struct replay_frames {
	uint8_t **frames;
	uint32_t *frame_bytes;
	size_t n_frames, room;
};

/** All frames of a capture (pcap or pcapng) that the card will be given. @return false and one line on stderr. */
MUST_USE bool replay_read(const char *path, struct replay_frames *out);
void replay_free(struct replay_frames *frames);

struct replay_out {
	pcap_t *format;
	pcap_dumper_t *dumper;
	size_t n_frames;
};

MUST_USE bool replay_out_open(const char *path, struct replay_out *out);
/** Stamped with the frame's number as microseconds: received packets carry no time. */
void replay_out_put(struct replay_out *out, const uint8_t *bytes, size_t n_bytes);
MUST_USE bool replay_out_close(struct replay_out *out);

#endif
