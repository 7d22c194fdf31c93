// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "transform/ah.h"
#include "transform/ip.h"

enum { L2 = WORLD_L2, IPV4_BYTES = 20, ESP_BYTES = 8, UDP_BYTES = 8, LOCAL_ADDRS = 2, PORT_NAT_T = 4500 };

const struct world_row world_rows[WORLD_ROWS] = {
	{ "null", ADIT_ENC_NULL, ADIT_AUTH_NULL }, { "aes-128-cbc", ADIT_ENC_AES_CBC_128, ADIT_AUTH_NULL },
	{ "aes-192-cbc", ADIT_ENC_AES_CBC_192, ADIT_AUTH_NULL }, { "aes-256-cbc", ADIT_ENC_AES_CBC_256, ADIT_AUTH_NULL },
	{ "aes-128-ctr", ADIT_ENC_AES_CTR_128, ADIT_AUTH_NULL }, { "aes-192-ctr", ADIT_ENC_AES_CTR_192, ADIT_AUTH_NULL },
	{ "aes-256-ctr", ADIT_ENC_AES_CTR_256, ADIT_AUTH_NULL }, { "aes-128-gcm", ADIT_ENC_AES_GCM_128, ADIT_AUTH_NULL },
	{ "aes-192-gcm", ADIT_ENC_AES_GCM_192, ADIT_AUTH_NULL }, { "aes-256-gcm", ADIT_ENC_AES_GCM_256, ADIT_AUTH_NULL },
	{ "des", ADIT_ENC_DES_CBC, ADIT_AUTH_NULL }, { "3des", ADIT_ENC_DES3_CBC, ADIT_AUTH_NULL },
	{ "blowfish", ADIT_ENC_BLOWFISH_CBC, ADIT_AUTH_NULL }, { "twofish", ADIT_ENC_TWOFISH_CBC, ADIT_AUTH_NULL },
	{ "camellia-128", ADIT_ENC_CAMELLIA_CBC_128, ADIT_AUTH_NULL }, { "camellia-192", ADIT_ENC_CAMELLIA_CBC_192, ADIT_AUTH_NULL },
	{ "camellia-256", ADIT_ENC_CAMELLIA_CBC_256, ADIT_AUTH_NULL }, { "gmac-128", ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_128 },
	{ "gmac-192", ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_192 }, { "gmac-256", ADIT_ENC_NULL, ADIT_AUTH_AES_GMAC_256 },
};

const char *const world_auths[WORLD_AUTHS] = { "no hmac", "md5", "sha1", "sha256", "sha384", "sha512" };

#define ESP ADIT_PROTO_ESP
#define AH ADIT_PROTO_AH
#define TUN ADIT_MODE_TUNNEL
#define TRA ADIT_MODE_TRANSPORT
const struct world_shape world_shapes[WORLD_SHAPES] = {	/* inner in outer */
	{ "esp 4in4", ESP, TUN, false, false, false, false }, { "esp 6in4", ESP, TUN, true, false, false, false },
	{ "esp 4in6", ESP, TUN, false, true, false, false }, { "esp 6in6", ESP, TUN, true, true, false, false },
	{ "esp tra4", ESP, TRA, false, false, false, false }, { "esp tra6", ESP, TRA, true, true, false, false },
	{ "ah 4in4", AH, TUN, false, false, false, false }, { "ah 6in4", AH, TUN, true, false, false, false },
	{ "ah 4in6", AH, TUN, false, true, false, false }, { "ah 6in6", AH, TUN, true, true, false, false },
	{ "ah tra4", AH, TRA, false, false, false, false }, { "ah tra6", AH, TRA, true, true, false, false },
	{ "both 4in4", ESP, TUN, false, false, true, false }, { "both 6in4", ESP, TUN, true, false, true, false },
	{ "both 4in6", ESP, TUN, false, true, true, false }, { "both 6in6", ESP, TUN, true, true, true, false },
	{ "both tra4", ESP, TRA, false, false, true, false }, { "both tra6", ESP, TRA, true, true, true, false },
	{ "udp 4in4", ESP, TUN, false, false, false, true }, { "udp 6in4", ESP, TUN, true, false, false, true },
	{ "udp 4in6", ESP, TUN, false, true, false, true }, { "udp 6in6", ESP, TUN, true, true, false, true },
	{ "udp tra4", ESP, TRA, false, false, false, true }, { "udp tra6", ESP, TRA, true, true, false, true },
};

/* ---- addresses */

struct adit_addr world_local(bool is_v6, unsigned n)
{
	struct adit_addr a = lab_addr4(0xc0000201 + n);

	if (is_v6)
		a = (struct adit_addr){ .bytes = { 0x20, 1, 0x0d, 0xb8, [15] = (uint8_t)(1 + n) }, .is_v6 = true };
	return a;
}

static struct adit_addr peer_addr(bool is_v6, unsigned index)
{
	struct adit_addr a = lab_addr4(0xc6336401 + index);

	if (is_v6)
		a = (struct adit_addr){ .bytes = { 0x20, 1, 0x0d, 0xb8, 0xff, 0xff, [15] = (uint8_t)(1 + index) }, .is_v6 = true };
	return a;
}

/* A net behind the card (1) or behind the peer (2). */
static struct adit_addr net_addr(bool is_v6, unsigned side, unsigned index)
{
	struct adit_addr a = lab_addr4(0x0a000000 + (side << 16) + (index << 8));

	if (is_v6)
		a = (struct adit_addr){ .bytes = { 0xfd, (uint8_t)side, [7] = (uint8_t)index }, .is_v6 = true };
	return a;
}

struct adit_mode_options world_options(void)
{
	return (struct adit_mode_options){ .n_local = 2 * LOCAL_ADDRS,
		.local = { world_local(false, 0), world_local(true, 0), world_local(false, 1), world_local(true, 1) } };
}

/* ---- tunnels */

bool world_is_ah(const struct tunnel *t)
{
	return world_shapes[t->shape].proto == ADIT_PROTO_AH;
}

