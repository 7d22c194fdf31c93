// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * SAs that no card could take (-EINVAL), and those that this card cannot (-EOPNOTSUPP). Each refusal names what is wrong.
 * Weak algorithms are the caller's affair.
 */
#include "card.h"

#include <errno.h>

#define SPI_FIRST 256u			/* RFC 4303 §2.1 */
#define REPLAY_PACKETS_MIN 32u		/* RFC 4303 §3.4.3 */
#define DSCP_MAX 63u
#define FLOW_LABEL_MAX 0xfffffu
#define ETHERNET_BYTES 14u

static bool mask_has(uint32_t mask, unsigned bit)
{
	return bit < 32 && (mask >> bit & 1u) != 0;
}

int card_needs(struct adit_card *card, bool is_wanted, enum adit_feature feature)
{
	if (!is_wanted || mask_has(card->caps.feature_mask, (unsigned)feature))
		return 0;
	return card_fail(card, -EOPNOTSUPP, "the card has no %s", adit_feature_name((unsigned)feature));
}

bool sa_is_host_transform(const struct adit_sa *sa)
{
	return sa->host_transform || algo_enc(sa->enc)->is_host ||
	       (sa->udp_encap && sa->dst.is_v6 && sa->dir == ADIT_DIR_OUT);	/* UDP over IPv6 wants a checksum */
}

/* Codes and numbers that no card could take. */
static int sense_check(struct adit_card *card, const struct adit_sa *sa)
{
	if (sa->spi < SPI_FIRST)
		return card_fail(card, -EINVAL, "SPI %u is reserved (1 to 255) or none (0)", sa->spi);
	if ((unsigned)sa->dir > ADIT_DIR_IN)
		return card_fail(card, -EINVAL, "direction %u is none", (unsigned)sa->dir);
	if (sa->proto != ADIT_PROTO_ESP && sa->proto != ADIT_PROTO_AH)
		return card_fail(card, -EINVAL, "IPsec protocol %u is none", (unsigned)sa->proto);
	if ((unsigned)sa->mode > ADIT_MODE_TUNNEL)
		return card_fail(card, -EINVAL, "mode %u is none", (unsigned)sa->mode);
	if (!algo_enc(sa->enc))
		return card_fail(card, -EINVAL, "cipher %u is none", (unsigned)sa->enc);
	if (!algo_auth(sa->auth))
		return card_fail(card, -EINVAL, "integrity algorithm %u is none", (unsigned)sa->auth);
	if (sa->src.is_v6 != sa->dst.is_v6)
		return card_fail(card, -EINVAL, "source and destination are of different IP versions");
	if (sa->dscp > DSCP_MAX || sa->flow_label > FLOW_LABEL_MAX)
		return card_fail(card, -EINVAL, "DSCP %u (at most %u), flow label %u (at most %u)", sa->dscp, DSCP_MAX,
				 sa->flow_label, FLOW_LABEL_MAX);
	if (sa->set_df && sa->clear_df)
		return card_fail(card, -EINVAL, "DF cannot be both set and cleared");
	return 0;
}

static bool icv_fits(const struct adit_sa *sa)
{
	if (algo_is_gcm(sa->enc))	/* RFC 4106 §6 */
		return sa->icv_bytes == 0 || sa->icv_bytes == 8 || sa->icv_bytes == 12 || sa->icv_bytes == 16;
	return sa->icv_bytes == 0 || sa->icv_bytes == algo_auth(sa->auth)->icv_bytes;
}

