// SPDX-License-Identifier: BSD-2-Clause-Patent
/* g^x mod p with g = 2 and a safe prime p (RFC 2409 §6, RFC 3526): the only subgroups that are small are {1} and {1, p-1}. */
#include <openssl/bn.h>

#include "crypto/room.h"

/* base^secret mod p, as many bytes as p has. Constant time: by Montgomery's ladder of fixed windows, whatever the exponent's bits. */
static bool power(const struct dh *dh, const BIGNUM *base, const BIGNUM *prime, BN_CTX *ctx, uint8_t *out)
{
	BIGNUM *result = BN_secure_new();
	bool ok = result != NULL && BN_mod_exp_mont_consttime(result, base, dh->secret.exponent, prime, ctx, NULL) == 1 &&
		  BN_bn2binpad(result, out, dh->facts->public_bytes) == dh->facts->public_bytes;

	BN_clear_free(result);
	return ok;
}

static bool modp_open(struct dh *dh, struct bytes private)
{
	BN_CTX *ctx = BN_CTX_secure_new_ex(crypto_library());
	BIGNUM *prime = dh->facts->prime(NULL), *two = BN_new();
	BIGNUM *x = private.len > 0 ? BN_bin2bn(private.at, (int)private.len, NULL) : BN_secure_new();
	bool ok = ctx != NULL && prime != NULL && two != NULL && x != NULL && BN_set_word(two, 2) == 1;

	dh->secret.exponent = x;
	if (ok && private.len == 0)
		ok = BN_priv_rand_ex(x, dh->facts->secret_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY, 0, ctx) == 1;
	if (ok) {
		BN_set_flags(x, BN_FLG_CONSTTIME);
		ok = power(dh, two, prime, ctx, dh->public);
	}
	BN_free(two);
	BN_free(prime);
	BN_CTX_free(ctx);
	return ok;
}

static void modp_close(struct dh *dh)
{
	BN_clear_free(dh->secret.exponent);
}

/* 1 < y < p - 1: 0 and 1 give what everyone knows, p - 1 one of two (RFC 6989 §2.1). */
static bool is_of_group(const BIGNUM *y, const BIGNUM *prime)
{
	BIGNUM *last = BN_dup(prime);
	bool ok = last != NULL && BN_sub_word(last, 1) == 1 && BN_cmp(y, BN_value_one()) > 0 && BN_cmp(y, last) < 0;

	BN_free(last);
	return ok;
}

static bool modp_shared(const struct dh *dh, struct bytes peer, uint8_t *out)
{
	BN_CTX *ctx = BN_CTX_secure_new_ex(crypto_library());
	BIGNUM *prime = dh->facts->prime(NULL), *y = BN_bin2bn(peer.at, (int)peer.len, NULL);
	bool ok = ctx != NULL && prime != NULL && y != NULL && is_of_group(y, prime) && power(dh, y, prime, ctx, out);

	BN_free(y);
	BN_free(prime);
	BN_CTX_free(ctx);
	return ok;
}

const struct dh_kind dh_modp = { modp_open, modp_close, modp_shared };
