// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "sa/manual.h"

#include <openssl/crypto.h>
#include <string.h>

static void set_esp_keys(struct adit_sa *sa, const struct cfg_manual_sa *manual, const struct cfg_key *enc,
			 const struct cfg_key *auth)
{
	struct enc_facts facts = enc_facts(manual->esp_enc);

	sa->proto = ADIT_PROTO_ESP;
	sa->enc = manual->esp_enc;
	sa->auth = manual->esp_auth;
	memcpy(sa->enc_key, enc->bytes, facts.key_bytes);
	memcpy(sa->salt, enc->bytes + facts.key_bytes, facts.salt_bytes);
	memcpy(sa->auth_key, auth->bytes, auth_key_bytes(manual->esp_auth));
	sa->auth_key_bytes = (uint8_t)auth_key_bytes(manual->esp_auth);
}

static void set_ah_keys(struct adit_sa *sa, const struct cfg_manual_sa *manual, const struct cfg_key *auth)
{
	sa->proto = ADIT_PROTO_AH;
	sa->enc = ADIT_ENC_NULL;
	sa->auth = manual->ah_auth;
	memcpy(sa->auth_key, auth->bytes, auth_key_bytes(manual->ah_auth));
	sa->auth_key_bytes = (uint8_t)auth_key_bytes(manual->ah_auth);
}

void sa_from_manual(const struct cfg_manual_sa *manual, const struct cfg_policy *policy, uint16_t replay_packets,
		    struct sa_pair *out)
{
	enum adit_mode mode = policy->tunnel ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT;

	memset(out, 0, sizeof(*out));
	out->in = (struct adit_sa){ .dir = ADIT_DIR_IN, .mode = mode, .src = policy->sa_dst, .dst = policy->sa_src,
				    .replay_packets = replay_packets, .hard_seconds = manual->lifetime_seconds };
	out->out = (struct adit_sa){ .dir = ADIT_DIR_OUT, .mode = mode, .src = policy->sa_src, .dst = policy->sa_dst,
				     .hard_seconds = manual->lifetime_seconds };
	if (policy->esp) {
		out->in.spi = manual->esp_spi.in;
		out->out.spi = manual->esp_spi.out;
		set_esp_keys(&out->in, manual, &manual->esp_enc_key_in, &manual->esp_auth_key_in);
		set_esp_keys(&out->out, manual, &manual->esp_enc_key_out, &manual->esp_auth_key_out);
	} else {
		out->in.spi = manual->ah_spi.in;
		out->out.spi = manual->ah_spi.out;
		set_ah_keys(&out->in, manual, &manual->ah_key_in);
		set_ah_keys(&out->out, manual, &manual->ah_key_out);
	}
}

bool sa_same(const struct adit_sa *a, const struct adit_sa *b)
{
	return a->spi == b->spi && a->dir == b->dir && a->proto == b->proto && a->mode == b->mode && a->enc == b->enc &&
	       a->auth == b->auth && CRYPTO_memcmp(a->enc_key, b->enc_key, sizeof(a->enc_key)) == 0 &&
	       CRYPTO_memcmp(a->auth_key, b->auth_key, sizeof(a->auth_key)) == 0 &&
	       a->auth_key_bytes == b->auth_key_bytes && CRYPTO_memcmp(a->salt, b->salt, sizeof(a->salt)) == 0 &&
	       addr_same(&a->src, &b->src) && addr_same(&a->dst, &b->dst) && a->replay_packets == b->replay_packets &&
	       a->hard_seconds == b->hard_seconds;
}

void sa_pair_wipe(struct sa_pair *pair)
{
	OPENSSL_cleanse(pair, sizeof(*pair));
}
