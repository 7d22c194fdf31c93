// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "crypto/ike2_keys.h"

#include <string.h>

#include <openssl/crypto.h>

#include "crypto/room.h"

enum { XCBC_NONCE_BYTES = XCBC_BYTES / 2 };

bool ike2_skeyseed(uint16_t prf, const struct ike2_exchange *exchange, struct bytes shared, uint8_t *skeyseed)
{
	struct bytes ni = exchange->ni, nr = exchange->nr;
	uint8_t key[2 * V2_MAX_NONCE_BYTES];

	if (ni.len == 0 || nr.len == 0 || ni.len > V2_MAX_NONCE_BYTES || nr.len > V2_MAX_NONCE_BYTES)
		return false;
	if (prf == V2_PRF_XCBC) {	/* §2.14 */
		if (ni.len < XCBC_NONCE_BYTES || nr.len < XCBC_NONCE_BYTES)
			return false;
		ni.len = nr.len = XCBC_NONCE_BYTES;
	}
	memcpy(key, ni.at, ni.len);
	memcpy(key + ni.len, nr.at, nr.len);
	return ike2_prf(prf, (struct bytes){ key, ni.len + nr.len }, &shared, 1, skeyseed);
}

/* [first |] Ni | Nr [| more…]. @return how many, 0 if there are too many */
static unsigned list_secrets(struct bytes first, struct bytes ni, struct bytes nr, const struct bytes *more, unsigned n_more,
			     struct bytes parts[3 + IKE2_MAX_MORE])
{
	if (n_more > IKE2_MAX_MORE)
		return 0;
	parts[0] = first;
	parts[1] = ni;
	parts[2] = nr;
	for (unsigned i = 0; i < n_more; i++)
		parts[3 + i] = more[i];
	return 3 + n_more;
}

bool ike2_skeyseed_next(const struct ike2_keys *old, const struct ike2_exchange *exchange, struct bytes shared, const struct bytes *more,
			unsigned n_more, uint8_t *skeyseed)
{
	struct bytes parts[3 + IKE2_MAX_MORE];
	const unsigned n = list_secrets(shared, exchange->ni, exchange->nr, more, n_more, parts);

	return n > 0 && ike2_prf(old->suite.prf, (struct bytes){ old->d, old->n }, parts, n, skeyseed);
}

/* {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr) */
bool ike2_derive(struct ike2_keys *keys, const uint8_t *skeyseed, const struct ike2_exchange *exchange)
{
	const struct ike2_suite suite = keys->suite;
	const struct bytes seed[] = { exchange->ni, exchange->nr, { exchange->spi_i, sizeof(exchange->spi_i) },
				      { exchange->spi_r, sizeof(exchange->spi_r) } };
	uint8_t all[5 * HASH_MAX_BYTES + 2 * IKE2_MAX_KEY_BYTES], *at = all;
	size_t n_all;
	bool ok;

	if (!ike2_suite_is_sound(&suite))
		return false;
	*keys = (struct ike2_keys){ .suite = suite, .n = (uint8_t)ike2_prf_bytes(suite.prf), .a_bytes = (uint8_t)ike2_integ_bytes(&suite),
				    .e_bytes = (uint8_t)ike2_encr_bytes(&suite) };
	n_all = 3u * keys->n + 2u * keys->a_bytes + 2u * keys->e_bytes;
	ok = ike2_prf_plus(suite.prf, (struct bytes){ skeyseed, keys->n }, seed, 4, all, n_all);
	if (ok) {
		const struct { uint8_t *to; size_t n; } order[] = {
			{ keys->d, keys->n }, { keys->i.a, keys->a_bytes }, { keys->r.a, keys->a_bytes }, { keys->i.e, keys->e_bytes },
			{ keys->r.e, keys->e_bytes }, { keys->pi, keys->n }, { keys->pr, keys->n }
		};

		for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++, at += order[i - 1].n)
			memcpy(order[i].to, at, order[i].n);
	}
	OPENSSL_cleanse(all, sizeof(all));
	return ok;
}

bool ike2_keymat(const struct ike2_keys *keys, struct bytes shared, struct bytes ni, struct bytes nr, const struct bytes *more,
		 unsigned n_more, uint8_t *out, size_t n_bytes)
{
	struct bytes parts[3 + IKE2_MAX_MORE];
	const unsigned n = list_secrets(shared, ni, nr, more, n_more, parts);

	return n > 0 && ike2_prf_plus(keys->suite.prf, (struct bytes){ keys->d, keys->n }, parts, n, out, n_bytes);
}

static bool mix(const struct ike2_keys *keys, struct bytes ppk, uint8_t *secret)
{
	uint8_t mixed[HASH_MAX_BYTES];
	const struct bytes seed = { secret, keys->n };
	const bool ok = ike2_prf_plus(keys->suite.prf, ppk, &seed, 1, mixed, keys->n);

	if (ok)
		memcpy(secret, mixed, keys->n);
	OPENSSL_cleanse(mixed, sizeof(mixed));
	return ok;
}

bool ike2_mix_ppk(struct ike2_keys *keys, struct bytes ppk)
{
	return mix(keys, ppk, keys->d) && mix(keys, ppk, keys->pi) && mix(keys, ppk, keys->pr);
}

static struct bytes sk_p(const struct ike2_keys *keys, bool by_initiator)
{
	return (struct bytes){ by_initiator ? keys->pi : keys->pr, keys->n };
}

bool ike2_signed_octets(const struct ike2_keys *keys, bool by_initiator, const struct ike2_signed *what,
			struct bytes parts[IKE2_SIGNED_PARTS], uint8_t mac[HASH_MAX_BYTES])
{
	parts[0] = what->message;
	parts[1] = what->nonce;
	parts[2] = (struct bytes){ mac, keys->n };
	parts[3] = what->int_auth;
	return ike2_prf(keys->suite.prf, sk_p(keys, by_initiator), &what->id, 1, mac);
}

bool ike2_auth_psk(const struct ike2_keys *keys, bool by_initiator, struct bytes psk, const struct ike2_signed *what, uint8_t *out)
{
	static const struct bytes pad = { (const uint8_t *)"Key Pad for IKEv2", 17 };	/* without its NUL */
	uint8_t key[HASH_MAX_BYTES], mac[HASH_MAX_BYTES];
	struct bytes parts[IKE2_SIGNED_PARTS];
	const bool ok = ike2_prf(keys->suite.prf, psk, &pad, 1, key) && ike2_signed_octets(keys, by_initiator, what, parts, mac) &&
			ike2_prf(keys->suite.prf, (struct bytes){ key, keys->n }, parts, IKE2_SIGNED_PARTS, out);

	OPENSSL_cleanse(key, sizeof(key));
	return ok;
}

bool ike2_int_auth(const struct ike2_keys *keys, bool by_initiator, struct bytes before, struct bytes a, struct bytes p, uint8_t *out)
{
	const struct bytes parts[] = { before, a, p };

	return ike2_prf(keys->suite.prf, sk_p(keys, by_initiator), parts, 3, out);
}

void ike2_wipe(struct ike2_keys *keys)
{
	OPENSSL_cleanse(keys, sizeof(*keys));
}
