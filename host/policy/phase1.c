// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Proposals of phase 1 (RFC 2409 §5, App. A). */
#include <stdio.h>
#include <string.h>

#include "policy/room.h"

enum { KEY_IKE = 1 };
enum { GROUP_MODP = 1, GROUP_ECP = 2, GROUP_EC2N = 3 };

static uint16_t method_of(const struct cfg_peer *peer)
{
	return peer->auth_method == AUTH_METHOD_RSA ? V1_AUTH_RSA : V1_AUTH_PSK;
}

/* ---- what we offer */

static bool offers_group(const struct cfg_peer *peer, unsigned i, enum dh_group only)
{
	return only == DH_NONE || peer->dhs[i] == (uint8_t)only;
}

void phase1_offer(const struct cfg_peer *peer, enum dh_group group, struct v1_transform *out, unsigned *n)
{
	*n = 0;
	for (unsigned e = 0; e < peer->n_encs; e++) {
		const struct cipher_code *cipher = cipher_to_wire((enum adit_enc)peer->encs[e], 0);

		for (unsigned h = 0; h < peer->n_hashes; h++) {
			const struct auth_code *hash = auth_to_wire((enum adit_auth)peer->hashes[h]);

			for (unsigned g = 0; g < peer->n_dhs; g++) {
				if (!cipher || !cipher->v1_enc || !hash || !offers_group(peer, g, group) || *n == V1_MAX_TRANSFORMS)
					continue;
				out[*n] = (struct v1_transform){
					.number = (uint8_t)(*n + 1), .id = KEY_IKE, .enc = cipher->v1_enc, .key_bits = cipher->key_bits,
					.hash = hash->hash, .auth_method = method_of(peer), .group = peer->dhs[g], .has_seconds = true,
					.seconds = peer->lifetime_seconds, .has_kilobytes = peer->lifetime_bytes != 0,
					.kilobytes = kilobytes_of(peer->lifetime_bytes)
				};
				(*n)++;
			}
		}
	}
}

/* ---- what the peer offers */

static const char *enc_text(const struct v1_transform *theirs, char out[48])
{
	const struct cipher_code *cipher = cipher_of_phase1(theirs->enc, theirs->key_bits);

	if (cipher)
		return word_put(words_enc, (int)cipher->enc);
	if (theirs->key_bits)
		(void)snprintf(out, 48, "cipher %u with %u bits", theirs->enc, theirs->key_bits);
	else
		(void)snprintf(out, 48, "cipher %u without a key length", theirs->enc);
	return out;
}

/* The peer's cipher, if it is one of ours; how long its key may be is check's to say. */
static bool take_enc(const struct cfg_peer *peer, enum proposal_check check, const struct v1_transform *theirs,
		     struct phase1_choice *out, struct refusal *why)
{
	const struct cipher_code *cipher = cipher_of_phase1(theirs->enc, theirs->key_bits);
	char ours[128], text[48];

	for (unsigned i = 0; cipher && i < peer->n_encs; i++) {
		const struct cipher_code *own = cipher_to_wire((enum adit_enc)peer->encs[i], 0);

		if (own && own->v1_enc == cipher->v1_enc && suits_bits(check, cipher->key_bits, own->key_bits)) {
			out->enc = cipher->enc;
			return true;
		}
	}
	codes_text(words_enc, peer->encs, peer->n_encs, ours, sizeof(ours));
	return refuse(why, "enc %s, ours %s", enc_text(theirs, text), ours);
}

static bool take_hash(const struct cfg_peer *peer, const struct v1_transform *theirs, struct phase1_choice *out, struct refusal *why)
{
	const struct auth_code *hash = auth_of_hash(theirs->hash);
	char ours[128];

	if (hash && memchr(peer->hashes, (int)hash->auth, peer->n_hashes)) {
		out->hash = hash->auth;
		return true;
	}
	codes_text(words_auth, peer->hashes, peer->n_hashes, ours, sizeof(ours));
	if (hash)
		return refuse(why, "hash %s, ours %s", word_put(words_auth, (int)hash->auth), ours);
	return refuse(why, "hash %u, ours %s", theirs->hash, ours);
}

