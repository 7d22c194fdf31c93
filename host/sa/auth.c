// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Who it is: identities, and the hashes that bind them to the exchange (RFC 2409 §5). */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "sa/phase1.h"

bool auth_skeyid(const struct ike_sa *sa, struct phase1 *draft)
{
	const struct cfg_peer *peer = sa_peer(sa);
	const struct bytes ni = blob_bytes(&draft->nonce[INITIATOR]), nr = blob_bytes(&draft->nonce[RESPONDER]);

	if (peer == NULL)
		return false;
	if (phase1_method(peer) == V1_AUTH_PSK)
		return ike1_skeyid_psk(draft->choice.hash, (struct bytes){ peer->secret, peer->secret_bytes }, ni, nr, draft->keys.skeyid);
	return ike1_skeyid_sig(draft->choice.hash, ni, nr, blob_bytes(&draft->shared), draft->keys.skeyid);
}

/*
 * HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b)
 * HASH_R = prf(SKEYID, g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b)
 */
static bool hash_as_rfc(const struct phase1 *draft, unsigned of, struct bytes key, uint8_t *out)
{
	const unsigned other = of == INITIATOR ? RESPONDER : INITIATOR;
	const struct bytes parts[] = { blob_bytes(&draft->gx[of]), blob_bytes(&draft->gx[other]), { draft->cookies + 8 * of, 8 },
				       { draft->cookies + 8 * other, 8 }, blob_bytes(&draft->sa_i), blob_bytes(&draft->id[of]) };

	return prf_of(draft->choice.hash, key, parts, 6, out);
}

/*
 * Base mode as racoon has it: HASH_I = prf(K, g^xi | CKY-I | CKY-R | SAi_b | IDii_b), and with signatures
 * HASH_R = prf(K, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b), where K is SKEYID, with signatures hash(Ni_b | Nr_b).
 */
static bool hash_as_base(const struct phase1 *draft, unsigned of, struct bytes key, uint8_t *out)
{
	struct bytes parts[] = { blob_bytes(&draft->gx[INITIATOR]), blob_bytes(&draft->gx[RESPONDER]), { draft->cookies, COOKIES_BYTES },
				 blob_bytes(&draft->sa_i), blob_bytes(&draft->id[INITIATOR]) };

	if (of == INITIATOR)
		parts[1].len = 0;
	return prf_of(draft->choice.hash, key, parts, 5, out);
}

bool auth_hash(const struct ike_sa *sa, const struct phase1 *draft, unsigned of, uint8_t *out)
{
	const struct cfg_peer *peer = sa_peer(sa);
	const struct bytes nonces[] = { blob_bytes(&draft->nonce[INITIATOR]), blob_bytes(&draft->nonce[RESPONDER]) };
	const bool is_psk = peer != NULL && phase1_method(peer) == V1_AUTH_PSK;
	const struct bytes skeyid = { draft->keys.skeyid, draft->keys.n };
	uint8_t key[HASH_MAX_BYTES];

	if (sa->exchange != X_BASE || (is_psk && of == RESPONDER))
		return hash_as_rfc(draft, of, skeyid, out);
	if (is_psk)
		return hash_as_base(draft, of, skeyid, out);
	return hash_of(draft->choice.hash, nonces, 2, key) && hash_as_base(draft, of, (struct bytes){ key, draft->keys.n }, out);
}

/* Of base mode with a secret SKEYID is needed before there is a shared one; computing it twice costs nothing. */
static bool hash_with_skeyid(const struct ike_sa *sa, struct phase1 *draft, unsigned of, uint8_t *out)
{
	return auth_skeyid(sa, draft) && auth_hash(sa, draft, of, out);
}

enum verdict make_hash(struct attempt *attempt, struct ike_sa *sa)
{
	uint8_t hash[HASH_MAX_BYTES];

	if (!hash_with_skeyid(sa, &attempt->draft, mine(sa), hash) ||
	    !blob_set(&attempt->proof, (struct bytes){ hash, attempt->draft.keys.n }))
		return phase1_refuse(attempt, sa, 0, "no memory for a hash");
	return GO_ON;
}

