// SPDX-License-Identifier: BSD-2-Clause-Patent
// seal alone against a reference of its own: packets of every kind are sealed here with OpenSSL, byte by byte as the RFCs say, and
// compared with what leaves; reasons, faces, counters, questions and notices too. Random stalls everywhere, engines finish in any order.
//   test_seal [seed [packets]]         engines on OpenSSL
//   test_seal_card [seed [packets]]    the card's own (REAL_ENGINES)
#include "Vtb_seal.h"
#include "verilated.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include "adit_regs.h"
#include "engines/engines.h"

#ifdef REAL_ENGINES
enum { IS_CARD = 1 };
unsigned engine_patience, engine_errors;
std::mt19937_64 engine_rng;
void engine_set_keys(unsigned, unsigned, const engine_keys &) {}
#else
enum { IS_CARD = 0 };
#endif

using bytes = std::vector<uint8_t>;

static std::mt19937_64 rng;
static uint32_t pick(uint32_t n) { return static_cast<uint32_t>(rng() % n); }
static bool chance(uint32_t percent) { return pick(100) < percent; }
static unsigned n_passed, n_failed;
static void check(bool ok, const std::string &what)
{
	if (ok)
		n_passed++;
	else if (n_failed++ < 12)
		printf("FAILED: %s\n", what.c_str());
}

