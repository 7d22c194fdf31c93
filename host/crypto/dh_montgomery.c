// SPDX-License-Identifier: BSD-2-Clause-Patent
/* X25519 and X448 (RFC 7748, RFC 8031). Any bytes of their length are a value, but not all give a secret. */
#include <openssl/evp.h>

#include "crypto/room.h"

static bool montgomery_open(struct dh *dh, struct bytes private)
{
	size_t n = dh->facts->public_bytes;

	if (private.len > 0)
		dh->secret.key = EVP_PKEY_new_raw_private_key_ex(crypto_library(), dh->facts->name, NULL, private.at, private.len);
	else
		dh->secret.key = EVP_PKEY_Q_keygen(crypto_library(), NULL, dh->facts->name);
	return dh->secret.key != NULL && EVP_PKEY_get_raw_public_key(dh->secret.key, dh->public, &n) == 1 &&
	       n == dh->facts->public_bytes;
}

static void montgomery_close(struct dh *dh)
{
	EVP_PKEY_free(dh->secret.key);	/* wipes */
}

/* A value of small order gives zero, which OpenSSL refuses (RFC 7748 §6.1). */
static bool montgomery_shared(const struct dh *dh, struct bytes peer, uint8_t *out)
{
	EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key_ex(crypto_library(), dh->facts->name, NULL, peer.at, peer.len);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_library(), dh->secret.key, NULL);
	uint8_t secret[64];
	size_t n = sizeof(secret);
	bool ok = theirs != NULL && ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
		  EVP_PKEY_derive(ctx, secret, &n) == 1 && n == dh->facts->shared_bytes;

	for (size_t i = 0; i < n && ok; i++)
		out[i] = secret[i];
	OPENSSL_cleanse(secret, sizeof(secret));
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(theirs);
	return ok;
}

const struct dh_kind dh_montgomery = { montgomery_open, montgomery_close, montgomery_shared };