static enum adit_auth some_hmac(void)
{
	return (enum adit_auth)(ADIT_AUTH_HMAC_MD5_96 + lab_rnd(5));
}

static void give_keys(struct adit_sa *sa)
{
	lab_rnd_bytes(sa->enc_key, (size_t)adit_enc_key_bytes(sa->enc));
	sa->auth_key_bytes = (uint8_t)adit_auth_key_bytes(sa->auth);
	lab_rnd_bytes(sa->auth_key, sa->auth_key_bytes);
	lab_rnd_bytes(sa->salt, sizeof(sa->salt));
}

static void choose_algorithms(const struct tunnel *t, struct adit_sa *sa)
{
	const struct world_row *row = &world_rows[t->row];
	bool is_gcm = row->enc >= ADIT_ENC_AES_GCM_128 && row->enc <= ADIT_ENC_AES_GCM_256;

	if (world_is_ah(t)) {
		sa->auth = some_hmac();
		return;
	}
	sa->enc = row->enc;
	sa->auth = row->auth;
	if (is_gcm)
		sa->icv_bytes = (uint8_t)(8 + 4 * lab_rnd(3));
	else if (row->auth == ADIT_AUTH_NULL && (row->enc == ADIT_ENC_NULL || !lab_one_in(6)))
		sa->auth = some_hmac();
}

static void choose_limits(struct adit_sa *sa)
{
	if (lab_one_in(6)) {
		sa->hard_packets = 1 + lab_rnd(40);
		sa->soft_packets = lab_one_in(2) ? 1 + lab_rnd((uint32_t)sa->hard_packets) : 0;
	}
	if (lab_one_in(6)) {
		sa->hard_bytes = 1 + lab_rnd(40000);
		sa->soft_bytes = lab_one_in(2) ? 1 + lab_rnd((uint32_t)sa->hard_bytes) : 0;
	} else if (lab_one_in(6)) {
		sa->soft_bytes = 1 + lab_rnd(20000);
	}
	if (lab_one_in(6)) {
		sa->hard_seconds = 1 + lab_rnd(60);
		sa->soft_seconds = lab_one_in(2) ? 1 + lab_rnd(sa->hard_seconds) : 0;
	}
}

/* Where numbers begin: mostly at 1, sometimes shortly before 2^32, with ESN before a higher multiple of it. */
static uint64_t some_start(bool esn)
{
	uint64_t high = esn && lab_one_in(2) ? 1 + lab_rnd(3) : 0;

	if (lab_one_in(2))
		return 0;
	return (high << 32) + UINT32_MAX - lab_rnd(esn ? 60 : 400) - (esn ? 0 : 10);
}

uint16_t world_largest_window = 4096;

static uint16_t some_window(void)
{
	switch (lab_rnd(4)) {
	case 0: return 32;
	case 1: return 64;
	case 2: return (uint16_t)(32 + lab_rnd(200));
	default: return (uint16_t)(lab_one_in(2) ? world_largest_window : 32 + lab_rnd(world_largest_window - 31u));
	}
}

/* What a header of this SA's own making looks like. */
static void choose_header(const struct world_shape *shape, struct adit_sa *sa)
{
	sa->ttl = (uint8_t)(1 + lab_rnd(255));
	sa->set_dscp = lab_one_in(3);
	sa->dscp = (uint8_t)lab_rnd(64);
	sa->no_ecn = lab_one_in(4);
	sa->clear_df = lab_one_in(4);
	sa->set_df = !sa->clear_df && lab_one_in(4);
	sa->flow_label = lab_rnd(1u << 20);
	if (sa->proto == ADIT_PROTO_ESP && shape->mode == ADIT_MODE_TUNNEL && lab_one_in(5))
		sa->tfc_bytes = (uint16_t)(lab_one_in(4) ? 1400 : 1 + lab_rnd(300));
}

static void make_rule(struct tunnel *t)
{
	const struct world_shape *shape = &world_shapes[t->shape];
	unsigned plen = shape->inner_v6 ? 64 : 24;

	t->rule = (struct adit_sp){
		.id = (uint16_t)t->index, .priority = (int32_t)lab_rnd(5) - 2, .any_proto = true, .any_ports = true,
		.src = net_addr(shape->inner_v6, 1, t->index), .dst = net_addr(shape->inner_v6, 2, t->index),
		.src_plen = (uint8_t)plen, .dst_plen = (uint8_t)plen, .reqid = t->out.reqid,
		.action = lab_one_in(24) ? ADIT_ACTION_NONE : lab_one_in(24) ? ADIT_ACTION_DISCARD : ADIT_ACTION_ENCRYPT,
		.level = (enum adit_level)lab_rnd(3), .sport_hi = 0xffff, .dport_hi = 0xffff,
	};
	if (shape->mode == ADIT_MODE_TRANSPORT) {
		t->rule.src = t->out.src;
		t->rule.dst = t->out.dst;
		t->rule.src_plen = t->rule.dst_plen = shape->inner_v6 ? 128 : 32;
	} else if (lab_one_in(4)) {
		t->rule.src = net_addr(shape->inner_v6, 1, 0);
		t->rule.src_plen = shape->inner_v6 ? 48 : 16;
	}
	if (lab_one_in(6)) {
		t->rule.any_proto = false;
		t->rule.proto = world_some_proto(shape->inner_v6);
		if (lab_one_in(2)) {
			t->rule.any_ports = false;
			t->rule.sport_lo = (uint16_t)lab_rnd(600);
			t->rule.sport_hi = (uint16_t)(t->rule.sport_lo + lab_rnd(3000));
			t->rule.dport_lo = (uint16_t)lab_rnd(300);
			t->rule.dport_hi = (uint16_t)(t->rule.dport_lo + lab_rnd(60000));
			if (t->rule.proto == 1 || t->rule.proto == 58) {	/* types and codes */
				t->rule.sport_lo %= 256;
				t->rule.dport_lo %= 256;
				t->rule.sport_hi = t->rule.dport_hi = 255;
			}
		}
	}
}