/* What fits together, RFC 4303 §3.2, RFC 4302 §3.2, RFC 4543. */
static int algorithm_check(struct adit_card *card, const struct adit_sa *sa)
{
	const struct algo_enc *enc = algo_enc(sa->enc);
	const struct algo_auth *auth = algo_auth(sa->auth);

	if (sa->auth_key_bytes != auth->key_bytes)
		return card_fail(card, -EINVAL, "%s wants a key of %u bytes, not %u", auth->word, auth->key_bytes,
				 sa->auth_key_bytes);
	if (sa->proto == ADIT_PROTO_AH && (sa->enc != ADIT_ENC_NULL || sa->auth == ADIT_AUTH_NULL))
		return card_fail(card, -EINVAL, "AH has an integrity algorithm and no cipher");
	if (sa->proto == ADIT_PROTO_AH && auth->is_gmac)
		return card_fail(card, -EOPNOTSUPP, "AH with %s: no card has it", auth->word);
	if (sa->enc == ADIT_ENC_NULL && sa->auth == ADIT_AUTH_NULL)
		return card_fail(card, -EINVAL, "ESP with neither cipher nor integrity protects nothing (RFC 4303)");
	if (algo_is_gcm(sa->enc) && sa->auth != ADIT_AUTH_NULL)
		return card_fail(card, -EINVAL, "%s has its own integrity: the other must be null, not %s", enc->word,
				 auth->word);
	if (auth->is_gmac && sa->enc != ADIT_ENC_NULL)
		return card_fail(card, -EINVAL, "%s goes without a cipher (RFC 4543): it must be null, not %s", auth->word,
				 enc->word);
	if (!icv_fits(sa))
		return card_fail(card, -EINVAL, "%s has no ICV of %u bytes",
				 algo_is_gcm(sa->enc) ? enc->word : auth->word, sa->icv_bytes);
	return 0;
}

static int encapsulation_check(struct adit_card *card, const struct adit_sa *sa)
{
	if (sa->udp_encap && sa->proto == ADIT_PROTO_AH)	/* RFC 3948 §1 */
		return card_fail(card, -EINVAL, "UDP encapsulation carries ESP, not AH");
	if (sa->udp_encap && sa->has_next)
		return card_fail(card, -EINVAL, "UDP encapsulation carries ESP alone, not a bundle with AH");
	if (sa->udp_encap && (sa->natt_sport == 0 || sa->natt_dport == 0))
		return card_fail(card, -EINVAL, "UDP encapsulation needs two ports");
	if (sa->has_next && sa->proto != ADIT_PROTO_ESP && sa->dir == ADIT_DIR_OUT)
		return card_fail(card, -EINVAL, "a bundle is named by its ESP SA, and this one is AH");
	if (sa->has_next && sa->next_slot >= card->caps.sa_slots)
		return card_fail(card, -EINVAL, "bundle: SA slot %u: the card has slots 0 to %u", sa->next_slot,
				 card->caps.sa_slots - 1);
	if (sa->has_next && sa_is_host_transform(sa))
		return card_fail(card, -EINVAL, "a bundle cannot have a member that the host transforms");
	if (sa->tfc_bytes && (sa->proto != ADIT_PROTO_ESP || sa->mode != ADIT_MODE_TUNNEL))	/* RFC 4303 §2.7 */
		return card_fail(card, -EINVAL, "TFC padding goes with ESP in tunnel mode alone");
	return 0;
}

static int number_check(struct adit_card *card, const struct adit_sa *sa)
{
	const uint64_t last = sa_seq_last(sa);
	const uint64_t lease = sa->seq_lease ? sa->seq_lease : last;

	if (sa->seq_first > last || lease > last)
		return card_fail(card, -EINVAL, "without ESN, sequence numbers end at 4294967295");
	if (sa->dir == ADIT_DIR_OUT)
		return sa->seq_first <= lease ? 0 :
			card_fail(card, -EINVAL, "the first sequence number is beyond the last");
	if (sa->esn && sa->replay_packets == 0)		/* RFC 4303 appendix A2 reckons with the window */
		return card_fail(card, -EINVAL, "ESN needs a replay window: without one the high half cannot be told");
	if (sa->replay_packets && sa->replay_packets < REPLAY_PACKETS_MIN)
		return card_fail(card, -EINVAL, "a replay window has 0 (off) or at least %u packets, not %u",
				 REPLAY_PACKETS_MIN, sa->replay_packets);
	if (sa->replay_packets > card->caps.replay_packets)
		return card_fail(card, -EOPNOTSUPP, "the card's replay windows have at most %u packets, not %u",
				 card->caps.replay_packets, sa->replay_packets);
	return 0;
}