// ---------------------------------------------------------------- bytes
static void add16(bytes &b, unsigned v) { b.push_back(static_cast<uint8_t>(v >> 8)); b.push_back(static_cast<uint8_t>(v)); }
static void add32(bytes &b, uint32_t v) { add16(b, v >> 16); add16(b, v & 0xffff); }
static void add64(bytes &b, uint64_t v) { add32(b, static_cast<uint32_t>(v >> 32)); add32(b, static_cast<uint32_t>(v)); }
static void add(bytes &b, const bytes &x) { b.insert(b.end(), x.begin(), x.end()); }
static void put16(uint8_t *p, unsigned v) { p[0] = static_cast<uint8_t>(v >> 8); p[1] = static_cast<uint8_t>(v); }
static bytes random_bytes(size_t n)
{
	bytes b(n);
	for (auto &x : b)
		x = static_cast<uint8_t>(rng());
	return b;
}
static void set_checksum(uint8_t *ip)	// RFC 791 §3.1
{
	uint32_t sum = 0;
	put16(ip + 10, 0);
	for (unsigned i = 0; i < (ip[0] & 15u) * 4; i += 2)
		sum += static_cast<uint32_t>(ip[i] << 8 | ip[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
}

// ---------------------------------------------------------------- SAs and packets
struct sa {
	bool valid = true, dir = false, expired = false, too_big = false, seq_ok = true;
	unsigned slot = 0, proto = ADIT_PROTO_ESP, mode = 0, enc = 0, auth = 0, flags = 0, ttl = 64, dscp = 0, icv_bytes = 0, sport = 0, dport = 0,
		 next_slot = 0xffff, path_mtu = 0, tfc_bytes = 0;
	uint32_t spi = 0, reqid = 0, flow_label = 0;
	uint64_t seq = 1;
	bytes src, dst;	// 4 or 16
	const engine_keys *keys = nullptr;
	bool esn() const { return flags & 1; }
	bool v6() const { return flags & 2; }
	bool is_gcm() const { return enc >= ADIT_ENC_AES_GCM_128 && enc <= ADIT_ENC_AES_GCM_256; }
	bool is_gmac() const { return auth >= ADIT_AUTH_AES_GMAC_128 && auth <= ADIT_AUTH_AES_GMAC_256; }
};

struct facts {
	unsigned reason = 0, face = 0, l3_off = 0, l4_off = 0, nh_off = 0, l3_bytes = 0, ip_id = 0, proto = 0, tos = 0, ttl = 0, sport = 0, dport = 0,
		 told_slot = 0, told_sp_id = 0, frame_no = 0;
	bool has_ext = false, is_v4 = false, is_v6 = false, is_arp = false, is_nd = false, is_frag = false, has_ports = false, no_ports = false,
	     local_src = false, local_dst = false, df = false, told = false;
	bytes src, dst;
};

struct hit {
	bool hit = true, unknown = false, bound = true, acquire = false;
	unsigned sp_id = 0, slot = 0, action = ADIT_ACTION_ENCRYPT, level = 0;
	uint32_t reqid = 0;
};

struct verdict {
	unsigned reason = 0, face_in = 0, face_out = ADIT_FACE_NONE, frame_no = 0, frame_bytes = 0, sa_slot = 0xffff, sp_id = 0xffff;
	bool sp_counts = false;
	unsigned sp_kind = 0;
	uint64_t seq = 0;
	bytes out;
};

struct packet {
	bytes frame;
	facts f;
	hit h;
	sa esp, next;	// first SA (ESP or AH), AH around it
	verdict v;
};
struct notice {
	unsigned kind, sp_id, slot, sport, dport;
};

// ---------------------------------------------------------------- the reference
static const EVP_CIPHER *cipher_of(unsigned enc)
{
	switch (enc) {
	case ADIT_ENC_AES_CBC_128: return EVP_aes_128_cbc();
	case ADIT_ENC_AES_CBC_192: return EVP_aes_192_cbc();
	case ADIT_ENC_AES_CBC_256: return EVP_aes_256_cbc();
	case ADIT_ENC_AES_CTR_128: return EVP_aes_128_ctr();
	case ADIT_ENC_AES_CTR_192: return EVP_aes_192_ctr();
	case ADIT_ENC_AES_CTR_256: return EVP_aes_256_ctr();
	case ADIT_ENC_AES_GCM_128: return EVP_aes_128_gcm();
	case ADIT_ENC_AES_GCM_192: return EVP_aes_192_gcm();
	case ADIT_ENC_AES_GCM_256: return EVP_aes_256_gcm();
	default: return EVP_des_ede3_cbc();
	}
}

static bytes crypt(const EVP_CIPHER *c, bytes key, const bytes &iv, const bytes &text, const bytes *aad = nullptr, bytes *tag = nullptr)
{
	EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
	bytes out(text.size() + 32);
	int n = 0, m = 0;

	while (key.size() < static_cast<size_t>(EVP_CIPHER_get_key_length(c)))	// DES is 3DES with one key
		add(key, bytes(key.begin(), key.begin() + 8));
	bool ok = EVP_EncryptInit_ex(x, c, nullptr, key.data(), iv.data()) == 1 && EVP_CIPHER_CTX_set_padding(x, 0) == 1;
	if (aad)
		ok = ok && EVP_EncryptUpdate(x, nullptr, &m, aad->data(), static_cast<int>(aad->size())) == 1;
	if (!text.empty())
		ok = ok && EVP_EncryptUpdate(x, out.data(), &n, text.data(), static_cast<int>(text.size())) == 1;
	ok = ok && EVP_EncryptFinal_ex(x, out.data() + n, &m) == 1;
	if (tag) {
		tag->resize(16);
		ok = ok && EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_GET_TAG, 16, tag->data()) == 1;
	}
	EVP_CIPHER_CTX_free(x);
	out.resize(static_cast<size_t>(n + m));
	if (!ok || out.size() != text.size()) {
		printf("FAILED: the reference: OpenSSL refuses\n");
		exit(1);
	}
	return out;
}

static bytes hmac(const sa &s, const bytes &text)
{
	static const EVP_MD *(*const md[])(void) = {EVP_md5, EVP_md5, EVP_sha1, EVP_sha256, EVP_sha384, EVP_sha512};
	bytes out(64);
	unsigned n = 0;

	if (s.auth >= sizeof(md) / sizeof(md[0]))	// the host's: the card seals nothing with it, only its length counts
		return bytes(s.icv_bytes);
	HMAC(md[s.auth](), s.keys->auth_key.data(), static_cast<int>(s.keys->auth_key.size()), text.data(), text.size(), out.data(), &n);
	out.resize(s.icv_bytes);
	return out;
}

// ESP from SPI to ICV (RFC 4303 §2)
static bytes esp_packet(const sa &s, const bytes &payload, bool is_tunnel, unsigned next_header)
{
	bytes out, text = payload, iv, nonce, icv;
	unsigned block = s.enc == ADIT_ENC_NULL || s.enc >= ADIT_ENC_AES_CTR_128 ? 4 : 16;

	if (s.enc == ADIT_ENC_DES_CBC || s.enc == ADIT_ENC_DES3_CBC)
		block = 8;
	if (is_tunnel && text.size() < s.tfc_bytes)
		text.resize(s.tfc_bytes);
	unsigned n_pad = 0;
	while ((text.size() + 2) % block)
		text.push_back(static_cast<uint8_t>(++n_pad));
	text.push_back(static_cast<uint8_t>(n_pad));
	text.push_back(static_cast<uint8_t>(next_header));

	add32(out, s.spi);
	add32(out, static_cast<uint32_t>(s.seq));
	nonce.assign(s.keys->salt, s.keys->salt + 4);
	if (s.enc >= ADIT_ENC_AES_CBC_128 && s.enc <= ADIT_ENC_AES_CBC_256) {
		bytes seq(8);
		add64(seq, s.seq);
		iv = crypt(s.enc == ADIT_ENC_AES_CBC_128 ? EVP_aes_128_ecb() : s.enc == ADIT_ENC_AES_CBC_192 ? EVP_aes_192_ecb() : EVP_aes_256_ecb(),
			   s.keys->enc_key, {}, seq);
		text = crypt(cipher_of(s.enc), s.keys->enc_key, iv, text);
	} else if (s.enc == ADIT_ENC_DES_CBC || s.enc == ADIT_ENC_DES3_CBC) {
		bytes seq;
		add64(seq, s.seq);
		iv = crypt(EVP_des_ede3_ecb(), s.keys->enc_key, {}, seq);
		text = crypt(cipher_of(s.enc), s.keys->enc_key, iv, text);
	} else if (s.enc >= ADIT_ENC_AES_CTR_128 && s.enc <= ADIT_ENC_AES_CTR_256) {
		add64(iv, s.seq);
		add(nonce, iv);
		add32(nonce, 1);
		text = crypt(cipher_of(s.enc), s.keys->enc_key, nonce, text);
	} else if (s.is_gcm() || s.is_gmac()) {
		bytes aad;
		add64(iv, s.seq);
		add(nonce, iv);
		add32(aad, s.spi);
		if (s.esn())
			add64(aad, s.seq);
		else
			add32(aad, static_cast<uint32_t>(s.seq));
		if (s.is_gcm()) {
			text = crypt(cipher_of(s.enc), s.keys->enc_key, nonce, text, &aad, &icv);
		} else {
			add(aad, iv);
			add(aad, text);
			crypt(cipher_of(ADIT_ENC_AES_GCM_128 + s.auth - ADIT_AUTH_AES_GMAC_128), s.keys->enc_key, nonce, {}, &aad, &icv);
		}
		icv.resize(s.icv_bytes);
	}
	add(out, iv);
	add(out, text);
	if (s.auth != ADIT_AUTH_NULL && !s.is_gmac()) {
		bytes h = out;
		if (s.esn())
			add32(h, static_cast<uint32_t>(s.seq >> 32));
		icv = hmac(s, h);
	}
	add(out, icv);
	return out;
}

static bytes outer_header(const packet &p, const sa &s, unsigned proto, size_t payload_bytes)
{
	bytes h;
	unsigned tos = p.f.tos;

	if (s.flags & 8)
		tos = (tos & 3) | s.dscp << 2;
	if (s.flags & 0x40)
		tos &= ~3u;
	if (s.v6()) {
		add32(h, 6u << 28 | tos << 20 | s.flow_label);
		add16(h, static_cast<unsigned>(payload_bytes));
		h.push_back(static_cast<uint8_t>(proto));
		h.push_back(static_cast<uint8_t>(s.ttl));
	} else {
		bool df = p.f.is_v6 || p.f.df;
		if (s.flags & 0x10)
			df = false;
		if (s.flags & 0x20)
			df = true;
		h = {0x45, static_cast<uint8_t>(tos)};
		add16(h, static_cast<unsigned>(payload_bytes + 20));
		add16(h, s.seq & 0xffff);
		add16(h, df ? 0x4000 : 0);
		h.push_back(static_cast<uint8_t>(s.ttl));
		h.push_back(static_cast<uint8_t>(proto));
		add16(h, 0);
	}
	add(h, s.src);
	add(h, s.dst);
	if (!s.v6())
		set_checksum(h.data());
	return h;
}

static void set_next(bytes &ip, unsigned proto, size_t payload_bytes)	// of an IP header without extension headers
{
	if (ip[0] >> 4 == 4) {
		ip[9] = static_cast<uint8_t>(proto);
		put16(&ip[2], static_cast<unsigned>(ip.size() + payload_bytes));
		set_checksum(ip.data());
	} else {
		ip[6] = static_cast<uint8_t>(proto);
		put16(&ip[4], static_cast<unsigned>(payload_bytes));
	}
}

// AH around what follows an IP header (RFC 4302 §3.3)
static bytes ah_packet(const sa &s, bytes ip, unsigned next_header, const bytes &payload)
{
	bool v6 = ip[0] >> 4 == 6;
	size_t n = 12 + s.icv_bytes;
	bytes ah = {static_cast<uint8_t>(next_header), 0, 0, 0}, hashed;

	while (n % (v6 ? 8 : 4))
		n++;
	ah[1] = static_cast<uint8_t>(n / 4 - 2);
	add32(ah, s.spi);
	add32(ah, static_cast<uint32_t>(s.seq));
	ah.resize(n);
	set_next(ip, 51, n + payload.size());
	if (v6) {	// §3.3.3.1.2.1: class, flow label, hop limit
		ip[0] = 0x60;
		ip[1] = ip[2] = ip[3] = ip[7] = 0;
	} else {	// §3.3.3.1.1.1: TOS, flags, offset, TTL, checksum
		ip[1] = ip[6] = ip[7] = ip[8] = ip[10] = ip[11] = 0;
	}
	hashed = ip;
	add(hashed, ah);
	add(hashed, payload);
	if (s.esn())
		add32(hashed, static_cast<uint32_t>(s.seq >> 32));
	bytes icv = hmac(s, hashed);
	std::copy(icv.begin(), icv.end(), ah.begin() + 12);
	add(ah, payload);
	return ah;
}

static std::set<std::string> combinations;

// Sealed frame, as if there were no limits.
static bytes seal_frame(const packet &p, bool has_next)
{
	const sa &s = p.esp;
	bool is_tunnel = s.mode == ADIT_MODE_TUNNEL, is_esp = s.proto == ADIT_PROTO_ESP, has_udp = is_esp && (s.flags & 4) && !has_next;
	const uint8_t *ip = p.frame.data() + p.f.l3_off;
	bytes header, payload, body, out(p.frame.begin(), p.frame.begin() + p.f.l3_off);
	unsigned next_header;

	if (is_tunnel) {
		payload.assign(ip, ip + p.f.l3_bytes);
		next_header = p.f.is_v6 ? 41 : 4;
		header = outer_header(p, s, 0, 0);
		put16(&out[p.f.l3_off - 2], s.v6() ? 0x86dd : 0x0800);
	} else {
		header.assign(ip, ip + (p.f.l4_off - p.f.l3_off));
		payload.assign(ip + header.size(), ip + p.f.l3_bytes);
		next_header = p.f.proto;
	}
	unsigned proto = is_esp ? 50 : 51;
	body = is_esp ? esp_packet(s, payload, is_tunnel, next_header) : ah_packet(s, header, next_header, payload);
	if (has_next) {
		body = ah_packet(p.next, header, 50, body);
		proto = 51;
	}
	if (has_udp) {
		bytes udp;
		add16(udp, s.sport);
		add16(udp, s.dport);
		add16(udp, static_cast<unsigned>(body.size() + 8));
		add16(udp, 0);
		add(udp, body);
		body = udp;
		proto = 17;
	}
	if (is_tunnel)
		header = outer_header(p, s, proto, body.size());
	else
		set_next(header, proto, body.size());
	add(out, header);
	add(out, body);
	return out;
}

// LAW of the outbound direction: reason, face, counters, bytes. What is asked is noted on the way.
struct asked {
	const packet *p;
	bool is_next;
};
static std::deque<const packet *> keys_to_ask;
static std::deque<asked> reqs_to_ask, nexts_to_ask;
static std::deque<notice> acquires_due, ends_due;
static bool no_match;
static unsigned ended_slot = 0x10000;

static void judge(packet &p)
{
	verdict &v = p.v;
	const facts &f = p.f;
	auto drop = [&](unsigned reason) { v.reason = reason; v.face_out = ADIT_FACE_NONE; v.sp_kind = 1; };
	auto to = [&](unsigned face, unsigned reason) { v.reason = reason; v.face_out = face; v.out = p.frame; v.sp_kind = 0; };
	bool ike_sport = f.proto == 17 && f.has_ports && (f.sport == 500 || f.sport == 4500);
	bool ike_dport = f.proto == 17 && f.has_ports && !f.is_frag && (f.dport == 500 || f.dport == 4500);

	v.face_in = f.face;
	v.frame_no = f.frame_no;
	v.frame_bytes = static_cast<unsigned>(p.frame.size());
	if (f.reason)
		return drop(f.reason);
	if (f.told) {
		v.sp_id = f.told_sp_id;
		v.sp_counts = true;
	} else {
		if (f.is_arp)
			return f.face == ADIT_FACE_LAN && f.local_dst ? to(ADIT_FACE_HOST, ADIT_REASON_HostArp) : to(ADIT_FACE_WAN, 0);
		if (!f.is_v4 && !f.is_v6)
			return drop(ADIT_REASON_RxNotIp);
		if (f.is_nd)
			return f.face == ADIT_FACE_LAN && f.local_dst ? to(ADIT_FACE_HOST, ADIT_REASON_HostNd) : to(ADIT_FACE_WAN, 0);
		if (f.face == ADIT_FACE_LAN && f.local_dst)
			return to(ADIT_FACE_HOST, ike_dport ? ADIT_REASON_HostIke : ADIT_REASON_HostLocal);
		if (f.local_src && ike_sport)
			return to(ADIT_FACE_WAN, 0);
		keys_to_ask.push_back(&p);
		if (!p.h.hit)
			return no_match ? to(ADIT_FACE_WAN, 0) : drop(ADIT_REASON_OutNoPols);
		v.sp_id = p.h.sp_id;
		v.sp_counts = true;
		if (p.h.unknown)
			return drop(ADIT_REASON_OutFragment);
		if (p.h.action == ADIT_ACTION_NONE)
			return to(ADIT_FACE_WAN, 0);
		if (p.h.action == ADIT_ACTION_DISCARD)
			return drop(ADIT_REASON_XfrmOutPolBlock);
		if (p.h.action != ADIT_ACTION_ENCRYPT)
			return drop(ADIT_REASON_XfrmOutPolError);
		if (!p.h.bound) {
			if (p.h.level == ADIT_LEVEL_USE)
				return to(ADIT_FACE_WAN, 0);
			if (p.h.acquire)
				acquires_due.push_back({ADIT_EVENT_ACQUIRE, p.h.sp_id, 0xffff, f.sport, f.dport});
			return drop(ADIT_REASON_XfrmOutNoStates);
		}
	}
	reqs_to_ask.push_back({&p, false});
	const sa &s = p.esp;
	if (!s.valid || s.dir)
		return drop(ADIT_REASON_XfrmOutStateInvalid);
	v.sa_slot = s.slot;
	auto end_of = [&](unsigned slot) {
		if (ended_slot != slot)
			ends_due.push_back({ADIT_EVENT_SEQ_END, v.sp_id, slot, 0, 0});
		ended_slot = slot;
	};
	auto lives = [&](unsigned slot) {
		if (ended_slot == slot)
			ended_slot = 0x10000;
	};
	bool wants_next = false;
	if (!s.expired && !s.too_big && s.seq_ok)
		wants_next = s.next_slot != 0xffff;
	if (wants_next)
		nexts_to_ask.push_back({&p, true});
	bool is_end = (!s.expired && !s.too_big && !s.seq_ok) || (wants_next && p.next.valid && !p.next.expired && !p.next.seq_ok);
	if (is_end) {
		end_of(wants_next ? p.next.slot : s.slot);
	} else {
		lives(s.slot);
		if (wants_next)
			lives(p.next.slot);
	}
	if (s.expired)
		return drop(ADIT_REASON_XfrmOutStateExpired);
	if (s.too_big) {
		if (f.is_v4 && !f.df) {
			v.sp_counts = false;
			return to(ADIT_FACE_HOST, ADIT_REASON_HostSplit);
		}
		to(ADIT_FACE_HOST, ADIT_REASON_HostTooBig);
		v.sp_kind = 1;
		return;
	}
	if (!s.seq_ok)
		return drop(ADIT_REASON_XfrmOutStateSeqError);
	if (wants_next) {
		if (!p.next.valid)
			return drop(ADIT_REASON_XfrmOutStateInvalid);
		if (p.next.expired)
			return drop(ADIT_REASON_XfrmOutStateExpired);
		if (!p.next.seq_ok)
			return drop(ADIT_REASON_XfrmOutStateSeqError);
		if (p.next.proto != ADIT_PROTO_AH || p.next.mode != ADIT_MODE_TRANSPORT || p.next.dir || s.proto != ADIT_PROTO_ESP)
			return drop(ADIT_REASON_XfrmOutStateProtoError);
	}
	bool knows_ah = s.auth >= 1 && s.auth <= 5;
	if (s.mode > 1 || (s.proto != ADIT_PROTO_ESP && s.proto != ADIT_PROTO_AH))
		return drop(ADIT_REASON_XfrmOutStateProtoError);
	if (!(s.flags & 0x80) && (s.proto == ADIT_PROTO_AH ? !knows_ah : s.enc > ADIT_ENC_DES3_CBC || s.auth > ADIT_AUTH_AES_GMAC_256 ||
				  (s.is_gcm() && s.auth) || (s.is_gmac() && s.enc)))
		return drop(ADIT_REASON_XfrmOutStateProtoError);
	if (wants_next && !(p.next.flags & 0x80) && (p.next.auth < 1 || p.next.auth > 5))
		return drop(ADIT_REASON_XfrmOutStateProtoError);
	bool is_tunnel = s.mode == ADIT_MODE_TUNNEL;
	if (!is_tunnel && (f.src != s.src || f.dst != s.dst || f.is_frag || f.is_v6 != s.v6()))
		return drop(ADIT_REASON_XfrmOutStateModeError);
	bool only_host = (s.flags & 0x80) || (wants_next && (p.next.flags & 0x80));
	bytes out;
	if (s.proto == ADIT_PROTO_ESP && s.enc > ADIT_ENC_DES3_CBC) {	// of the host's ciphers only the length counts here
		static engine_keys any;
		packet q = p;
		any.auth_key = bytes(20);
		any.enc_key = bytes(s.enc == ADIT_ENC_BLOWFISH_CBC ? 24 : 32);
		q.esp.enc = s.enc == ADIT_ENC_BLOWFISH_CBC ? ADIT_ENC_DES3_CBC : ADIT_ENC_AES_CBC_256;
		q.esp.keys = &any;
		out = seal_frame(q, wants_next);
	} else {
		out = seal_frame(p, wants_next);
	}
	if (out.size() > 9600)
		return drop(ADIT_REASON_OutTooBig);
	bool is_slow = only_host || (s.proto == ADIT_PROTO_ESP && (s.flags & 4) && !wants_next && s.v6()) ||
		       (!is_tunnel && f.has_ext && (f.is_v6 || s.proto == ADIT_PROTO_AH || wants_next)) ||
		       (s.path_mtu && out.size() - f.l3_off > s.path_mtu);
	if (is_slow && wants_next)
		return drop(ADIT_REASON_XfrmOutStateModeError);
	v.sp_kind = 2;
	if (is_slow) {
		to(ADIT_FACE_HOST, ADIT_REASON_HostSlowSeal);
		v.sp_kind = 2;
		v.seq = s.seq;
		return;
	}
	v.face_out = ADIT_FACE_WAN;
	v.out = out;
	char name[128];
	snprintf(name, sizeof(name), "%u %u %u %u %u %u %u%u%u %u", s.mode, f.is_v6, s.v6(), s.proto, s.enc, s.auth, s.esn(),
		 s.proto == ADIT_PROTO_ESP && (s.flags & 4) && !wants_next, wants_next, wants_next ? p.next.auth : 0);
	combinations.insert(name);
}

// ---------------------------------------------------------------- making SAs and packets
// A slot stands for one pair of algorithms, so that its keys stay; all else of an SA is new for each packet.
struct algorithms {
	unsigned proto, enc, auth;
};
static std::vector<algorithms> slots;
static std::vector<engine_keys> slot_keys;
static unsigned n_esp;

static void make_slots()
{
	static const unsigned auth_bytes[] = {0, 16, 20, 32, 48, 64};

	for (unsigned enc = 0; enc <= ADIT_ENC_DES3_CBC; enc++)
		for (unsigned auth = 0; auth <= ADIT_AUTH_AES_GMAC_256; auth++) {
			bool gcm = enc >= ADIT_ENC_AES_GCM_128 && enc <= ADIT_ENC_AES_GCM_256, gmac = auth >= ADIT_AUTH_AES_GMAC_128;
			if ((gcm && auth) || (gmac && enc))
				continue;
			slots.push_back({ADIT_PROTO_ESP, enc, auth});
		}
	n_esp = static_cast<unsigned>(slots.size());
	for (unsigned auth = 1; auth <= 5; auth++)
		slots.push_back({ADIT_PROTO_AH, 0, auth});
	for (unsigned i = 0; i < slots.size(); i++) {
		const algorithms &a = slots[i];
		engine_keys k;
		unsigned size = a.auth >= ADIT_AUTH_AES_GMAC_128 ? (a.auth - ADIT_AUTH_AES_GMAC_128) * 8 + 16 :
				a.enc == 0 ? 0 : a.enc <= ADIT_ENC_AES_GCM_256 ? 16 + (a.enc - 1) % 3 * 8 : a.enc == ADIT_ENC_DES_CBC ? 8 : 24;
		k.auth = a.auth;
		k.enc_key = random_bytes(size);
		if (a.auth <= 5)
			k.auth_key = random_bytes(auth_bytes[a.auth]);
		for (auto &x : k.salt)
			x = static_cast<uint8_t>(rng());
		slot_keys.push_back(k);
		engine_set_keys(0, i, k);
	}
}

static sa make_sa(unsigned slot, bool v6)
{
	static const unsigned icv[] = {0, 12, 12, 16, 24, 32, 16, 16, 16};
	sa s;

	s.slot = slot;
	s.proto = slots[slot].proto;
	s.enc = slots[slot].enc;
	s.auth = slots[slot].auth;
	s.keys = &slot_keys[slot];
	s.icv_bytes = s.is_gcm() ? 8 + 4 * pick(3) : icv[s.auth];
	s.mode = chance(60) ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT;
	s.flags = pick(128);
	if (chance(50))
		s.flags &= ~4u;
	s.flags = (s.flags & ~2u) | (v6 ? 2 : 0);
	s.ttl = 1 + pick(255);
	s.dscp = pick(64);
	s.sport = pick(65536);
	s.dport = pick(65536);
	s.spi = static_cast<uint32_t>(rng());
	s.reqid = static_cast<uint32_t>(rng());
	s.flow_label = pick(1 << 20);
	s.seq = s.flags & 1 ? rng() : static_cast<uint32_t>(rng());
	s.src = random_bytes(v6 ? 16 : 4);
	s.dst = random_bytes(v6 ? 16 : 4);
	if (chance(15))
		s.tfc_bytes = chance(10) ? pick(65536) : pick(2000);
	if (chance(8))
		s.path_mtu = 60 + pick(1500);
	return s;
}

static unsigned frame_number;

static packet make_packet()
{
	packet p;
	facts &f = p.f;
	unsigned tags = chance(25) ? 1 + pick(2) : 0, k = pick(100);
	bool v6 = chance(50);

	f.frame_no = frame_number++;
	f.face = chance(80) ? ADIT_FACE_LAN : ADIT_FACE_HOST;
	p.frame = random_bytes(12);
	for (unsigned t = 0; t < tags; t++) {
		add16(p.frame, 0x8100);
		add16(p.frame, pick(65536));
	}
	f.l3_off = static_cast<unsigned>(p.frame.size()) + 2;
	if (k < 6) {	// ARP, or a frame that parse refuses
		add16(p.frame, 0x0806);
		add(p.frame, random_bytes(28 + pick(200)));
		f.is_arp = true;
		f.local_dst = chance(50);
		if (chance(50)) {
			static const unsigned bad[] = {ADIT_REASON_RxRunt, ADIT_REASON_RxGiant, ADIT_REASON_RxNotIp, ADIT_REASON_RxIpHeader, ADIT_REASON_RxExtHeaders};
			f.reason = bad[pick(5)];
			f.told = chance(20);
		} else if (chance(15)) {
			f.is_arp = false;	// neither ARP nor IP, and no reason
		}
		f.src = f.dst = bytes(4);
		return p;
	}
	add16(p.frame, v6 ? 0x86dd : 0x0800);

	unsigned r = pick(100);
	size_t n = r < 50 ? pick(200) : r < 90 ? pick(1500) : r < 96 ? pick(9000) : 9400 + pick(190);
	f.is_v4 = !v6;
	f.is_v6 = v6;
	f.src = random_bytes(v6 ? 16 : 4);
	f.dst = random_bytes(v6 ? 16 : 4);
	static const uint8_t protos[] = {6, 17, 1, 58, 47, 132};
	f.proto = protos[pick(6)];
	f.tos = pick(256);
	f.ttl = pick(256);
	f.has_ports = chance(60);
	f.no_ports = !f.has_ports && chance(30);
	f.sport = chance(30) ? (chance(50) ? 500 : 4500) : pick(65536);
	f.dport = chance(30) ? (chance(50) ? 500 : 4500) : pick(65536);
	f.is_frag = chance(6);
	f.local_dst = chance(6);
	f.local_src = chance(8);
	if ((f.local_dst || f.local_src) && chance(30)) {	// IKE
		f.proto = 17;
		f.has_ports = true;
		f.no_ports = false;
		(f.local_dst ? f.dport : f.sport) = chance(50) ? 500 : 4500;
	}
	bytes ip;
	if (v6) {
		size_t ext = chance(10) ? 8 * (1 + pick(4)) : 0;
		f.has_ext = ext != 0;
		add32(ip, 6u << 28 | f.tos << 20 | pick(1 << 20));
		add16(ip, static_cast<unsigned>(ext + n));
		ip.push_back(static_cast<uint8_t>(ext ? 60 : f.proto));
		ip.push_back(static_cast<uint8_t>(f.ttl));
		add(ip, f.src);
		add(ip, f.dst);
		f.nh_off = f.l3_off + (ext ? 40 : 6);
		bytes x = random_bytes(ext);
		if (ext)
			x[0] = static_cast<uint8_t>(f.proto);
		add(ip, x);
		f.l4_off = f.l3_off + static_cast<unsigned>(ip.size());
	} else {
		unsigned ihl = chance(15) ? 6 + pick(10) : 5;
		f.has_ext = ihl > 5;
		f.df = chance(40);
		f.ip_id = pick(65536);
		ip = {static_cast<uint8_t>(0x40 | ihl), static_cast<uint8_t>(f.tos)};
		add16(ip, static_cast<unsigned>(ihl * 4 + n));
		add16(ip, f.ip_id);
		add16(ip, (f.df ? 0x4000 : 0) | (f.is_frag ? 0x2000 : 0));
		ip.push_back(static_cast<uint8_t>(f.ttl));
		ip.push_back(static_cast<uint8_t>(f.proto));
		add16(ip, 0);
		add(ip, f.src);
		add(ip, f.dst);
		add(ip, random_bytes(ihl * 4 - 20));
		set_checksum(ip.data());
		f.nh_off = f.l3_off + 9;
		f.l4_off = f.l3_off + ihl * 4;
	}
	add(ip, random_bytes(n));
	f.l3_bytes = static_cast<unsigned>(ip.size());
	add(p.frame, ip);
	if (p.frame.size() > 9600) {
		p.frame.resize(9600);
		f.reason = ADIT_REASON_RxGiant;
	} else if (chance(20)) {	// Ethernet padding
		p.frame.resize(std::min<size_t>(p.frame.size() + pick(60), 9600));
	}
	f.is_nd = v6 && chance(4);
	if (f.is_nd && chance(40))
		f.local_dst = true;
	if (k < 16) {
		f.told = true;
		f.face = ADIT_FACE_HOST;
		f.told_slot = pick(65536);
		f.told_sp_id = pick(1000);
	}

	hit &h = p.h;
	unsigned q = pick(100);
	h.sp_id = pick(1000);
	h.slot = pick(65535);
	h.reqid = static_cast<uint32_t>(rng());
	h.level = pick(3);
	h.hit = q >= 3;
	h.unknown = q == 3;
	if (q >= 4 && q < 8)
		h.action = ADIT_ACTION_NONE;
	else if (q < 10)
		h.action = ADIT_ACTION_DISCARD;
	else if (q == 10)
		h.action = 3;
	else if (q < 15)
		h.bound = false;
	if (!h.bound)
		h.acquire = chance(40);

	p.esp = make_sa(pick(static_cast<uint32_t>(slots.size())), chance(50));
	sa &s = p.esp;
	if (s.mode == ADIT_MODE_TRANSPORT && !chance(4)) {	// mostly it fits
		s.flags = (s.flags & ~2u) | (v6 ? 2 : 0);
		s.src = f.src;
		s.dst = f.dst;
		if (!chance(3))
			f.is_frag = false;
	}
	if (s.proto == ADIT_PROTO_ESP && chance(25)) {
		s.next_slot = pick(65535);
		p.next = make_sa(n_esp + pick(5), s.v6());
		p.next.mode = chance(97) ? ADIT_MODE_TRANSPORT : ADIT_MODE_TUNNEL;
		p.next.path_mtu = 0;
		if (!chance(5))
			s.path_mtu = 0;
		if (chance(3))
			p.next = make_sa(pick(n_esp), s.v6());
		sa &x = p.next;
		x.valid = !chance(2);
		x.expired = chance(2);
		x.seq_ok = !chance(2);
		x.dir = chance(2);
		if (chance(2))
			x.flags |= 0x80;
		if (chance(1))
			x.auth = chance(50) ? 0 : 6;
	} else if (s.proto == ADIT_PROTO_AH && chance(2)) {
		s.next_slot = pick(65535);
		p.next = make_sa(n_esp + pick(5), s.v6());
		p.next.mode = ADIT_MODE_TRANSPORT;
	}
	s.valid = !chance(1);
	s.dir = chance(1);
	s.expired = chance(1);
	s.too_big = chance(2);
	s.seq_ok = !chance(2);
	if (chance(3)) {
		s.flags |= 0x80;
		if (s.proto == ADIT_PROTO_ESP && chance(50)) {
			s.enc = ADIT_ENC_BLOWFISH_CBC + pick(5);
			s.auth = 2;
			s.icv_bytes = 12;
		}
	} else if (chance(1)) {
		if (chance(50))
			s.enc = ADIT_ENC_BLOWFISH_CBC;
		else if (chance(50))
			s.mode = 2;
		else
			s.auth = 9;
	}
	return p;
}

// A hash's state after key XOR pad (RFC 2104), in digest byte order.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static bytes hash_state(unsigned auth, const bytes &key, uint8_t pad)
{
	bytes block(auth >= ADIT_AUTH_HMAC_SHA384_192 ? 128 : 64, pad), out;

	for (size_t i = 0; i < key.size(); i++)
		block[i] ^= key[i];
	if (auth == ADIT_AUTH_HMAC_MD5_96) {
		MD5_CTX c;
		MD5_Init(&c);
		MD5_Update(&c, block.data(), block.size());
		for (uint32_t w : {c.A, c.B, c.C, c.D})
			for (unsigned i = 0; i < 4; i++)
				out.push_back(static_cast<uint8_t>(w >> 8 * i));
	} else if (auth == ADIT_AUTH_HMAC_SHA1_96) {
		SHA_CTX c;
		SHA1_Init(&c);
		SHA1_Update(&c, block.data(), block.size());
		for (uint32_t w : {c.h0, c.h1, c.h2, c.h3, c.h4})
			add32(out, w);
	} else if (auth == ADIT_AUTH_HMAC_SHA256_128) {
		SHA256_CTX c;
		SHA256_Init(&c);
		SHA256_Update(&c, block.data(), block.size());
		for (uint32_t w : c.h)
			add32(out, w);
	} else {
		SHA512_CTX c;
		if (auth == ADIT_AUTH_HMAC_SHA384_192)
			SHA384_Init(&c);
		else
			SHA512_Init(&c);
		SHA512_Update(&c, block.data(), block.size());
		for (uint64_t w : c.h)
			add64(out, w);
	}
	return out;
}
#pragma GCC diagnostic pop

// ---------------------------------------------------------------- the bench
struct bench {
	Vtb_seal dut;
	std::deque<packet> packets;	// all under way; addresses stay
	std::deque<packet *> facts_in, beats_in, verdicts, wan, host, counts;
	struct answer { const packet *p; bool is_next; };
	std::deque<const packet *> hits;
	std::deque<answer> rsps;
	std::deque<notice> unused;
	size_t beat_off = 0;
	bool f_on = false, b_on = false, h_on = false, r_on = false;
	bytes wan_got, host_got;
	unsigned stall = 25;
	uint64_t cycle = 0;
	std::map<unsigned, unsigned> reasons;

	template <typename T> static void wide(T &port, const bytes &b)	// a number, first byte highest
	{
		uint32_t w[4] = {0, 0, 0, 0};
		for (size_t i = 0; i < b.size(); i++)
			w[(b.size() - 1 - i) / 4] |= static_cast<uint32_t>(b[i]) << 8 * ((b.size() - 1 - i) % 4);
		for (unsigned i = 0; i < 4; i++)
			port[i] = w[i];
	}
	template <typename T> static bool same(const T &port, const bytes &b)
	{
		uint32_t w[4];
		wide(w, b);
		return port[0] == w[0] && port[1] == w[1] && port[2] == w[2] && port[3] == w[3];
	}

	void add_packet(packet &&made)
	{
		packets.push_back(std::move(made));
		packet *p = &packets.back();
		judge(*p);
		facts_in.push_back(p);
		verdicts.push_back(p);
		if (p->v.sp_counts)
			counts.push_back(p);
		if (p->v.face_out == ADIT_FACE_WAN)
			wan.push_back(p);
		if (p->v.face_out == ADIT_FACE_HOST)
			host.push_back(p);
	}

	void drive()
	{
		dut.enter_i = 0;
		if (!f_on && !facts_in.empty() && !chance(stall)) {
			const packet &p = *facts_in.front();
			const facts &f = p.f;
			f_on = true;
			dut.enter_i = 1;
			beats_in.push_back(facts_in.front());
			dut.f_reason_i = static_cast<uint8_t>(f.reason);
			dut.f_proto_i = static_cast<uint8_t>(f.proto);
			dut.f_tos_i = static_cast<uint8_t>(f.tos);
			dut.f_ttl_i = static_cast<uint8_t>(f.ttl);
			dut.f_frame_no_i = f.frame_no;
			dut.f_frame_bytes_i = static_cast<uint16_t>(p.frame.size());
			dut.f_l3_bytes_i = static_cast<uint16_t>(f.l3_bytes);
			dut.f_ip_id_i = static_cast<uint16_t>(f.ip_id);
			dut.f_sport_i = static_cast<uint16_t>(f.sport);
			dut.f_dport_i = static_cast<uint16_t>(f.dport);
			dut.f_told_slot_i = static_cast<uint16_t>(f.told_slot);
			dut.f_told_sp_id_i = static_cast<uint16_t>(f.told_sp_id);
			dut.f_face_i = static_cast<uint8_t>(f.face);
			dut.f_l3_off_i = static_cast<uint8_t>(f.l3_off);
			dut.f_l4_off_i = static_cast<uint8_t>(f.l4_off);
			dut.f_nh_off_i = static_cast<uint8_t>(f.nh_off);
			dut.f_flags_i = static_cast<uint16_t>(f.has_ext << 11 | f.is_v4 << 10 | f.is_v6 << 9 | f.is_arp << 8 | f.is_nd << 7 | f.is_frag << 6 |
							      f.has_ports << 5 | f.no_ports << 4 | f.local_src << 3 | f.local_dst << 2 | f.df << 1 | f.told);
			wide(dut.f_src_i, f.src);
			wide(dut.f_dst_i, f.dst);
		}
		dut.f_valid_i = f_on;
		if (!b_on && !beats_in.empty() && !chance(stall)) {
			const bytes &x = beats_in.front()->frame;
			size_t left = x.size() - beat_off;
			uint8_t word[64] = {0};
			memcpy(word, x.data() + beat_off, left < 64 ? left : 64);
			memcpy(&dut.b_data_i[0], word, 64);
			dut.b_bytes_i = static_cast<uint8_t>(left < 64 ? left : 64);
			dut.b_last_i = left <= 64;
			b_on = true;
		}
		dut.b_valid_i = b_on;
		dut.key_ready_i = !chance(stall);
		dut.req_ready_i = !chance(stall);
		if (!h_on && !hits.empty() && !chance(stall)) {
			const hit &h = hits.front()->h;
			h_on = true;
			dut.h_hit_i = h.hit;
			dut.h_unknown_i = h.hit && h.unknown;
			dut.h_bound_i = h.bound;
			dut.h_acquire_i = h.acquire;
			dut.h_sp_id_i = static_cast<uint16_t>(h.sp_id);
			dut.h_sa_slot_i = static_cast<uint16_t>(h.slot);
			dut.h_action_i = static_cast<uint8_t>(h.action);
			dut.h_level_i = static_cast<uint8_t>(h.level);
			dut.h_reqid_i = h.reqid;
		}
		dut.hit_valid_i = h_on;
		if (!r_on && !rsps.empty() && !chance(stall)) {
			const sa &s = rsps.front().is_next ? rsps.front().p->next : rsps.front().p->esp;
			r_on = true;
			dut.r_valid_i = s.valid;
			dut.r_dir_i = s.dir;
			dut.r_expired_i = s.expired;
			dut.r_too_big_i = s.too_big;
			dut.r_seq_ok_i = s.seq_ok;
			dut.r_spi_i = s.spi;
			dut.r_reqid_i = s.reqid;
			dut.r_flow_label_i = s.flow_label;
			dut.r_proto_i = static_cast<uint8_t>(s.proto);
			dut.r_mode_i = static_cast<uint8_t>(s.mode);
			dut.r_enc_i = static_cast<uint8_t>(s.enc);
			dut.r_auth_i = static_cast<uint8_t>(s.auth);
			dut.r_flags_i = static_cast<uint8_t>(s.flags);
			dut.r_ttl_i = static_cast<uint8_t>(s.ttl);
			dut.r_dscp_i = static_cast<uint8_t>(s.dscp);
			dut.r_icv_bytes_i = static_cast<uint8_t>(s.icv_bytes);
			dut.r_natt_sport_i = static_cast<uint16_t>(s.sport);
			dut.r_natt_dport_i = static_cast<uint16_t>(s.dport);
			dut.r_next_slot_i = static_cast<uint16_t>(s.next_slot);
			dut.r_path_mtu_i = static_cast<uint16_t>(s.path_mtu);
			dut.r_tfc_bytes_i = static_cast<uint16_t>(s.tfc_bytes);
			dut.r_slot_i = static_cast<uint16_t>(s.slot);
			dut.r_seq_i = s.seq;
			wide(dut.r_src_i, s.src);
			wide(dut.r_dst_i, s.dst);
		}
		dut.rsp_valid_i = r_on;
		dut.notice_ready_i = !chance(stall);
		dut.wan_ready_i = !chance(stall);
		dut.host_ready_i = !chance(stall);
		dut.v_ready_i = !chance(stall);
	}

	void flow(std::deque<packet *> &want, bytes &got, const uint32_t *data, unsigned n_bytes, bool last, bool is_host)
	{
		const uint8_t *b = reinterpret_cast<const uint8_t *>(data);
		const char *what = is_host ? "host" : "wan";

		got.insert(got.end(), b, b + n_bytes);
		for (unsigned i = n_bytes; i < 64; i++)
			if (b[i]) {
				check(false, std::string(what) + ": a byte past the frame's end is not zero");
				break;
			}
		if (!last && n_bytes != 64)
			check(false, std::string(what) + ": a short word in the middle");
		if (want.empty()) {
			check(false, std::string(what) + ": a frame that nobody should see");
			got.clear();
			return;
		}
		const packet &p = *want.front();
		if (is_host)
			check(dut.host_reason_o == p.v.reason && dut.host_face_o == p.v.face_in && dut.host_n_bytes_o == p.v.out.size() &&
			      dut.host_slot_o == p.v.sa_slot && dut.host_sp_id_o == p.v.sp_id && dut.host_seq_o == p.v.seq,
			      "what goes beside a frame for the host, reason " + std::to_string(p.v.reason));
		if (!last)
			return;
		size_t i = 0;
		while (i < got.size() && i < p.v.out.size() && got[i] == p.v.out[i])
			i++;
		char t[400];
		snprintf(t, sizeof(t), "%s: %zu bytes for %zu, first difference at %zu; mode %u, inner v%d, outer v%d, proto %u, enc %u, auth %u, "
			 "icv %u, flags %02x, next %04x (auth %u, flags %02x), l3 %u at %u, l4 at %u, tfc %u", what, got.size(), p.v.out.size(), i,
			 p.esp.mode, p.f.is_v6 ? 6 : 4, p.esp.v6() ? 6 : 4, p.esp.proto, p.esp.enc, p.esp.auth, p.esp.icv_bytes, p.esp.flags,
			 p.esp.next_slot, p.next.auth, p.next.flags, p.f.l3_bytes, p.f.l3_off, p.f.l4_off, p.esp.tfc_bytes);
		check(got == p.v.out, t);
		want.pop_front();
		got.clear();
	}

	void sample()
	{
		if (f_on && dut.f_ready_o) {
			f_on = false;
			facts_in.pop_front();
		}
		if (b_on && dut.b_ready_o) {
			b_on = false;
			beat_off += 64;
			if (beat_off >= beats_in.front()->frame.size()) {
				beats_in.pop_front();
				beat_off = 0;
			}
		}
		if (dut.key_valid_o && dut.key_ready_i) {
			check(!keys_to_ask.empty(), "a question to spd that nobody has");
			if (!keys_to_ask.empty()) {
				const packet *p = keys_to_ask.front();
				check(dut.key_flags_o == (p->f.is_v6 << 2 | p->f.has_ports << 1 | p->f.no_ports) && dut.key_proto_o == p->f.proto &&
				      same(dut.key_src_o, p->f.src) && same(dut.key_dst_o, p->f.dst) && dut.key_sport_o == p->f.sport &&
				      dut.key_dport_o == p->f.dport, "selectors");
				hits.push_back(p);
				keys_to_ask.pop_front();
			}
		}
		if (h_on && dut.hit_ready_o) {
			h_on = false;
			hits.pop_front();
		}
		if (r_on && dut.rsp_ready_o) {
			r_on = false;
			rsps.pop_front();
		}
		if (dut.req_valid_o && dut.req_ready_i) {
			bool is_next = dut.req_flags_o & 1;
			auto &q = is_next ? nexts_to_ask : reqs_to_ask;
			check(!q.empty(), "a question to sad that nobody has");
			if (!q.empty()) {
				const packet *p = q.front().p;
				unsigned slot = is_next ? p->esp.next_slot : p->f.told ? p->f.told_slot : p->h.slot;
				check(dut.req_slot_o == slot && dut.req_bytes_o == p->f.l3_bytes && (p->f.told || dut.req_reqid_o == p->h.reqid) &&
				      dut.req_flags_o == (p->f.told << 2 | (p->f.is_v4 && !p->f.df) << 1 | is_next), "a question to sad");
				rsps.push_back({p, is_next});
				q.pop_front();
			}
		}
		if (dut.spc_valid_o) {
			check(!counts.empty() && dut.spc_id_o == counts.front()->v.sp_id && dut.spc_kind_o == counts.front()->v.sp_kind,
			      "policy counter: kind " + std::to_string(dut.spc_kind_o) + " for " +
			      (counts.empty() ? "none" : std::to_string(counts.front()->v.sp_kind) + " reason " + std::to_string(counts.front()->v.reason)));
			if (!counts.empty())
				counts.pop_front();
		}
		if (dut.notice_valid_o && dut.notice_ready_i) {
			auto &q = dut.notice_kind_o == ADIT_EVENT_ACQUIRE ? acquires_due : ends_due;
			check(!q.empty() && q.front().kind == dut.notice_kind_o && q.front().sp_id == dut.notice_sp_id_o && q.front().slot == dut.notice_slot_o &&
			      q.front().sport == dut.notice_sport_o && q.front().dport == dut.notice_dport_o, "a notice");
			if (!q.empty())
				q.pop_front();
		}
		if (dut.wan_valid_o && dut.wan_ready_i)
			flow(wan, wan_got, &dut.wan_data_o[0], dut.wan_bytes_o, dut.wan_last_o, false);
		if (dut.host_valid_o && dut.host_ready_i)
			flow(host, host_got, &dut.host_data_o[0], dut.host_bytes_o, dut.host_last_o, true);
		if (dut.v_valid_o && dut.v_ready_i) {
			check(!verdicts.empty(), "a verdict for nobody");
			if (!verdicts.empty()) {
				const verdict &v = verdicts.front()->v;
				const packet &p = *verdicts.front();
				check(dut.v_reason_o == v.reason && dut.v_face_in_o == v.face_in && dut.v_face_out_o == v.face_out && dut.v_frame_no_o == v.frame_no &&
				      dut.v_frame_bytes_o == v.frame_bytes && dut.v_slot_o == v.sa_slot && dut.v_sp_id_o == v.sp_id,
				      "verdict " + std::to_string(dut.v_reason_o) + " for " + std::to_string(v.reason) + ", face " +
				      std::to_string(dut.v_face_out_o) + " for " + std::to_string(v.face_out) + ", slot " + std::to_string(dut.v_slot_o) +
				      " for " + std::to_string(v.sa_slot) + " mode " + std::to_string(p.esp.mode) + " proto " + std::to_string(p.esp.proto) +
				      " flags " + std::to_string(p.esp.flags) + " l3 " + std::to_string(p.f.l3_bytes));
				reasons[v.reason]++;
				verdicts.pop_front();
			}
		}
	}

	void tick()
	{
		dut.clk_i = 0;
		drive();
		dut.eval();
		sample();
		dut.clk_i = 1;
		dut.eval();
		cycle++;
	}

	bool is_empty() const
	{
		return facts_in.empty() && beats_in.empty() && verdicts.empty() && wan.empty() && host.empty() && counts.empty() && keys_to_ask.empty() &&
		       reqs_to_ask.empty() && nexts_to_ask.empty() && acquires_due.empty() && ends_due.empty();
	}

	void drain()
	{
		uint64_t end = cycle + 400000;
		while (cycle < end && !(is_empty() && !dut.busy_o))
			tick();
		check(is_empty() && !dut.busy_o, "everything leaves: facts " + std::to_string(facts_in.size()) + " beats " + std::to_string(beats_in.size()) +
		      " verdicts " + std::to_string(verdicts.size()) + " wan " + std::to_string(wan.size()) + " host " + std::to_string(host.size()) +
		      " keys " + std::to_string(keys_to_ask.size()) + " requests " + std::to_string(reqs_to_ask.size()) + " " +
		      std::to_string(nexts_to_ask.size()) + " notices " + std::to_string(acquires_due.size()) + " " + std::to_string(ends_due.size()));
		if (!is_empty())
			exit(1);
		packets.clear();
	}

	void tbl(unsigned op, unsigned slot, unsigned code, const bytes &data)
	{
		uint8_t line[64] = {0};
		std::copy(data.begin(), data.end(), line);
		dut.tbl_valid_i = 1;
		dut.tbl_op_i = static_cast<uint8_t>(op);
		dut.tbl_idx_i = static_cast<uint16_t>(slot);
		dut.tbl_ext_i = 0;
		dut.tbl_code_i = static_cast<uint8_t>(code);
		memcpy(&dut.tbl_data_i[0], line, 64);
		for (unsigned i = 0; i < 100000; i++) {
			dut.clk_i = 0;
			drive();
			dut.eval();
			bool ack = dut.tbl_ack_o;
			dut.clk_i = 1;
			dut.eval();
			if (ack) {
				dut.tbl_valid_i = 0;
				tick();
				return;
			}
		}
		printf("FAILED: table op %u has no answer\n", op);
		exit(1);
	}

	void load_keys()	// as the driver does: cipher key and salt, hash states
	{
		for (unsigned i = 0; i < slots.size(); i++) {
			const algorithms &a = slots[i];
			const engine_keys &k = slot_keys[i];
			bool gmac = a.auth >= ADIT_AUTH_AES_GMAC_128, gcm = a.enc >= ADIT_ENC_AES_GCM_128 && a.enc <= ADIT_ENC_AES_GCM_256;
			unsigned enc = gmac ? ADIT_ENC_AES_GCM_128 + a.auth - ADIT_AUTH_AES_GMAC_128 : a.enc;
			static const unsigned kinds[] = {0, 0, 1, 2, 6, 3};	// HASH_*
			bytes key = k.enc_key;
			key.resize(32);
			key.insert(key.end(), k.salt, k.salt + 4);
			tbl(4, i, enc, key);	// TBL_SA_KEY
			if (gcm || gmac) {
				bytes zero(16);
				const EVP_CIPHER *c = k.enc_key.size() == 16 ? EVP_aes_128_ecb() : k.enc_key.size() == 24 ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
				tbl(5, i, gcm ? 4 : 5, crypt(c, k.enc_key, {}, zero));	// TBL_SA_INNER
				tbl(6, i, gcm ? 4 : 5, {});				// TBL_SA_OUTER
			} else if (a.auth) {
				tbl(5, i, kinds[a.auth], hash_state(a.auth, k.auth_key, 0x36));
				tbl(6, i, kinds[a.auth], hash_state(a.auth, k.auth_key, 0x5c));
			}
		}
	}

	void reset()
	{
		dut.rst_ni = 0;
		dut.tbl_valid_i = 0;
		for (int i = 0; i < 4; i++) {
			dut.clk_i = 0;
			dut.eval();
			dut.clk_i = 1;
			dut.eval();
		}
		dut.rst_ni = 1;
	}
};

static void a_fence_waits_for_what_is_inside(bench &b)
{
	for (unsigned i = 0; i < 20; i++)
		b.add_packet(make_packet());
	while (b.facts_in.size() > 10)
		b.tick();
	size_t inside = b.verdicts.size() - b.facts_in.size();
	size_t goal = b.verdicts.size() - inside;
	b.dut.tbl_valid_i = 1;
	b.dut.tbl_op_i = 18;	// TBL_FENCE_OUT
	unsigned n = 0;
	while (!b.dut.tbl_ack_o && n++ < 100000)
		b.tick();
	check(b.dut.tbl_ack_o, "a fence is answered");
	check(b.verdicts.size() <= goal, "a fence waits for all that was inside");
	b.tick();
	b.dut.tbl_valid_i = 0;
	b.drain();
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
	unsigned n_packets = argc > 2 ? static_cast<unsigned>(atoi(argv[2])) : IS_CARD ? 4000 : 12000;
	static const unsigned all[] = {
		0, ADIT_REASON_RxRunt, ADIT_REASON_RxGiant, ADIT_REASON_RxNotIp, ADIT_REASON_RxIpHeader, ADIT_REASON_RxExtHeaders, ADIT_REASON_HostArp,
		ADIT_REASON_HostNd, ADIT_REASON_HostIke, ADIT_REASON_HostLocal, ADIT_REASON_OutNoPols, ADIT_REASON_OutFragment, ADIT_REASON_OutTooBig,
		ADIT_REASON_XfrmOutPolBlock, ADIT_REASON_XfrmOutPolError, ADIT_REASON_XfrmOutNoStates, ADIT_REASON_XfrmOutStateInvalid,
		ADIT_REASON_XfrmOutStateExpired, ADIT_REASON_XfrmOutStateSeqError, ADIT_REASON_XfrmOutStateProtoError,
		ADIT_REASON_XfrmOutStateModeError, ADIT_REASON_HostSplit, ADIT_REASON_HostTooBig, ADIT_REASON_HostSlowSeal};
	static bench b;

	Verilated::commandArgs(argc, argv);
	const char *name = IS_CARD ? "test_seal_card" : "test_seal";
	printf("%s: seed %llu, %u packets\n", name, static_cast<unsigned long long>(seed), n_packets);
	rng.seed(seed);
	engine_rng.seed(seed + 1);
	make_slots();
	b.reset();
	if (IS_CARD)
		b.load_keys();
	for (unsigned done = 0; done < n_packets;) {
		no_match = chance(50);
		b.dut.no_match_i = no_match;
		b.stall = pick(4) * 20;
		engine_patience = chance(50) ? 60 : 600;
		for (unsigned i = 0; i < 200 && done < n_packets; i++, done++)
			b.add_packet(make_packet());
		b.drain();
	}
	a_fence_waits_for_what_is_inside(b);
	for (unsigned r : all)
		check(b.reasons[r] != 0, "reason " + std::to_string(r) + " is reached");
	check(engine_errors == 0, "jobs for the engines keep their contract");
	printf("%s: %zu combinations sealed, %llu cycles, reasons:", name, combinations.size(), static_cast<unsigned long long>(b.cycle));
	for (auto &r : b.reasons)
		printf(" %u:%u", r.first, r.second);
	printf("\n%s: %u checks passed, %u failed\n", name, n_passed, n_failed);
	return n_failed != 0;
}