static struct golden_sa *open_golden(const struct adit_sa *sa, enum adit_dir dir)
{
	struct adit_sa copy = *sa;
	struct golden_sa *out;

	copy.dir = dir;
	if (golden_sa_open(&copy, &out) != 0)
		lab_die("golden refuses an SA of %s and %s", adit_enc_name(sa->enc), adit_auth_name(sa->auth));
	return out;
}

static struct adit_sa turned(const struct adit_sa *out)
{
	struct adit_sa in = *out;

	in.dir = ADIT_DIR_IN;
	in.src = out->dst;
	in.dst = out->src;
	in.path_mtu = 0;
	in.tfc_bytes = 0;
	in.natt_sport = in.natt_dport = PORT_NAT_T;
	in.seq_lease = 0;
	in.hard_packets = in.soft_packets = in.hard_bytes = in.soft_bytes = 0;
	in.hard_seconds = in.soft_seconds = 0;
	choose_limits(&in);
	in.seq_first = some_start(in.esn);
	in.replay_packets = !in.esn && lab_one_in(6) ? 0 : some_window();
	return in;
}

static struct golden_sa *open_peer(const struct adit_sa *in, const struct world_shape *shape)
{
	struct adit_sa peer = *in;

	choose_header(shape, &peer);
	return open_golden(&peer, ADIT_DIR_OUT);
}

void world_tunnel_make(struct tunnel *t, unsigned index, unsigned kind)
{
	struct world_frame *sent = t->sent;
	const struct world_shape *shape;

	kind %= WORLD_KINDS;
	*t = (struct tunnel){ .index = index, .slot = (uint16_t)(index * WORLD_SLOTS), .sent = sent, .is_quiet = true,
			      .shape = kind % WORLD_SHAPES, .row = (kind / WORLD_SHAPES + kind * 7) % WORLD_ROWS };
	shape = &world_shapes[t->shape];
	if (shape->bundle && world_rows[t->row].enc >= ADIT_ENC_BLOWFISH_CBC)
		t->row = lab_rnd(ADIT_ENC_BLOWFISH_CBC);	/* what the host does cannot be in a bundle */
	if (t->sent == NULL)
		t->sent = malloc(WORLD_REMEMBERED * sizeof(*t->sent));
	if (t->sent == NULL)
		lab_die("no memory");
	t->out = (struct adit_sa){
		.spi = 256 + lab_rnd(1u << 30), .reqid = index / 2 + 1, .proto = shape->proto, .mode = shape->mode,
		.src = world_local(shape->outer_v6, lab_rnd(LOCAL_ADDRS)), .dst = peer_addr(shape->outer_v6, index),
		.udp_encap = shape->natt, .natt_sport = (uint16_t)(1 + lab_rnd(65535)), .natt_dport = (uint16_t)(1 + lab_rnd(65535)),
		.host_transform = !shape->bundle && lab_one_in(16),
	};
	choose_algorithms(t, &t->out);
	give_keys(&t->out);
	/* the ICV alone tells which high half was meant (RFC 4303 section 2.2.1) */
	t->out.esn = (t->out.auth != ADIT_AUTH_NULL || t->out.icv_bytes != 0) && lab_one_in(3);
	choose_header(shape, &t->out);
	choose_limits(&t->out);
	t->out.seq_first = some_start(t->out.esn);
	if (lab_one_in(6))
		t->out.seq_lease = (t->out.seq_first == 0 ? 1 : t->out.seq_first) + lab_rnd(60);
	if (!t->out.esn && t->out.seq_lease > UINT32_MAX)
		t->out.seq_lease = UINT32_MAX;
	if (lab_one_in(5))
		t->out.path_mtu = (uint16_t)(t->out.tfc_bytes > 300 ? 1600 : 700 + lab_rnd(900));
	t->in = turned(&t->out);
	if (shape->bundle) {
		t->in.hard_packets = t->in.hard_bytes = 0;	/* while packets are under way AH has counted what ESP then refuses */
		t->out_ah = (struct adit_sa){ .spi = 256 + lab_rnd(1u << 30), .reqid = t->out.reqid, .proto = ADIT_PROTO_AH,
			.mode = ADIT_MODE_TRANSPORT, .auth = some_hmac(), .src = t->out.src, .dst = t->out.dst, .esn = lab_one_in(3) };
		give_keys(&t->out_ah);
		choose_limits(&t->out_ah);
		t->out_ah.seq_first = some_start(t->out_ah.esn);
		t->in_ah = turned(&t->out_ah);
		t->out.has_next = t->in.has_next = true;
		t->out.next_slot = (uint16_t)(t->slot + 2);
		t->in.next_slot = (uint16_t)(t->slot + 3);
		t->in_ah.has_next = true;	/* a bundle's AH opens nothing without its ESP */
		t->in_ah.next_slot = (uint16_t)(t->slot + 1);
		t->peer_ah = open_golden(&t->in_ah, ADIT_DIR_OUT);
		t->peer_ah_seq = t->in_ah.seq_first;
	}
	t->peer = open_peer(&t->in, shape);
	t->peer_seq = t->in.seq_first;
	t->own_out = open_golden(&t->out, ADIT_DIR_OUT);
	t->own_in = open_golden(&t->in, ADIT_DIR_IN);
	t->is_bound = !lab_one_in(12);
	make_rule(t);
}

void world_tunnel_drop(struct tunnel *t)
{
	golden_sa_close(t->peer);
	golden_sa_close(t->peer_ah);
	golden_sa_close(t->own_out);
	golden_sa_close(t->own_in);
	t->peer = t->peer_ah = t->own_out = t->own_in = NULL;
}

/* ---- packets */

