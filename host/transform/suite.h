// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The algorithms of one SA, made ready: OpenSSL's, Twofish from libgcrypt. Keys live in the contexts alone.
 *
 *   ESP body on the wire:   IV (iv_bytes) | text (multiple of align_bytes) | ICV (icv_bytes)
 *
 * IVs are made of the sequence number, as the card does: block ciphers encrypt it (SP 800-38A appendix C), counter
 * modes take it as it is (RFC 3686 §3.1, RFC 4106 §3.1).
 */
#ifndef ADIT_TRANSFORM_SUITE_H
#define ADIT_TRANSFORM_SUITE_H

#include "adit/adit.h"

enum { SUITE_MAX_ICV_BYTES = 32 };

struct suite;

/** @return 0; -EINVAL for lengths that do not fit or a combination that is none; -EOPNOTSUPP; -ENOMEM. */
ADIT_MUST_USE int suite_open(const struct adit_sa *sa, struct suite **out);
void suite_close(struct suite *s);

size_t suite_iv_bytes(const struct suite *s);
size_t suite_align_bytes(const struct suite *s);
size_t suite_icv_bytes(const struct suite *s);

/**
 * Seals the ESP packet at esp in place: SPI and low sequence number (8 bytes) and text stand there, IV and ICV are written.
 * @param n_bytes  of all but the ICV, behind which there is room for it
 * @param esn      seq's high half is authenticated too (RFC 4303 §2.2.1)
 */
ADIT_MUST_USE bool suite_seal_esp(struct suite *s, uint8_t *esp, size_t n_bytes, uint64_t seq, bool esn);

/**
 * Opens the ESP packet at esp: checks the ICV behind its n_bytes, in constant time, then writes its text (n_bytes - 8 - IV) to text.
 * @return NONE, XfrmInStateProtoError (nothing was deciphered that left this function), or XfrmInError
 */
ADIT_MUST_USE enum adit_reason suite_open_esp(struct suite *s, const uint8_t *esp, size_t n_bytes, uint64_t seq, bool esn, uint8_t *text);

/** HMAC over the pieces one after another; icv gets suite_icv_bytes(). */
struct suite_piece { const uint8_t *at; size_t n_bytes; };
ADIT_MUST_USE bool suite_mac(struct suite *s, const struct suite_piece *pieces, size_t n_pieces, uint8_t icv[SUITE_MAX_ICV_BYTES]);

#endif
