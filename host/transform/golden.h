// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * golden: ESP (RFC 4303) and AH (RFC 4302) in plain C on OpenSSL and libgcrypt. Pure: SA + packet -> packet or reason. It is what
 * the card is measured against and what the host's slow path runs. It keeps no state of its own but the cipher contexts of an SA:
 * sequence numbers, replay windows and policies come from the caller (golden_card.h puts them together as a whole model of the card).
 *
 * A bundle (RFC 4301 §4.5) is two calls: seal with the ESP SA, then with the AH SA in transport mode; open the other way round.
 */
#ifndef ADIT_GOLDEN_H
#define ADIT_GOLDEN_H

#include "adit/adit.h"

#define GOLDEN_MAX_FRAME_BYTES 9600

struct golden_sa;	/* cipher and MAC contexts made ready from a struct adit_sa; keys inside, wiped at close */
struct ip_packet;	/* transform/ip.h */

/** @return 0; -EINVAL for lengths that do not fit or what makes no sense; -EOPNOTSUPP for an algorithm golden lacks; -ENOMEM. */
ADIT_MUST_USE int golden_sa_open(const struct adit_sa *sa, struct golden_sa **out);
void golden_sa_close(struct golden_sa *sa);

/** Takes addresses, ports and header handling from sa; keys and algorithms stay. @return 0, or -EINVAL if others differ. */
ADIT_MUST_USE int golden_sa_update(struct golden_sa *g, const struct adit_sa *sa);

/**
 * Seal one Ethernet frame, as the card does: byte for byte the same output. IPv4 or IPv6, whichever the EtherType says; that of
 * the sealed frame is the outer family's. IVs are made of seq (suite.h).
 *
 * @param l3_off  where the IP header begins in frame (14, 18 or 22)
 * @param seq     the packet's sequence number, with ESN all 64 bits
 * @param out     room for out_room bytes; must not overlap frame
 * @return ADIT_REASON_NONE and *out_bytes set, or the reason; then out is untouched or zeroed.
 */
ADIT_MUST_USE enum adit_reason golden_seal(struct golden_sa *sa, const uint8_t *frame, size_t frame_bytes,
	size_t l3_off, uint64_t seq, uint8_t *out, size_t out_room, size_t *out_bytes);

/**
 * Open one Ethernet frame with ESP, UDP-encapsulated ESP or AH inside: ICV (constant time), cipher, padding, next header, the inner
 * header and its ECN. Replay and policy are the caller's. seq is the number the ICV covers (with ESN its high half matters).
 */
ADIT_MUST_USE enum adit_reason golden_open(struct golden_sa *sa, const uint8_t *frame, size_t frame_bytes,
	size_t l3_off, uint64_t seq, uint8_t *out, size_t out_room, size_t *out_bytes);

/** Length of the IP packet that this one becomes when sealed. */
size_t golden_sealed_bytes(const struct golden_sa *sa, const struct ip_packet *packet);

/** Longest IP packet (without options) whose sealed form is not longer than path_mtu; 0 if there is none. */
size_t golden_inner_mtu(const struct golden_sa *sa, size_t path_mtu);

/** Of its ICV on the wire, 0 without authentication. */
size_t golden_sa_icv_bytes(const struct golden_sa *sa);

/** May an ESP packet of n_bytes, from its SPI on, be this SA's: at least one block, and whole blocks (RFC 4303 §2.4)? */
bool golden_esp_fits(const struct golden_sa *sa, size_t n_bytes);

#endif
