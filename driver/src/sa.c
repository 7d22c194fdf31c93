// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * SAs: from words people use to the record the card reads. Keys are seen here and in the command's buffer; both copies
 * are wiped, the first before these functions return, the second when the command is done.
 */
#define OPENSSL_SUPPRESS_DEPRECATED	/* the state inside a hash is offered by the low-level calls alone */
#include "card.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#define SPI_FIRST 256u			/* RFC 4303 §2.1 */
#define REPLAY_PACKETS_MIN 32u		/* RFC 4303 §3.4.3 */
#define DSCP_MAX 63u
#define FLOW_LABEL_MAX 0xfffffu
#define TTL_DEFAULT 64u
#define SA_UPDATE_BYTES 192u

enum { SA_FLAG_ESN = 1, SA_FLAG_V6 = 2, SA_FLAG_UDP = 4, SA_FLAG_DSCP = 8, SA_FLAG_CLEAR_DF = 16, SA_FLAG_SET_DF = 32,
       SA_FLAG_NO_ECN = 64 };
enum { FLUSH_SPARES_AH = 1, FLUSH_SPARES_ESP = 2 };

static bool mask_has(uint32_t mask, unsigned bit)
{
	return bit < 32 && (mask >> bit & 1u) != 0;
}

static int needs_feature(struct adit_card *card, bool is_wanted, enum adit_feature feature)
{
	if (!is_wanted || mask_has(card->caps.feature_mask, feature))
		return 0;
	return card_fail(card, -EOPNOTSUPP, "the card has no %s", adit_feature_name(feature));
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
	if (!adit_enc_name((unsigned)sa->enc))
		return card_fail(card, -EINVAL, "cipher %u is none", (unsigned)sa->enc);
	if (!adit_auth_name((unsigned)sa->auth))
		return card_fail(card, -EINVAL, "integrity algorithm %u is none", (unsigned)sa->auth);
	if (sa->src.is_v6 != sa->dst.is_v6)
		return card_fail(card, -EINVAL, "source and destination are of different IP versions");
	if (sa->auth_key_bytes != adit_auth_key_bytes(sa->auth))
		return card_fail(card, -EINVAL, "%s wants a key of %d bytes, not %u", adit_auth_name((unsigned)sa->auth),
				 adit_auth_key_bytes(sa->auth), sa->auth_key_bytes);
	return 0;
}

static bool is_aead(enum adit_enc enc)
{
	return enc == ADIT_ENC_AES_GCM_128 || enc == ADIT_ENC_AES_GCM_192 || enc == ADIT_ENC_AES_GCM_256;
}

/* What fits together, RFC 4303 §3.2 and RFC 4302 §3.2. */
static int pair_check(struct adit_card *card, const struct adit_sa *sa)
{
	if (sa->proto == ADIT_PROTO_AH && (sa->enc != ADIT_ENC_NULL || sa->auth == ADIT_AUTH_NULL))
		return card_fail(card, -EINVAL, "AH has an integrity algorithm and no cipher");
	if (sa->proto == ADIT_PROTO_ESP && sa->enc == ADIT_ENC_NULL && sa->auth == ADIT_AUTH_NULL)
		return card_fail(card, -EINVAL, "ESP with neither cipher nor integrity protects nothing (RFC 4303)");
	if (is_aead(sa->enc) && sa->auth != ADIT_AUTH_NULL)
		return card_fail(card, -EINVAL, "%s has its own integrity: the other must be null",
				 adit_enc_name((unsigned)sa->enc));
	if (sa->set_df && sa->clear_df)
		return card_fail(card, -EINVAL, "DF cannot be both set and cleared");
	if (sa->dscp > DSCP_MAX || sa->flow_label > FLOW_LABEL_MAX)
		return card_fail(card, -EINVAL, "DSCP %u (at most %u), flow label %u (at most %u)", sa->dscp, DSCP_MAX,
				 sa->flow_label, FLOW_LABEL_MAX);
	if (sa->udp_encap && (sa->natt_sport == 0 || sa->natt_dport == 0))
		return card_fail(card, -EINVAL, "UDP encapsulation needs two ports");
	return 0;
}

static uint64_t seq_last(const struct adit_sa *sa)
{
	return sa->esn ? UINT64_MAX : UINT32_MAX;
}

