// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * KEYMAT (RFC 2409 §5.5) into the card's SAs: each SA has its own, made with the SPI of its receiver.
 *
 *   ESP:  enc_key | salt or nonce of CTR, GCM (RFC 3686 §5.1, RFC 4106 §8.1) | auth_key | salt of GMAC (RFC 4543 §3.2)
 *   AH:   auth_key | salt of GMAC
 */
#include "sa/phase2.h"

#include <string.h>

#include <openssl/crypto.h>

#define KEYMAT_MOST_BYTES 128

static const struct { uint8_t initiator, responder; } soft_percent = { 80, 88 };	/* of bytes: the two ends differ */

static bool fill_keys(struct adit_sa *sa, const struct quick *quick, const struct phase2_layer *layer)
{
	const struct ike1_keys *keys = &quick->exchange->sa->keys;
	struct enc_facts facts = enc_facts(layer->enc);
	size_t enc_bytes = layer->proto == ADIT_PROTO_AH ? 0 : phase2_enc_key_bytes(layer->enc);
	size_t auth_bytes = phase2_auth_key_bytes(layer->auth), key_bytes = auth_key_bytes(layer->auth);
	uint8_t keymat[KEYMAT_MOST_BYTES];
	bool is_made = enc_bytes + auth_bytes <= sizeof(keymat) && enc_bytes <= sizeof(sa->enc_key) + sizeof(sa->salt) &&
		       key_bytes <= sizeof(sa->auth_key) && auth_bytes <= key_bytes + sizeof(sa->salt);

	is_made = is_made && (enc_bytes + auth_bytes == 0 ||
			      ike1_keymat(keys, blob_bytes(&quick->shared), v1_protocol_of(layer->proto), sa->spi,
					  blob_bytes(&quick->nonce_i), blob_bytes(&quick->nonce_r), keymat, enc_bytes + auth_bytes));
	if (is_made) {
		if (enc_bytes) {
			memcpy(sa->enc_key, keymat, facts.key_bytes);
			memcpy(sa->salt, keymat + facts.key_bytes, enc_bytes - facts.key_bytes);
		}
		memcpy(sa->auth_key, keymat + enc_bytes, key_bytes);
		sa->auth_key_bytes = (uint8_t)key_bytes;
		if (auth_bytes > key_bytes)
			memcpy(sa->salt, keymat + enc_bytes + key_bytes, auth_bytes - key_bytes);
	}
	OPENSSL_cleanse(keymat, sizeof(keymat));
	return is_made;
}

static uint64_t percent_of(uint64_t whole, unsigned percent)
{
	return whole / 100 * percent + whole % 100 * percent / 100;
}

/* Bytes are the card's to count. Seconds are ours; the card's own limit stands behind them, for a daemon that is gone. */
static void set_life(struct adit_sa *sa, const struct ike_child *child)
{
	uint64_t hard_seconds = (uint64_t)child->seconds + child->seconds / 20 + 5;

	if (child->seconds)
		sa->hard_seconds = hard_seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)hard_seconds;
	if (child->kilobytes) {
		sa->hard_bytes = child->kilobytes > UINT64_MAX / 1024 ? UINT64_MAX : child->kilobytes * 1024;
		sa->soft_bytes = percent_of(sa->hard_bytes, child->is_initiator ? soft_percent.initiator : soft_percent.responder);
	}
}

static void set_ends(struct adit_sa *sa, const struct ike_path *path, bool is_udp)
{
	bool is_out = sa->dir == ADIT_DIR_OUT;
	const struct ike_end *from = is_out ? &path->local : &path->remote, *to = is_out ? &path->remote : &path->local;

	sa->src = from->addr;
	sa->dst = to->addr;
	sa->udp_encap = is_udp;
	sa->natt_sport = is_udp ? from->port : 0;
	sa->natt_dport = is_udp ? to->port : 0;
}

/* In a bundle AH is a layer in transport mode around ESP (sa/manual.h). */
static bool make_sa(struct adit_sa *sa, const struct ike_child *child, const struct quick *quick, unsigned index, bool is_out)
{
	const struct phase2_layer *layer = &quick->choice.layers[index];

	*sa = (struct adit_sa){
		.spi = is_out ? layer->peer_spi : quick->spis[layer->proto == ADIT_PROTO_AH], .dir = is_out ? ADIT_DIR_OUT : ADIT_DIR_IN,
		.proto = layer->proto, .mode = quick->choice.is_tunnel && index == 0 ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT,
		.enc = layer->proto == ADIT_PROTO_AH ? ADIT_ENC_NULL : layer->enc, .auth = layer->auth, .icv_bytes = layer->icv_bytes,
		.esn = layer->esn, .replay_packets = is_out ? 0 : child->proposal.replay_packets };
	set_ends(sa, &quick->exchange->sa->path, quick->choice.is_udp && layer->proto == ADIT_PROTO_ESP);
	set_life(sa, child);
	return fill_keys(sa, quick, layer);
}

bool child_make_sas(struct ike_child *child, const struct quick *quick)
{
	const struct phase2_choice *choice = &quick->choice;
	struct sa_set *sas = &child->spec.sas;

	if (choice->n == 0 || choice->n > 2)
		return false;
	child->seconds = choice->seconds;
	child->kilobytes = choice->kilobytes;
	child->pfs = choice->pfs;
	child->path = quick->exchange->sa->path;
	sas->n = 2 * choice->n;
	for (unsigned side = 0; side < sas->n; side++)
		if (!make_sa(&sas->sa[side], child, quick, side / 2, sa_side_is_out(side)))
			return false;
	return true;
}

void child_path_changed(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	for (struct ike_child *child = ike->children; child; child = child->next) {
		if (child->is_dead || child->state == CHILD_HUSK || child->sa_id != sa->id || !child->spec.sas.sa[SA_IN].udp_encap)
			continue;
		child->path = sa->path;
		for (unsigned side = 0; side < child->spec.sas.n; side++)
			set_ends(&child->spec.sas.sa[side], &sa->path, child->spec.sas.sa[side].udp_encap);
		if (child->inbound != SIDE_NONE)
			ike->calls.update(ike->calls.arg, &child->spec);
	}
}