size_t world_body_bytes(void)
{
	switch (lab_rnd(9)) {
	case 0: return lab_rnd(17);
	case 1: return lab_one_in(3) ? 9440 + lab_rnd(150) : 1 + lab_rnd(8900);	/* up to the longest frame, sealed or not, and past it */
	case 2: return 1 + lab_rnd(1500);
	case 3: return 1000 + lab_rnd(500);
	case 4: return 200 + lab_rnd(800);
	default: return 1 + lab_rnd(300);
	}
}

size_t world_put_l2(uint8_t *frame, bool is_v6, bool may_tag)
{
	size_t at = 12;

	lab_rnd_bytes(frame, 12);
	frame[0] &= 0xfe;
	for (unsigned tags = may_tag && lab_one_in(8) ? 1 + lab_rnd(2) : 0; tags > 0; tags--) {
		ipv4_put16(frame + at, tags == 2 ? 0x88a8 : 0x8100);
		ipv4_put16(frame + at + 2, (uint16_t)lab_rnd(4096));
		at += 4;
	}
	ipv4_put16(frame + at, is_v6 ? 0x86dd : 0x0800);
	return at + 2;
}

uint8_t world_some_proto(bool is_v6)
{
	static const uint8_t protos[] = { 17, 17, 17, 6, 6, 1, 132, 47 };
	uint8_t proto = lab_one_in(12) ? (uint8_t)lab_rnd(256) : protos[lab_rnd(8)];

	return is_v6 && proto == 1 ? 58 : proto;
}

/* Ports that often mean something, or an ICMP type. */
static void put_ports(uint8_t *l4, size_t n_bytes, uint8_t proto)
{
	if (proto == 1 || proto == 58) {
		if (n_bytes >= 2 && lab_one_in(2))
			l4[0] = (uint8_t)(proto == 1 ? 8 * lab_rnd(2) : lab_one_in(2) ? 128 + lab_rnd(2) : 132 + lab_rnd(7));
	} else if (n_bytes >= 4 && lab_one_in(2)) {
		ipv4_put16(l4, (uint16_t)(lab_one_in(20) ? 500 : lab_rnd(2000)));
		ipv4_put16(l4 + 2, (uint16_t)(lab_one_in(20) ? 4500 : lab_rnd(2000)));
	}
}

static size_t put_v4(uint8_t *ip, const uint8_t *src, const uint8_t *dst, uint8_t proto, size_t payload_bytes)
{
	size_t header_bytes = lab_one_in(15) ? 20 + 4 * (size_t)lab_rnd(11) : 20;

	memset(ip, 0, header_bytes);
	ip[0] = (uint8_t)(0x40 | header_bytes / 4);
	ip[1] = (uint8_t)lab_rnd(256);
	if (header_bytes > 20)
		memset(ip + 20, 1, header_bytes - 20);	/* no-operation options */
	ipv4_put16(ip + 2, (uint16_t)(header_bytes + payload_bytes));
	ipv4_put16(ip + 4, (uint16_t)lab_rnd(65536));
	if (lab_one_in(3))
		ip[6] = 0x40;
	else if (lab_one_in(20))
		ipv4_put16(ip + 6, (uint16_t)(lab_one_in(2) ? 0x2000 : lab_rnd(0x2000)));
	ip[8] = (uint8_t)(1 + lab_rnd(255));
	ip[9] = proto;
	memcpy(ip + 12, src, 4);
	memcpy(ip + 16, dst, 4);
	ipv4_set_checksum(ip);
	lab_rnd_bytes(ip + header_bytes, payload_bytes);
	put_ports(ip + header_bytes, payload_bytes, proto);
	return header_bytes + payload_bytes;
}

/* One extension header at ext, and what it names. */
static size_t put_ext(uint8_t *ext, uint8_t type)
{
	size_t n = type == PROTO_FRAGMENT ? 8 : 8 * (size_t)(1 + lab_rnd(lab_one_in(6) ? 8 : 2));

	memset(ext, 0, n);
	if (type == PROTO_FRAGMENT) {
		if (lab_one_in(3))
			ipv4_put16(ext + 2, (uint16_t)(lab_one_in(2) ? 1 : lab_rnd(65536)));
		ipv4_put32(ext + 4, lab_rnd(1u << 31));
		return n;
	}
	ext[1] = (uint8_t)(n / 8 - 1);
	if (type == PROTO_ROUTING) {
		ext[2] = 253;	/* RFC 4727, no segments left */
	} else {
		ext[2] = 1;	/* PadN */
		ext[3] = (uint8_t)(n - 4);
	}
	return n;
}

static size_t put_v6(uint8_t *ip, const uint8_t *src, const uint8_t *dst, uint8_t proto, size_t payload_bytes)
{
	static const uint8_t types[] = { PROTO_HOPOPTS, PROTO_ROUTING, PROTO_DSTOPTS, PROTO_FRAGMENT };
	size_t at = IPV6_BYTES;
	uint8_t *names = ip + 6;

	memset(ip, 0, IPV6_BYTES);
	ipv4_put32(ip, 6u << 28 | lab_rnd(1u << 28));
	ip[7] = (uint8_t)(lab_one_in(4) ? 255 : 1 + lab_rnd(255));
	memcpy(ip + 8, src, 16);
	memcpy(ip + 24, dst, 16);
	for (unsigned n = lab_one_in(8) ? 1 + lab_rnd(lab_one_in(5) ? 5 : 2) : 0, i = 0; i < n; i++) {
		uint8_t type = types[i == 0 ? lab_rnd(4) : 1 + lab_rnd(3)];

		*names = type;
		names = ip + at;
		at += put_ext(ip + at, type);
	}
	*names = proto;
	lab_rnd_bytes(ip + at, payload_bytes);
	put_ports(ip + at, payload_bytes, proto);
	ipv4_put16(ip + 4, (uint16_t)(at - IPV6_BYTES + payload_bytes));
	return at + payload_bytes;
}

size_t world_put_ip(uint8_t *ip, bool is_v6, const uint8_t *src, const uint8_t *dst, uint8_t proto, size_t payload_bytes)
{
	return is_v6 ? put_v6(ip, src, dst, proto, payload_bytes) : put_v4(ip, src, dst, proto, payload_bytes);
}

