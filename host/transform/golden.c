// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "transform/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "transform/ah.h"
#include "transform/ip.h"
#include "transform/outer.h"
#include "transform/suite.h"

enum {
	ESP_HEADER_BYTES = 8,	/* SPI and sequence number, RFC 4303 §2 */
	ESP_TRAILER_BYTES = 2,	/* pad length and next header */
	ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd,
};

struct golden_sa {
	struct adit_sa sa;	/* without keys */
	struct suite *suite;
};

/* All but the keys. */
static void take_words(struct golden_sa *g, const struct adit_sa *sa)
{
	g->sa = *sa;
	OPENSSL_cleanse(g->sa.enc_key, sizeof(g->sa.enc_key));
	OPENSSL_cleanse(g->sa.auth_key, sizeof(g->sa.auth_key));
	OPENSSL_cleanse(g->sa.salt, sizeof(g->sa.salt));
	if (sa->dir == ADIT_DIR_OUT && sa->has_next)
		g->sa.udp_encap = false;	/* AH will be around it: RFC 3948 §1 has no UDP before AH */
}

int golden_sa_open(const struct adit_sa *sa, struct golden_sa **out)
{
	struct golden_sa *g;
	int err;

	*out = NULL;
	if (sa->proto != ADIT_PROTO_ESP && sa->proto != ADIT_PROTO_AH)
		return -EOPNOTSUPP;
	if (sa->src.is_v6 != sa->dst.is_v6 || (sa->udp_encap && sa->proto != ADIT_PROTO_ESP))
		return -EINVAL;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return -ENOMEM;
	err = suite_open(sa, &g->suite);
	if (err != 0) {
		free(g);
		return err;
	}
	take_words(g, sa);
	*out = g;
	return 0;
}

void golden_sa_close(struct golden_sa *sa)
{
	if (sa == NULL)
		return;
	suite_close(sa->suite);
	OPENSSL_cleanse(sa, sizeof(*sa));
	free(sa);
}

int golden_sa_update(struct golden_sa *g, const struct adit_sa *sa)
{
	const struct adit_sa *old = &g->sa;

	if (sa->spi != old->spi || sa->dir != old->dir || sa->proto != old->proto || sa->mode != old->mode || sa->enc != old->enc ||
	    sa->auth != old->auth || sa->icv_bytes != old->icv_bytes || sa->src.is_v6 != sa->dst.is_v6)
		return -EINVAL;
	take_words(g, sa);
	return 0;
}

/* The IP packet behind the layer 2 header, of whichever family the EtherType before l3_off says. */
static enum adit_reason read_frame(const uint8_t *frame, size_t frame_bytes, size_t l3_off, struct ip_packet *out)
{
	uint16_t type;

	if (frame_bytes > GOLDEN_MAX_FRAME_BYTES)
		return ADIT_REASON_RxGiant;
	if (l3_off < 2 || frame_bytes < l3_off)
		return ADIT_REASON_RxRunt;
	type = ipv4_get16(frame + l3_off - 2);
	if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
		return ADIT_REASON_RxNotIp;
	return ip_read(frame + l3_off, frame_bytes - l3_off, type == ETHERTYPE_IPV6, out);
}

