// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The algorithms that protect an IKEv2 SA, by their numbers on the wire: what each needs, and the prf (RFC 7296 §2.13, §3.3.2). */
#ifndef HOST_CRYPTO_IKE2_SUITE_H
#define HOST_CRYPTO_IKE2_SUITE_H

#include "crypto/hash.h"
#include "wire/ikev2.h"

#define IKE2_MAX_KEY_BYTES 36	/* of a cipher: 32 and a salt of 4 */

struct ike2_suite {
	uint16_t encr, key_bits;	/* enum v2_encr; key_bits 0 where the cipher has but one length */
	uint16_t integ;			/* enum v2_integ; V2_INTEG_NONE with ciphers that bring their own, and with those only */
	uint16_t prf;			/* enum v2_prf */
};

/** Are all of them here, and do they go together? Of NULL, DES and MD5 it is the configuration that says whether they may be used. */
MUST_USE bool ike2_suite_is_sound(const struct ike2_suite *suite);
MUST_USE bool ike2_encr_is_aead(uint16_t encr);
unsigned ike2_encr_bytes(const struct ike2_suite *suite);	/* of SK_e: key, then salt (RFC 5282 §7.1, RFC 5930 §3, RFC 7634 §2) */
unsigned ike2_integ_bytes(const struct ike2_suite *suite);	/* of SK_a; 0: none */
unsigned ike2_icv_bytes(const struct ike2_suite *suite);

unsigned ike2_prf_bytes(uint16_t prf);	/* of what it gives, and of the keys it prefers; 0: unknown */
/** out: ike2_prf_bytes(). A key may have any length, of AES-XCBC too (RFC 4434 §2). */
MUST_USE bool ike2_prf(uint16_t prf, struct bytes key, const struct bytes *parts, unsigned n, uint8_t *out);
#define IKE2_MAX_SEED_PARTS 16
/** prf+ (§2.13); the parts are the seed, at most IKE2_MAX_SEED_PARTS. false also if n_out_bytes are more than 255 times the prf's. */
MUST_USE bool ike2_prf_plus(uint16_t prf, struct bytes key, const struct bytes *parts, unsigned n, uint8_t *out, size_t n_out_bytes);

#endif
