// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * golden: ESP in plain C on OpenSSL. Pure: SA + packet -> packet or reason. It is what the card is measured against
 * and what the host's slow path runs. It keeps no state of its own but the cipher contexts of an SA: sequence numbers,
 * replay windows and policies come from the caller (golden_card.h puts them together as a whole model of the card).
 */
#ifndef ADIT_GOLDEN_H
#define ADIT_GOLDEN_H

#include "adit/adit.h"

#define GOLDEN_MAX_FRAME_BYTES 9600

struct golden_sa;	/* cipher and MAC contexts made ready from a struct adit_sa; keys inside, wiped at close */

/** @return 0; -EINVAL for a key length that does not fit; -EOPNOTSUPP for an algorithm golden lacks; -ENOMEM. */
ADIT_MUST_USE int golden_sa_open(const struct adit_sa *sa, struct golden_sa **out);
void golden_sa_close(struct golden_sa *sa);

/**
 * Seal one Ethernet frame (ESP, RFC 4303 §3.3), as the card does: byte for byte the same output.
 * The IV is the cipher of (8 zero bytes || seq) under the SA's key: SP 800-38A appendix C.
 *
 * @param l3_off  where the IP header begins in frame (14, 18 or 22)
 * @param seq     the packet's sequence number
 * @param out     room for out_room bytes; must not overlap frame
 * @return ADIT_REASON_NONE and *out_bytes set, or the reason; then out is untouched or zeroed.
 */
ADIT_MUST_USE enum adit_reason golden_seal(struct golden_sa *sa, const uint8_t *frame, size_t frame_bytes,
	size_t l3_off, uint64_t seq, uint8_t *out, size_t out_room, size_t *out_bytes);

/**
 * Open one Ethernet frame with ESP inside (RFC 4303 §3.4): ICV (constant time), cipher, padding, next header.
 * Replay and policy are the caller's. seq is the number the ICV covers (with ESN its high half matters).
 */
ADIT_MUST_USE enum adit_reason golden_open(struct golden_sa *sa, const uint8_t *frame, size_t frame_bytes,
	size_t l3_off, uint64_t seq, uint8_t *out, size_t out_room, size_t *out_bytes);

#endif