static struct adit_addr host_in(const struct adit_addr *net, bool is_whole)
{
	struct adit_addr a = *net;

	if (!is_whole)
		a.bytes[a.is_v6 ? 15 : 3] = (uint8_t)lab_rnd(256);
	return a;
}

size_t world_put_matching(uint8_t *ip, const struct tunnel *t, bool is_reply, size_t payload_bytes)
{
	const struct world_shape *shape = &world_shapes[t->shape];
	bool is_transport = shape->mode == ADIT_MODE_TRANSPORT, is_v6 = shape->inner_v6;
	uint8_t proto = t->rule.any_proto ? world_some_proto(is_v6) : t->rule.proto;
	struct adit_addr near = host_in(&t->rule.src, is_transport), far = host_in(&t->rule.dst, is_transport);
	size_t n = world_put_ip(ip, is_v6, is_reply ? far.bytes : near.bytes, is_reply ? near.bytes : far.bytes, proto, payload_bytes);
	struct ip_packet p;

	if (t->rule.any_ports || payload_bytes < 4 || lab_one_in(5) || ip_read(ip, n, is_v6, &p) != ADIT_REASON_NONE || !p.has_ports)
		return n;
	if (proto == (is_v6 ? PROTO_ICMPV6 : PROTO_ICMP)) {
		ip[p.head_bytes] = (uint8_t)t->rule.sport_lo;
		ip[p.head_bytes + 1] = (uint8_t)t->rule.dport_lo;
	} else {
		uint16_t near_port = (uint16_t)(t->rule.sport_lo + lab_rnd(2)), far_port = (uint16_t)(t->rule.dport_lo + lab_rnd(2));

		ipv4_put16(ip + p.head_bytes, is_reply ? far_port : near_port);
		ipv4_put16(ip + p.head_bytes + 2, is_reply ? near_port : far_port);
	}
	return n;
}

/* ---- frames that nobody sealed */

static size_t put_arp(uint8_t *frame)
{
	size_t n = world_put_l2(frame, false, true);
	struct adit_addr us = world_local(false, lab_rnd(LOCAL_ADDRS));

	ipv4_put16(frame + n - 2, 0x0806);
	lab_rnd_bytes(frame + n, 46);
	if (lab_one_in(2))
		memcpy(frame + n + 24, us.bytes, 4);
	return lab_one_in(6) ? n + lab_rnd(28) : n + 46;
}

/* Neighbour discovery, RFC 4861: for us, for others, with the wrong hop limit, cut. */
static size_t put_nd(uint8_t *frame)
{
	size_t n = world_put_l2(frame, true, true), at = n, payload = lab_one_in(6) ? lab_rnd(24) : 24 + lab_rnd(40);
	struct adit_addr us = world_local(true, lab_rnd(LOCAL_ADDRS)), other = peer_addr(true, lab_rnd(200));
	static const uint8_t group[16] = { 0xff, 2, [15] = 1 };

	n += world_put_ip(frame + n, true, other.bytes, lab_one_in(2) ? us.bytes : group, 58, payload);
	if (n - at < IPV6_BYTES + payload || frame[at + 6] != 58)
		return n;
	frame[at + 7] = lab_one_in(6) ? 64 : 255;
	if (payload > 0)
		frame[at + 40] = (uint8_t)(132 + lab_rnd(7));
	if (payload >= 24)
		memcpy(frame + at + 48, lab_one_in(2) ? us.bytes : other.bytes, 16);
	return n;
}

size_t world_put_broken(uint8_t *frame)
{
	bool is_v6 = lab_one_in(2);
	struct adit_addr near = net_addr(is_v6, 1, 1), far = net_addr(is_v6, 2, 1);
	size_t n = world_put_l2(frame, is_v6, true), at = n, total;

	switch (lab_rnd(8)) {
	case 0:	/* runt */
		return 1 + lab_rnd(60);
	case 1:	/* giant */
		world_put_ip(frame + n, is_v6, near.bytes, far.bytes, 17, 1000);
		lab_rnd_bytes(frame + n + 1500, WORLD_ROOM - 1500 - n);
		return 9601 + lab_rnd(500);
	case 2:	/* not IP */
		lab_rnd_bytes(frame + n, 100);
		ipv4_put16(frame + n - 2, (uint16_t)lab_rnd(65536));
		return n + 100;
	case 3:	/* total length lies */
		total = world_put_ip(frame + n, is_v6, near.bytes, far.bytes, 17, 100);
		ipv4_put16(frame + at + (is_v6 ? 4 : 2), (uint16_t)(lab_one_in(2) ? lab_rnd(40) : total + 1 + lab_rnd(65000)));
		return n + total;
	case 4:	/* header length, version or next header lies */
		total = world_put_ip(frame + n, is_v6, near.bytes, far.bytes, 17, lab_rnd(80));
		frame[at + (is_v6 && lab_one_in(2) ? 6 : 0)] = (uint8_t)lab_rnd(256);
		return n + total;
	case 5:	/* cut */
		total = world_put_ip(frame + n, is_v6, near.bytes, far.bytes, 17, 60);
		return 1 + lab_rnd((uint32_t)(n + total));
	case 6:	/* the wrong EtherType of the two */
		total = world_put_ip(frame + n, !is_v6, net_addr(!is_v6, 1, 1).bytes, net_addr(!is_v6, 2, 1).bytes, 17, 60);
		return n + total;
	default: /* noise */
		lab_rnd_bytes(frame, 200);
		return 14 + lab_rnd(187);
	}
}

static size_t pad_behind(uint8_t *frame, size_t n)
{
	size_t pad = lab_rnd(46);

	if (!lab_one_in(5) || n + pad > WORLD_ROOM)
		return n;
	lab_rnd_bytes(frame + n, pad);
	return n + pad;
}