static uint16_t group_type(uint16_t group)
{
	if (group == DH_EC2N155 || group == DH_EC2N185)
		return GROUP_EC2N;
	return group >= DH_ECP256 && group <= DH_ECP521 ? GROUP_ECP : GROUP_MODP;
}

static bool take_group(const struct cfg_peer *peer, const struct v1_transform *theirs, struct phase1_choice *out, struct refusal *why)
{
	char ours[128], text[24];

	if (theirs->group == 0 || theirs->group > UINT8_MAX || !memchr(peer->dhs, theirs->group, peer->n_dhs)) {
		codes_text(words_dh, peer->dhs, peer->n_dhs, ours, sizeof(ours));
		return refuse(why, "dh_group %s, ours %s", group_text(theirs->group, text), ours);
	}
	if (theirs->group_type && theirs->group_type != group_type(theirs->group))
		return refuse(why, "group type %u, that of %s is %u", theirs->group_type, group_text(theirs->group, text),
			      group_type(theirs->group));
	out->group = (enum dh_group)theirs->group;
	return true;
}

static bool take_method(const struct cfg_peer *peer, const struct v1_transform *theirs, struct phase1_choice *out, struct refusal *why)
{
	const char *ours = word_put(words_auth_method, (int)peer->auth_method);

	if (theirs->auth_method == method_of(peer)) {
		out->method = (enum v1_auth_method)theirs->auth_method;
		return true;
	}
	if (theirs->auth_method == V1_AUTH_PSK || theirs->auth_method == V1_AUTH_RSA)
		return refuse(why, "auth_method %s, ours %s",
			      word_put(words_auth_method, theirs->auth_method == V1_AUTH_RSA ? AUTH_METHOD_RSA : AUTH_METHOD_PSK), ours);
	return refuse(why, "auth_method %u, ours %s", theirs->auth_method, ours);	/* encrypted nonces too: never */
}

/*
 * Seconds and kilobytes of the SA. Kilobytes are compared by exact alone: peers say none, and ours then hold for this end.
 * Nothing is notified in phase 1.
 */
static bool take_lifetime(const struct cfg_peer *peer, const struct v1_transform *theirs, struct phase1_choice *out, struct refusal *why)
{
	uint64_t seconds = theirs->has_seconds ? theirs->seconds : DEFAULT_SECONDS, ours = peer->lifetime_seconds;
	uint64_t kilobytes = theirs->has_kilobytes ? theirs->kilobytes : 0, our_kilobytes = kilobytes_of(peer->lifetime_bytes);
	bool is_exact = peer->check == CHECK_EXACT;

	if (seconds == 0)
		return refuse(why, "lifetime 0s, which is none");
	if (peer->check != CHECK_OBEY && (seconds > ours || (is_exact && seconds != ours)))
		return refuse(why, "lifetime %llus, ours %llus, and proposal_check is %s", (unsigned long long)seconds,
			      (unsigned long long)ours, word_put(words_check, (int)peer->check));
	if (is_exact && kilobytes != our_kilobytes)
		return refuse(why, "lifetime %llukB, ours %llukB, and proposal_check is exact", (unsigned long long)kilobytes,
			      (unsigned long long)our_kilobytes);
	out->seconds = seconds_of(seconds);
	out->kilobytes = kilobytes;
	if (peer->check != CHECK_OBEY && our_kilobytes && (!kilobytes || kilobytes > our_kilobytes))
		out->kilobytes = our_kilobytes;
	return true;
}

