// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "model.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "adit_regs.h"

unsigned get16(const uint8_t *p) { return static_cast<unsigned>(p[0] << 8 | p[1]); }
uint32_t get32(const uint8_t *p) { return static_cast<uint32_t>(get16(p)) << 16 | get16(p + 2); }
void put16(uint8_t *p, unsigned v)
{
	p[0] = static_cast<uint8_t>(v >> 8);
	p[1] = static_cast<uint8_t>(v);
}
void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

void set_checksum(uint8_t *ip)
{
	uint32_t sum = 0;

	put16(ip + 10, 0);
	for (unsigned i = 0; i < (ip[0] & 15u) * 4; i += 2)
		sum += get16(ip + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
}

bool sa::is_gcm() const { return enc >= ADIT_ENC_AES_GCM_128 && enc <= ADIT_ENC_AES_GCM_256; }
bool sa::is_gmac() const { return auth >= ADIT_AUTH_AES_GMAC_128; }
bool sa::has_auth() const { return is_gcm() || auth != ADIT_AUTH_NULL; }
unsigned sa::iv_bytes() const
{
	switch (enc) {
	case ADIT_ENC_NULL: return is_gmac() ? 8 : 0;
	case ADIT_ENC_AES_CBC_128: case ADIT_ENC_AES_CBC_192: case ADIT_ENC_AES_CBC_256: return 16;
	default: return 8;
	}
}
unsigned sa::block_bytes() const
{
	switch (enc) {
	case ADIT_ENC_AES_CBC_128: case ADIT_ENC_AES_CBC_192: case ADIT_ENC_AES_CBC_256: return 16;
	case ADIT_ENC_DES_CBC: case ADIT_ENC_DES3_CBC: return 8;
	default: return 4;
	}
}

// ---------------------------------------------------------------- headers
void read_ports(ip_view &v, const uint8_t *l4, size_t l4_bytes)
{
	bool ported = v.proto == 6 || v.proto == 17 || v.proto == 33 || v.proto == 132 || v.proto == 136;

	if (v.is_later) {
		v.no_ports = true;
	} else if (ported && l4_bytes >= 4) {
		v.has_ports = true;
		v.sport = get16(l4);
		v.dport = get16(l4 + 2);
	} else if (v.is_icmp() && l4_bytes >= 2) {
		v.has_ports = true;
		v.sport = l4[0];
		v.dport = l4[1];
	} else {
		v.no_ports = ported || v.is_icmp();
	}
}

bool walk_ext(ip_view &v, const uint8_t *at, size_t n)
{
	for (unsigned count = 0;; count++) {
		if (v.is_later || (v.proto != 0 && v.proto != 43 && v.proto != 44 && v.proto != 60))
			return true;
		const uint8_t *h = at + v.l4;
		size_t left = n - v.l4, size = 8;
		if (count == 4 || left < 8)
			return false;
		if (v.proto == 44) {
			v.is_later = (get16(h + 2) & 0xfff8) != 0;
			v.is_frag = v.is_frag || (get16(h + 2) & 0xfff9) != 0;
		} else {
			size = (h[1] + size_t{1}) * 8;
		}
		if (size > left)
			return false;
		v.has_ext = true;
		v.nh_off = v.l4;
		v.proto = h[0];
		v.l4 += static_cast<unsigned>(size);
	}
}

ip_view read_ip(const uint8_t *at, size_t room, bool is_v6, size_t reach, bool (*is_ours)(const address &, bool))
{
	ip_view v;
	size_t look = 0;

	v.is_v6 = is_v6;
	v.reason = ADIT_REASON_RxIpHeader;
	if (is_v6) {
		if (room < 40 || at[0] >> 4 != 6)
			return v;
		v.total = 40 + get16(at + 4);
		if (v.total > room || (v.total == 40 && at[6] != 59))
			return v;
		v.tos = static_cast<unsigned>((at[0] << 4 | at[1] >> 4) & 0xff);
		v.ttl = at[7];
		v.proto = at[6];
		v.nh_off = 6;
		v.l4 = 40;
		memcpy(v.src.data(), at + 8, 16);
		memcpy(v.dst.data(), at + 24, 16);
		v.reason = ADIT_REASON_RxExtHeaders;
		if (!walk_ext(v, at, v.total))
			return v;
	} else {
		if (room < 20 || at[0] >> 4 != 4 || (at[0] & 15) < 5)
			return v;
		v.total = get16(at + 2);
		v.l4 = (at[0] & 15u) * 4;
		if (v.total > room || v.total < v.l4)
			return v;
		v.tos = at[1];
		v.ttl = at[8];
		v.proto = at[9];
		v.nh_off = 9;
		v.has_ext = v.l4 > 20;
		v.is_later = (get16(at + 6) & 0x1fff) != 0;
		v.is_frag = (get16(at + 6) & 0x3fff) != 0;
		memcpy(v.src.data(), at + 12, 4);
		memcpy(v.dst.data(), at + 16, 4);
	}
	const uint8_t *l4 = at + v.l4;
	size_t l4_bytes = v.total - v.l4;
	read_ports(v, l4, l4_bytes);
	if (v.is_later)
		look = 0;
	else if (v.proto == 17 && v.has_ports && v.dport == 4500 && (is_ours == nullptr || is_ours(v.dst, is_v6)))
		look = 16;	// what may be ESP in UDP: of a frame, if it is for us
	else if (v.proto == 6 || v.proto == 17 || v.proto == 33 || v.proto == 132 || v.proto == 136)
		look = 4;
	else if (v.is_icmp())
		look = 2;
	else if (v.proto == 50)
		look = 8;
	else if (v.proto == 51 && l4_bytes >= 2)
		look = std::min<size_t>((l4[1] + size_t{2}) * 4, 48) + (l4[0] == 50 ? 8 : 0);
	v.reason = v.l4 + std::min(look, l4_bytes) > reach ? ADIT_REASON_RxExtHeaders : ADIT_REASON_NONE;
	return v;
}

// ---------------------------------------------------------------- algorithms
bytes hmac(const sa &s, const bytes &text)
{
	const EVP_MD *md = s.auth == ADIT_AUTH_HMAC_MD5_96 ? EVP_md5() : s.auth == ADIT_AUTH_HMAC_SHA1_96 ? EVP_sha1() :
			   s.auth == ADIT_AUTH_HMAC_SHA256_128 ? EVP_sha256() : s.auth == ADIT_AUTH_HMAC_SHA384_192 ? EVP_sha384() :
			   EVP_sha512();
	bytes icv(64);
	unsigned n = 0;

	HMAC(md, s.auth_key.data(), static_cast<int>(s.auth_key.size()), text.data(), text.size(), icv.data(), &n);
	icv.resize(s.icv_bytes);
	return icv;
}

static const EVP_CIPHER *cipher_of(const sa &s)
{
	size_t n = s.enc_key.size();

	if (s.enc == ADIT_ENC_DES_CBC || s.enc == ADIT_ENC_DES3_CBC)
		return EVP_des_ede3_cbc();
	if (s.enc >= ADIT_ENC_AES_CBC_128 && s.enc <= ADIT_ENC_AES_CBC_256)
		return n == 16 ? EVP_aes_128_cbc() : n == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
	if (s.enc >= ADIT_ENC_AES_CTR_128 && s.enc <= ADIT_ENC_AES_CTR_256)
		return n == 16 ? EVP_aes_128_ctr() : n == 24 ? EVP_aes_192_ctr() : EVP_aes_256_ctr();
	return n == 16 ? EVP_aes_128_gcm() : n == 24 ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
}

static bytes key_of(const sa &s)
{
	bytes k = s.enc_key;

	if (s.enc == ADIT_ENC_DES_CBC)
		for (int i = 0; i < 2; i++)
			k.insert(k.end(), s.enc_key.begin(), s.enc_key.end());
	return k;
}

static bytes iv_of(const sa &s, const uint8_t *iv)
{
	if (s.iv_bytes() != 8 || s.block_bytes() == 8)
		return bytes(iv, iv + s.iv_bytes());
	bytes full(s.salt, s.salt + 4);	// RFC 3686 §4, RFC 4106 §4
	full.insert(full.end(), iv, iv + 8);
	if (s.enc >= ADIT_ENC_AES_CTR_128 && s.enc <= ADIT_ENC_AES_CTR_256)
		full.insert(full.end(), {0, 0, 0, 1});
	return full;
}

static bytes header(const sa &s, uint64_t number, bool whole_number)
{
	bytes h(whole_number ? 12 : 8);

	put32(&h[0], s.spi);
	if (whole_number)
		put32(&h[4], static_cast<uint32_t>(number >> 32));
	put32(&h[h.size() - 4], static_cast<uint32_t>(number));
	return h;
}

// GCM and GMAC. tag: made, or compared if is_open.
static bool gcm(const sa &s, bool is_open, const uint8_t *iv, const bytes &aad, bytes &text, bytes &tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bytes full = iv_of(s, iv), key = key_of(s);
	int n = 0;
	bool ok = EVP_CipherInit_ex(c, cipher_of(s), nullptr, key.data(), full.data(), !is_open) == 1;

	ok = ok && EVP_CipherUpdate(c, nullptr, &n, aad.data(), static_cast<int>(aad.size())) == 1;
	if (!text.empty())
		ok = ok && EVP_CipherUpdate(c, text.data(), &n, text.data(), static_cast<int>(text.size())) == 1;
	if (is_open)
		ok = ok && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1;
	uint8_t end[16];
	ok = ok && EVP_CipherFinal_ex(c, end, &n) == 1;
	if (!is_open)
		ok = ok && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1;
	EVP_CIPHER_CTX_free(c);
	assert(ok || is_open);
	return ok;
}

static void plain_cipher(const sa &s, bool encrypt, const uint8_t *iv, bytes &text)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bytes full = iv_of(s, iv), key = key_of(s);
	int n = 0;
	bool ok = EVP_CipherInit_ex(c, cipher_of(s), nullptr, key.data(), full.data(), encrypt) == 1 &&
		  EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
		  EVP_CipherUpdate(c, text.data(), &n, text.data(), static_cast<int>(text.size())) == 1;

	assert(ok && n == static_cast<int>(text.size()));
	(void)ok;
	EVP_CIPHER_CTX_free(c);
}