enum verdict check_hash(struct attempt *attempt, struct ike_sa *sa)
{
	const struct bytes said = isakmp_find(&attempt->message, P_HASH, 0)->body;
	uint8_t hash[HASH_MAX_BYTES];
	bool is_right;

	is_right = hash_with_skeyid(sa, &attempt->draft, theirs(sa), hash) &&
		   bytes_equal(said, (struct bytes){ hash, attempt->draft.keys.n });
	OPENSSL_cleanse(hash, sizeof(hash));
	if (is_right)
		return GO_ON;
	sa->ike->counters.auth_failures++;
	sa->ike->counters.in_bad_hash++;
	return phase1_refuse(attempt, sa, N_INVALID_HASH_INFORMATION, "wrong HASH: the secrets differ, or somebody is between");
}

/* ---- identities */

static uint8_t type_of_kind(const struct cfg_id *id)
{
	switch (id->kind) {
	case CFG_ID_FQDN:
		return ID_FQDN;
	case CFG_ID_USER_FQDN:
		return ID_USER_FQDN;
	case CFG_ID_DN:
		return ID_DN;
	case CFG_ID_KEY_ID:
		return ID_KEY_ID;
	default:
		return addr_bits(&id->address) == 32 ? ID_IPV4 : ID_IPV6;
	}
}

static struct v1_id id_of_address(const struct adit_addr *addr)
{
	return (struct v1_id){ .type = addr_bits(addr) == 32 ? ID_IPV4 : ID_IPV6, .data = { addr->bytes, addr_bits(addr) / 8 } };
}

/* Port and protocol are 0 or UDP's 500, where NAT may be 4500 (RFC 2407 §4.6.2, RFC 3947 §4). */
static bool is_ike(const struct v1_id *id)
{
	return (id->proto == 0 && id->port == 0) || (id->proto == 17 && (id->port == 0 || id->port == 500 || id->port == 4500));
}

static bool is_address(uint8_t type)
{
	return type == ID_IPV4 || type == ID_IPV6;
}

static bool is_single(uint8_t type)
{
	return is_address(type) || type == ID_FQDN || type == ID_USER_FQDN || type == ID_DN || type == ID_KEY_ID;
}

static struct v1_id expected_id(const struct ike_sa *sa, const struct cfg_id *id)
{
	if (id->kind == CFG_ID_AUTO)
		return id_of_address(&sa->path.remote.addr);
	if (id->kind == CFG_ID_ADDRESS)
		return id_of_address(&id->address);
	return (struct v1_id){ .type = type_of_kind(id), .data = { id->bytes, id->n_bytes } };
}

/* Names are told apart without case, DNs as RFC 5280 §7.1 has it. */
static bool is_same_data(uint8_t type, struct bytes a, struct bytes b)
{
	if (type == ID_FQDN || type == ID_USER_FQDN)
		return a.len == b.len && strncasecmp((const char *)a.at, (const char *)b.at, a.len) == 0;
	return type == ID_DN ? cert_same_dn(a, b) : bytes_same(a, b);
}

/*
 * Auto with a secret: the address it comes from; behind a NAT the address it has there, which nobody can check but by the secret.
 * Auto with a certificate: whatever the certificate vouches for, see auth_rsa.c.
 */
bool auth_accepts_id(const struct ike_sa *sa, bool is_behind_nat, const struct v1_id *id, char why[256])
{
	const struct cfg_peer *peer = sa_peer(sa);
	const struct cfg_id *wanted = &peer->remote_id;
	const struct v1_id expected = expected_id(sa, wanted);
	const bool is_rsa = phase1_method(peer) == V1_AUTH_RSA;
	char said[160], ours[160];

	if (wanted->kind == CFG_ID_IGNORE || (wanted->kind == CFG_ID_AUTO && (is_rsa || (is_behind_nat && is_address(id->type)))))
		return true;
	if (wanted->kind == CFG_ID_DN && wanted->n_bytes == 0 && id->type == ID_DN)	/* the certificate's subject */
		return true;
	if (id->type == expected.type && is_same_data(id->type, id->data, expected.data))
		return true;
	auth_id_text(id, said, sizeof(said));
	auth_id_text(&expected, ours, sizeof(ours));
	snprintf(why, 256, "identity %.110s, ours expects %.110s", said, ours);
	return false;
}