static bool is_readable(const struct v1_proposal *proposal, const struct v1_transform *theirs, struct refusal *why)
{
	if (proposal->protocol != V1_PROTO_ISAKMP)
		return refuse(why, "protocol %u, ours %u (ISAKMP)", proposal->protocol, V1_PROTO_ISAKMP);
	if (theirs->id != KEY_IKE)
		return refuse(why, "transform id %u, ours %u (KEY_IKE)", theirs->id, KEY_IKE);
	if (theirs->has_unknown)
		return refuse(why, "attribute %u, ours are those of RFC 2409", theirs->unknown_type);
	if (theirs->prf)
		return refuse(why, "prf %u, ours is the HMAC of hash", theirs->prf);
	return true;
}

static bool take_algorithms(const struct cfg_peer *peer, enum proposal_check check, const struct v1_proposal *proposal,
			    const struct v1_transform *theirs, struct phase1_choice *out, struct refusal *why)
{
	*out = (struct phase1_choice){ .transform = *theirs, .proposal_number = proposal->number };
	why->n_passed = 0;
	return is_readable(proposal, theirs, why) && pass(why) && take_enc(peer, check, theirs, out, why) && pass(why) &&
	       take_hash(peer, theirs, out, why) && pass(why) && take_group(peer, theirs, out, why) && pass(why) &&
	       take_method(peer, theirs, out, why) && pass(why);
}

bool phase1_choose(const struct cfg_peer *peer, const struct v1_sa *theirs, struct phase1_choice *out, char why[PROPOSAL_WHY_BYTES])
{
	struct report report = { .why = why };
	struct refusal refusal;

	(void)snprintf(why, PROPOSAL_WHY_BYTES, "there is no transform");
	for (unsigned p = 0; p < theirs->n_proposals; p++) {
		const struct v1_proposal *proposal = &theirs->proposals[p];

		for (unsigned t = proposal->first; t < proposal->first + proposal->n; t++) {
			const struct v1_transform *transform = &theirs->transforms[t];

			if (take_algorithms(peer, peer->check, proposal, transform, out, &refusal) &&
			    take_lifetime(peer, transform, out, &refusal)) {
				why[0] = 0;
				return true;
			}
			report_refusal(&report, proposal, transform, &refusal);
		}
	}
	return false;
}

/* What is offered comes back as it was (RFC 2408 §4.2); kilobytes may be missing, some know only seconds. */
static bool same_lifetime(const struct cfg_peer *peer, const struct v1_transform *answer, struct phase1_choice *out, struct refusal *why)
{
	uint64_t ours = kilobytes_of(peer->lifetime_bytes);

	if (!answer->has_seconds || answer->seconds != peer->lifetime_seconds)
		return refuse(why, "lifetime %llus, ours %us", (unsigned long long)answer->seconds, peer->lifetime_seconds);
	if (answer->has_kilobytes && answer->kilobytes != ours)
		return refuse(why, "lifetime %llukB, ours %llukB", (unsigned long long)answer->kilobytes, (unsigned long long)ours);
	out->seconds = peer->lifetime_seconds;
	out->kilobytes = ours;
	return true;
}

bool phase1_accept(const struct cfg_peer *peer, const struct v1_sa *answer, struct phase1_choice *out, char why[PROPOSAL_WHY_BYTES])
{
	struct report report = { .why = why };
	struct refusal refusal;

	why[0] = 0;
	if (answer->n_proposals != 1 || answer->n_transforms != 1) {
		(void)snprintf(why, PROPOSAL_WHY_BYTES, "the answer has %u proposals and %u transforms, and should have one of each",
			       answer->n_proposals, answer->n_transforms);
		return false;
	}
	if (take_algorithms(peer, CHECK_EXACT, &answer->proposals[0], &answer->transforms[0], out, &refusal) &&
	    same_lifetime(peer, &answer->transforms[0], out, &refusal))
		return true;
	report_refusal(&report, &answer->proposals[0], &answer->transforms[0], &refusal);
	return false;
}