static void put_layer2(const uint8_t *frame, size_t l3_off, bool is_v6, uint8_t *out)
{
	memcpy(out, frame, l3_off - 2);
	ipv4_put16(out + l3_off - 2, is_v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
}

/* ---- sealing */

/*
 * Where things stand in the sealed IP packet:
 *   IP header, head | [UDP 8] | SPI seq 8 | IV | payload | fill | padding, pad length, next header | ICV     ESP
 *   IP header, head | AH with ICV, ah        | payload                                                      AH
 */
struct plan {
	bool is_tunnel, is_v6;
	uint8_t proto, next_header;	/* of the IP header that leaves; of what is inside */
	size_t kept_bytes;		/* header of the given packet that stays outside */
	size_t head_bytes, payload_bytes, fill_bytes, pad_bytes, total_bytes;
	size_t security_off;		/* ESP or AH */
	size_t payload_off;
};

static struct plan plan_seal(const struct golden_sa *g, const struct ip_packet *p)
{
	const struct adit_sa *sa = &g->sa;
	bool is_tunnel = sa->mode == ADIT_MODE_TUNNEL, is_esp = sa->proto == ADIT_PROTO_ESP;
	struct plan n = { .is_tunnel = is_tunnel, .is_v6 = is_tunnel ? sa->src.is_v6 : p->is_v6 };
	size_t align = suite_align_bytes(g->suite), text_bytes;

	n.kept_bytes = is_tunnel ? 0 : p->head_bytes;
	n.head_bytes = is_tunnel ? outer_bytes(sa) : p->head_bytes;
	n.payload_bytes = p->n_bytes - n.kept_bytes;
	n.next_header = !is_tunnel ? p->proto : p->is_v6 ? PROTO_IPV6 : PROTO_IPV4;
	n.proto = sa->udp_encap ? PROTO_UDP : (uint8_t)sa->proto;
	n.security_off = n.head_bytes + (sa->udp_encap ? UDP_BYTES : 0);
	if (!is_esp) {
		n.payload_off = n.security_off + ah_bytes(suite_icv_bytes(g->suite), n.is_v6);
		n.total_bytes = n.payload_off + n.payload_bytes;
		return n;
	}
	if (is_tunnel && n.payload_bytes < sa->tfc_bytes)
		n.fill_bytes = sa->tfc_bytes - n.payload_bytes;	/* RFC 4303 §2.7 */
	text_bytes = n.payload_bytes + n.fill_bytes + ESP_TRAILER_BYTES;
	n.pad_bytes = (align - text_bytes % align) % align;
	n.payload_off = n.security_off + ESP_HEADER_BYTES + suite_iv_bytes(g->suite);
	n.total_bytes = n.payload_off + text_bytes + n.pad_bytes + suite_icv_bytes(g->suite);
	return n;
}

/* Transport mode serves packets between the SA's own two addresses, whole ones (RFC 4301 §4.1, RFC 4303 §3.1.1). */
static bool transport_fits(const struct adit_sa *sa, const struct ip_packet *p)
{
	return p->is_v6 == sa->src.is_v6 && memcmp(p->src, sa->src.bytes, p->addr_bytes) == 0 &&
	       memcmp(p->dst, sa->dst.bytes, p->addr_bytes) == 0 && !p->is_frag;
}

static bool seal_esp(struct golden_sa *g, const struct plan *n, uint64_t seq, uint8_t *ip)
{
	uint8_t *esp = ip + n->security_off, *tail = ip + n->payload_off + n->payload_bytes;
	size_t esp_bytes = n->total_bytes - n->security_off - suite_icv_bytes(g->suite);

	ipv4_put32(esp, g->sa.spi);
	ipv4_put32(esp + 4, (uint32_t)seq);
	memset(tail, 0, n->fill_bytes);
	tail += n->fill_bytes;
	for (size_t i = 0; i < n->pad_bytes; i++)
		*tail++ = (uint8_t)(i + 1);	/* RFC 4303 §2.4 */
	*tail++ = (uint8_t)n->pad_bytes;
	*tail = n->next_header;
	if (!suite_seal_esp(g->suite, esp, esp_bytes, seq, g->sa.esn))
		return false;
	if (g->sa.udp_encap)
		outer_put_udp(&g->sa, ip, n->is_v6, n->total_bytes - n->head_bytes, ip + n->head_bytes);
	return true;
}

static bool seal_ah(struct golden_sa *g, const struct plan *n, uint64_t seq, uint8_t *ip)
{
	struct ah_packet p = { .ip = ip, .head_bytes = n->head_bytes, .ah_bytes = n->payload_off - n->security_off,
			       .n_bytes = n->total_bytes, .is_v6 = n->is_v6, .is_sealing = true };
	uint8_t *ah = ip + n->security_off, icv[SUITE_MAX_ICV_BYTES];

	memset(ah, 0, p.ah_bytes);
	ah[0] = n->next_header;
	ah[1] = (uint8_t)(p.ah_bytes / 4 - 2);
	ipv4_put32(ah + 4, g->sa.spi);
	ipv4_put32(ah + 8, (uint32_t)seq);
	if (!ah_icv(g->suite, &p, seq, g->sa.esn, icv))
		return false;
	memcpy(ah + AH_FIXED_BYTES, icv, suite_icv_bytes(g->suite));
	return true;
}

enum adit_reason golden_seal(struct golden_sa *g, const uint8_t *frame, size_t frame_bytes, size_t l3_off, uint64_t seq,
	uint8_t *out, size_t out_room, size_t *out_bytes)
{
	struct ip_packet p;
	enum adit_reason reason = read_frame(frame, frame_bytes, l3_off, &p);
	uint8_t *ip = out + l3_off;
	struct plan n;

	if (reason != ADIT_REASON_NONE)
		return reason;
	if (g->sa.mode != ADIT_MODE_TUNNEL && !transport_fits(&g->sa, &p))
		return ADIT_REASON_XfrmOutStateModeError;
	n = plan_seal(g, &p);
	if (l3_off + n.total_bytes > GOLDEN_MAX_FRAME_BYTES)
		return ADIT_REASON_OutTooBig;
	if (l3_off + n.total_bytes > out_room)
		return ADIT_REASON_XfrmOutError;

	put_layer2(frame, l3_off, n.is_v6, out);
	if (n.is_tunnel) {
		outer_put(&g->sa, &p, n.proto, seq, n.total_bytes, ip);
	} else {
		memcpy(ip, p.at, p.head_bytes);
		ip[p.nh_off] = n.proto;
		ip_set_length(ip, n.is_v6, n.total_bytes);
	}
	memcpy(ip + n.payload_off, p.at + n.kept_bytes, n.payload_bytes);
	if (!(g->sa.proto == ADIT_PROTO_AH ? seal_ah(g, &n, seq, ip) : seal_esp(g, &n, seq, ip))) {
		OPENSSL_cleanse(out, l3_off + n.total_bytes);
		return ADIT_REASON_XfrmOutStateProtoError;
	}
	*out_bytes = l3_off + n.total_bytes;
	return ADIT_REASON_NONE;
}

size_t golden_sealed_bytes(const struct golden_sa *sa, const struct ip_packet *packet)
{
	return plan_seal(sa, packet).total_bytes;
}

size_t golden_inner_mtu(const struct golden_sa *sa, size_t path_mtu)
{
	bool is_v6 = sa->sa.src.is_v6;
	struct ip_packet p = { .is_v6 = is_v6, .head_bytes = is_v6 ? IPV6_BYTES : IPV4_MIN_BYTES };

	for (p.n_bytes = path_mtu; p.n_bytes >= IPV4_MIN_BYTES && p.n_bytes >= sa->sa.tfc_bytes; p.n_bytes--)
		if (p.n_bytes >= p.head_bytes && golden_sealed_bytes(sa, &p) <= path_mtu)
			return p.n_bytes;
	return 0;
}

/* ---- opening */

/* What came out of the sealed packet: with ESP in a buffer, with AH where it stood. */
struct opened {
	const uint8_t *payload;
	size_t payload_bytes;
	uint8_t next_header;
};

/* Padding 1, 2, 3, … then its length, then next header, at the end of text (RFC 4303 §2.4). */
static bool padding_is_sound(const uint8_t *text, size_t text_bytes)
{
	size_t pad_bytes = text[text_bytes - 2];

	if (pad_bytes + ESP_TRAILER_BYTES > text_bytes)
		return false;
	for (size_t i = 0; i < pad_bytes; i++)
		if (text[text_bytes - ESP_TRAILER_BYTES - pad_bytes + i] != i + 1)
			return false;
	return true;
}

size_t golden_sa_icv_bytes(const struct golden_sa *sa)
{
	return suite_icv_bytes(sa->suite);
}

bool golden_esp_fits(const struct golden_sa *sa, size_t n_bytes)
{
	size_t around = ESP_HEADER_BYTES + suite_iv_bytes(sa->suite) + suite_icv_bytes(sa->suite), align = suite_align_bytes(sa->suite);

	return n_bytes >= around + align && (n_bytes - around) % align == 0;
}

static enum adit_reason open_esp(struct golden_sa *g, const struct ip_packet *p, uint64_t seq, uint8_t *text, struct opened *o)
{
	size_t off = p->head_bytes + (g->sa.udp_encap ? UDP_BYTES : 0);
	size_t around = ESP_HEADER_BYTES + suite_iv_bytes(g->suite) + suite_icv_bytes(g->suite);
	enum adit_reason reason;
	size_t text_bytes;

	if (p->proto != (g->sa.udp_encap ? PROTO_UDP : ADIT_PROTO_ESP))
		return ADIT_REASON_XfrmInStateMismatch;
	if (p->n_bytes < off || !golden_esp_fits(g, p->n_bytes - off))
		return ADIT_REASON_XfrmInHdrError;
	text_bytes = p->n_bytes - off - around;
	reason = suite_open_esp(g->suite, p->at + off, p->n_bytes - off - suite_icv_bytes(g->suite), seq, g->sa.esn, text);
	if (reason != ADIT_REASON_NONE)
		return reason;
	if (!padding_is_sound(text, text_bytes))
		return ADIT_REASON_InPadding;
	*o = (struct opened){ text, text_bytes - ESP_TRAILER_BYTES - text[text_bytes - 2], text[text_bytes - 1] };
	return ADIT_REASON_NONE;
}

static enum adit_reason open_ah(struct golden_sa *g, const struct ip_packet *p, uint64_t seq, struct opened *o)
{
	const uint8_t *ah = p->at + p->head_bytes;
	size_t room = p->n_bytes - p->head_bytes, icv_bytes = suite_icv_bytes(g->suite);
	struct ah_packet a = { .ip = p->at, .head_bytes = p->head_bytes, .n_bytes = p->n_bytes, .is_v6 = p->is_v6 };
	uint8_t icv[SUITE_MAX_ICV_BYTES];

	if (p->proto != ADIT_PROTO_AH)
		return ADIT_REASON_XfrmInStateMismatch;
	if (room < AH_FIXED_BYTES)
		return ADIT_REASON_XfrmInHdrError;
	a.ah_bytes = ip_ah_bytes(ah);
	/* peers pad to 4 or to 8 bytes, whatever the family */
	if (a.ah_bytes > room || (a.ah_bytes != ah_bytes(icv_bytes, false) && a.ah_bytes != ah_bytes(icv_bytes, true)))
		return ADIT_REASON_XfrmInHdrError;
	if (!ah_icv(g->suite, &a, seq, g->sa.esn, icv))
		return ADIT_REASON_XfrmInHdrError;
	if (CRYPTO_memcmp(icv, ah + AH_FIXED_BYTES, icv_bytes) != 0)
		return ADIT_REASON_XfrmInStateProtoError;
	*o = (struct opened){ ah + a.ah_bytes, room - a.ah_bytes, ah[0] };
	return ADIT_REASON_NONE;
}

/* The packet as it goes on its way: RFC 4303 §3.4.4, RFC 4302 §3.4.4. */
static enum adit_reason deliver(const struct adit_sa *sa, const uint8_t *frame, size_t l3_off, const struct ip_packet *p,
	const struct opened *o, uint8_t *out, size_t out_room, size_t *out_bytes)
{
	bool is_tunnel = sa->mode == ADIT_MODE_TUNNEL, is_v6 = is_tunnel ? o->next_header == PROTO_IPV6 : p->is_v6;
	size_t kept_bytes = is_tunnel ? 0 : p->head_bytes, payload_bytes;
	uint8_t *ip = out + l3_off;
	struct ip_packet inner;
	enum adit_reason reason;

	if (o->next_header == PROTO_NONE)
		return ADIT_REASON_InDummy;
	if (is_tunnel && o->next_header != PROTO_IPV4 && o->next_header != PROTO_IPV6)
		return ADIT_REASON_InNextHeader;
	reason = is_tunnel ? ip_read(o->payload, o->payload_bytes, is_v6, &inner)
			   : ip_read_payload(o->payload, o->payload_bytes, is_v6, o->next_header, &inner);
	if (reason != ADIT_REASON_NONE)
		return reason;
	if (!ip_is_in_reach(&inner))
		return ADIT_REASON_RxExtHeaders;
	payload_bytes = inner.n_bytes;	/* what follows it in a tunnel is TFC padding */
	if (l3_off + kept_bytes + payload_bytes > out_room)
		return ADIT_REASON_XfrmInBufferError;
	put_layer2(frame, l3_off, is_v6, out);
	memcpy(ip, p->at, kept_bytes);
	memcpy(ip + kept_bytes, o->payload, payload_bytes);
	if (is_tunnel) {
		reason = outer_give_ecn(p->tos, ip, is_v6);
		if (reason != ADIT_REASON_NONE) {
			OPENSSL_cleanse(out, l3_off + payload_bytes);
			return reason;
		}
	} else {
		ip[p->nh_off] = o->next_header;
		ip_set_length(ip, is_v6, kept_bytes + payload_bytes);
	}
	*out_bytes = l3_off + kept_bytes + payload_bytes;
	return ADIT_REASON_NONE;
}

enum adit_reason golden_open(struct golden_sa *g, const uint8_t *frame, size_t frame_bytes, size_t l3_off, uint64_t seq,
	uint8_t *out, size_t out_room, size_t *out_bytes)
{
	uint8_t text[GOLDEN_MAX_FRAME_BYTES];
	struct opened o = { 0 };
	struct ip_packet p;
	enum adit_reason reason = read_frame(frame, frame_bytes, l3_off, &p);

	if (reason != ADIT_REASON_NONE)
		return reason;
	if (p.is_frag)
		return ADIT_REASON_InFragment;
	reason = g->sa.proto == ADIT_PROTO_AH ? open_ah(g, &p, seq, &o) : open_esp(g, &p, seq, text, &o);
	if (reason == ADIT_REASON_NONE)
		reason = deliver(&g->sa, frame, l3_off, &p, &o, out, out_room, out_bytes);
	if (g->sa.proto == ADIT_PROTO_ESP)
		OPENSSL_cleanse(text, p.n_bytes);
	return reason;
}