enum verdict take_identity(struct attempt *attempt, struct ike_sa *sa)
{
	const struct bytes body = isakmp_find(&attempt->message, P_ID, 0)->body;
	struct phase1 *draft = &attempt->draft;
	const enum wire_err err = body.len <= ID_MAX_BYTES ? WIRE_OK : WIRE_LENGTH;
	struct v1_id id;
	char why[256];

	if (err != WIRE_OK || v1_get_id(body, &id) != WIRE_OK || !is_ike(&id) || !is_single(id.type))
		return phase1_refuse(attempt, sa, N_INVALID_ID_INFORMATION, "the ID payload is none of a peer%s",
				     sa->exchange == X_MAIN ? ": perhaps the secrets differ" : "");
	/* Aggressive and base mode say it before anything is proven or NAT detection is done: what can be refused is, the rest later. */
	if (sa->exchange != X_MAIN && !auth_accepts_id(sa, sa_peer(sa)->nat_traversal, &id, why)) {
		sa->ike->counters.id_mismatch++;
		return phase1_refuse(attempt, sa, N_INVALID_ID_INFORMATION, "%s", why);
	}
	return blob_set(&draft->id[theirs(sa)], body) ? GO_ON : phase1_refuse(attempt, sa, 0, "no memory");
}

/* The identity is the peer's now; is it the one that we want to speak to? */
enum verdict settle_identity(struct attempt *attempt, struct ike_sa *sa)
{
	struct v1_id id;
	char why[256];

	if (v1_get_id(blob_bytes(&attempt->draft.id[theirs(sa)]), &id) == WIRE_OK &&
	    auth_accepts_id(sa, attempt->draft.nat_remote, &id, why))
		return GO_ON;
	sa->ike->counters.id_mismatch++;
	return phase1_refuse(attempt, sa, N_INVALID_ID_INFORMATION, "%s", why);
}

static bool own_id(const struct ike_sa *sa, struct v1_id *id, char why[256])
{
	const struct cfg_peer *peer = sa_peer(sa);
	const struct cfg_id *wanted = &peer->my_id;
	const bool is_rsa = phase1_method(peer) == V1_AUTH_RSA;

	if ((wanted->kind == CFG_ID_AUTO && is_rsa) || (wanted->kind == CFG_ID_DN && wanted->n_bytes == 0)) {
		const struct cert *cert = credential_own(sa->ike, peer, why);

		*id = (struct v1_id){ .type = ID_DN };
		if (cert != NULL)
			id->data = cert_subject(cert);
		return cert != NULL;
	}
	if (wanted->kind == CFG_ID_AUTO || wanted->kind == CFG_ID_IGNORE)
		*id = id_of_address(&sa->path.local.addr);
	else
		*id = expected_id(sa, wanted);
	return true;
}

enum verdict make_identity(struct attempt *attempt, struct ike_sa *sa)
{
	uint8_t bytes[ISAKMP_HEADER_BYTES + 4 + ID_MAX_BYTES];
	struct writer to = { .at = bytes, .room = sizeof(bytes) };
	const struct isakmp_header header = { .version = 0x10 };
	struct blob *mine_id = &attempt->draft.id[mine(sa)];
	struct v1_id id;
	size_t next_at;
	char why[256];

	if (mine_id->at != NULL)
		return GO_ON;
	if (!own_id(sa, &id, why))
		return phase1_refuse(attempt, sa, 0, "no identity of ours: %s", why);
	isakmp_open(&to, &header, &next_at);
	v1_put_id(&to, &next_at, &id);
	if (to.has_failed || !blob_set(mine_id, (struct bytes){ bytes + ISAKMP_HEADER_BYTES + 4, to.len - ISAKMP_HEADER_BYTES - 4 }))
		return phase1_refuse(attempt, sa, 0, "no identity of ours: too long");
	return GO_ON;
}