static int number_check(struct adit_card *card, const struct adit_sa *sa)
{
	const uint64_t lease = sa->seq_lease ? sa->seq_lease : seq_last(sa);

	if (sa->seq_first > seq_last(sa) || lease > seq_last(sa))
		return card_fail(card, -EINVAL, "without ESN, sequence numbers end at 4294967295");
	if (sa->dir == ADIT_DIR_OUT)
		return sa->seq_first <= lease ? 0 :
			card_fail(card, -EINVAL, "the first sequence number is beyond the last");
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
	};

	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		int error = needs_feature(card, wants[i].is_wanted, wants[i].feature);

		if (error)
			return error;
	}
	if (!mask_has(card->caps.enc_mask, (unsigned)sa->enc))
		return card_fail(card, -EOPNOTSUPP, "the card has no cipher %s", adit_enc_name((unsigned)sa->enc));
	if (!mask_has(card->caps.auth_mask, (unsigned)sa->auth))
		return card_fail(card, -EOPNOTSUPP, "the card has no integrity algorithm %s",
				 adit_auth_name((unsigned)sa->auth));
	return 0;
}

int adit_sa_check(struct adit_card *card, const struct adit_sa *sa)
{
	int error = sense_check(card, sa);

	if (!error)
		error = pair_check(card, sa);
	if (!error)
		error = caps_check(card, sa);
	return error ? error : number_check(card, sa);
}

static void put_be32(uint8_t *out, uint32_t value)
{
	uint32_t value_be = htobe32(value);

	memcpy(out, &value_be, sizeof(value_be));
}

static void put_le32(uint8_t *out, uint32_t value)
{
	uint32_t value_le = htole32(value);

	memcpy(out, &value_le, sizeof(value_le));
}

static void put_be64(uint8_t *out, uint64_t value)
{
	uint64_t value_be = htobe64(value);

	memcpy(out, &value_be, sizeof(value_be));
}

static void md5_state(const uint8_t *block, uint8_t *out)
{
	MD5_CTX md5;

	MD5_Init(&md5);
	MD5_Update(&md5, block, MD5_CBLOCK);
	put_le32(out, md5.A);
	put_le32(out + 4, md5.B);
	put_le32(out + 8, md5.C);
	put_le32(out + 12, md5.D);
	OPENSSL_cleanse(&md5, sizeof(md5));
}

static void sha1_state(const uint8_t *block, uint8_t *out)
{
	SHA_CTX sha;

	SHA1_Init(&sha);
	SHA1_Update(&sha, block, SHA_CBLOCK);
	put_be32(out, sha.h0);
	put_be32(out + 4, sha.h1);
	put_be32(out + 8, sha.h2);
	put_be32(out + 12, sha.h3);
	put_be32(out + 16, sha.h4);
	OPENSSL_cleanse(&sha, sizeof(sha));
}

static void sha256_state(const uint8_t *block, uint8_t *out)
{
	SHA256_CTX sha;

	SHA256_Init(&sha);
	SHA256_Update(&sha, block, SHA256_CBLOCK);
	for (size_t i = 0; i < 8; i++)
		put_be32(out + 4 * i, sha.h[i]);
	OPENSSL_cleanse(&sha, sizeof(sha));
}

static void sha512_state(const uint8_t *block, bool is_384, uint8_t *out)
{
	SHA512_CTX sha;

	if (is_384)
		SHA384_Init(&sha);
	else
		SHA512_Init(&sha);
	SHA512_Update(&sha, block, SHA512_CBLOCK);
	for (size_t i = 0; i < 8; i++)
		put_be64(out + 8 * i, sha.h[i]);
	OPENSSL_cleanse(&sha, sizeof(sha));
}

/* The hash state after the one block key XOR pad (RFC 2104 §4). Keys here are never longer than a block. */
static void hmac_state(const struct adit_sa *sa, uint8_t pad, uint8_t out[64])
{
	uint8_t block[SHA512_CBLOCK];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < sa->auth_key_bytes; i++)
		block[i] ^= sa->auth_key[i];
	switch (sa->auth) {
	case ADIT_AUTH_HMAC_MD5_96: md5_state(block, out); break;
	case ADIT_AUTH_HMAC_SHA1_96: sha1_state(block, out); break;
	case ADIT_AUTH_HMAC_SHA256_128: sha256_state(block, out); break;
	case ADIT_AUTH_HMAC_SHA384_192: sha512_state(block, true, out); break;
	case ADIT_AUTH_HMAC_SHA512_256: sha512_state(block, false, out); break;
	case ADIT_AUTH_AES_GMAC: memcpy(out, sa->auth_key, sa->auth_key_bytes); break;
	case ADIT_AUTH_NULL: break;
	}
	OPENSSL_cleanse(block, sizeof(block));
}

static uint8_t sa_flags(const struct adit_sa *sa)
{
	return (uint8_t)((sa->esn ? SA_FLAG_ESN : 0) | (sa->dst.is_v6 ? SA_FLAG_V6 : 0) |
			 (sa->udp_encap ? SA_FLAG_UDP : 0) | (sa->set_dscp ? SA_FLAG_DSCP : 0) |
			 (sa->clear_df ? SA_FLAG_CLEAR_DF : 0) | (sa->set_df ? SA_FLAG_SET_DF : 0) |
			 (sa->no_ecn ? SA_FLAG_NO_ECN : 0));
}