/* Something for the card itself, or from it. */
static size_t put_local(uint8_t *frame, bool is_from)
{
	bool is_v6 = lab_one_in(2);
	struct adit_addr us = world_local(is_v6, lab_rnd(LOCAL_ADDRS)), other = peer_addr(is_v6, lab_rnd(60));
	size_t n = world_put_l2(frame, is_v6, true), at = n, payload_bytes = world_body_bytes();
	uint8_t proto = lab_one_in(2) ? 17 : world_some_proto(is_v6);
	struct ip_packet p;

	n += world_put_ip(frame + n, is_v6, is_from ? us.bytes : other.bytes, is_from ? other.bytes : us.bytes, proto, payload_bytes);
	if (proto == 17 && ip_read(frame + at, n - at, is_v6, &p) == ADIT_REASON_NONE && p.has_ports) {
		uint8_t *udp = frame + at + p.head_bytes;

		ipv4_put16(udp, (uint16_t)(lab_one_in(2) ? 500 : 4500));
		ipv4_put16(udp + 2, (uint16_t)(lab_one_in(2) ? 500 : 4500));
		if (p.n_bytes - p.head_bytes == UDP_BYTES + 1 && lab_one_in(2))
			udp[UDP_BYTES] = 0xff;
		if (p.n_bytes - p.head_bytes >= UDP_BYTES + 4 && lab_one_in(2))
			ipv4_put32(udp + UDP_BYTES, 0);	/* the marker of RFC 3948 §2.2 */
	}
	return pad_behind(frame, n);
}

static size_t put_keepalive(uint8_t *frame)
{
	bool is_v6 = lab_one_in(2);
	size_t n = world_put_l2(frame, is_v6, true), at = n;

	n += world_put_ip(frame + n, is_v6, peer_addr(is_v6, lab_rnd(60)).bytes, world_local(is_v6, 0).bytes, 17, UDP_BYTES + 1 + lab_rnd(2) * lab_rnd(8));
	for (size_t i = 0; i + 4 < n - at; i++)
		if (at + i + UDP_BYTES + 1 == n) {
			ipv4_put16(frame + at + i + 2, PORT_NAT_T);
			frame[n - 1] = lab_one_in(8) ? 0xfe : 0xff;
		}
	return n;
}

size_t world_lan_frame(uint8_t *frame, struct tunnel *tunnels, unsigned n_tunnels)
{
	const struct tunnel *t = &tunnels[lab_rnd(n_tunnels)];
	bool is_v6 = world_shapes[t->shape].inner_v6;
	size_t n;

	switch (lab_rnd(40)) {
	case 0: case 1: return world_put_broken(frame);
	case 2: return put_arp(frame);
	case 3: return put_nd(frame);
	case 4: return put_local(frame, false);
	case 5: return put_local(frame, true);
	case 6:	/* strangers */
		n = world_put_l2(frame, is_v6, true);
		n += world_put_ip(frame + n, is_v6, net_addr(is_v6, 1, lab_rnd(256)).bytes, net_addr(is_v6, 2 + lab_rnd(2), lab_rnd(256)).bytes,
				  world_some_proto(is_v6), world_body_bytes());
		return n;
	default:
		n = world_put_l2(frame, is_v6, true);
		n += world_put_matching(frame + n, t, false, world_body_bytes());
		return pad_behind(frame, n);
	}
}

/* ---- frames that peers sealed, and what may happen to them */

/* Where the headers of a sealed frame stand. ah, esp: 0 if there is none. */
struct anatomy { size_t ah, esp, udp, first; };

static struct anatomy look(const struct tunnel *t, const uint8_t *frame, size_t n_bytes)
{
	const struct world_shape *shape = &world_shapes[t->shape];
	struct anatomy a = { 0 };
	struct ip_packet p;

	if (ip_read(frame + L2, n_bytes - L2, shape->outer_v6, &p) != ADIT_REASON_NONE)
		lab_die("golden sealed a packet that it cannot read");
	a.first = L2 + p.head_bytes;
	if (shape->bundle || world_is_ah(t))
		a.ah = a.first;
	if (shape->natt)
		a.udp = a.first;
	if (shape->proto == ADIT_PROTO_ESP)
		a.esp = a.first + (shape->natt ? UDP_BYTES : 0) + (shape->bundle ? ip_ah_bytes(frame + a.ah) : 0);
	return a;
}

/*
 * A number stays as it is unless nothing is under way: golden has committed every packet before this one, the card may still be at
 * work on them, and may look at the ICV of a packet that golden refuses for a number which one of those takes. Both are right.
 */
static bool is_number(const struct tunnel *t, const struct anatomy *a, size_t at)
{
	return !t->is_quiet && ((a->ah != 0 && at >= a->ah + 8 && at < a->ah + 12) || (a->esp != 0 && at >= a->esp + 4 && at < a->esp + 8));
}

static size_t mutate(const struct tunnel *t, uint8_t *frame, size_t n)
{
	struct anatomy a = look(t, frame, n);
	bool is_v6 = world_shapes[t->shape].outer_v6;
	size_t at;

	switch (lab_rnd(10)) {
	case 0: /* one bit behind the IP header */
	case 1:
		do {
			at = a.first + lab_rnd((uint32_t)(n - a.first));
		} while (is_number(t, &a, at));
		frame[at] ^= (uint8_t)(1u << lab_rnd(8));
		return n;
	case 2: /* a bit of the ICV or of the last blocks: without integrity it reaches padding and next header */
	case 3:
		do {
			at = n - 1 - lab_rnd(32);
		} while (is_number(t, &a, at) || at < a.first);
		frame[at] ^= (uint8_t)(1u << lab_rnd(8));
		return n;
	case 4: /* cut, with an honest length or not */
		n = a.first + lab_rnd((uint32_t)(n - a.first));
		if (lab_one_in(2) && !(is_v6 && n == L2 + IPV6_BYTES))
			ip_set_length(frame + L2, is_v6, n - L2);
		return n;
	case 5: /* unknown SPI */
		ipv4_put32(frame + (a.ah != 0 && (a.esp == 0 || lab_one_in(2)) ? a.ah + 4 : a.esp), lab_rnd(1u << 31));
		return n;
	case 6: /* fragment */
		if (!is_v6)
			ipv4_put16(frame + L2 + 6, (uint16_t)(lab_one_in(2) ? 0x2000 : 1 + lab_rnd(100)));
		return n;
	case 7: /* Ethernet padding behind */
		if (n + 20 > WORLD_ROOM)
			return n;
		lab_rnd_bytes(frame + n, 20);
		return n + 20;
	case 8: /* a bit of the IP header */
		frame[L2 + lab_rnd((uint32_t)(a.first - L2))] ^= (uint8_t)(1u << lab_rnd(8));
		return n;
	default: /* AH: its length, or what it names */
		frame[a.first + (a.ah != 0 ? lab_rnd(2) : 0)] ^= (uint8_t)(1u << lab_rnd(8));
		return n;
	}
}

