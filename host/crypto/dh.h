// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Diffie-Hellman over IKE's groups: RFC 2409 §6 (MODP 768, 1024; EC2N 155, 185), RFC 3526, 5903, 6954, 8031. */
#ifndef HOST_CRYPTO_DH_H
#define HOST_CRYPTO_DH_H

#include "config/words.h"
#include "crypto/hash.h"

#define DH_MAX_PUBLIC_BYTES 1024	/* modp8192 */
#define DH_MAX_SHARED_BYTES 1024

struct dh;	/* one key pair; the private value is wiped at dh_close() */

unsigned dh_public_bytes(enum dh_group group);	/* of the KE payload; 0: an unknown group */
unsigned dh_shared_bytes(enum dh_group group);
/** A fresh key pair. NULL: no such group, or no memory. Takes milliseconds (modp8192: tenths of a second): see pool.h. */
MUST_USE struct dh *dh_open(enum dh_group group);
void dh_close(struct dh *dh);
enum dh_group dh_group_of(const struct dh *dh);
struct bytes dh_public(const struct dh *dh);
/**
 * The shared secret, dh_shared_bytes() long, left-padded with zeros.
 * @return false if the peer's value is not one of the group: wrong length, 0, 1, p-1, >= p, not on the curve, of a small order
 *         (INVALID-KEY-INFORMATION); *out is then untouched.
 */
MUST_USE bool dh_shared(const struct dh *dh, struct bytes peer, uint8_t out[DH_MAX_SHARED_BYTES]);

#endif
