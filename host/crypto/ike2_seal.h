// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What an SK or SKF payload holds (RFC 7296 §3.14, RFC 7383 §2.5), with all of the message before it authenticated:
 *
 *   header … SK's generic header [number, total] | IV | plain text | padding | its length u8 | ICV
 *                                                ^ iv_at
 */
#ifndef HOST_CRYPTO_IKE2_SEAL_H
#define HOST_CRYPTO_IKE2_SEAL_H

#include "crypto/ike2_keys.h"

unsigned ike2_iv_bytes(const struct ike2_suite *suite);
/** What follows plain text of this length: padding up to the cipher's block, its length, the ICV. */
size_t ike2_tail_bytes(const struct ike2_suite *suite, size_t n_plain_bytes);
/**
 * In place: fills in IV, padding and ICV and encrypts. All lengths in the message are those of the whole; v2_put_sealed() left the room.
 * IVs of CBC are random; of the others they count from 0 in keys, and so must the state of keys be kept.
 *
 * @return false: lengths that do not fit, no random bytes, or 2^64 messages were sealed. The message must then not be sent.
 */
MUST_USE bool ike2_seal(struct ike2_keys *keys, bool by_initiator, uint8_t *message, size_t n_bytes, size_t iv_at, size_t n_plain_bytes);
/**
 * Checks the ICV, in constant time, and gives the plain text without its padding, which may be anything of a length that fits.
 *
 * @param out  room of message.len - iv_at bytes apart from the message; wiped if it fails
 * @return false: not authentic, or too short. Nothing may then be believed of the message.
 */
MUST_USE bool ike2_open(const struct ike2_keys *keys, bool by_initiator, struct bytes message, size_t iv_at, uint8_t *out, size_t *n_plain_bytes);

#endif
