// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The SA payloads of phase 2 that this side writes: an offer, and what was chosen of the peer's. */
#include <stdio.h>

#include "policy/room.h"

uint16_t phase2_encap(const struct phase2_wish *wish)
{
	if (!wish->is_udp)
		return wish->is_tunnel ? V1_TUNNEL : V1_TRANSPORT;
	if (wish->is_udp_draft)
		return wish->is_tunnel ? V1_UDP_TUNNEL_DRAFT : V1_UDP_TRANSPORT_DRAFT;
	return wish->is_tunnel ? V1_UDP_TUNNEL : V1_UDP_TRANSPORT;
}

/* What all transforms of an offer have. AH around ESP is in transport mode (RFC 4301 §4.5). */
static struct v1_transform frame_of(const struct phase2_wish *wish, bool is_ah)
{
	return (struct v1_transform){
		.encap = is_ah && wish->esp ? V1_TRANSPORT : phase2_encap(wish), .group = (uint16_t)wish->pfs, .esn = wish->proposal->esn,
		.has_seconds = wish->proposal->lifetime_seconds != 0, .seconds = wish->proposal->lifetime_seconds,
		.has_kilobytes = wish->proposal->lifetime_bytes != 0, .kilobytes = kilobytes_of(wish->proposal->lifetime_bytes)
	};
}

struct offer {
	struct v1_sa_writer sa;
	const struct phase2_wish *wish;
	unsigned n, n_here;		/* transforms, of the payload and of this proposal */
};

static void put_offer(struct offer *offer, struct v1_transform transform)
{
	transform.number = (uint8_t)++offer->n_here;
	if (++offer->n <= V1_MAX_TRANSFORMS)
		v1_put_transform(&offer->sa, &transform, false);
}

/* One cipher with one integrity algorithm, if they go together. */
static void offer_pair(struct offer *offer, const struct cipher_code *cipher, enum adit_auth auth)
{
	struct v1_transform transform = frame_of(offer->wish, false);
	const struct auth_code *code = auth_to_wire(auth);
	bool is_null = cipher->enc == ADIT_ENC_NULL;

	transform.id = cipher->esp;
	transform.key_bits = cipher->key_bits;
	if (code) {
		transform.auth = code->attribute;
	} else if (auth_salt_bytes(auth) && is_null) {	/* RFC 4543 §8: a transform of its own */
		transform.id = V1_ESP_NULL_GMAC;
		transform.key_bits = (uint16_t)(8 * auth_key_bytes(auth));
	} else if (auth != ADIT_AUTH_NULL || is_null || !offer->wish->allow_null_auth) {
		return;
	}
	put_offer(offer, transform);
}

static void offer_esp(struct offer *offer)
{
	const struct cfg_proposal *proposal = offer->wish->proposal;

	for (unsigned e = 0; e < proposal->n_encs; e++) {
		const struct cipher_code *cipher = cipher_to_wire((enum adit_enc)proposal->encs[e], proposal->icvs[e]);

		if (!cipher)
			continue;
		if (enc_facts(cipher->enc).is_aead) {
			struct v1_transform transform = frame_of(offer->wish, false);

			transform.id = cipher->esp;
			transform.key_bits = cipher->key_bits;
			put_offer(offer, transform);
			continue;
		}
		for (unsigned a = 0; a < proposal->n_auths; a++)
			offer_pair(offer, cipher, (enum adit_auth)proposal->auths[a]);
	}
}

static void offer_ah(struct offer *offer)
{
	const struct cfg_proposal *proposal = offer->wish->proposal;

	for (unsigned a = 0; a < proposal->n_auths; a++) {
		const struct auth_code *code = auth_to_wire((enum adit_auth)proposal->auths[a]);
		struct v1_transform transform = frame_of(offer->wish, true);

		if (!code)
			continue;
		transform.id = code->ah;
		transform.auth = code->attribute;
		put_offer(offer, transform);
	}
}

static void open_proposal(struct v1_sa_writer *sa, uint8_t number, uint8_t protocol, uint32_t spi)
{
	const uint8_t spi_be[4] = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8), (uint8_t)spi };

	v1_open_proposal(sa, number, protocol, (struct bytes){ spi_be, sizeof(spi_be) });
}

static bool offer_protocol(struct offer *offer, uint8_t protocol, uint32_t spi)
{
	offer->n_here = 0;
	open_proposal(&offer->sa, 1, protocol, spi);
	if (protocol == V1_PROTO_ESP)
		offer_esp(offer);
	else
		offer_ah(offer);
	v1_close_proposal(&offer->sa);
	return offer->n_here != 0;
}

bool phase2_offer(const struct phase2_wish *wish, const uint32_t spis[2], struct writer *to, size_t *next_at,
		  char why[PROPOSAL_WHY_BYTES])
{
	struct offer offer = { .wish = wish };
	bool is_good = true;

	why[0] = 0;
	if (wish->is_udp && wish->ah) {	/* RFC 3947 §1 */
		(void)snprintf(why, PROPOSAL_WHY_BYTES, "AH cannot pass a NAT");
		return false;
	}
	v1_open_sa(&offer.sa, to, next_at);
	if (wish->esp)
		is_good &= offer_protocol(&offer, V1_PROTO_ESP, spis[0]);
	if (wish->ah)
		is_good &= offer_protocol(&offer, V1_PROTO_AH, spis[1]);
	v1_close_sa(&offer.sa);
	if (!is_good || offer.n == 0)
		(void)snprintf(why, PROPOSAL_WHY_BYTES, "proposal %s: no enc_algorithm goes with an auth_algorithm", wish->proposal->name);
	else if (offer.n > V1_MAX_TRANSFORMS)
		(void)snprintf(why, PROPOSAL_WHY_BYTES, "proposal %s: %u combinations; at most %d can be proposed", wish->proposal->name, offer.n,
			       V1_MAX_TRANSFORMS);
	else if (to->has_failed)
		(void)snprintf(why, PROPOSAL_WHY_BYTES, "proposal %s: too long for a message", wish->proposal->name);
	return !why[0];
}

/* Layers in the peer's own order: that of their places in its message. */
void phase2_put_choice(const struct phase2_choice *choice, const uint32_t spis[2], struct writer *to, size_t *next_at)
{
	bool is_swapped = choice->n == 2 && choice->layers[1].transform.whole.at < choice->layers[0].transform.whole.at;
	struct v1_sa_writer sa;

	v1_open_sa(&sa, to, next_at);
	for (unsigned i = 0; i < choice->n; i++) {
		const struct phase2_layer *layer = &choice->layers[is_swapped ? 1 - i : i];
		bool is_ah = layer->proto == ADIT_PROTO_AH;

		open_proposal(&sa, choice->proposal_number, is_ah ? V1_PROTO_AH : V1_PROTO_ESP, spis[is_ah]);
		v1_put_chosen(&sa, &layer->transform);
		v1_close_proposal(&sa);
	}
	v1_close_sa(&sa);
}
