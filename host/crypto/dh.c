// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "crypto/dh.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/obj_mac.h>

#include "crypto/room.h"

/*
 * A MODP exponent has twice the bits of the group's strength: between the two estimates of RFC 3526 §8, a multiple of 64, never
 * under 256. A curve's secret is drawn from 1 .. order - 1.
 */
static const struct dh_facts groups[] = {
	{ DH_MODP768, &dh_modp, 96, 96, 256, 0, BN_get_rfc2409_prime_768, NULL },
	{ DH_MODP1024, &dh_modp, 128, 128, 256, 0, BN_get_rfc2409_prime_1024, NULL },
	{ DH_MODP1536, &dh_modp, 192, 192, 256, 0, BN_get_rfc3526_prime_1536, NULL },
	{ DH_MODP2048, &dh_modp, 256, 256, 256, 0, BN_get_rfc3526_prime_2048, NULL },
	{ DH_MODP3072, &dh_modp, 384, 384, 320, 0, BN_get_rfc3526_prime_3072, NULL },
	{ DH_MODP4096, &dh_modp, 512, 512, 384, 0, BN_get_rfc3526_prime_4096, NULL },
	{ DH_MODP6144, &dh_modp, 768, 768, 448, 0, BN_get_rfc3526_prime_6144, NULL },
	{ DH_MODP8192, &dh_modp, 1024, 1024, 512, 0, BN_get_rfc3526_prime_8192, NULL },
	{ DH_EC2N155, &dh_ec2n, 20, 20, 0, NID_ipsec3, NULL, NULL },		/* RFC 2409 §6.3: x alone */
	{ DH_EC2N185, &dh_ec2n, 24, 24, 0, NID_ipsec4, NULL, NULL },		/* §6.4 */
	{ DH_ECP256, &dh_ecp, 64, 32, 0, NID_X9_62_prime256v1, NULL, NULL },	/* RFC 5903 §7: x | y, and x is the secret */
	{ DH_ECP384, &dh_ecp, 96, 48, 0, NID_secp384r1, NULL, NULL },
	{ DH_ECP521, &dh_ecp, 132, 66, 0, NID_secp521r1, NULL, NULL },
	{ DH_BRAINPOOL224, &dh_ecp, 56, 28, 0, NID_brainpoolP224r1, NULL, NULL },	/* RFC 6954 §2.2: as RFC 5903 has it */
	{ DH_BRAINPOOL256, &dh_ecp, 64, 32, 0, NID_brainpoolP256r1, NULL, NULL },
	{ DH_BRAINPOOL384, &dh_ecp, 96, 48, 0, NID_brainpoolP384r1, NULL, NULL },
	{ DH_BRAINPOOL512, &dh_ecp, 128, 64, 0, NID_brainpoolP512r1, NULL, NULL },
	{ DH_X25519, &dh_montgomery, 32, 32, 0, 0, NULL, "X25519" },		/* RFC 8031 */
	{ DH_X448, &dh_montgomery, 56, 56, 0, 0, NULL, "X448" },
};

static const struct dh_facts *facts_of(enum dh_group group)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (groups[i].group == group)
			return &groups[i];
	return NULL;
}

unsigned dh_public_bytes(enum dh_group group)
{
	const struct dh_facts *facts = facts_of(group);

	return facts != NULL ? facts->public_bytes : 0;
}

unsigned dh_shared_bytes(enum dh_group group)
{
	const struct dh_facts *facts = facts_of(group);

	return facts != NULL ? facts->shared_bytes : 0;
}

struct dh *dh_open_with(enum dh_group group, struct bytes private)
{
	const struct dh_facts *facts = facts_of(group);
	struct dh *dh = facts != NULL && crypto_library() != NULL ? calloc(1, sizeof(*dh) + facts->public_bytes) : NULL;

	if (dh == NULL)
		return NULL;
	dh->facts = facts;
	if (facts->kind->open(dh, private))
		return dh;
	dh_close(dh);
	return NULL;
}

struct dh *dh_open(enum dh_group group)
{
	return dh_open_with(group, (struct bytes){ NULL, 0 });
}

void dh_close(struct dh *dh)
{
	if (dh == NULL)
		return;
	dh->facts->kind->close(dh);
	free(dh);
}

enum dh_group dh_group_of(const struct dh *dh)
{
	return dh->facts->group;
}

struct bytes dh_public(const struct dh *dh)
{
	return (struct bytes){ dh->public, dh->facts->public_bytes };
}

bool dh_shared(const struct dh *dh, struct bytes peer, uint8_t out[DH_MAX_SHARED_BYTES])
{
	return peer.len == dh->facts->public_bytes && dh->facts->kind->shared(dh, peer, out);
}