/* Sealed with the right keys, and wrong inside: padding, next header, the packet itself. */
static void craft(const struct tunnel *t, const struct adit_sa *sa, uint64_t seq, uint8_t *esp, size_t n_bytes)
{
	struct adit_sa peer = *sa;
	struct suite *suite;
	size_t icv_bytes, head, n_text;
	uint8_t *text, clear[WORLD_ROOM];

	peer.dir = ADIT_DIR_OUT;
	if (suite_open(&peer, &suite) != 0)
		lab_die("golden refuses a suite of tunnel %u", t->index);
	icv_bytes = suite_icv_bytes(suite);
	head = ESP_BYTES + suite_iv_bytes(suite);
	text = esp + head;
	n_text = n_bytes - head - icv_bytes;
	if (suite_open_esp(suite, esp, n_bytes - icv_bytes, seq, sa->esn, clear) != ADIT_REASON_NONE)
		lab_die("tunnel %u: what its peer sealed does not open", t->index);
	memcpy(text, clear, n_text);
	switch (lab_rnd(6)) {
	case 0: text[n_text - 1] = PROTO_NONE; break;
	case 1: text[n_text - 1] = (uint8_t)lab_rnd(256); break;
	case 2: text[n_text - 2] = (uint8_t)lab_rnd(256); break;
	case 3: text[n_text - 3 - lab_rnd(n_text > 10 ? 8 : 1)] ^= 0x10; break;
	default: text[lab_rnd(n_text < 40 ? (uint32_t)n_text : 40)] ^= (uint8_t)(1u << lab_rnd(8)); break;
	}
	if (!suite_seal_esp(suite, esp, n_bytes - icv_bytes, seq, sa->esn))
		lab_die("golden does not seal again");
	suite_close(suite);
}

/* The next number of one layer, or one that is out of order. With ESN not far below: its high half could not be told for sure while
 * packets are under way. */
static uint64_t some_number(const struct adit_sa *sa, uint64_t *last, bool is_quiet, bool may_go_back, bool *is_new)
{
	uint64_t most = sa->esn ? UINT64_MAX : UINT32_MAX, seq;
	uint32_t back = !may_go_back ? 0 : !sa->esn || is_quiet ? 90 : sa->replay_packets - 1;

	*is_new = true;
	if (lab_one_in(10) && *last < most - 200)
		*last += lab_rnd(100);
	else if (lab_one_in(60) && *last < most - 6000)
		*last += lab_rnd(5000);
	if (*last < most)
		++*last;
	seq = *last;
	if (lab_one_in(10) && back > 0) {
		uint32_t by = 1 + lab_rnd(back < 90 ? back : 90);

		if (seq > by) {
			*is_new = false;
			return seq - by;
		}
	}
	if (may_go_back && lab_one_in(300)) {
		*is_new = false;
		return sa->esn ? seq : 0;
	}
	return seq;
}

static bool has_inbound_limit(const struct tunnel *t)
{
	return t->in.hard_packets != 0 || t->in.hard_bytes != 0 || t->in_ah.hard_packets != 0 || t->in_ah.hard_bytes != 0;
}

/* IPv4 options or an IPv6 header that the path, or a peer, puts before IPsec. */
static size_t lengthen(uint8_t *frame, size_t n, bool is_v6)
{
	size_t head = is_v6 ? IPV6_BYTES : IPV4_BYTES, more = is_v6 ? 8 : 4;
	uint8_t *ip = frame + L2;

	if (n + more > GOLDEN_MAX_FRAME_BYTES || (!is_v6 && ip[0] != 0x45) || (is_v6 && (ip[6] == PROTO_HOPOPTS || ip[6] == PROTO_ROUTING)))
		return n;
	memmove(ip + head + more, ip + head, n - L2 - head);
	if (is_v6) {
		uint8_t next = ip[6];

		ip[6] = PROTO_DSTOPTS;
		memcpy(ip + head, (const uint8_t[8]){ next, 0, 1, 4 }, 8);
	} else {
		ip[0] = 0x46;
		memset(ip + head, 1, more);
	}
	ip_set_length(ip, is_v6, n - L2 + more);
	return n + more;
}

static void set_outer_ecn(uint8_t *ip, bool is_v6)
{
	uint8_t ecn = (uint8_t)lab_rnd(4);

	if (is_v6) {
		ipv6_set_tos(ip, (uint8_t)((ipv6_tos(ip) & 0xfc) | ecn));
	} else {
		ip[1] = (uint8_t)((ip[1] & 0xfc) | ecn);
		ipv4_set_checksum(ip);
	}
}

/* In transport mode options and extension headers stay outside: with AH the card gives such a packet away as it enters. */
static bool is_slow(const struct tunnel *t, const uint8_t *plain, size_t plain_bytes)
{
	const struct world_shape *shape = &world_shapes[t->shape];
	struct ip_packet p;

	return (world_is_ah(t) || shape->bundle) && shape->mode == ADIT_MODE_TRANSPORT &&
	       ip_read(plain + L2, plain_bytes - L2, shape->inner_v6, &p) == ADIT_REASON_NONE && p.has_ext;
}