static int caps_check(struct adit_card *card, const struct adit_sa *sa)
{
	const struct algo_enc *enc = algo_enc(sa->enc);
	const struct {
		bool is_wanted;
		enum adit_feature feature;
	} wants[] = {
		{ sa->proto == ADIT_PROTO_ESP, ADIT_FEATURE_ESP },
		{ sa->proto == ADIT_PROTO_AH, ADIT_FEATURE_AH },
		{ sa->mode == ADIT_MODE_TUNNEL, ADIT_FEATURE_TUNNEL },
		{ sa->mode == ADIT_MODE_TRANSPORT, ADIT_FEATURE_TRANSPORT },
		{ !sa->dst.is_v6, ADIT_FEATURE_IPV4 },
		{ sa->dst.is_v6, ADIT_FEATURE_IPV6 },
		{ sa->esn, ADIT_FEATURE_ESN },
		{ sa->udp_encap, ADIT_FEATURE_NAT_T },
		{ sa->soft_bytes || sa->hard_bytes, ADIT_FEATURE_LIFETIME_BYTES },
		{ sa->soft_packets || sa->hard_packets, ADIT_FEATURE_LIFETIME_PACKETS },
		{ sa->soft_seconds || sa->hard_seconds, ADIT_FEATURE_LIFETIME_SECONDS },
		{ sa->has_next, ADIT_FEATURE_BUNDLE },
		{ sa->tfc_bytes != 0, ADIT_FEATURE_TFC },
		/* A cipher that the card lacks is told by its own name, below. */
		{ sa_is_host_transform(sa) && !enc->is_host, ADIT_FEATURE_HOST_TRANSFORM },
	};
	const bool has_enc = mask_has(card->caps.enc_mask, (unsigned)sa->enc) ||
			     (enc->is_host && mask_has(card->caps.feature_mask, ADIT_FEATURE_HOST_TRANSFORM));

	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		int error = card_needs(card, wants[i].is_wanted, wants[i].feature);

		if (error)
			return error;
	}
	if (!has_enc)
		return card_fail(card, -EOPNOTSUPP, "the card has no cipher %s", enc->word);
	if (!mask_has(card->caps.auth_mask, (unsigned)sa->auth))
		return card_fail(card, -EOPNOTSUPP, "the card has no integrity algorithm %s", algo_auth(sa->auth)->word);
	return 0;
}

int sa_size_check(struct adit_card *card, const struct adit_sa *sa, uint16_t path_mtu)
{
	const uint16_t longest = path_mtu ? path_mtu : (uint16_t)(card->caps.frame_bytes - ETHERNET_BYTES);
	const uint16_t fill_sealed = adit_sa_sealed_bytes(sa, sa->tfc_bytes);

	if (sa->dir != ADIT_DIR_OUT)
		return 0;
	if (sa->tfc_bytes && fill_sealed > longest)
		return card_fail(card, -EINVAL, "TFC padding to %u bytes makes sealed packets of %u, and %u is the longest",
				 sa->tfc_bytes, fill_sealed, longest);
	if (path_mtu && adit_sa_inner_mtu(sa, path_mtu) == 0)
		return card_fail(card, -EINVAL, "a path MTU of %u has no room for a sealed packet", path_mtu);
	return 0;
}

int adit_sa_check(struct adit_card *card, const struct adit_sa *sa)
{
	static int (*const checks[])(struct adit_card *card, const struct adit_sa *sa) = {
		sense_check, algorithm_check, encapsulation_check, caps_check, number_check,
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		int error = checks[i](card, sa);

		if (error)
			return error;
	}
	return sa_size_check(card, sa, sa->path_mtu);
}
