// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Key derivation of IKEv1: RFC 2409 §5, §5.5, App. B. The caller wipes what it gets. */
#ifndef HOST_CRYPTO_IKE1_KEYS_H
#define HOST_CRYPTO_IKE1_KEYS_H

#include "crypto/hash.h"

struct ike1_keys {
	enum adit_auth hash;
	enum adit_enc enc;
	uint8_t n;			/* bytes of each secret: the prf's */
	uint8_t skeyid[HASH_MAX_BYTES], d[HASH_MAX_BYTES], a[HASH_MAX_BYTES], e[HASH_MAX_BYTES];
	uint8_t cipher[64];		/* of cipher_bytes: SKEYID_e, expanded if it is too short (App. B) */
	uint8_t cipher_bytes;		/* ike1_derive() sets it; Blowfish alone: 5 to 56 before that count, 0 means 16 */
};

/** SKEYID with a pre-shared key: prf(psk, Ni_b | Nr_b). */
MUST_USE bool ike1_skeyid_psk(enum adit_auth hash, struct bytes psk, struct bytes ni, struct bytes nr, uint8_t *skeyid);
/** SKEYID with signatures: prf(Ni_b | Nr_b, g^xy). */
MUST_USE bool ike1_skeyid_sig(enum adit_auth hash, struct bytes ni, struct bytes nr, struct bytes shared, uint8_t *skeyid);
/** d, a, e and the cipher's key. keys->hash, enc, n and skeyid are set. cookies: CKY-I | CKY-R, 16 bytes. false: also a weak DES key. */
MUST_USE bool ike1_derive(struct ike1_keys *keys, struct bytes shared, const uint8_t cookies[16]);
/** The first IV of phase 1: hash(g^xi | g^xr). iv: a cipher block. */
MUST_USE bool ike1_first_iv(const struct ike1_keys *keys, struct bytes gxi, struct bytes gxr, uint8_t *iv);
/** The first IV of a later exchange: hash(last phase-1 block | message id). */
MUST_USE bool ike1_exchange_iv(const struct ike1_keys *keys, const uint8_t *last_block, uint32_t message_id, uint8_t *iv);
/** KEYMAT (§5.5), n bytes: prf+(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b). shared.len 0: no PFS. */
MUST_USE bool ike1_keymat(const struct ike1_keys *keys, struct bytes shared, uint8_t protocol, uint32_t spi, struct bytes ni,
			  struct bytes nr, uint8_t *out, size_t n);
void ike1_wipe(struct ike1_keys *keys);

#endif