/* Words 0 to 2: everything but keys. */
static void record_build(const struct adit_sa *sa, struct adit_desc_sa *out)
{
	const bool is_out = sa->dir == ADIT_DIR_OUT;

	*out = (struct adit_desc_sa){
		.spi = htole32(sa->spi), .reqid = htole32(sa->reqid), .dir = (uint8_t)sa->dir,
		.proto = (uint8_t)sa->proto, .mode = (uint8_t)sa->mode, .enc = (uint8_t)sa->enc,
		.auth = (uint8_t)sa->auth, .flags = sa_flags(sa), .ttl = sa->ttl ? sa->ttl : TTL_DEFAULT,
		.dscp = sa->dscp, .replay_packets = htole16(is_out ? 0 : sa->replay_packets),
		.natt_sport = htole16(sa->natt_sport), .natt_dport = htole16(sa->natt_dport),
		.next_slot = htole16(ADIT_NO_SLOT), .flow_label = htole32(sa->flow_label),
		.path_mtu = htole16(sa->path_mtu), .soft_bytes = htole64(sa->soft_bytes),
		.hard_bytes = htole64(sa->hard_bytes), .soft_packets = htole64(sa->soft_packets),
		.hard_packets = htole64(sa->hard_packets), .soft_seconds = htole32(sa->soft_seconds),
		.hard_seconds = htole32(sa->hard_seconds),
		.seq_first = htole64(is_out && sa->seq_first == 0 ? 1 : sa->seq_first),
		.seq_lease = htole64(sa->seq_lease ? sa->seq_lease : seq_last(sa)),
	};
	memcpy(out->src, sa->src.bytes, sa->src.is_v6 ? 16 : 4);
	memcpy(out->dst, sa->dst.bytes, sa->dst.is_v6 ? 16 : 4);
}

/* Words 3 to 5. */
static void record_add_keys(const struct adit_sa *sa, struct adit_desc_sa *out)
{
	memcpy(out->enc_key, sa->enc_key, (size_t)adit_enc_key_bytes(sa->enc));
	memcpy(&out->salt, sa->salt, sizeof(out->salt));
	hmac_state(sa, 0x36, out->auth_inner);
	hmac_state(sa, 0x5c, out->auth_outer);
}

static int slot_check(struct adit_card *card, uint16_t slot)
{
	if (slot < card->caps.sa_slots)
		return 0;
	return card_fail(card, -EINVAL, "SA slot %u: the card has slots 0 to %u", slot, card->caps.sa_slots - 1);
}

static int slot_command(struct adit_card *card, const struct cmd_request *request, adit_done_fn *done, void *arg)
{
	int error = slot_check(card, request->index);

	return error ? error : cmd_post(card, request, done, arg);
}

int adit_sa_add(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, adit_done_fn *done, void *arg)
{
	struct adit_desc_sa record;
	const struct cmd_request request = {
		.op = ADIT_OP_SA_ADD, .index = slot, .record = &record, .data_bytes = sizeof(record), .is_secret = true,
	};
	int error = adit_sa_check(card, sa);

	if (error)
		return error;
	record_build(sa, &record);
	record_add_keys(sa, &record);
	error = slot_command(card, &request, done, arg);
	OPENSSL_cleanse(&record, sizeof(record));
	return error;
}

int adit_sa_update(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, adit_done_fn *done, void *arg)
{
	struct adit_desc_sa record;
	const struct cmd_request request = {
		.op = ADIT_OP_SA_UPDATE, .index = slot, .record = &record, .data_bytes = SA_UPDATE_BYTES,
	};
	int error = adit_sa_check(card, sa);

	if (error)
		return error;
	record_build(sa, &record);
	return slot_command(card, &request, done, arg);
}

int adit_sa_delete(struct adit_card *card, uint16_t slot, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = { .op = ADIT_OP_SA_DELETE, .index = slot };

	return slot_command(card, &request, done, arg);
}

int adit_sa_query(struct adit_card *card, uint16_t slot, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = {
		.op = ADIT_OP_SA_QUERY, .index = slot, .data_bytes = ADIT_DESC_SA_STATE_BYTES,
	};

	return slot_command(card, &request, done, arg);
}

int adit_sa_flush(struct adit_card *card, bool esp, bool ah, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = {
		.op = ADIT_OP_SA_FLUSH,
		.flags = (uint8_t)((ah ? 0 : FLUSH_SPARES_AH) | (esp ? 0 : FLUSH_SPARES_ESP)),
	};

	if (!esp && !ah)
		return card_fail(card, -EINVAL, "a flush of neither ESP nor AH");
	return cmd_post(card, &request, done, arg);
}