static bytes join(const bytes &a, const uint8_t *b, size_t n)
{
	bytes r = a;

	r.insert(r.end(), b, b + n);
	return r;
}

static bytes high_half(const sa &s, uint64_t number)
{
	bytes h;

	if (s.esn()) {
		h.resize(4);
		put32(h.data(), static_cast<uint32_t>(number >> 32));
	}
	return h;
}

bytes esp_seal(const sa &s, uint32_t seq, const bytes &iv, const bytes &text)
{
	uint64_t number = s.number(seq);
	bytes esp = header(s, number, false), body = text, tag(s.icv_bytes), none;

	esp.insert(esp.end(), iv.begin(), iv.end());
	if (s.is_gcm()) {
		gcm(s, false, iv.data(), header(s, number, s.esn()), body, tag);
	} else if (s.enc != ADIT_ENC_NULL) {
		plain_cipher(s, true, iv.data(), body);
	}
	esp.insert(esp.end(), body.begin(), body.end());
	if (s.is_gmac()) {
		bytes aad = header(s, number, s.esn());
		aad.insert(aad.end(), esp.begin() + 8, esp.end());
		gcm(s, false, iv.data(), aad, none, tag);
	} else if (s.has_auth() && !s.is_gcm()) {
		bytes hi = high_half(s, number);
		tag = hmac(s, join(esp, hi.data(), hi.size()));
	}
	esp.insert(esp.end(), tag.begin(), tag.end());
	return esp;
}

