// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "sa/manual.h"

#include <openssl/crypto.h>
#include <string.h>

#define SOFT_PERCENT 80	/* of a hard limit: the event that announces its end */

static void set_esp_keys(struct adit_sa *sa, const struct cfg_manual_sa *manual, const struct cfg_key *enc,
			 const struct cfg_key *auth)
{
	struct enc_facts facts = enc_facts(manual->esp_enc);

	sa->proto = ADIT_PROTO_ESP;
	sa->enc = manual->esp_enc;
	sa->auth = manual->esp_auth;
	sa->icv_bytes = (uint8_t)manual->esp_icv_bytes;
	memcpy(sa->enc_key, enc->bytes, facts.key_bytes);
	memcpy(sa->salt, enc->bytes + facts.key_bytes, facts.salt_bytes);
	memcpy(sa->auth_key, auth->bytes, auth_key_bytes(manual->esp_auth));
	sa->auth_key_bytes = (uint8_t)auth_key_bytes(manual->esp_auth);
	if (auth_salt_bytes(manual->esp_auth))
		memcpy(sa->salt, auth->bytes + auth_key_bytes(manual->esp_auth), auth_salt_bytes(manual->esp_auth));
}

static void set_ah_keys(struct adit_sa *sa, const struct cfg_manual_sa *manual, const struct cfg_key *auth)
{
	sa->proto = ADIT_PROTO_AH;
	sa->enc = ADIT_ENC_NULL;
	sa->auth = manual->ah_auth;
	memcpy(sa->auth_key, auth->bytes, auth_key_bytes(manual->ah_auth));
	sa->auth_key_bytes = (uint8_t)auth_key_bytes(manual->ah_auth);
}

static uint64_t soft_of(uint64_t hard)
{
	return hard / 100 * SOFT_PERCENT + hard % 100 * SOFT_PERCENT / 100;
}

/* What both directions and both layers have in common. */
static struct adit_sa base_of(const struct cfg_manual_sa *manual, enum adit_dir dir, enum adit_mode mode)
{
	return (struct adit_sa){
		.dir = dir, .mode = mode, .esn = manual->esn,
		.soft_seconds = (uint32_t)soft_of(manual->lifetime_seconds), .hard_seconds = manual->lifetime_seconds,
		.soft_bytes = soft_of(manual->lifetime_bytes), .hard_bytes = manual->lifetime_bytes,
		.soft_packets = soft_of(manual->lifetime_packets), .hard_packets = manual->lifetime_packets
	};
}

static void set_header(struct adit_sa *sa, const struct cfg_manual_sa *manual)
{
	sa->ttl = manual->ttl;
	sa->set_dscp = manual->dscp >= 0;
	sa->dscp = (uint8_t)(manual->dscp >= 0 ? manual->dscp : 0);
	sa->set_df = manual->df == DF_SET;
	sa->clear_df = manual->df == DF_CLEAR;
	sa->no_ecn = !manual->ecn;
	sa->flow_label = manual->flow_label;
	sa->path_mtu = manual->path_mtu;
}

static void set_ends(struct sa_set *set, const struct cfg_policy *policy)
{
	for (unsigned side = 0; side < set->n; side++) {
		set->sa[side].src = sa_side_is_out(side) ? policy->sa_src : policy->sa_dst;
		set->sa[side].dst = sa_side_is_out(side) ? policy->sa_dst : policy->sa_src;
	}
}

void sa_from_manual(const struct cfg_manual_sa *manual, const struct cfg_policy *policy, uint16_t most_replay_packets,
		    struct sa_set *out)
{
	enum adit_mode mode = policy->tunnel ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT;
	bool is_bundle = policy->esp && policy->ah;

	memset(out, 0, sizeof(*out));
	out->n = is_bundle ? 4 : 2;
	for (unsigned side = 0; side < out->n; side++) {
		bool is_out = sa_side_is_out(side), is_ah = !policy->esp || side >= SA_AH_IN;
		struct adit_sa *sa = &out->sa[side];

		*sa = base_of(manual, is_out ? ADIT_DIR_OUT : ADIT_DIR_IN, side >= SA_AH_IN ? ADIT_MODE_TRANSPORT : mode);
		set_header(sa, manual);
		if (is_ah) {
			sa->spi = is_out ? manual->ah_spi.out : manual->ah_spi.in;
			set_ah_keys(sa, manual, is_out ? &manual->ah_key_out : &manual->ah_key_in);
		} else {
			sa->spi = is_out ? manual->esp_spi.out : manual->esp_spi.in;
			set_esp_keys(sa, manual, is_out ? &manual->esp_enc_key_out : &manual->esp_enc_key_in,
				     is_out ? &manual->esp_auth_key_out : &manual->esp_auth_key_in);
			sa->udp_encap = manual->nat_traversal;
			sa->natt_sport = is_out ? manual->natt_local_port : manual->natt_remote_port;
			sa->natt_dport = is_out ? manual->natt_remote_port : manual->natt_local_port;
			sa->tfc_bytes = is_out ? manual->tfc_bytes : 0;
		}
		if (!is_out)
			sa->replay_packets = manual->replay_packets < most_replay_packets ? manual->replay_packets
											   : most_replay_packets;
	}
	set_ends(out, policy);
}

bool sa_same_keys(const struct adit_sa *a, const struct adit_sa *b)
{
	int differs = CRYPTO_memcmp(a->enc_key, b->enc_key, sizeof(a->enc_key));

	differs |= CRYPTO_memcmp(a->auth_key, b->auth_key, sizeof(a->auth_key));
	differs |= CRYPTO_memcmp(a->salt, b->salt, sizeof(a->salt));
	return differs == 0;
}

bool sa_is_done_by_host(const struct adit_sa *sa)
{
	return sa->host_transform || sa->enc >= ADIT_ENC_BLOWFISH_CBC ||
	       (sa->dir == ADIT_DIR_OUT && sa->udp_encap && sa->src.is_v6);
}

bool sa_same(const struct adit_sa *a, const struct adit_sa *b)
{
	return a->spi == b->spi && a->dir == b->dir && a->proto == b->proto && a->mode == b->mode && a->enc == b->enc &&
	       a->auth == b->auth && a->icv_bytes == b->icv_bytes &&
	       sa_same_keys(a, b) && a->auth_key_bytes == b->auth_key_bytes &&
	       addr_same(&a->src, &b->src) && addr_same(&a->dst, &b->dst) && a->replay_packets == b->replay_packets &&
	       a->esn == b->esn && a->udp_encap == b->udp_encap && a->natt_sport == b->natt_sport &&
	       a->natt_dport == b->natt_dport && a->set_dscp == b->set_dscp && a->dscp == b->dscp &&
	       a->clear_df == b->clear_df && a->set_df == b->set_df && a->no_ecn == b->no_ecn && a->ttl == b->ttl &&
	       a->flow_label == b->flow_label && a->path_mtu == b->path_mtu && a->tfc_bytes == b->tfc_bytes &&
	       a->hard_seconds == b->hard_seconds && a->hard_bytes == b->hard_bytes && a->hard_packets == b->hard_packets;
}

bool sa_set_same(const struct sa_set *a, const struct sa_set *b)
{
	bool is_same = a->n == b->n;

	for (unsigned side = 0; is_same && side < a->n; side++)
		is_same = sa_same(&a->sa[side], &b->sa[side]);
	return is_same;
}

void sa_set_wipe(struct sa_set *set)
{
	OPENSSL_cleanse(set, sizeof(*set));
}