/*
 * Puts t's seal around the plain frame. An old number is refused at the entry, or when it is committed if the packet that took it was
 * still under way. Of a bundle the outer layer has been committed by then, and a limit may have been reached meanwhile: those get old
 * numbers, inside, only while nothing is under way. @return 0 if it cannot be sealed
 */
static size_t seal(struct tunnel *t, const uint8_t *plain, size_t plain_bytes, uint8_t *frame, bool *is_new, bool may_craft)
{
	const struct world_shape *shape = &world_shapes[t->shape];
	bool is_esp_new, is_ah_new = true;
	bool may_go_back = t->is_quiet || !(has_inbound_limit(t) || is_slow(t, plain, plain_bytes));
	uint64_t seq = some_number(&t->in, &t->peer_seq, t->is_quiet, may_go_back && (t->is_quiet || !shape->bundle), &is_esp_new);
	size_t n = 0;

	if (golden_seal(t->peer, plain, plain_bytes, L2, seq, frame, GOLDEN_MAX_FRAME_BYTES, &n) != ADIT_REASON_NONE)
		return 0;
	if (may_craft && shape->proto == ADIT_PROTO_ESP && lab_one_in(12)) {
		struct ip_packet p;

		if (ip_read(frame + L2, n - L2, shape->outer_v6, &p) == ADIT_REASON_NONE) {
			size_t esp = p.head_bytes + (shape->natt ? UDP_BYTES : 0);

			craft(t, &t->in, seq, frame + L2 + esp, n - L2 - esp);
		}
	}
	if (shape->bundle) {
		struct world_frame inside = { .n_bytes = n };

		memcpy(inside.bytes, frame, n);
		seq = some_number(&t->in_ah, &t->peer_ah_seq, t->is_quiet, may_go_back, &is_ah_new);
		if (golden_seal(t->peer_ah, inside.bytes, n, L2, seq, frame, GOLDEN_MAX_FRAME_BYTES, &n) != ADIT_REASON_NONE)
			return 0;
	}
	*is_new = is_esp_new && is_ah_new;
	return n;
}

/* One layer's replays are told from old numbers with certainty only while nothing is under way, if it has ESN. */
static bool may_replay(const struct tunnel *t)
{
	return t->n_sent > 0 && (t->is_quiet || !(has_inbound_limit(t) || (t->peer_ah != NULL && t->in_ah.replay_packets == 0) || t->in.esn || (t->peer_ah != NULL && t->in_ah.esn)));
}

static size_t put_sealed(uint8_t *frame, struct tunnel *tunnels, unsigned n_tunnels, struct tunnel *t)
{
	const struct world_shape *shape = &world_shapes[t->shape];
	uint8_t plain[WORLD_ROOM];
	size_t plain_bytes = world_put_l2(plain, shape->inner_v6, false), n;
	bool is_new, is_touchable = t->is_quiet || !has_inbound_limit(t);
	const struct tunnel *of = lab_one_in(20) ? &tunnels[lab_rnd(n_tunnels)] : t;	/* sometimes what another policy protects */

	if (world_shapes[of->shape].inner_v6 != shape->inner_v6)
		of = t;
	plain_bytes += world_put_matching(plain + L2, of, true, world_body_bytes());
	n = seal(t, plain, plain_bytes, frame, &is_new, is_touchable);
	if (n == 0) {	/* a stranger or fragment in transport mode, too big */
		memcpy(frame, plain, plain_bytes);
		return plain_bytes;
	}
	if (lab_one_in(4))
		set_outer_ecn(frame + L2, shape->outer_v6);
	if (is_new && is_touchable && lab_one_in(20))	/* with AH it is the host's then, unless its number or its age forbids it */
		n = lengthen(frame, n, shape->outer_v6);
	if (is_new && is_touchable && lab_one_in(6)) {
		n = mutate(t, frame, n);
	} else if (!is_slow(t, frame, n)) {
		memcpy(t->sent[t->n_sent % WORLD_REMEMBERED].bytes, frame, n);
		t->sent[t->n_sent++ % WORLD_REMEMBERED].n_bytes = n;
	}
	t->is_quiet = false;
	return n;
}

size_t world_wan_frame(uint8_t *frame, struct tunnel *tunnels, unsigned n_tunnels)
{
	struct tunnel *t = &tunnels[lab_rnd(n_tunnels)];
	bool is_v6 = world_shapes[t->shape].inner_v6;
	size_t n;

	switch (lab_rnd(40)) {
	case 0: return world_put_broken(frame);
	case 1: return lab_one_in(2) ? put_arp(frame) : put_nd(frame);
	case 2: return put_local(frame, false);
	case 3: return lab_one_in(2) ? put_keepalive(frame) : put_local(frame, true);
	case 4:	/* in clear what should be protected */
		n = world_put_l2(frame, is_v6, true);
		return n + world_put_matching(frame + n, t, true, world_body_bytes());
	case 5:	/* IPsec that nobody sealed, for us and for others */
		n = world_put_l2(frame, is_v6, true);
		return n + world_put_ip(frame + n, is_v6, peer_addr(is_v6, t->index).bytes,
					lab_one_in(2) ? world_local(is_v6, 0).bytes : net_addr(is_v6, 1, t->index).bytes,
					lab_one_in(4) ? world_some_proto(is_v6) : lab_one_in(2) ? 50 : 51, world_body_bytes());
	case 6: case 7: case 8: case 9: case 10:
		if (may_replay(t)) {
			const struct world_frame *f = &t->sent[lab_rnd(t->n_sent < WORLD_REMEMBERED ? t->n_sent : WORLD_REMEMBERED)];

			t->is_quiet = false;
			memcpy(frame, f->bytes, f->n_bytes);
			return f->n_bytes;
		}
		/* fall through */
	default:
		return put_sealed(frame, tunnels, n_tunnels, t);
	}
}