bool esp_open(const sa &s, const uint8_t *esp, size_t n, uint64_t number, bytes &text)
{
	size_t iv = s.iv_bytes(), icv = s.has_auth() ? s.icv_bytes : 0;
	bytes tag(esp + n - icv, esp + n), none;

	text.assign(esp + 8 + iv, esp + n - icv);
	if (s.is_gcm())
		return gcm(s, true, esp + 8, header(s, number, s.esn()), text, tag);
	if (s.is_gmac()) {
		bytes aad = header(s, number, s.esn());
		aad.insert(aad.end(), esp + 8, esp + n - icv);
		return gcm(s, true, esp + 8, aad, none, tag);
	}
	if (s.has_auth()) {
		bytes hi = high_half(s, number);
		if (hmac(s, join(bytes(esp, esp + n - icv), hi.data(), hi.size())) != tag)
			return false;
	}
	if (s.enc != ADIT_ENC_NULL)
		plain_cipher(s, false, esp + 8, text);
	return true;
}

bytes ah_icv(const sa &s, const bytes &ip, unsigned ah_at, uint64_t number)
{
	bytes m = ip, hi = high_half(s, number);

	if (s.is_v6) {	// RFC 4302 §3.3.3.1.2
		m[0] = 0x60;
		m[1] = m[2] = m[3] = m[7] = 0;
	} else {	// §3.3.3.1.1.1
		m[1] = m[6] = m[7] = m[8] = m[10] = m[11] = 0;
	}
	for (unsigned i = 12; i < 12 + s.icv_bytes; i++)	// the padding behind it counts as it stands
		m[ah_at + i] = 0;
	return hmac(s, join(m, hi.data(), hi.size()));
}
